import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import { compareModels } from '../compare-models.ts'
import { type MemoryTensor, memoryModel } from '../testing/memory-model.ts'
import {
  configOf,
  randomTransformer,
  SMALL_SHAPE,
  type Weights,
} from '../testing/random-transformer.ts'

// Which sign families may be counted as one. That their signs together are fair coins is shown by
// simulation in tests/audit/exactness.test.ts and on trained models in calibration.test.ts.

const weights = (seed: string): Weights =>
  randomTransformer(SMALL_SHAPE, createRng(seed), createRng('scene'))

async function pooledTests(a: Weights, b: Weights) {
  const [one, two] = [a, b].map((tensors) => memoryModel('m', tensors, configOf(SMALL_SHAPE)))
  const { components } = await compareModels(one!, two!)
  const body = components.find(({ component }) => component === 'language_model')!
  return new Map(
    body.tests.filter(({ layer }) => layer === null).map((test) => [test.test, test] as const),
  )
}

const withEqual = (from: string, to: string, tensors: Weights): Weights => {
  const changed: Record<string, MemoryTensor> = { ...tensors }
  for (const name of Object.keys(tensors)) {
    if (name.includes(to)) changed[name] = tensors[name.replace(to, from)]!
  }
  return changed
}

describe('one test over several families', () => {
  it('counts every unit of hidden units, value dimensions and keys once', async () => {
    const tests = await pooledTests(weights('a'), weights('b'))
    const parts = (['sign_up', 'sign_value', 'sign_key'] as const).map((name) => tests.get(name)!)
    const all = tests.get('sign_all')!
    expect(all.n).toBe(parts.reduce((sum, { n }) => sum + n, 0))
    expect(all.statistic).toBe(parts.reduce((sum, { statistic }) => sum + statistic!, 0))
    const mean =
      parts.reduce((sum, { n, meanCorrelation }) => sum + n * meanCorrelation!, 0) / all.n
    expect(all.meanCorrelation).toBeCloseTo(mean, 12)
  })

  it('leaves value rows out where they are the key rows under another name', async () => {
    const tied = withEqual('self_attn.k_proj', 'self_attn.v_proj', weights('a'))
    const tests = await pooledTests(tied, weights('b'))
    const [up, key, all] = (['sign_up', 'sign_key', 'sign_all'] as const).map((t) => tests.get(t)!)
    expect(all!.n).toBe(up!.n + key!.n)
  })

  it('is not made where only one family is there', async () => {
    const without = (tensors: Weights): Weights =>
      Object.fromEntries(Object.entries(tensors).filter(([name]) => !/[kv]_proj/.test(name)))
    const tests = await pooledTests(without(weights('a')), without(weights('b')))
    expect(tests.has('sign_up')).toBe(true)
    expect(tests.has('sign_all')).toBe(false)
  })

  it('does not count latent dimensions, whose flips move columns of the value rows', async () => {
    const { hidden, heads, layers, inner } = SMALL_SHAPE
    const latent = (seed: string): Weights => {
      const rng = createRng(seed)
      const matrix = (rows: number, cols: number): MemoryTensor => ({
        shape: [rows, cols],
        values: Float32Array.from({ length: rows * cols }, () => rng.nextNormal()),
      })
      const tensors: Record<string, MemoryTensor> = {}
      for (let layer = 0; layer < layers; layer++) {
        const at = `model.layers.${layer}`
        tensors[`${at}.self_attn.kv_a_proj_with_mqa.weight`] = matrix(20, hidden)
        tensors[`${at}.self_attn.kv_b_proj.weight`] = matrix(heads * 8, 16)
        tensors[`${at}.mlp.gate_proj.weight`] = matrix(inner, hidden)
        tensors[`${at}.mlp.up_proj.weight`] = matrix(inner, hidden)
        tensors[`${at}.mlp.down_proj.weight`] = matrix(hidden, inner)
      }
      return tensors
    }
    const config = {
      ...(configOf(SMALL_SHAPE) as object),
      model_type: 'deepseek_v3',
      kv_lora_rank: 16,
      qk_nope_head_dim: 4,
      qk_rope_head_dim: 4,
      v_head_dim: 4,
    }
    const [one, two] = ['a', 'b'].map((seed) => memoryModel(seed, latent(seed), config))
    const { components } = await compareModels(one!, two!)
    const tests = components.flatMap((part) => part.tests.filter(({ layer }) => layer === null))
    const n = (name: string) => tests.find(({ test }) => test === name)?.n ?? 0
    expect(n('sign_latent')).toBeGreaterThan(0)
    expect(n('sign_all')).toBe(n('sign_up') + n('sign_value'))
  })
})
