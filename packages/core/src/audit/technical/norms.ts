import { exactSum } from '../../numeric/exact-sum.ts'
import { isAllFinite } from '../../numeric/kernels.ts'
import { type OpenModel, tensorOf } from './measure-signs.ts'
import type { RolePair } from './pairing.ts'
import { readRows } from './read-rows.ts'

/**
 * Norm weights are born constant: what they share was learned in common, or is chance. Raw
 * cosines of norm weights are near 1 for any two models (mean 0.999 for independent ones) and
 * are never used; each vector is centred first.
 */
export type NormEvidence = {
  /** Residual dimensions as rows, [dims, vectors], each vector centred and of unit variance. */
  readonly candidate: Float32Array
  readonly reference: Float32Array
  readonly dims: number
  readonly vectors: number
  /** Centred Pearson correlation per vector pair, with its block index. */
  readonly correlations: readonly { readonly layer: number | null; readonly value: number }[]
}

/** How many norm vectors of equal length both models have, and in how many each varies. */
export type NormCounts = {
  readonly pairs: number
  readonly candidateVaries: number
  readonly referenceVaries: number
}

/** `norms` is null where fewer than two norm vectors vary in both models. */
export async function measureNorms(
  candidate: OpenModel,
  reference: OpenModel,
  pairs: readonly RolePair[],
): Promise<{ readonly norms: NormEvidence | null; readonly counts: NormCounts }> {
  const norms = pairs.filter(
    (pair) => pair.candidate.kind === 'norm' && pair.candidate.part === 'weight',
  )
  const dims = mostCommon(norms.map((pair) => pair.rows))
  const columns: { a: Float32Array; b: Float32Array; layer: number | null }[] = []
  const counts = { pairs: 0, candidateVaries: 0, referenceVaries: 0 }
  for (const pair of norms) {
    if (pair.rows !== dims || pair.candidate.view.cols !== 1) continue
    const wanted = { ranges: [{ first: 0, count: pair.rows }], nonFinite: 'keep' } as const
    const [a, b] = await Promise.all([
      readRows(candidate.source, tensorOf(candidate, pair.candidate), {
        view: pair.candidate.view,
        ...wanted,
      }),
      readRows(reference.source, tensorOf(reference, pair.reference), {
        view: pair.reference.view,
        ...wanted,
      }),
    ])
    // A zero in the place of a norm weight would be an outlier of its own making.
    if (![a, b].every(isAllFinite)) continue
    const [ownVaries, otherVaries] = [standardise(a), standardise(b)]
    counts.pairs++
    counts.candidateVaries += Number(ownVaries)
    counts.referenceVaries += Number(otherVaries)
    if (ownVaries && otherVaries) columns.push({ a, b, layer: pair.candidate.layer })
  }
  return { norms: columns.length < 2 ? null : evidenceOf(columns, dims), counts }
}

function evidenceOf(
  columns: readonly { a: Float32Array; b: Float32Array; layer: number | null }[],
  dims: number,
): NormEvidence {
  return {
    dims,
    vectors: columns.length,
    candidate: asRows(
      columns.map((column) => column.a),
      dims,
    ),
    reference: asRows(
      columns.map((column) => column.b),
      dims,
    ),
    correlations: columns.map(({ a, b, layer }) => ({
      layer,
      value: sumOfProducts(a, b) / dims,
    })),
  }
}

function sumOfProducts(a: Float32Array, b: Float32Array): number {
  const products = new Float64Array(a.length)
  for (let i = 0; i < a.length; i++) products[i] = (a[i] as number) * (b[i] as number)
  return exactSum(products)
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((x, y) => y[1] - x[1] || y[0] - x[0])[0]?.[0] ?? 0
}

/** In place; false for a vector that does not vary (never trained, or coarsely stored). */
function standardise(values: Float32Array): boolean {
  const n = values.length
  const mean = exactSum(values) / n
  const squares = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const apart = (values[i] as number) - mean
    squares[i] = apart * apart
  }
  const variance = exactSum(squares) / n
  if (!(variance > 1e-12 * mean * mean) || variance === 0) return false
  const scale = 1 / Math.sqrt(variance)
  for (let i = 0; i < n; i++) values[i] = ((values[i] as number) - mean) * scale
  return true
}

function asRows(columns: readonly Float32Array[], dims: number): Float32Array {
  const out = new Float32Array(dims * columns.length)
  columns.forEach((column, j) => {
    for (let i = 0; i < dims; i++) out[i * columns.length + j] = column[i] as number
  })
  return out
}
