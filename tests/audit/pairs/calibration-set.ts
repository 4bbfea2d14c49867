import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint } from '../../../packages/core/node/index.ts'
import type { MemoryTensor } from '../../../packages/core/src/audit/testing/memory-model.ts'
import type { TensorSource } from '../../../packages/core/src/model/checkpoint.ts'
import { elementCount, type TensorInfo } from '../../../packages/core/src/model/tensor.ts'
import { decodeInto } from '../../../packages/core/src/numeric/decode.ts'
import { MODELS, subModel } from '../models.ts'
import type { Loaded } from '../transforms.ts'

// The calibration models of testdata, held in memory as they are stored, and ways to pair them.

const FOLDER = join(MODELS, 'calibration')
export const PER_FILE = 60
const FILES = { swiglu: 7, gelu: 1 } as const
export type CalibrationSet = keyof typeof FILES

/** Every model of the set, in the order of its numbers. */
export async function calibrationModels(set: CalibrationSet): Promise<TensorSource[]> {
  const config = JSON.parse(readFileSync(join(FOLDER, `${set}-config.json`), 'utf8'))
  const models: TensorSource[] = []
  for (let file = 0; file < FILES[set]; file++) {
    const stored = await openCheckpoint(join(FOLDER, `${set}-0${file}.safetensors`))
    const held = await inMemory(stored)
    await stored.close()
    const prefixes = new Set(held.checkpoint.tensors.map(({ name }) => `${name.split('.')[0]}.`))
    for (const prefix of prefixes) models.push(subModel(held, prefix, config))
  }
  return models
}

/** The same bytes under the same types: thousands of comparisons need not read the disk again. */
async function inMemory(source: TensorSource): Promise<TensorSource> {
  const tensors: TensorInfo[] = []
  for (const tensor of source.checkpoint.tensors) {
    const bytes = await source.readBytes(
      tensor,
      0,
      elementCount(tensor.shape) * BYTES[tensor.dtype]!,
    )
    tensors.push({ ...tensor, storage: { kind: 'memory', bytes } })
  }
  return {
    ...source,
    checkpoint: { ...source.checkpoint, tensors },
    readBytes: async ({ storage }, begin, end) => {
      if (storage.kind !== 'memory') throw new Error('tensor of another source')
      return storage.bytes.subarray(begin, end)
    },
  }
}

const BYTES: Readonly<Record<string, number>> = { F8_E4M3: 1, F16: 2 }

export type Pair = readonly [candidate: TensorSource, reference: TensorSource]

/**
 * Model i with model i + shift inside each file of 60, every model once: disjoint pairs. No two
 * shifts have a pair in common. `shift` must divide 30.
 */
export function disjointPairs(models: readonly TensorSource[], shift: number): Pair[] {
  if (30 % shift !== 0) throw new Error(`shift ${shift} does not divide 30`)
  return models.flatMap((candidate, i) => {
    const within = i % PER_FILE
    const reference = models[i + shift]
    return Math.floor(within / shift) % 2 === 0 && reference
      ? [[candidate, reference] as const]
      : []
  })
}

/**
 * The model as float32 for the transforms. Its head is stored apart from the embeddings, because a
 * norm can only be folded into a head of its own.
 */
export async function untied(source: TensorSource): Promise<Loaded> {
  const tensors: Record<string, MemoryTensor> = {}
  for (const tensor of source.checkpoint.tensors) {
    const values = new Float32Array(elementCount(tensor.shape))
    const bytes = await source.readBytes(tensor, 0, values.length * BYTES[tensor.dtype]!)
    decodeInto(bytes, tensor.dtype, values)
    tensors[tensor.name] = { shape: tensor.shape, values }
  }
  const table = tensors['model.embed_tokens.weight']!
  tensors['lm_head.weight'] = { shape: table.shape, values: table.values.slice() }
  const config = { ...(source.checkpoint.config as object), tie_word_embeddings: false }
  return { config, tensors, texts: source.checkpoint.texts }
}
