import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import {
  type MemoryTensor,
  memoryModel,
} from '../../packages/core/src/audit/testing/memory-model.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { elementCount } from '../../packages/core/src/model/tensor.ts'
import { decodeInto } from '../../packages/core/src/numeric/decode.ts'
import { componentOf, MODELS } from './models.ts'

// What the tests can see: a fraction of a descendant mixed into an independent model, noise on a
// copy, and whether the detection limit that "no evidence" prints is kept.

type Loaded = {
  readonly config: TensorSource['checkpoint']['config']
  readonly tensors: Record<string, MemoryTensor>
}

async function load(name: string): Promise<Loaded> {
  const source = await openCheckpoint(join(MODELS, name))
  try {
    const tensors: Record<string, MemoryTensor> = {}
    for (const tensor of source.checkpoint.tensors) {
      const values = new Float32Array(elementCount(tensor.shape))
      decodeInto(await source.readBytes(tensor, 0, values.length * 2), tensor.dtype, values)
      tensors[tensor.name] = { shape: tensor.shape, values }
    }
    return { config: source.checkpoint.config, tensors }
  } finally {
    await source.close()
  }
}

const combine = (
  base: Loaded,
  change: (values: Float32Array, name: string) => Float32Array,
): TensorSource =>
  memoryModel(
    'made',
    Object.fromEntries(
      Object.entries(base.tensors).map(([name, { shape, values }]) => [
        name,
        { shape, values: change(values, name) },
      ]),
    ),
    base.config,
  )

let child: Loaded
let stranger: Loaded
let parent: Loaded
beforeAll(async () => {
  child = await load('cpt1')
  stranger = await load('s2')
  parent = await load('s1')
})
const sources: TensorSource[] = []
afterAll(async () => {
  for (const source of sources) await source.close()
})

const mixture = (t: number) =>
  combine(stranger, (values, name) =>
    values.map((x, i) => t * child.tensors[name]!.values[i]! + (1 - t) * x),
  )

const against = async (candidate: TensorSource, reference: Loaded) =>
  compareModels(candidate, memoryModel('reference', reference.tensors, reference.config))

describe('power', () => {
  it.each([0.5, 0.2, 0.1])('finds %f of a descendant inside an independent model', async (t) => {
    const body = componentOf(await against(mixture(t), child), 'language_model')
    expect(body.verdict).toBe('derived')
    expect(body.log10P).toBeLessThan(-9)
  })

  it('does not call a small mixture a shared seed', async () => {
    const body = componentOf(await against(mixture(0.1), child), 'language_model')
    expect(body.verdict).not.toBe('shared_initialisation')
  })

  it.each([1, 2])(
    'finds a copy under noise of %f standard deviations of each tensor',
    async (level) => {
      const rng = createRng('noise')
      const noisy = combine(parent, (values) => {
        const spread = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
        return values.map((x) => x + level * spread * rng.nextNormal())
      })
      const body = componentOf(await against(noisy, parent), 'language_model')
      expect(body.verdict).toBe('derived')
      expect(body.log10P).toBeLessThan(-9)
    },
  )

  it('keeps the detection limit that it prints', async () => {
    const silent = componentOf(await against(mixture(0), parent), 'language_model')
    const limit = silent.minDetectableCorrelation!
    // Mix in as much of the reference as gives each up row this correlation, and a little more.
    const rho = 1.3 * limit
    const planted = combine(stranger, (values, name) => {
      if (!name.includes('mlp.up_proj')) return values
      const other = parent.tensors[name]!.values
      const size = (v: Float32Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))
      const scale = (rho / Math.sqrt(1 - rho * rho)) * (size(values) / size(other))
      return values.map((x, i) => x + scale * other[i]!)
    })
    const found = componentOf(await against(planted, parent), 'language_model')
    const up = found.tests.find((test) => test.test === 'sign_up' && test.layer === null)!
    expect(up.meanCorrelation).toBeGreaterThan(limit)
    expect(found.verdict).not.toBe('no_evidence')
  })
})
