import { assert } from '../base/errors.ts'

/** Standard error of a mean, and of what; `effective` is the number of independent units. */
export type MeanError =
  | {
      readonly kind: 'measured'
      readonly mean: number
      readonly error: number
      readonly effective: number
    }
  | { readonly kind: 'no_information'; readonly reason: 'one_unit' }

/**
 * Mean of independent values: √(Σ(s−s̄)² / (n(n−1))), in the unit of the values (Miller 2024,
 * arXiv 2411.00640, eq. 2).
 */
export function meanError(values: Float64Array): MeanError {
  const n = values.length
  if (n < 2) return { kind: 'no_information', reason: 'one_unit' }
  const mean = values.reduce((a, b) => a + b, 0) / n
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return { kind: 'measured', mean, error: Math.sqrt(squares / (n * (n - 1))), effective: n }
}

/**
 * Mean of values that come in clusters (passages, templates, people): the residuals of a cluster
 * are added before they are squared, √(C/(C−1))·(1/n)·√(Σ_c (Σ_{i∈c}(s_i−s̄))²) (Liang and Zeger
 * 1986; the factor is the small-sample correction of R's `vcovCL`). `cluster[i]` counts from 0.
 */
export function clusteredMeanError(values: Float64Array, cluster: Uint32Array): MeanError {
  assert(values.length === cluster.length, 'one cluster number per value')
  const sums = new Map<number, number>()
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  for (let i = 0; i < n; i++)
    sums.set(cluster[i]!, (sums.get(cluster[i]!) ?? 0) + values[i]! - mean)
  const clusters = sums.size
  if (clusters < 2) return { kind: 'no_information', reason: 'one_unit' }
  let squares = 0
  for (const sum of sums.values()) squares += sum * sum
  const error = Math.sqrt((squares * clusters) / (clusters - 1)) / n
  return { kind: 'measured', mean, error, effective: clusters }
}
