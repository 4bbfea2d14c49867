import { assert } from '../base/errors.ts'
import type { PairSums } from './pair-sums.ts'

/**
 * Sums over two sequences of weights that stream by: Σa, Σb, Σa², Σb², Σab.
 *
 * **The order of additions is part of the contract.** Element i goes to lane i mod 8. A run of
 * STREAM_RUN_ELEMENTS elements is added in float32 in ascending i (products rounded to float32
 * first); then each of its lanes is added to a float64 lane. At the end lanes are combined as
 * ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)). So the answer depends on the numbers alone: not on the format they
 * are stored in, not on where the stream was cut (at multiples of a run), not on who added it up.
 *
 * Error of a sum: float32 adds 64 terms a lane and run, hence at most 64·2^−24 = 4e-6 of Σ|terms|
 * to first order, and about 5e-7 in practice, since errors of different lanes and runs have no common sign.
 */
export const STREAM_RUN_ELEMENTS = 512

/** Lanes of one sum, in the order in which the kernel stores them: even elements, then odd. */
export const STREAM_LANES = [0, 2, 4, 6, 1, 3, 5, 7] as const
const SUMS = 5

/** float64 numbers of the kernel's state: five sums of eight lanes. */
export const STREAM_STATE_LENGTH = SUMS * STREAM_LANES.length

export function combineLanes(state: Float64Array, count: number): PairSums {
  assert(state.length === STREAM_STATE_LENGTH, `a state of ${state.length} numbers`)
  const [sumA = 0, sumB = 0, sumAA = 0, sumBB = 0, sumAB = 0] = Array.from(
    { length: SUMS },
    (_, sum) => combine(state.subarray(8 * sum, 8 * sum + 8)),
  )
  return { count, sumA, sumB, sumAA, sumBB, sumAB }
}

function combine(lanes: Float64Array): number {
  const [l0 = 0, l2 = 0, l4 = 0, l6 = 0, l1 = 0, l3 = 0, l5 = 0, l7 = 0] = lanes
  return l0 + l4 + (l2 + l6) + (l1 + l5 + (l3 + l7))
}
