import { assert } from '../base/errors.ts'
import type { RowMatrix } from './row-matrix.ts'

/**
 * Sums over pairs of float32 rows, accumulated in float64.
 *
 * **The order of additions is part of the contract.** Term i goes to lane i mod 8, in ascending i,
 * and the lanes are combined as ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)). The order depends on nothing
 * but the length, so rounding to nearest (an odd function) gives dot(−x, y) = −dot(x, y) bit for
 * bit, which the sign-flip test rests on. Eight lanes are four float64×2 vectors: plain SIMD
 * can give the same bits.
 *
 * Products of two float32 numbers are exact in float64. So the error of a dot product of length d
 * is at most (d/8 + 3)·2^−53·Σ|x_i·y_i| to first order (Higham, Accuracy and Stability of Numerical
 * Algorithms, 2nd ed., section 3.1).
 */

/** Σ a_i·b_i. Both of one length. */
export function dot(a: Float32Array, b: Float32Array): number {
  assert(a.length === b.length, () => `dot of lengths ${a.length} and ${b.length}`)
  return dotAt({ a, b, length: a.length, offsetA: 0, offsetB: 0 })
}

/** Σ a_i². */
export function normSquared(a: Float32Array): number {
  return dotAt({ a, b: a, length: a.length, offsetA: 0, offsetB: 0 })
}

/**
 * Cosine of two vectors, or undefined where one of them is zero. Exactly 1 for equal vectors and
 * exactly odd: cosine(−a, b) = −cosine(a, b). May exceed 1 by rounding (about 1e-15).
 */
export function cosine(a: Float32Array, b: Float32Array): number | undefined {
  const scale = normSquared(a) * normSquared(b)
  return scale > 0 ? dot(a, b) / Math.sqrt(scale) : undefined
}

/** dot of row i of `a` with row i of `b`: length min(rows). Equal column counts. */
export function rowDots(a: RowMatrix, b: RowMatrix): Float64Array {
  assert(a.columns === b.columns, () => `rows of ${a.columns} and ${b.columns} columns`)
  const length = a.columns
  const out = new Float64Array(Math.min(a.rows, b.rows))
  for (let i = 0; i < out.length; i++) {
    const offset = i * length
    out[i] = dotAt({ a: a.data, b: b.data, length, offsetA: offset, offsetB: offset })
  }
  return out
}

/** Squared Euclidean norm of every row. */
export function rowNormsSquared(a: RowMatrix): Float64Array {
  return rowDots(a, a)
}

/**
 * cosine of row i of `a` with row i of `b`. Where either norm is at most `minimumNorm` the cosine
 * does not exist: `defined[i]` is 0 and `cosines[i]` is 0 (no sign, so a sign test drops it). The
 * choice looks at norms only, which no sign flip changes.
 */
export function rowCosines(
  a: RowMatrix,
  b: RowMatrix,
  options: { readonly minimumNorm?: number } = {},
): { readonly cosines: Float64Array; readonly defined: Uint8Array } {
  const floor = (options.minimumNorm ?? 0) ** 2
  const cosines = rowDots(a, b)
  const normsA = rowNormsSquared(a)
  const normsB = rowNormsSquared(b)
  const defined = new Uint8Array(cosines.length)
  for (let i = 0; i < cosines.length; i++) {
    if (normsA[i]! > floor && normsB[i]! > floor) {
      defined[i] = 1
      cosines[i] = cosines[i]! / Math.sqrt(normsA[i]! * normsB[i]!)
    } else {
      cosines[i] = 0
    }
  }
  return { cosines, defined }
}

/**
 * True where no value is NaN or infinite, told by their bits: an exponent of all ones carries into the
 * sign once its lowest bit is added.
 */
export function isAllFinite(values: Float32Array): boolean {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  let seen = 0
  let i = 0
  for (const end = bits.length - 3; i < end; i += 4) {
    seen |=
      ((bits[i]! & EXPONENT) + EXPONENT_UNIT) |
      ((bits[i + 1]! & EXPONENT) + EXPONENT_UNIT) |
      ((bits[i + 2]! & EXPONENT) + EXPONENT_UNIT) |
      ((bits[i + 3]! & EXPONENT) + EXPONENT_UNIT)
  }
  for (; i < bits.length; i++) seen |= (bits[i]! & EXPONENT) + EXPONENT_UNIT
  return seen >= 0
}

const EXPONENT = 0x7f800000
const EXPONENT_UNIT = 0x00800000

/** First index of the largest value; NaN is never the largest. Undefined if there is none. */
export function argmax(values: ArrayLike<number>): number | undefined {
  let best = Number.NEGATIVE_INFINITY
  let at: number | undefined
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value > best || (at === undefined && value === best)) {
      best = value
      at = i
    }
  }
  return at
}

type DotSpan = {
  readonly a: Float32Array
  readonly b: Float32Array
  readonly offsetA: number
  readonly offsetB: number
  readonly length: number
}

function dotAt({ a, b, offsetA, offsetB, length }: DotSpan): number {
  let l0 = 0
  let l1 = 0
  let l2 = 0
  let l3 = 0
  let l4 = 0
  let l5 = 0
  let l6 = 0
  let l7 = 0
  let i = offsetA
  let j = offsetB
  const end = offsetA + (length & ~7)
  for (; i < end; i += 8, j += 8) {
    l0 += a[i]! * b[j]!
    l1 += a[i + 1]! * b[j + 1]!
    l2 += a[i + 2]! * b[j + 2]!
    l3 += a[i + 3]! * b[j + 3]!
    l4 += a[i + 4]! * b[j + 4]!
    l5 += a[i + 5]! * b[j + 5]!
    l6 += a[i + 6]! * b[j + 6]!
    l7 += a[i + 7]! * b[j + 7]!
  }
  const left = length & 7
  if (left > 0) l0 += a[i]! * b[j]!
  if (left > 1) l1 += a[i + 1]! * b[j + 1]!
  if (left > 2) l2 += a[i + 2]! * b[j + 2]!
  if (left > 3) l3 += a[i + 3]! * b[j + 3]!
  if (left > 4) l4 += a[i + 4]! * b[j + 4]!
  if (left > 5) l5 += a[i + 5]! * b[j + 5]!
  if (left > 6) l6 += a[i + 6]! * b[j + 6]!
  return l0 + l4 + (l2 + l6) + (l1 + l5 + (l3 + l7))
}
