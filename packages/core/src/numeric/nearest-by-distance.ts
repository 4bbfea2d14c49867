import { assert } from '../base/errors.ts'
import type { NearestRows } from './likeness.ts'
import type { RowMatrix } from './row-matrix.ts'

/** Rows of `b` that are widened to float64 and kept at hand while all rows of `a` pass by. */
const BLOCK_ROWS = 256
/** The inner loop works on 4 rows against 4 rows: 16 sums, 8 loads. */
const TILE = 4

/**
 * The nearest rows in both directions by Euclidean distance, in plain arithmetic: the twin of
 * wasm/row-distances.ts. With s the sum of the products of two
 * rows, added in ascending column order in float64 (products of float32 numbers are exact there),
 * and p, q their squared norms, added in the same order, the likeness is 2s − p − q: minus the
 * squared distance, exactly 0 for equal rows. It is in float64 because near rows of very different
 * size are told apart by the last bits. The first of equal values wins.
 */
export function nearestByDistance(a: RowMatrix, b: RowMatrix): NearestRows {
  const ofA = new Int32Array(a.rows).fill(-1)
  const ofB = new Int32Array(b.rows).fill(-1)
  const bestOfA = new Float64Array(a.rows).fill(Number.NEGATIVE_INFINITY)
  const bestOfB = new Float64Array(b.rows).fill(Number.NEGATIVE_INFINITY)
  forEachStrip(a, b, ({ firstRow, firstColumn, rows, columns, values }) => {
    for (let r = 0; r < rows; r++) {
      const i = firstRow + r
      for (let c = 0; c < columns; c++) {
        const j = firstColumn + c
        const value = values[r * BLOCK_ROWS + c]!
        if (value > bestOfA[i]!) {
          bestOfA[i] = value
          ofA[i] = j
        }
        if (value > bestOfB[j]!) {
          bestOfB[j] = value
          ofB[j] = i
        }
      }
    }
  })
  return { ofA, ofB, likenessOfA: bestOfA }
}

type Strip = {
  readonly firstRow: number
  readonly firstColumn: number
  /** At most TILE rows and BLOCK_ROWS columns; entry (r, c) at r·BLOCK_ROWS + c. */
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

/** Strips in ascending column blocks, within these in ascending rows. */
function forEachStrip(a: RowMatrix, b: RowMatrix, visit: (strip: Strip) => void): void {
  assert(a.columns === b.columns, `rows of ${a.columns} and ${b.columns} columns`)
  const width = a.columns
  const [squaresA, squaresB] = [squaredNorms(a), squaredNorms(b)]
  const left = new Float64Array(TILE * width)
  const right = new Float64Array(Math.min(BLOCK_ROWS, roundUp(b.rows)) * width)
  const values = new Float64Array(TILE * BLOCK_ROWS)
  for (let firstColumn = 0; firstColumn < b.rows; firstColumn += BLOCK_ROWS) {
    const columns = Math.min(BLOCK_ROWS, b.rows - firstColumn)
    for (let c = 0; c < columns; c += TILE) {
      interleave(b, firstColumn + c, right.subarray(c * width, (c + TILE) * width))
    }
    for (let firstRow = 0; firstRow < a.rows; firstRow += TILE) {
      const rows = Math.min(TILE, a.rows - firstRow)
      interleave(a, firstRow, left)
      for (let c = 0; c < columns; c += TILE) sumTile({ left, right, values, width, column: c })
      for (let r = 0; r < rows; r++) {
        const ofRow = squaresA[firstRow + r]!
        for (let c = 0, at = r * BLOCK_ROWS; c < columns; c++, at++) {
          values[at] = 2 * values[at]! - ofRow - squaresB[firstColumn + c]!
        }
      }
      visit({ firstRow, firstColumn, rows, columns, values })
    }
  }
}

/** One accumulator in ascending column order, as the products are added. */
function squaredNorms(matrix: RowMatrix): Float64Array {
  const squares = new Float64Array(matrix.rows)
  for (let i = 0, at = 0; i < matrix.rows; i++) {
    let sum = 0
    for (let k = 0; k < matrix.columns; k++, at++) sum += matrix.data[at]! * matrix.data[at]!
    squares[i] = sum
  }
  return squares
}

const roundUp = (rows: number): number => Math.ceil(rows / TILE) * TILE

/** Four rows column by column, as float64; rows beyond the end are zero. */
function interleave(matrix: RowMatrix, firstRow: number, out: Float64Array): void {
  const { data, columns } = matrix
  for (let r = 0; r < TILE; r++) {
    if (firstRow + r >= matrix.rows) {
      for (let k = 0, at = r; k < columns; k++, at += TILE) out[at] = 0
      continue
    }
    let from = (firstRow + r) * columns
    for (let k = 0, at = r; k < columns; k++, at += TILE) out[at] = data[from++]!
  }
}

type Tile = {
  readonly left: Float64Array
  readonly right: Float64Array
  readonly values: Float64Array
  readonly width: number
  readonly column: number
}

/** Sixteen dot products, each one accumulator in ascending column order. */
function sumTile({ left, right, values, width, column }: Tile): void {
  let s00 = 0
  let s01 = 0
  let s02 = 0
  let s03 = 0
  let s10 = 0
  let s11 = 0
  let s12 = 0
  let s13 = 0
  let s20 = 0
  let s21 = 0
  let s22 = 0
  let s23 = 0
  let s30 = 0
  let s31 = 0
  let s32 = 0
  let s33 = 0
  let j = column * width
  for (let i = 0, end = TILE * width; i < end; i += 4, j += 4) {
    const y0 = right[j]!
    const y1 = right[j + 1]!
    const y2 = right[j + 2]!
    const y3 = right[j + 3]!
    let x = left[i]!
    s00 += x * y0
    s01 += x * y1
    s02 += x * y2
    s03 += x * y3
    x = left[i + 1]!
    s10 += x * y0
    s11 += x * y1
    s12 += x * y2
    s13 += x * y3
    x = left[i + 2]!
    s20 += x * y0
    s21 += x * y1
    s22 += x * y2
    s23 += x * y3
    x = left[i + 3]!
    s30 += x * y0
    s31 += x * y1
    s32 += x * y2
    s33 += x * y3
  }
  const at1 = column + BLOCK_ROWS
  const at2 = at1 + BLOCK_ROWS
  const at3 = at2 + BLOCK_ROWS
  values[column] = s00
  values[column + 1] = s01
  values[column + 2] = s02
  values[column + 3] = s03
  values[at1] = s10
  values[at1 + 1] = s11
  values[at1 + 2] = s12
  values[at1 + 3] = s13
  values[at2] = s20
  values[at2 + 1] = s21
  values[at2 + 2] = s22
  values[at2 + 3] = s23
  values[at3] = s30
  values[at3 + 1] = s31
  values[at3 + 2] = s32
  values[at3 + 3] = s33
}
