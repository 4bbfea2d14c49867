import { growTo, PAGE_BYTES } from '../wasm-kernel.ts'
import type { ProductKernel } from './product-kernel.ts'
import {
  bestsOf,
  copyRows,
  type JobRows,
  type Part,
  storeBests,
  type TileJob,
  tileRowsOf,
} from './tile-job.ts'

/** Rows of a panel of packed float64 rows. */
const LANES = 4

/** Byte offsets of one side in the memory of a thread. */
type SideLayout = {
  readonly rows: number
  readonly squares: number
  readonly values: number
  readonly places: number
}

/** A tile of a job that looks for the nearest rows by distance. Sides that are kept are packed. */
export function distanceTile(
  kernel: ProductKernel,
  job: TileJob,
  tile: {
    readonly a: Part
    readonly b: Part
    readonly isKept: { readonly a: boolean; readonly b: boolean }
  },
): void {
  const { columns, rowsA, rowsB } = job.shape
  const { a, b, isKept } = tile
  const layout = layoutOf(columns, tileRowsOf(job.shape))
  growTo(kernel.memory, layout.end)
  if (!isKept.a) pack(kernel, job.a, { part: a, columns, to: layout.a })
  if (!isKept.b) pack(kernel, job.b, { part: b, columns, to: layout.b })
  const { buffer } = kernel.memory
  for (const [{ values, places }, { rows }] of [
    [layout.a, a],
    [layout.b, b],
  ] as const) {
    new Float64Array(buffer, values, padded(rows)).fill(Number.NEGATIVE_INFINITY)
    new Int32Array(buffer, places, padded(rows)).fill(-1)
  }
  const [left, right] = [layout.a, layout.b]
  for (let first = 0; first < a.rows; first += LANES) {
    kernel.nearestWide(
      left.rows + 8 * first * columns,
      left.squares + 8 * first,
      first,
      right.rows,
      right.squares,
      padded(b.rows),
      columns,
      left.values + 8 * first,
      left.places + 4 * first,
      right.values,
      right.places,
    )
  }
  const found = ({ values, places }: SideLayout, rows: number, other: number) => ({
    values: new Float64Array(buffer, values, rows),
    places: new Int32Array(buffer, places, rows),
    other,
  })
  const bests = bestsOf(job)
  storeBests(bests.a, b.block * rowsA + a.first, found(left, a.rows, b.first))
  storeBests(bests.b, a.block * rowsB + b.first, found(right, b.rows, a.first))
}

const padded = (rows: number): number => Math.ceil(rows / LANES) * LANES

function layoutOf(columns: number, tileRows: number) {
  const rowsAt = PAGE_BYTES + 4 * LANES * columns
  const rowBytes = 8 * tileRows * columns
  const side = (rows: number, rest: number): SideLayout => ({
    rows,
    squares: rest,
    values: rest + 8 * tileRows,
    places: rest + 16 * tileRows,
  })
  const rest = rowsAt + 2 * rowBytes
  return {
    a: side(rowsAt, rest),
    b: side(rowsAt + rowBytes, rest + 20 * tileRows),
    end: rest + 40 * tileRows,
  }
}

function pack(
  kernel: ProductKernel,
  rows: JobRows,
  job: { readonly part: Part; readonly columns: number; readonly to: SideLayout },
): void {
  const { part, columns, to } = job
  const staged = new Float32Array(kernel.memory.buffer, PAGE_BYTES, LANES * columns)
  for (let first = 0; first < part.rows; first += LANES) {
    const count = Math.min(LANES, part.rows - first)
    copyRows(rows, columns, { first: part.first + first, count, to: staged })
    const panel = to.rows + 8 * first * columns
    kernel.packWide(PAGE_BYTES, columns, count, panel, to.squares + 8 * first)
  }
}
