import { assert } from '../base/errors.ts'

/**
 * Holm's step-down adjustment (Holm 1979) of log10 p-values, in their given order: with the p
 * sorted ascending, adjusted_(r) = max over s ≤ r of min(1, (m − s + 1)·p_(s)). Rejecting where the
 * adjusted p ≤ α keeps the chance of any false rejection at most α under every dependence. Every
 * hypothesis that was looked at belongs in the list.
 */
export function holmAdjust(log10Ps: readonly number[]): number[] {
  checkLog10Ps(log10Ps)
  const order = log10Ps.map((_, i) => i).sort((i, j) => log10Ps[i]! - log10Ps[j]! || i - j)
  const adjusted = new Array<number>(log10Ps.length).fill(0)
  let running = Number.NEGATIVE_INFINITY
  order.forEach((index, rank) => {
    running = Math.max(running, bonferroniAdjust(log10Ps[index]!, log10Ps.length - rank))
    adjusted[index] = running
  })
  return adjusted
}

/** log10 min(1, count·p): the smallest of `count` p-values, or one of `count` that could be shown. */
export function bonferroniAdjust(log10P: number, count: number): number {
  assert(count >= 1, () => `correction for ${count} hypotheses`)
  return Math.min(0, log10P + Math.log10(count))
}

/** log10 p is at most 0; −Infinity is allowed (p = 0 to all digits), NaN is not. */
export function checkLog10Ps(log10Ps: readonly number[]): void {
  for (const log10P of log10Ps) assert(log10P <= 0, () => `${log10P} is not the log10 of a p-value`)
}
