import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../base/canonical-json.ts'
import { memoryModel } from '../../testing/memory-model.ts'
import { type Draw, type DrawPlan, replayDraws, replayFault, seedBits } from './draw-plan.ts'
import { drawsOfRecipe } from './recipes.ts'
import type { TrainingRecord } from './record.ts'
import { replayStart } from './replay-start.ts'

// Drawn by torch and transformers themselves (make_bfloat16_vectors.py).

type Case = {
  seed: number
  draws: { law: string; shape: number[]; first: number; second: number; values: string }[]
}
type Model = {
  recipe: Parameters<typeof drawsOfRecipe>[0]
  type: 'float32' | 'bfloat16'
  seed: number
  config: JsonValue
  tensors: Record<string, { shape: number[]; last: string }>
}

const path = join(import.meta.dirname, '../../../../../../testdata/vectors/bfloat16-draws.json')
const { draws: cases, models } = JSON.parse(readFileSync(path, 'utf8')) as {
  draws: Case[]
  models: Model[]
}

const floats = (hex: string): Float32Array =>
  new Float32Array(new Uint8Array(Buffer.from(hex, 'hex')).buffer)

const drawOf = ({ law, shape, first, second }: Case['draws'][number], at: number): Draw =>
  law === 'normal'
    ? { law, mean: first, std: second, tensor: `${at}`, shape }
    : { law: 'uniform', low: first, high: second, tensor: `${at}`, shape }

describe('torch on the CPU in bfloat16', () => {
  it.each(cases)('draws every bit of seed $seed', ({ seed, draws }) => {
    const plan: DrawPlan = {
      generator: 'torch-cpu',
      seed: [BigInt(seed)],
      draws: draws.map(drawOf),
      type: 'bfloat16',
    }
    const found = [...replayDraws(plan)].map(({ values }) => values)
    expect(found).toEqual(draws.map(({ values }) => floats(values)))
  })

  it('does not replay what it was not checked for', () => {
    const law = {
      law: 'trunc_normal',
      mean: 0,
      std: 1,
      low: -2,
      high: 2,
      method: 'inverse',
    } as const
    const plan = {
      generator: 'torch-cpu',
      seed: [1n],
      draws: [{ ...law, tensor: 'w', shape: [20] }],
    } as const
    expect(replayFault(plan)).toBeNull()
    expect(replayFault({ ...plan, type: 'bfloat16' })).toContain('bfloat16')
  })

  it('costs the seed one bit', () => {
    const seed = [1234n]
    expect(
      seedBits({ generator: 'torch-cpu', seed }) - seedBits({ generator: 'numpy-pcg64', seed }),
    ).toBe(1)
  })
})

describe('models of transformers', () => {
  it.each(models)('$recipe in $type', ({ recipe, type, seed, config, tensors }) => {
    const found = drawsOfRecipe(recipe, { config, names: new Set(Object.keys(tensors)) })
    if (!('draws' in found)) throw new Error(found.missing)
    const weights = new Map(
      [
        ...replayDraws({ generator: 'torch-cpu', seed: [BigInt(seed)], draws: found.draws, type }),
      ].map(({ tensor, values }) => [tensor, values]),
    )
    expect(new Set(weights.keys())).toEqual(new Set(Object.keys(tensors)))
    for (const [name, { last }] of Object.entries(tensors)) {
      const wanted = floats(last)
      weights
        .get(name)!
        .subarray(-wanted.length)
        .forEach((value, i) => {
          expect(Math.abs(value - wanted[i]!), name).toBeLessThanOrEqual(
            type === 'bfloat16' ? 0 : 1e-7,
          )
        })
    }
  })

  it('made in bfloat16 replay without being told so, and not from another seed', async () => {
    const { recipe, seed, config, tensors } = models.find(({ type }) => type === 'bfloat16')!
    const found = drawsOfRecipe(recipe, { config, names: new Set(Object.keys(tensors)) })
    if (!('draws' in found)) throw new Error(found.missing)
    const plan = {
      generator: 'torch-cpu',
      seed: [BigInt(seed)],
      draws: found.draws,
      type: 'bfloat16',
    } as const
    const start = memoryModel(
      'start',
      Object.fromEntries(
        [...replayDraws(plan)].map(({ tensor, values }) => [
          tensor,
          { shape: tensors[tensor]!.shape, values },
        ]),
      ),
      config,
    )
    const codes = async (claimed: number): Promise<string[]> => {
      const initialisation = {
        framework: 't',
        version: '4',
        generator: 'torch-cpu',
        seed: claimed,
        recipe,
      }
      const { findings } = await replayStart({ initialisation } as unknown as TrainingRecord, start)
      return findings.map((entry) => entry.code)
    }
    expect(await codes(seed)).toEqual(['init_replays_bfloat16'])
    expect(await codes(seed + 1)).toEqual(['init_differs'])
  })
})
