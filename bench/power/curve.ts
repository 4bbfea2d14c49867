/** log10 p of every draw at one level. */
export type Point = {
  readonly level: number
  readonly phiU: number[]
  readonly dokja: number[]
}

export type Curve = readonly Point[]

export const LOG10_ALPHA = -9

/** The p-value that at least half of the draws reach. */
export function medianLog10P(log10Ps: readonly number[]): number {
  const sorted = [...log10Ps].sort((x, y) => x - y)
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
}

/**
 * The level at which half of the draws are found, between the two measured levels around it: √(−log10 p)
 * grows about in proportion to the correlation, so it is interpolated in the logarithm of the level.
 * NaN where the measured levels do not enclose it.
 */
export function thresholdOf(curve: Curve, statistic: 'phiU' | 'dokja'): number {
  const heights = curve.map((point) => ({
    level: Math.log(point.level),
    height: Math.sqrt(Math.min(400, -medianLog10P(point[statistic]))),
  }))
  const sought = Math.sqrt(-LOG10_ALPHA)
  for (let i = 1; i < heights.length; i++) {
    const [a, b] = [heights[i - 1]!, heights[i]!]
    if (a.height < sought === b.height < sought) continue
    const share = (sought - a.height) / (b.height - a.height)
    return Math.exp(a.level + share * (b.level - a.level))
  }
  return Number.NaN
}
