import { assert } from '../../packages/core/src/base/errors.ts'
import { rowNormsSquared } from '../../packages/core/src/numeric/kernels.ts'
import { plainEngine } from '../../packages/core/src/numeric/matrix-engine.ts'
import type { RowMatrix } from '../../packages/core/src/numeric/row-matrix.ts'
import { fisherCombine } from '../../packages/core/src/stats/fisher.ts'
import { log10StudentTail } from '../../packages/core/src/stats/log-tails.ts'
import { assignRows } from './assignment.ts'

/**
 * φ_U of Zhu, Ahmed, Kuditipudi and Liang, Independence tests for language models (ICML 2025,
 * arXiv 2502.12292), from its formula: per layer the rows of the two up projections are matched by
 * linear assignment on their cosines (MATCH); Spearman's correlation of that matching with the
 * identity is judged by the tail of Student's t, one-sided as in the paper (SPEARMAN); Fisher over
 * the layers, whose permutations are independent. A peer to measure against, not part of the audit.
 *
 * `a[l]`, `b[l]`: up projection of layer l, [h, d] each. Returns log10 p, uncorrected: one pair of
 * models, one hypothesis.
 */
export function phiU(a: readonly RowMatrix[], b: readonly RowMatrix[]): number {
  assert(a.length === b.length, `${a.length} layers against ${b.length}`)
  return fisherCombine(a.map((rows, layer) => layerLog10P(rows, b[layer]!)))
}

function layerLog10P(a: RowMatrix, b: RowMatrix): number {
  assert(a.rows === b.rows, `${a.rows} rows against ${b.rows}`)
  return spearmanAgainstIdentity(assignRows(cosineMatrix(a, b).data, a.rows)).log10P
}

/** Cosines of all pairs of rows, [a.rows, b.rows]; zero rows have none and get 0. */
export function cosineMatrix(a: RowMatrix, b: RowMatrix): RowMatrix {
  const [sizesA, sizesB] = [rowNormsSquared(a), rowNormsSquared(b)]
  const products = plainEngine.multiply(a, b)
  for (let i = 0, at = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++, at++) {
      const size = Math.sqrt(sizesA[i]! * sizesB[j]!)
      products.data[at] = size > 0 ? products.data[at]! / size : 0
    }
  }
  return products
}

/** r = 1 − 6·Σ(π_i − i)² / (n·(n² − 1)) and P(T ≥ r·√((n − 2)/(1 − r²))), T with n − 2 degrees. */
export function spearmanAgainstIdentity(order: ArrayLike<number>): {
  readonly r: number
  readonly log10P: number
} {
  const n = order.length
  assert(n > 2, `a correlation of ${n} ranks has no Student tail`)
  let squares = 0
  for (let i = 0; i < n; i++) squares += (order[i]! - i) ** 2
  const r = 1 - (6 * squares) / (n * (n * n - 1))
  return { r, log10P: log10StudentTail(r * Math.sqrt((n - 2) / (1 - r * r)), n - 2) }
}
