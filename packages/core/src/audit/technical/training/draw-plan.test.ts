import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../base/canonical-json.ts'
import { type Draw, type Generator, replayDraws, replayFault } from './draw-plan.ts'
import { keyOfSeed, splitKey } from './generators/threefry.ts'
import { drawsOfRecipe } from './recipes.ts'

const VECTORS = join(import.meta.dirname, '../../../../../../testdata/vectors')
const load = (name: string) => JSON.parse(readFileSync(join(VECTORS, name), 'utf8'))

const floats = (hex: string): Float32Array =>
  new Float32Array(new Uint8Array(Buffer.from(hex, 'hex')).buffer)

const seedList = (seed: number | number[]): bigint[] => [seed].flat().map(BigInt)

function drawAll(generator: Generator, seed: number | number[], draws: readonly Draw[]) {
  return [...replayDraws({ generator, seed: seedList(seed), draws })]
}

function expectClose(found: Float32Array, wanted: Float32Array, tolerance: number): void {
  expect(found.length).toBe(wanted.length)
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0)
  expect(worst).toBeLessThanOrEqual(tolerance)
}

describe('numpy', () => {
  const vectors = load('numpy-draws.json')

  it.each(
    vectors.normal as {
      generator: Generator
      seed: number | number[]
      std: number
      count: number
      first: string
      sha256: string
    }[],
  )(
    'draws the normals of $generator with seed $seed to the last bit of float32',
    ({ generator, seed, std, count, first, sha256 }) => {
      const [drawn] = drawAll(generator, seed, [
        { law: 'normal', mean: 0, std, tensor: 'w', shape: [count] },
      ])
      expect([...drawn!.values.subarray(0, 12)]).toEqual([...floats(first)])
      expect(createHash('sha256').update(new Uint8Array(drawn!.values.buffer)).digest('hex')).toBe(
        sha256,
      )
    },
  )

  it.each(
    vectors.uniform as {
      generator: Generator
      seed: number
      low: number
      high: number
      first: string
    }[],
  )('draws the uniforms of $generator to the last bit', ({ generator, seed, low, high, first }) => {
    const [drawn] = drawAll(generator, seed, [
      { law: 'uniform', low, high, tensor: 'w', shape: [12] },
    ])
    expect([...drawn!.values]).toEqual([...floats(first)])
  })
})

describe('jax', () => {
  const { cases } = load('jax-draws.json') as {
    cases: { seed: number; keys: number[][]; normal: string[]; uniform: string }[]
  }

  it.each(cases)(
    'splits keys and draws as threefry does with seed $seed',
    ({ seed, keys, normal, uniform }) => {
      expect(keys.map((_, i) => [...splitKey(keyOfSeed(seed), i)])).toEqual(keys)
      const draws: Draw[] = normal.map((_, i) => ({
        law: 'normal',
        mean: 0,
        std: 1,
        tensor: `${i}`,
        shape: [4, 5],
      }))
      drawAll('jax-threefry', seed, draws).forEach(({ values }, i) => {
        expectClose(values, floats(normal[i]!), 2e-6)
      })
      const [drawn] = drawAll('jax-threefry', seed, [
        { law: 'uniform', low: -0.25, high: 0.5, tensor: 'u', shape: [9] },
      ])
      expect([...drawn!.values]).toEqual([...floats(uniform)])
    },
  )
})

describe('torch on the CPU', () => {
  const { cases } = load('torch-draws.json') as {
    cases: { seed: number; draws: Record<string, never>[] }[]
  }

  it.each(cases)('draws one sequence of every law with seed $seed', ({ seed, draws }) => {
    const plan = (
      draws as unknown as { law: string; shape: number[]; values: string; std?: number }[]
    ).map((step, i) => {
      const [law, method] = step.law.startsWith('trunc')
        ? ['trunc_normal', step.law.slice(13)]
        : [step.law]
      return { ...step, law, method, tensor: `${i}` } as unknown as Draw & { values: string }
    })
    drawAll('torch-cpu', seed, plan).forEach(({ values }, i) => {
      const wanted = floats(plan[i]!.values)
      const isExact = plan[i]!.law === 'uniform' || plan[i]!.law === 'kaiming_uniform'
      const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      expectClose(values, wanted, isExact ? 0 : 2e-6 * scale)
    })
  })

  it('says why a plan is not replayed', () => {
    const plan = {
      generator: 'numpy-pcg64' as const,
      seed: [1n],
      draws: [{ law: 'kaiming_uniform' as const, a: 1, tensor: 'w', shape: [2, 2] }],
    }
    expect(replayFault(plan)).toContain('kaiming_uniform')
    expect(replayFault({ ...plan, generator: 'torch-cpu', seed: [1n, 2n] })).toContain('one seed')
    expect(replayFault({ ...plan, generator: 'torch-cpu' })).toBeNull()
    // Rejection would never end here: no normal value lies between the bounds.
    const never = {
      law: 'trunc_normal' as const,
      mean: 0,
      std: 0.01,
      low: 5,
      high: 6,
      tensor: 'w',
      shape: [2, 2],
    }
    const narrow = {
      ...plan,
      generator: 'torch-cpu' as const,
      draws: [{ ...never, method: 'rejection' as const }],
    }
    expect(replayFault(narrow)).toContain('narrow')
  })
})

describe('recipes of Hugging Face models', () => {
  type Case = {
    recipe: Parameters<typeof drawsOfRecipe>[0]
    seed: number
    config: JsonValue
    tensors: Record<string, { shape: number[]; first: string; last: string }>
  }
  const { cases } = load('huggingface-draws.json') as { cases: Case[] }

  it.each(cases)('draws every matrix of a $recipe', ({ recipe, seed, config, tensors }) => {
    const found = drawsOfRecipe(recipe, { config, names: new Set(Object.keys(tensors)) })
    if (!('draws' in found)) throw new Error(`config lacks ${found.missing}`)
    const drawn = new Map(
      drawAll('torch-cpu', seed, found.draws).map(({ tensor, values }) => [tensor, values]),
    )
    for (const [name, { first, last }] of Object.entries(tensors)) {
      const values = drawn.get(
        name === 'lm_head.weight' && !drawn.has(name) ? 'transformer.wte.weight' : name,
      )
      expect(values, name).toBeDefined()
      expectClose(values!.subarray(0, 6), floats(first), 1e-7)
      expectClose(values!.subarray(-3), floats(last), 1e-7)
    }
  })

  it('names what a configuration lacks', () => {
    expect(
      drawsOfRecipe('huggingface-llama', { config: { hidden_size: 8 }, names: new Set() }),
    ).toEqual({
      missing: 'intermediate_size',
    })
  })
})
