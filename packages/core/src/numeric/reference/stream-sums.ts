import type { PairSums } from '../pair-sums.ts'
import {
  combineLanes,
  STREAM_LANES,
  STREAM_RUN_ELEMENTS,
  STREAM_STATE_LENGTH,
} from '../stream-sums.ts'

/** The slow twin of wasm/stream-sums.ts: the same additions in the same order, one at a time. */
export function streamSumsReference(a: Float32Array, b: Float32Array): PairSums {
  const state = new Float64Array(STREAM_STATE_LENGTH)
  for (let first = 0; first < a.length; first += STREAM_RUN_ELEMENTS) {
    const run = new Float32Array(STREAM_STATE_LENGTH)
    const end = Math.min(a.length, first + STREAM_RUN_ELEMENTS)
    for (let i = first; i < end; i += 2) {
      const own = termsOf(a[i] ?? 0, b[i] ?? 0)
      const next = termsOf(a[i + 1] ?? 0, b[i + 1] ?? 0)
      const lane = (i / 2) % STREAM_LANES
      for (const [sum, term] of own.entries())
        run[STREAM_LANES * sum + lane]! += Math.fround(term + next[sum]!)
    }
    for (let at = 0; at < state.length; at++) state[at]! += run[at]!
  }
  return combineLanes(state, a.length)
}

const termsOf = (x: number, y: number): readonly number[] => [
  x,
  y,
  Math.fround(x * x),
  Math.fround(y * y),
  Math.fround(x * y),
]
