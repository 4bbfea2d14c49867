import type { EffectiveWeight } from './sensitivity.ts'

/**
 * How much each part really separates the teams: w·SD of the shares, which is the SD of the points,
 * over the sum of the same; and, since deviations of several parts add up or cancel, the
 * covariance of a part with the total over the variance of the total, which sums to 1.
 * `points[k]` has one entry per team.
 */
export function effectiveWeights(
  parts: readonly {
    readonly id: string
    readonly full: number
    readonly points: Float64Array
  }[],
  level: EffectiveWeight['level'],
): EffectiveWeight[] {
  const full = parts.reduce((sum, part) => sum + part.full, 0)
  const teams = parts[0]?.points.length ?? 0
  const total = Float64Array.from({ length: teams }, (_, t) =>
    parts.reduce((sum, part) => sum + (part.points[t] ?? 0), 0),
  )
  const deviation = parts.map((part) => Math.sqrt(covariance(part.points, part.points)))
  const spread = deviation.reduce((a, b) => a + b, 0)
  const variance = covariance(total, total)
  const exists = (size: number) => size > 1e-12 * Math.max(1, full)
  return parts.map((part, k) => ({
    part: part.id,
    level,
    nominal: part.full / full,
    effective: exists(spread) ? (deviation[k] ?? 0) / spread : undefined,
    varianceShare: exists(Math.sqrt(variance))
      ? covariance(part.points, total) / variance
      : undefined,
  }))
}

function covariance(a: Float64Array, b: Float64Array): number {
  const n = a.length
  const meanA = a.reduce((x, y) => x + y, 0) / n
  const meanB = b.reduce((x, y) => x + y, 0) / n
  let sum = 0
  for (let i = 0; i < n; i++) sum += ((a[i] ?? 0) - meanA) * ((b[i] ?? 0) - meanB)
  return sum / n
}
