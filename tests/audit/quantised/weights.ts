import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckpoint } from '../../../packages/core/node/index.ts'
import { compareModels } from '../../../packages/core/src/audit/compare-models.ts'
import type { ComponentComparison } from '../../../packages/core/src/audit/result.ts'
import { readRows } from '../../../packages/core/src/audit/technical/read-rows.ts'
import { memoryModel } from '../../../packages/core/src/audit/testing/memory-model.ts'
import {
  configOf,
  randomTransformer,
  type TransformerShape,
  type Weights,
} from '../../../packages/core/src/audit/testing/random-transformer.ts'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../../packages/core/src/model/checkpoint.ts'
import { rowMajorView, vectorView } from '../../../packages/core/src/model/roles/views.ts'
import type { TensorInfo } from '../../../packages/core/src/model/tensor.ts'
import { componentOf, MODELS } from '../models.ts'

export type Model = { readonly weights: Weights; readonly config: Record<string, unknown> }

/** Every tensor of a test model as float32. */
export async function loadModel(name: string): Promise<Model> {
  const source = await openCheckpoint(join(MODELS, name))
  const weights: Record<string, { shape: readonly number[]; values: Float32Array }> = {}
  for (const tensor of source.checkpoint.tensors) {
    const { shape } = tensor
    const view = shape.length > 1 ? rowMajorView(shape) : vectorView(shape)
    const ranges = [{ first: 0, count: view.rows }]
    weights[tensor.name] = { shape, values: await readRows(source, tensor, { view, ranges }) }
  }
  await source.close()
  return { weights, config: source.checkpoint.config as Record<string, unknown> }
}

const WIDE: TransformerShape = {
  hidden: 256,
  inner: 256,
  layers: 1,
  heads: 4,
  keyValueHeads: 2,
  vocabulary: 64,
}

/** Simulated weights of a width that every block format divides. */
export function wideModel(seed: number): Model {
  const weights = randomTransformer(WIDE, createRng(seed), createRng('scene'))
  return { weights, config: configOf(WIDE) as Record<string, unknown> }
}

/** The same model with every weight moved by a fifth of its tensor's size, as training would. */
export function movedModel({ weights, config }: Model, seed: number): Model {
  const rng = createRng(seed)
  const moved = Object.entries(weights).map(([name, { shape, values }]) => {
    const size = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)
    return [name, { shape, values: values.map((v) => v + 0.2 * size * rng.nextNormal()) }] as const
  })
  return { weights: Object.fromEntries(moved), config }
}

export const sourceOf = (id: string, { weights, config }: Model): TensorSource =>
  memoryModel(id, weights, config as never)

/** Writes files into a folder of their own and opens it for as long as `use` takes. */
export async function withCheckpoint<T>(
  files: Readonly<Record<string, Uint8Array | string>>,
  use: (source: TensorSource) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'dokja-quantised-'))
  try {
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
    const source = await openCheckpoint(folder)
    try {
      return await use(source)
    } finally {
      await source.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Compares the language model in files with that of the reference. */
export const bodyAgainst = (
  files: Readonly<Record<string, Uint8Array | string>>,
  reference: TensorSource,
): Promise<ComponentComparison> =>
  withCheckpoint(files, async (source) =>
    componentOf(await compareModels(source, reference), 'language_model'),
  )

/** The values of all elements that a folder's tensor of this name is read as. */
export const readBack = (
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<ReadonlyMap<string, { shape: readonly number[]; values: Float32Array }>> =>
  withCheckpoint(files, async (source) => {
    const read = new Map<string, { shape: readonly number[]; values: Float32Array }>()
    for (const tensor of source.checkpoint.tensors) {
      const { shape } = tensor
      const view = shape.length > 1 ? rowMajorView(shape) : vectorView(shape)
      const ranges = [{ first: 0, count: view.rows }]
      const values = await readRows(source, tensor, { view, ranges })
      await refuseOtherParts(source, tensor, values)
      read.set(tensor.name, { shape, values })
    }
    return read
  })

/** Rows read alone, every third row, and columns read as rows must be the same elements. */
async function refuseOtherParts(
  source: TensorSource,
  tensor: TensorInfo,
  whole: Float32Array,
): Promise<void> {
  const [rows = 0, cols = 0] = tensor.shape
  if (tensor.shape.length !== 2 || rows < 12) return
  const segments = [{ first: 0, count: Math.floor(rows / 3) }]
  const sparse = {
    rows: segments[0]!.count,
    cols,
    offset: cols,
    rowStep: 3 * cols,
    colStep: 1,
    segments,
  }
  const columns = [{ first: 0, count: cols }]
  const turned = { rows: cols, cols: rows, offset: 0, rowStep: 1, colStep: cols, segments: columns }
  const parts = [
    { view: rowMajorView([rows, cols]), at: (i: number, j: number) => i * cols + j },
    { view: sparse, at: (i: number, j: number) => (3 * i + 1) * cols + j },
    { view: turned, at: (i: number, j: number) => j * cols + i },
  ]
  for (const { view, at } of parts) {
    const range = { first: 3, count: Math.min(5, view.rows - 3) }
    const read = await readRows(source, tensor, { view, ranges: [range] })
    read.forEach((value, k) => {
      const expected = whole[at(range.first + Math.floor(k / view.cols), k % view.cols)]
      if (value !== expected) throw new Error(`${tensor.name}: ${value} instead of ${expected}`)
    })
  }
}
