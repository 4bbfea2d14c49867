import { assert } from '../base/errors.ts'

/** What centred Pearson and cosine need from two sequences, and what adds up over blocks. */
export type PairSums = {
  readonly count: number
  readonly sumA: number
  readonly sumB: number
  readonly sumAA: number
  readonly sumBB: number
  readonly sumAB: number
}

export const EMPTY_PAIR_SUMS: PairSums = {
  count: 0,
  sumA: 0,
  sumB: 0,
  sumAA: 0,
  sumBB: 0,
  sumAB: 0,
}

/** A flat tensor is summed in blocks of this many elements, counted from its first element. */
export const SUM_BLOCK_ELEMENTS = 65_536

/**
 * The six sums over two equally long float32 sequences, float64 accumulation. Blocks of
 * SUM_BLOCK_ELEMENTS are summed in 4 lanes (term i to lane i mod 4, lanes combined as
 * (l0+l2)+(l1+l3)) and added in order, so a caller that streams whole blocks and merges them in
 * order gets the same bits whoever computed which block.
 */
export function pairSums(a: Float32Array, b: Float32Array): PairSums {
  assert(a.length === b.length, `pair sums of lengths ${a.length} and ${b.length}`)
  let total = EMPTY_PAIR_SUMS
  for (let from = 0; from < a.length; from += SUM_BLOCK_ELEMENTS) {
    const to = Math.min(from + SUM_BLOCK_ELEMENTS, a.length)
    total = mergePairSums(total, blockSums(a.subarray(from, to), b.subarray(from, to)))
  }
  return total
}

export function mergePairSums(first: PairSums, second: PairSums): PairSums {
  return {
    count: first.count + second.count,
    sumA: first.sumA + second.sumA,
    sumB: first.sumB + second.sumB,
    sumAA: first.sumAA + second.sumAA,
    sumBB: first.sumBB + second.sumBB,
    sumAB: first.sumAB + second.sumAB,
  }
}

/** Cosine from the sums; undefined where one sequence is zero. */
export function cosineOfSums(sums: PairSums): number | undefined {
  const scale = sums.sumAA * sums.sumBB
  return scale > 0 ? sums.sumAB / Math.sqrt(scale) : undefined
}

/**
 * Centred Pearson correlation from the sums; undefined where one sequence does not vary beyond
 * rounding. Centring by subtraction loses about log10(1 + mean²/variance) of 16 digits: good for
 * weights. For short sequences far from zero (norm weights) use the two-pass `pearson` of stats.
 */
export function pearsonOfSums(sums: PairSums): number | undefined {
  const { count, sumA, sumB, sumAA, sumBB, sumAB } = sums
  if (count < 2) return undefined
  const spreadA = sumAA - (sumA * sumA) / count
  const spreadB = sumBB - (sumB * sumB) / count
  // Below this the difference is made of rounding errors.
  const rounding = 1e-13
  if (!(spreadA > rounding * sumAA && spreadB > rounding * sumBB)) return undefined
  return (sumAB - (sumA * sumB) / count) / Math.sqrt(spreadA * spreadB)
}

function blockSums(a: Float32Array, b: Float32Array): PairSums {
  const [sumA, sumB] = [plainSum(a), plainSum(b)]
  let aa0 = 0
  let aa1 = 0
  let aa2 = 0
  let aa3 = 0
  let bb0 = 0
  let bb1 = 0
  let bb2 = 0
  let bb3 = 0
  let ab0 = 0
  let ab1 = 0
  let ab2 = 0
  let ab3 = 0
  let i = 0
  for (const end = a.length & ~3; i < end; i += 4) {
    const x0 = a[i]!
    const x1 = a[i + 1]!
    const x2 = a[i + 2]!
    const x3 = a[i + 3]!
    const y0 = b[i]!
    const y1 = b[i + 1]!
    const y2 = b[i + 2]!
    const y3 = b[i + 3]!
    aa0 += x0 * x0
    aa1 += x1 * x1
    aa2 += x2 * x2
    aa3 += x3 * x3
    bb0 += y0 * y0
    bb1 += y1 * y1
    bb2 += y2 * y2
    bb3 += y3 * y3
    ab0 += x0 * y0
    ab1 += x1 * y1
    ab2 += x2 * y2
    ab3 += x3 * y3
  }
  const left = a.length - i
  if (left > 0) {
    aa0 += a[i]! * a[i]!
    bb0 += b[i]! * b[i]!
    ab0 += a[i]! * b[i]!
  }
  if (left > 1) {
    aa1 += a[i + 1]! * a[i + 1]!
    bb1 += b[i + 1]! * b[i + 1]!
    ab1 += a[i + 1]! * b[i + 1]!
  }
  if (left > 2) {
    aa2 += a[i + 2]! * a[i + 2]!
    bb2 += b[i + 2]! * b[i + 2]!
    ab2 += a[i + 2]! * b[i + 2]!
  }
  return {
    count: a.length,
    sumA,
    sumB,
    sumAA: aa0 + aa2 + (aa1 + aa3),
    sumBB: bb0 + bb2 + (bb1 + bb3),
    sumAB: ab0 + ab2 + (ab1 + ab3),
  }
}

function plainSum(values: Float32Array): number {
  let l0 = 0
  let l1 = 0
  let l2 = 0
  let l3 = 0
  let i = 0
  for (const end = values.length & ~3; i < end; i += 4) {
    l0 += values[i]!
    l1 += values[i + 1]!
    l2 += values[i + 2]!
    l3 += values[i + 3]!
  }
  if (i < values.length) l0 += values[i]!
  if (i + 1 < values.length) l1 += values[i + 1]!
  if (i + 2 < values.length) l2 += values[i + 2]!
  return l0 + l2 + (l1 + l3)
}
