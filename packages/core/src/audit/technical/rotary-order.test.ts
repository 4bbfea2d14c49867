import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import { compareModels } from '../compare-models.ts'
import { type MemoryTensor, memoryModel } from '../testing/memory-model.ts'
import {
  configOf,
  randomTransformer,
  type TransformerShape,
  type Weights,
} from '../testing/random-transformer.ts'

const SHAPE: TransformerShape = {
  hidden: 32,
  inner: 40,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  vocabulary: 64,
}
const HALVES = configOf(SHAPE) as Record<string, never>
const NEIGHBOURS = { ...HALVES, rope_pairs_neighbours: true }

const weights = randomTransformer(SHAPE, createRng('own'), createRng('scene'))

/** As converters to GGUF do it: row j and row j + 4 of a head of 8 become neighbours. */
function neighbours(tensors: Weights): Weights {
  const moved = ([name, tensor]: [string, MemoryTensor]) => {
    if (!/[qk]_proj/.test(name)) return [name, tensor] as const
    const [rows = 0, cols = 0] = tensor.shape
    const values = new Float32Array(tensor.values.length)
    for (let row = 0; row < rows; row++) {
      const within = row % 8
      const from = row - within + Math.floor(within / 2) + 4 * (within % 2)
      values.set(tensor.values.subarray(from * cols, (from + 1) * cols), row * cols)
    }
    return [name, { shape: tensor.shape, values }] as const
  }
  return Object.fromEntries(Object.entries(tensors).map(moved))
}

const bodyOf = async (
  candidate: ReturnType<typeof memoryModel>,
  reference: ReturnType<typeof memoryModel>,
) =>
  (await compareModels(candidate, reference)).components.find(
    ({ component }) => component === 'language_model',
  )!

describe('queries and keys in another order of rotary pairs', () => {
  const halves = () => memoryModel('halves', weights, HALVES)
  const converted = () => memoryModel('converted', neighbours(weights), NEIGHBOURS)

  it('are the same content, whichever of the two was converted', async () => {
    expect((await bodyOf(converted(), halves())).verdict).toBe('identical')
    expect((await bodyOf(halves(), converted())).verdict).toBe('identical')
  })

  it('are not where no layout says so', async () => {
    const silent = memoryModel('silent', neighbours(weights), HALVES)
    expect((await bodyOf(silent, halves())).verdict).toBe('derived')
  })

  it('are found in their stored order where the stated layout is wrong', async () => {
    const misstated = memoryModel('misstated', weights, NEIGHBOURS)
    expect((await bodyOf(misstated, halves())).verdict).toBe('identical')
  })

  it('stay different where the values are', async () => {
    const key = 'model.layers.1.self_attn.k_proj.weight'
    const { shape, values } = neighbours(weights)[key] as MemoryTensor
    const changed = { shape, values: values.map((value) => value * 1.01) }
    const tuned = memoryModel('tuned', { ...neighbours(weights), [key]: changed }, NEIGHBOURS)
    expect((await bodyOf(tuned, halves())).verdict).toBe('derived')
  })
})
