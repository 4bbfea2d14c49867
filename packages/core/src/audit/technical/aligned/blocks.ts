import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import { type SideSketch, sketchSide } from '../unit-batch.ts'
import { foldedSource, type ModelPart } from './folded-layers.ts'
import { type Frame, rowsInFrames } from './match-rows.ts'
import type { RowSource } from './row-source.ts'
import { UNITS_COMPARED_MAX } from './work.ts'

/** What is looked at of one layer; rows in stored order. */
export type Block = {
  readonly layer: number
  readonly gate: RowSource | null
  readonly up: RowSource | null
  readonly value: RowSource | null
  /** Of the rows as stored: a convention or a copy shows in the axes of its own model. */
  readonly sketches: { readonly up: SideSketch | null; readonly value: SideSketch | null }
  /** What gates and values are matched by, in the order of the frames. */
  readonly matchedBy: readonly MatchedBy[]
}

export type MatchedBy = { readonly gate: RowMatrix | null; readonly value: RowMatrix | null }

export async function readBlocks(
  part: ModelPart,
  job: {
    readonly layers: readonly number[]
    readonly frames: readonly Frame[]
    readonly engine: MatrixEngine
  },
): Promise<Block[]> {
  const blocks: Block[] = []
  for (const layer of job.layers) {
    const place = { layer, expert: null }
    const gate = await foldedSource(part, 'gate', place)
    const up = await foldedSource(part, 'up', place)
    const value = await foldedSource(part, 'v', place)
    const gates = gate && (await rowsInFrames(gate, job))
    const values = value && (await rowsInFrames(value, job))
    blocks.push({
      layer,
      gate,
      up,
      value,
      sketches: { up: up && (await sketchOf(up)), value: value && (await sketchOf(value)) },
      matchedBy: job.frames.map((_, index) => ({
        gate: gates?.[index] ?? null,
        value: values?.[index] ?? null,
      })),
    })
  }
  return blocks
}

/** Of the first rows: a convention holds for all of them. */
export async function sketchOf(source: RowSource): Promise<SideSketch> {
  const count = Math.min(source.rows, UNITS_COMPARED_MAX)
  const { data, rows } = await source.take(Array.from({ length: count }, (_, row) => row))
  return sketchSide(
    data,
    source.columns,
    Array.from({ length: rows }, (_, row) => [row]),
  )
}
