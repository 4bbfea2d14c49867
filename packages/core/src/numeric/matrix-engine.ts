import { assert } from '../base/errors.ts'
import { unitRows } from './column-maps.ts'
import type { NearestOptions, NearestRows } from './likeness.ts'
import { nearestByDistance } from './nearest-by-distance.ts'
import { type RowMatrix, takeRows } from './row-matrix.ts'
import { plainMeasurer, type RowMeasurer } from './row-measurer.ts'

/**
 * Products of all rows of one matrix with all rows of another: where long calculations spend their
 * time. An engine may use other instructions or many threads, but **the order of additions is part
 * of the contract**, so every engine gives the same bits.
 *
 * With fl rounding to the nearest float32, the product of rows x and y is found block by block of
 * 256 columns: in a block s ← fl(s + fl(x_k·y_k)) from 0 in ascending k; the blocks are added, in
 * ascending order from 0, as c ← fl(c + s). The order depends on the number of columns and on
 * nothing else. Hence permuted rows give permuted products, a negated row gives exactly negated
 * products (rounding to nearest is odd), which the sign tests rest on, and exchanging the matrices
 * transposes the result.
 *
 * Error to first order: at most (256 + columns/256)·2^−24·Σ|x_k·y_k| (Higham, Accuracy and
 * Stability of Numerical Algorithms, 2nd ed., section 3.1); for terms of either sign about the root
 * of the number of additions times 2^−25, which is 1e-6 of |x|·|y| for thousands of columns.
 */
export type MatrixEngine = {
  /** A·Bᵀ, [a.rows, b.rows]; equal numbers of columns. */
  readonly multiply: (a: RowMatrix, b: RowMatrix) => RowMatrix
  /**
   * For every row of either matrix the most alike row of the other, without keeping the likenesses.
   * Products are taken of rows divided by their lengths (`unitRows`).
   */
  readonly nearest: (a: RowMatrix, b: RowMatrix, options: NearestOptions) => NearestRows
  /** Measures rows as they are stored, on the calling thread. */
  readonly rows: RowMeasurer
}

export const COLUMN_BLOCK = 256

/** The inner loop works on 4 rows against 4 rows: 16 sums, 8 loads. */
const TILE = 4

/** On the calling thread, in plain arithmetic: the twin that every other engine is tested against. */
export const plainEngine: MatrixEngine = {
  rows: plainMeasurer,
  multiply: (a, b) => {
    const data = new Float32Array(a.rows * b.rows)
    forEachStrip(a, b, ({ firstRow, rows, stride, sums }) => {
      for (let r = 0; r < rows; r++) {
        data.set(sums.subarray(r * stride, r * stride + b.rows), (firstRow + r) * b.rows)
      }
    })
    return { data, rows: a.rows, columns: b.rows }
  },
  nearest: (a, b, { by, order }) => {
    const [left, right] = order ? [takeRows(a, order.a), takeRows(b, order.b)] : [a, b]
    if (by === 'euclidean') return nearestByDistance(left, right)
    return nearestByProduct(unitRows(left), unitRows(right), by)
  },
}

function nearestByProduct(
  a: RowMatrix,
  b: RowMatrix,
  by: 'cosine' | 'absolute-cosine',
): NearestRows {
  const ofA = new Int32Array(a.rows).fill(-1)
  const ofB = new Int32Array(b.rows).fill(-1)
  const bestOfA = new Float64Array(a.rows).fill(Number.NEGATIVE_INFINITY)
  const bestOfB = new Float64Array(b.rows).fill(Number.NEGATIVE_INFINITY)
  forEachStrip(a, b, ({ firstRow, rows, stride, sums }) => {
    for (let r = 0; r < rows; r++) {
      const i = firstRow + r
      for (let j = 0; j < b.rows; j++) {
        const sum = sums[r * stride + j]!
        const value = by === 'absolute-cosine' ? Math.abs(sum) : sum
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
  /** At most TILE rows; the product with row j of `b` is at r·stride + j. */
  readonly rows: number
  readonly stride: number
  readonly sums: Float32Array
}

function forEachStrip(a: RowMatrix, b: RowMatrix, visit: (strip: Strip) => void): void {
  assert(a.columns === b.columns, () => `rows of ${a.columns} and ${b.columns} columns`)
  const width = a.columns
  const stride = Math.ceil(b.rows / TILE) * TILE
  const left = new Float32Array(TILE * width)
  const right = new Float32Array(stride * width)
  const sums = new Float32Array(TILE * stride)
  for (let j = 0; j < stride; j += TILE) {
    interleave(b, j, right.subarray(j * width, (j + TILE) * width))
  }
  for (let firstRow = 0; firstRow < a.rows; firstRow += TILE) {
    interleave(a, firstRow, left)
    sums.fill(0)
    for (let first = 0; first < width; first += COLUMN_BLOCK) {
      const span = { first, end: Math.min(width, first + COLUMN_BLOCK) }
      for (let j = 0; j < stride; j += TILE) {
        addBlock({ left, right, sums, width, stride, column: j }, span)
      }
    }
    visit({ firstRow, rows: Math.min(TILE, a.rows - firstRow), stride, sums })
  }
}

/** Four rows column by column; rows beyond the end are zero. */
function interleave(matrix: RowMatrix, firstRow: number, out: Float32Array): void {
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
  readonly left: Float32Array
  readonly right: Float32Array
  readonly sums: Float32Array
  readonly width: number
  readonly stride: number
  readonly column: number
}

const fl = Math.fround

/** Sixteen sums over one block of columns, each added to the sum of the blocks before. */
function addBlock(
  { left, right, sums, width, stride, column }: Tile,
  span: { readonly first: number; readonly end: number },
): void {
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
  let j = column * width + span.first * TILE
  for (let i = span.first * TILE, end = span.end * TILE; i < end; i += 4, j += 4) {
    const y0 = right[j]!
    const y1 = right[j + 1]!
    const y2 = right[j + 2]!
    const y3 = right[j + 3]!
    let x = left[i]!
    s00 = fl(s00 + fl(x * y0))
    s01 = fl(s01 + fl(x * y1))
    s02 = fl(s02 + fl(x * y2))
    s03 = fl(s03 + fl(x * y3))
    x = left[i + 1]!
    s10 = fl(s10 + fl(x * y0))
    s11 = fl(s11 + fl(x * y1))
    s12 = fl(s12 + fl(x * y2))
    s13 = fl(s13 + fl(x * y3))
    x = left[i + 2]!
    s20 = fl(s20 + fl(x * y0))
    s21 = fl(s21 + fl(x * y1))
    s22 = fl(s22 + fl(x * y2))
    s23 = fl(s23 + fl(x * y3))
    x = left[i + 3]!
    s30 = fl(s30 + fl(x * y0))
    s31 = fl(s31 + fl(x * y1))
    s32 = fl(s32 + fl(x * y2))
    s33 = fl(s33 + fl(x * y3))
  }
  addRow(sums, column, [s00, s01, s02, s03])
  addRow(sums, column + stride, [s10, s11, s12, s13])
  addRow(sums, column + 2 * stride, [s20, s21, s22, s23])
  addRow(sums, column + 3 * stride, [s30, s31, s32, s33])
}

/** Storing rounds to float32; the sum of two float32 numbers is rounded rightly by that. */
function addRow(sums: Float32Array, at: number, row: readonly [number, number, number, number]) {
  sums[at]! += row[0]
  sums[at + 1]! += row[1]
  sums[at + 2]! += row[2]
  sums[at + 3]! += row[3]
}
