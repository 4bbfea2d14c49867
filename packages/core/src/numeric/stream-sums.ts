import { assert } from '../base/errors.ts'
import type { PairSums } from './pair-sums.ts'

/**
 * Sums over two sequences of weights that stream by: Σa, Σb, Σa², Σb², Σab.
 *
 * **The order of additions is part of the contract.** Elements 2k and 2k + 1 are a pair: their terms
 * (products rounded to float32 first) are added in float32, and the pair goes to lane k mod 4. A run of
 * STREAM_RUN_ELEMENTS elements is added in float32 in ascending k; then each of its lanes is added to a
 * float64 lane. At the end lanes are combined as (l0+l2)+(l1+l3). What is missing in the last pair is zero.
 * So the answer depends on the numbers alone: not on the format they are stored in, not on where the
 * stream was cut (at multiples of a run), not on who added it up.
 *
 * Error of a sum: a term is rounded at most 66 times in float32 (product, pair, 64 pairs of a lane and
 * run), hence at most 66·2^−24 = 4e-6 of Σ|terms| to first order, and about 5e-7 in practice, since errors
 * of different lanes and runs have no common sign.
 */
export const STREAM_RUN_ELEMENTS = 512

export const STREAM_LANES = 4
const SUMS = 5

/** float64 numbers of the kernel's state: five sums of four lanes. */
export const STREAM_STATE_LENGTH = SUMS * STREAM_LANES

export function combineLanes(state: Float64Array, count: number): PairSums {
  assert(state.length === STREAM_STATE_LENGTH, `a state of ${state.length} numbers`)
  const [sumA = 0, sumB = 0, sumAA = 0, sumBB = 0, sumAB = 0] = Array.from(
    { length: SUMS },
    (_, sum) => combine(state.subarray(STREAM_LANES * sum, STREAM_LANES * (sum + 1))),
  )
  return { count, sumA, sumB, sumAA, sumBB, sumAB }
}

function combine([l0 = 0, l1 = 0, l2 = 0, l3 = 0]: Float64Array): number {
  return l0 + l2 + (l1 + l3)
}
