import { normSquared, rowDots } from '../../numeric/kernels.ts'
import { rowMatrix } from '../../numeric/row-matrix.ts'
import type { TestName } from '../result.ts'
import type { SignUnits } from './sign-units.ts'

/** Columns kept of each unit to look for copies inside a model: enough to see cosines of 0.3. */
const SKETCH_COLUMNS = 256
/** Units kept of each matrix, for that and for comparing layers at other places: 2^−64 is enough. */
export const SKETCH_UNITS = 64

/** What one pair of matrices contributes to a sign family. */
export type UnitBatch = {
  readonly test: TestName
  readonly layer: number | null
  readonly expert: number | null
  readonly tensor: string
  /** Mean cosine of the unit's rows between the models; 0 where a row is zero. */
  readonly correlations: Float64Array
  /** Over the elements read: Σab, Σa², Σb². */
  readonly products: Products
  readonly candidate: SideSketch
  readonly reference: SideSketch
}

/** a: candidate, b: reference. */
export type Products = { readonly ab: number; readonly aa: number; readonly bb: number }

/** What a batch remembers of one model alone. */
export type SideSketch = {
  /** First units and columns, [SKETCH_UNITS, SKETCH_COLUMNS] at most, rows of unit length or zero. */
  readonly rows: Float32Array
  readonly columns: number
  /** Units whose first entry, whose largest entry and whose sum are positive; and how many. */
  readonly positiveFirst: number
  readonly positiveLargest: number
  readonly positiveSum: number
  readonly units: number
}

/** Sketch of the first row of every unit. `rows` is [n, cols], `members` positions in it. */
export function sketchSide(
  rows: Float32Array,
  cols: number,
  members: SignUnits['candidateMembers'],
): SideSketch {
  const columns = Math.min(cols, SKETCH_COLUMNS)
  const kept = Math.min(members.length, SKETCH_UNITS)
  const sketch = new Float32Array(kept * columns)
  let positiveFirst = 0
  let positiveLargest = 0
  let positiveSum = 0
  let units = 0
  members.forEach((unit, index) => {
    const start = (unit[0] ?? 0) * cols
    const row = rows.subarray(start, start + cols)
    if (index < kept) setUnitRow(sketch.subarray(index * columns, (index + 1) * columns), row)
    const signs = signsOf(row)
    if (!signs) return
    units++
    positiveFirst += signs.first
    positiveLargest += signs.largest
    positiveSum += signs.sum
  })
  return { rows: sketch, columns, positiveFirst, positiveLargest, positiveSum, units }
}

/** The beginning of a row, scaled to unit length: a product of two such rows is their cosine. */
function setUnitRow(out: Float32Array, row: Float32Array): void {
  const start = row.subarray(0, out.length)
  const squares = normSquared(start)
  if (squares === 0) return
  const scale = 1 / Math.sqrt(squares)
  for (let i = 0; i < out.length; i++) out[i] = (start[i] as number) * scale
}

/** Cosines of the units of two sketches, in order; equal numbers of columns. */
export function sketchCorrelations(
  a: SideSketch,
  b: SideSketch,
  unitsMax = SKETCH_UNITS,
): Float64Array {
  const units = Math.min(a.rows.length / a.columns, b.rows.length / b.columns, unitsMax)
  const part = ({ rows, columns }: SideSketch) =>
    rowMatrix(rows.subarray(0, units * columns), columns)
  return rowDots(part(a), part(b))
}

/** 1 where positive: the first non-zero entry, the entry largest in size, the sum. */
function signsOf(row: Float32Array): { first: number; largest: number; sum: number } | null {
  const { low, high, sum } = rangeAndSum(row)
  if (low === 0 && high === 0) return null
  const first = row.find((value) => value !== 0) as number
  // Of two as large the first one counts.
  const largest =
    -low === high ? (row.find((value) => Math.abs(value) === high) as number) : high + low
  return { first: Number(first > 0), largest: Number(largest > 0), sum: Number(sum > 0) }
}

/**
 * Smallest and largest of the values and zero, and their sum in four lanes, so that none waits for another.
 * Negated values give the negated answers to the last bit.
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
  for (; i < row.length; i++) {
    const value = row[i] as number
    a += value
    if (value > high) high = value
    if (value < low) low = value
  }
  return { low, high, sum: a + b + (c + d) }
}
