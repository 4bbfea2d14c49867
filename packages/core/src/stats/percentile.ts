import { assert } from '../base/errors.ts'

/**
 * Quantile of sorted values by linear interpolation between order statistics (type 7 of Hyndman
 * and Fan 1996, the default of R and NumPy). `fraction` in 0..1.
 */
export function sortedQuantile(sorted: Float64Array, fraction: number): number {
  assert(sorted.length > 0, 'a quantile of no values')
  const place = fraction * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (place - below) * (high - low)
}

/** Central percentile interval that holds the share `coverage` of the values. */
export function intervalOf(
  values: Float64Array,
  coverage: number,
): { readonly low: number; readonly high: number } {
  const sorted = values.slice().sort()
  const tail = (1 - coverage) / 2
  return { low: sortedQuantile(sorted, tail), high: sortedQuantile(sorted, 1 - tail) }
}
