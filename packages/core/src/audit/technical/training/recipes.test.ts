import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../base/canonical-json.ts'
import { memoryModel } from '../../testing/memory-model.ts'
import { type Draw, replayDraws } from './draw-plan.ts'
import { moduleDraws, type PlainModule } from './recipes/pytorch-modules.ts'
import { drawsOfRecipe } from './recipes.ts'
import type { TrainingRecord } from './record.ts'
import { replayStart } from './replay-start.ts'

// Weights of whole models made by transformers, megatron-core and torch.nn (make_init_vectors.py).

type Tensors = Record<string, { shape: number[]; first: string; last: string }>
type Configured = {
  recipe: Parameters<typeof drawsOfRecipe>[0]
  seed: number
  config: JsonValue
  tensors: Tensors
}
type Plain = { seed: number; modules: PlainModule[]; tensors: Tensors }

const vectors = join(import.meta.dirname, '../../../../../../testdata/vectors/init-recipes.json')
const { configured, modules } = JSON.parse(readFileSync(vectors, 'utf8')) as {
  configured: Configured[]
  modules: Plain[]
}

const floats = (hex: string): Float32Array =>
  new Float32Array(new Uint8Array(Buffer.from(hex, 'hex')).buffer)

const drawn = (draws: readonly Draw[], seed: number) =>
  new Map(
    [...replayDraws({ generator: 'torch-cpu', seed: [BigInt(seed)], draws })].map(
      ({ tensor, values }) => [tensor, values],
    ),
  )

const worst = (found: Float32Array, wanted: Float32Array): number => {
  expect(found.length).toBe(wanted.length)
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0)
}

describe('recipes beside the libraries', () => {
  it.each(configured)('draws every matrix of $recipe', ({ recipe, seed, config, tensors }) => {
    const names = new Set(Object.keys(tensors))
    const found = drawsOfRecipe(recipe, { config, names })
    if (!('draws' in found)) throw new Error(`config lacks ${found.missing}`)
    const weights = drawn(found.draws, seed)
    expect(new Set(weights.keys())).toEqual(names)
    for (const [name, { shape, first, last }] of Object.entries(tensors)) {
      const values = weights.get(name)!
      expect(values.length, name).toBe(shape.reduce((product, size) => product * size, 1))
      const wanted = floats(first)
      expect(worst(values.subarray(0, wanted.length), wanted), name).toBeLessThanOrEqual(1e-7)
      expect(worst(values.subarray(-3), floats(last)), name).toBeLessThanOrEqual(1e-7)
    }
  })

  it('sets the padding row to zero as the libraries do', () => {
    const padded = configured.filter(
      ({ config }) => typeof (config as { pad_token_id?: unknown }).pad_token_id === 'number',
    )
    expect(padded.map(({ recipe }) => recipe)).toEqual([
      'huggingface-llama',
      'huggingface-gemma',
      'huggingface-opt',
    ])
    for (const { tensors } of padded) {
      const table = Object.entries(tensors).find(([name]) => name.includes('embed_tokens'))!
      expect([...floats(table[1].first)].filter((value) => value === 0).length).toBeGreaterThan(1)
    }
  })

  it.each(modules)(
    'draws torch.nn modules: uniforms to the last bit',
    ({ seed, modules: list, tensors }) => {
      const shapes = new Map(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))
      const found = moduleDraws(list, shapes)
      if (!('draws' in found)) throw new Error(found.missing)
      const weights = drawn(found.draws, seed)
      expect(new Set(weights.keys())).toEqual(new Set(shapes.keys()))
      for (const [name, { first }] of Object.entries(tensors)) {
        const isTable = name === 'embed.weight' || name === 'positions.weight'
        // PyTorch's own normals differ in the last places between processors.
        expect(worst(weights.get(name)!, floats(first)), name).toBeLessThanOrEqual(
          isTable ? 4e-6 : 0,
        )
      }
      const wrong = moduleDraws(list.toReversed(), shapes)
      if (!('draws' in wrong)) throw new Error(wrong.missing)
      expect(
        worst(drawn(wrong.draws, seed).get('up.weight')!, floats(tensors['up.weight']!.first)),
      ).toBeGreaterThan(0.01)
    },
  )

  it('names what it cannot replay', () => {
    const names = new Set<string>()
    const { config } = configured.find(({ recipe }) => recipe === 'megatron-gpt')!
    const staged = { ...(config as object), pipeline_model_parallel_size: 2 }
    expect(drawsOfRecipe('megatron-gpt', { config: staged, names })).toEqual({
      missing: 'recipe for pipeline_model_parallel_size above 1',
    })
    const opt = configured.find(({ recipe }) => recipe === 'huggingface-opt')!.config as object
    const projected = { ...opt, word_embed_proj_dim: 8 }
    expect(drawsOfRecipe('huggingface-opt', { config: projected, names })).toMatchObject({
      missing: expect.stringContaining('word_embed_proj_dim'),
    })
    expect(
      drawsOfRecipe('huggingface-qwen3', {
        config: { hidden_size: 8, intermediate_size: 8, num_attention_heads: 2 },
        names,
      }),
    ).toEqual({ missing: 'head_dim' })
    expect(moduleDraws([{ name: 'up', kind: 'linear' }], new Map())).toEqual({
      missing: 'up.weight',
    })
  })

  it('replays a whole start by its recipe, and no other seed', async () => {
    const { config, tensors, recipe, seed } = configured.find(
      ({ recipe: one }) => one === 'megatron-gpt',
    )!
    const found = drawsOfRecipe(recipe, { config, names: new Set(Object.keys(tensors)) })
    if (!('draws' in found)) throw new Error(found.missing)
    const weights = [...drawn(found.draws, seed)].map(
      ([name, values]) => [name, { shape: tensors[name]!.shape, values }] as const,
    )
    const start = memoryModel('start', Object.fromEntries(weights), config)
    const record = (declared: number) =>
      ({
        initialisation: {
          framework: 'megatron-core',
          version: '0.19.2',
          generator: 'torch-cpu',
          seed: declared,
          recipe,
        },
      }) as TrainingRecord
    expect((await replayStart(record(seed), start)).replay.kind).toBe('replayed')
    expect((await replayStart(record(seed + 1), start)).replay.kind).toBe('different')
  })
})
