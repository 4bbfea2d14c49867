import type { SketchRole } from './directions.ts'
import { isValid } from './directions.ts'

/** Rows of each layer that are sketched: the first ones, by rule, whatever they hold. */
export const ROWS_PER_LAYER = 64

/**
 * Sketches of one family of interchangeable signs in one component. Row i of layer l stands at
 * l · rowsPerLayer + i; layers run from 0 without gaps, and what a layer lacks is invalid.
 */
export type Sketch = {
  readonly role: SketchRole
  /** Length of the rows that were projected; only equal widths can be compared. */
  readonly width: number
  readonly layers: number
  /** A multiple of 16. */
  readonly rowsPerLayer: number
  readonly bits: Uint8Array
  readonly valid: Uint8Array
  readonly signs: SignCounts
}

/**
 * Of the valid rows: how many have a positive first entry, largest entry, and sum. A publisher's
 * sign convention shows here, and takes the model out as the one whose signs are fair coins.
 */
export type SignCounts = {
  readonly units: number
  readonly positiveFirst: number
  readonly positiveLargest: number
  readonly positiveSum: number
}

/** What is known of a sketch before any value is looked at. */
export type SketchShape = Pick<Sketch, 'role' | 'width' | 'layers' | 'rowsPerLayer'>

/** A sketch without what its rows say of sign conventions. */
export type SketchRows = Omit<Sketch, 'signs'>

/** Sketches with the same key may be compared: rows of one length, as many of each layer. */
export const keyOf = ({ role, width, rowsPerLayer }: Omit<SketchShape, 'layers'>): string =>
  role === 'residual' || rowsPerLayer !== ROWS_PER_LAYER
    ? `${role}/${width}/${rowsPerLayer}`
    : `${role}/${width}`

export const rowCount = (shape: SketchShape): number => shape.layers * shape.rowsPerLayer

export function invalidRows(sketch: Omit<SketchRows, 'bits'>): number[] {
  const rows: number[] = []
  for (let row = 0; row < rowCount(sketch); row++) if (!isValid(sketch.valid, row)) rows.push(row)
  return rows
}

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
})

/** Bits that are set in a byte. */
export const popcount = (byte: number): number => POPCOUNT[byte] ?? 0

/** Bits in which row i of a and row j of b differ; 0 to 64. */
export function hamming(a: Uint8Array, i: number, b: Uint8Array, j: number): number {
  let count = 0
  for (let byte = 0; byte < 8; byte++) {
    count += popcount((a[i * 8 + byte] ?? 0) ^ (b[j * 8 + byte] ?? 0))
  }
  return count
}

/**
 * c_i = 64 − 2·Hamming of rows [fromA, fromA + count) of a against rows from `fromB` of b; odd in
 * each row, between −64 and 64. 0, which carries no sign, where either row is invalid.
 */
export function rowStatistics(
  a: Sketch,
  b: Sketch,
  range: { readonly fromA: number; readonly fromB: number; readonly count: number },
): Float64Array {
  const c = new Float64Array(range.count)
  for (let i = 0; i < range.count; i++) {
    const [rowA, rowB] = [range.fromA + i, range.fromB + i]
    if (!isValid(a.valid, rowA) || !isValid(b.valid, rowB)) continue
    c[i] = 64 - 2 * hamming(a.bits, rowA, b.bits, rowB)
  }
  return c
}

/** The correlation of rows whose sketches agree by this mean c (Gaussian rows): c̄/64 = (2/π)·asin ρ. */
export const correlationOf = (meanC: number): number => Math.sin((Math.PI / 2) * (meanC / 64))
