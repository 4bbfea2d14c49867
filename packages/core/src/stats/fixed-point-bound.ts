import { assert } from '../base/errors.ts'
import { exactSum } from '../numeric/exact-sum.ts'
import { lnGamma } from './log-gamma.ts'

/** One permuted block: `matched` pairs found among `rows` rows, `fixed` of them on themselves. */
export type FixedPointCount = {
  readonly fixed: number
  readonly matched: number
  readonly rows: number
}

/**
 * log10 of the bound P(F ≥ k) ≤ C(m,k)·(n−k)!/n! for m pairs matched, one to one, in n rows whose
 * order is uniform: each set of k pairs lies on itself with probability at most (n−k)!/n!, and
 * F ≥ k needs one such set (first-moment method). 1/k! at m = n. No asymptotics. 0 for k = 0.
 */
export function log10FixedPointTail({ fixed, matched, rows }: FixedPointCount): number {
  assert(fixed >= 0 && fixed <= matched && matched <= rows, 'fixed ≤ matched ≤ rows')
  // C(m,k)(n−k)!/n! = Π (m−i) / ((n−i)(i+1)), i = 0 … k−1: every factor is at most 1.
  const logs = new Float64Array(fixed)
  for (let i = 0; i < fixed; i++) {
    logs[i] = Math.log((matched - i) / ((rows - i) * (i + 1)))
  }
  return Math.min(0, exactSum(logs) / Math.LN10)
}

/**
 * log10 of a bound on P(ΣF ≥ k) for independent blocks, k = Σ fixed: the least over j ≤ k of
 * Λ^j·(k−j)!/k!, Λ = Σ matched/rows, reached at j = k − ⌊Λ⌋ (1 where k ≤ Λ).
 *
 * Derivation: per block E C(F,j) ≤ C(m,j)(n−j)!/n! ≤ (m/n)^j/j!, so the generating function
 * E(1+t)^F = Σ E C(F,j)·t^j has coefficients at most those of e^{(m/n)t}. For independent blocks
 * the functions multiply, hence E C(ΣF,j) ≤ Λ^j/j!; and ΣF ≥ k implies C(ΣF,j) ≥ C(k,j), so Markov
 * gives Λ^j/(j!·C(k,j)) = Λ^j·(k−j)!/k!. For a single block the sharper bound above is used.
 */
export function log10PooledFixedPointTail(blocks: readonly FixedPointCount[]): number {
  assert(blocks.length > 0, 'a pooled bound needs a block')
  if (blocks.length === 1) return log10FixedPointTail(blocks[0]!)
  const k = blocks.reduce((sum, block) => sum + block.fixed, 0)
  const mean = exactSum(blocks.map((block) => (block.rows > 0 ? block.matched / block.rows : 0)))
  const left = Math.floor(mean)
  if (k <= left) return 0
  const ln = (k - left) * Math.log(mean) + lnGamma(left + 1) - lnGamma(k + 1)
  return Math.min(0, ln / Math.LN10)
}
