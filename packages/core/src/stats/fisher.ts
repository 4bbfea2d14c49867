import { exactSum } from '../numeric/exact-sum.ts'
import { checkLog10Ps } from './holm.ts'
import { log10ChiSquareTail } from './log-tails.ts'

/**
 * Fisher's combination (Fisher 1932) of k p-values, as log10: −2·Σ ln p against χ² with 2k degrees
 * of freedom. Valid if each p is super-uniform given the ones before it (docs/methods/combining.md,
 * the triangular order); conservative where the p-values are discrete. The combination of none is 1.
 */
export function fisherCombine(log10Ps: readonly number[]): number {
  checkLog10Ps(log10Ps)
  if (log10Ps.length === 0) return 0
  if (log10Ps.includes(Number.NEGATIVE_INFINITY)) return Number.NEGATIVE_INFINITY
  const statistic = -2 * Math.LN10 * exactSum(log10Ps)
  return log10ChiSquareTail(Math.max(0, statistic), 2 * log10Ps.length)
}
