import { DTYPE_SIZE_BYTES, type Dtype } from '../base/dtype.ts'
import { decodeInto } from './decode.ts'
import { normSquared, rowDots, rowNormsSquared } from './kernels.ts'
import { type RowMatrix, rowOf } from './row-matrix.ts'

/** Rows end to end, as their file holds them. */
export type StoredRows = {
  readonly bytes: Uint8Array
  readonly dtype: Dtype
  readonly columns: number
}

/** Of row i of one block and row i of the other, each [rows]. */
export type RowPairs = {
  /** Σab, Σa² and Σb², added in the order of `dot`. */
  readonly products: Float64Array
  readonly squaresA: Float64Array
  readonly squaresB: Float64Array
  /** ROW_SIGNS of each row. */
  readonly signsA: Uint8Array
  readonly signsB: Uint8Array
}

/**
 * Bits by which a symmetry of a model's own shows: the row is not all zero; its first entry that is not
 * zero, its largest entry in size (the first of several) and the sum of all are positive. 0 for a row of zeros.
 */
export const ROW_SIGNS = { live: 1, first: 2, largest: 4, sum: 8 } as const

/** Elements of one block that an engine measures at once. */
export const BLOCK_ELEMENTS_MAX = 2 ** 19

/** `pairs` of decoded rows. */
export function plainPairs(a: RowMatrix, b: RowMatrix): RowPairs {
  return {
    products: rowDots(a, b),
    squaresA: rowNormsSquared(a),
    squaresB: rowNormsSquared(b),
    signsA: signsOfRows(a),
    signsB: signsOfRows(b),
  }
}

/** `row` scaled to unit length; unchanged zeros where it is all zero. Both of one length. */
export function setUnitRow(out: Float32Array, row: Float32Array): void {
  const squares = normSquared(row)
  if (squares === 0) return
  const scale = 1 / Math.sqrt(squares)
  for (let i = 0; i < out.length; i++) out[i] = (row[i] as number) * scale
}

export function decoded({ bytes, dtype }: StoredRows): Float32Array {
  const values = new Float32Array(bytes.length / DTYPE_SIZE_BYTES[dtype])
  decodeInto(bytes, dtype, values)
  return values
}

const signsOfRows = (matrix: RowMatrix): Uint8Array =>
  Uint8Array.from({ length: matrix.rows }, (_, i) => rowSigns(rowOf(matrix, i)))

/** ROW_SIGNS of one row of finite entries. A negated row has the three signs negated, unless a sum is 0. */
export function rowSigns(row: Float32Array): number {
  const { low, high, sum } = rangeAndSum(row)
  if (low === 0 && high === 0) return 0
  const first = row.find((value) => value !== 0) as number
  // Of two as large the first one counts.
  const largest =
    -low === high ? (row.find((value) => Math.abs(value) === high) as number) : high + low
  return (
    ROW_SIGNS.live |
    (first > 0 ? ROW_SIGNS.first : 0) |
    (largest > 0 ? ROW_SIGNS.largest : 0) |
    (sum > 0 ? ROW_SIGNS.sum : 0)
  )
}

/**
 * Smallest and largest of the values and zero, and their sum: entry i goes to lane i mod 4, so that none
 * waits for another. Negated values give the negated answers to the last bit.
 */
function rangeAndSum(row: Float32Array): { low: number; high: number; sum: number } {
  let low = 0
  let high = 0
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = 0
  for (const end = row.length - 3; i < end; i += 4) {
    const p = row[i] as number
    const q = row[i + 1] as number
    const r = row[i + 2] as number
    const s = row[i + 3] as number
    a += p
    b += q
    c += r
    d += s
    // Comparisons, which are nearly always foreseen; Math.min would weigh NaN and zeros.
    if (p > high) high = p
    if (p < low) low = p
    if (q > high) high = q
    if (q < low) low = q
    if (r > high) high = r
    if (r < low) low = r
    if (s > high) high = s
    if (s < low) low = s
  }
  const left = row.subarray(i)
  a += left[0] ?? 0
  b += left[1] ?? 0
  c += left[2] ?? 0
  for (const value of left) {
    if (value > high) high = value
    if (value < low) low = value
  }
  return { low, high, sum: a + b + (c + d) }
}
