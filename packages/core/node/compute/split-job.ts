import { assert } from '../../src/base/errors.ts'
import { transposeRows } from '../../src/numeric/column-maps.ts'
import type { NearestOptions, NearestRows } from '../../src/numeric/likeness.ts'
import type { RowMatrix } from '../../src/numeric/row-matrix.ts'
import {
  type Bests,
  bestsOf,
  type JobKind,
  type JobRows,
  PART_BYTES,
  productsOf,
  resultBytes,
  type TileJob,
} from './tile-job.ts'

/** Bounds of one job; larger ones are cut into several. */
export type PartLimits = {
  /** Bytes of either matrix and of the results. */
  readonly bytes: number
  /** Keeps the results of `nearest`, which grow with rows², within the same bound. */
  readonly rows: number
}

const LIMITS: PartLimits = { bytes: PART_BYTES, rows: 16_384 }

type Run = (job: TileJob) => void
type Part = { readonly rows: JobRows; readonly first: number; readonly count: number }

/** A·Bᵀ, job by job. */
export function multiplyInParts(
  run: Run,
  pair: { readonly a: RowMatrix; readonly b: RowMatrix },
  limits = LIMITS,
): RowMatrix {
  const { a, b } = pair
  assert(a.columns === b.columns, `rows of ${a.columns} and ${b.columns} columns`)
  const isGram = a.data === b.data && a.rows === b.rows
  const whole = { data: new Float32Array(a.rows * b.rows), rows: a.rows, columns: b.rows }
  const partsB = partsOf(b, null, rowsPerPart(b, limits))
  const widest = partsB[0]?.count ?? 1
  const resultRows = Math.max(8, Math.floor(limits.bytes / 4 / widest))
  const partsA = isGram ? partsB : partsOf(a, null, Math.min(rowsPerPart(a, limits), resultRows))
  const [onlyA, onlyB] = [partsA[0], partsB[0]]
  if (onlyA && onlyB && partsA.length * partsB.length === 1) {
    const out = whole.data.buffer
    run(jobOf(isGram ? 'gram' : 'multiply', [onlyA, onlyB], { columns: a.columns, out }))
    return whole
  }
  for (const right of partsB) {
    for (const left of partsA) {
      if (isGram && left.first > right.first) continue
      const isDiagonal = isGram && left === right
      const job = jobOf(isDiagonal ? 'gram' : 'multiply', [left, right], a)
      run(job)
      const products = { data: productsOf(job), rows: job.shape.rowsA, columns: job.shape.rowsB }
      place(products, whole, { row: left.first, column: right.first })
      if (!isGram || isDiagonal) continue
      place(transposeRows(products), whole, { row: right.first, column: left.first })
    }
  }
  return whole
}

/** The most alike rows of either side; parts are compared in the order of their rows. */
export function nearestInParts(
  run: Run,
  { a, b }: { readonly a: RowMatrix; readonly b: RowMatrix },
  options: NearestOptions & { readonly limits?: PartLimits },
): NearestRows {
  const { by, order, limits = LIMITS } = options
  assert(a.columns === b.columns, `rows of ${a.columns} and ${b.columns} columns`)
  const [ofA, ofB] = [noBests(order?.a.length ?? a.rows), noBests(order?.b.length ?? b.rows)]
  for (const right of partsOf(b, order?.b ?? null, rowsPerPart(b, limits))) {
    for (const left of partsOf(a, order?.a ?? null, rowsPerPart(a, limits))) {
      const job = jobOf(by, [left, right], a)
      run(job)
      const bests = bestsOf(job)
      keepBetter(ofA, bests.a, { part: left, other: right.first })
      keepBetter(ofB, bests.b, { part: right, other: left.first })
    }
  }
  return { ofA: ofA.places, ofB: ofB.places, likenessOfA: ofA.values }
}

const rowsPerPart = ({ columns }: RowMatrix, limits: PartLimits): number =>
  Math.max(8, Math.min(limits.rows, Math.floor(limits.bytes / 4 / Math.max(1, columns))))

function partsOf(matrix: RowMatrix, order: Uint32Array | null, most: number): Part[] {
  const { data, columns } = matrix
  const rows = order?.length ?? matrix.rows
  return Array.from({ length: Math.ceil(rows / most) }, (_, index) => {
    const first = index * most
    const count = Math.min(most, rows - first)
    const part = order
      ? { data, order: order.subarray(first, first + count) }
      : { data: data.subarray(first * columns, (first + count) * columns), order }
    return { first, count, rows: part }
  })
}

function jobOf(
  kind: JobKind,
  [a, b]: readonly [Part, Part],
  { columns, out }: { readonly columns: number; readonly out?: ArrayBufferLike },
): TileJob {
  const shape = { kind, rowsA: a.count, rowsB: b.count, columns }
  return { shape, a: a.rows, b: b.rows, out: out ?? new ArrayBuffer(resultBytes(shape)) }
}

type Corner = { readonly row: number; readonly column: number }

function place(part: RowMatrix, whole: RowMatrix, at: Corner): void {
  for (let i = 0; i < part.rows; i++) {
    const row = part.data.subarray(i * part.columns, (i + 1) * part.columns)
    whole.data.set(row, (at.row + i) * whole.columns + at.column)
  }
}

const noBests = (rows: number): Bests => ({
  values: new Float64Array(rows).fill(Number.NEGATIVE_INFINITY),
  places: new Int32Array(rows).fill(-1),
})

/** Blocks and parts ascend, so of equal values the first row stays. */
function keepBetter(
  held: Bests,
  found: Bests,
  { part, other }: { readonly part: Part; readonly other: number },
): void {
  for (let at = 0; at < found.values.length; at++) {
    const row = part.first + (at % part.count)
    const value = found.values[at] as number
    if (value > (held.values[row] as number)) {
      held.values[row] = value
      held.places[row] = other + (found.places[at] as number)
    }
  }
}
