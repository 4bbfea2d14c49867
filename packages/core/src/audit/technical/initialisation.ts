import type { NormEvidence } from './norms.ts'
import type { Products, UnitBatch } from './unit-batch.ts'

/**
 * An exact test that rejects says that the two models depend on each other. Whether they share
 * training or only the random numbers they started from is an empirical judgement from two facts:
 * parameters born constant (norm weights) carry no trace of the start, and a descendant contains
 * nearly all of its ancestor while twins of one start contain only that start of each other.
 * docs/methods/shared-initialisation.md gives the measurements behind the two bounds.
 */
export type InitialisationJudgement = {
  readonly kind: 'trained_in_common' | 'initialised_alike' | 'unknown'
  readonly normCorrelation: number | null
  /** Cosine of all units that were read. */
  readonly weightCorrelation: number | null
  readonly slope: number | null
}

/** Share of one model contained in the other above which it counts as a descendant. */
export const SLOPE_MIN = 0.9
/** Norms that share less than this part of what the weights share were trained apart. */
export const NORM_SHARE_MIN = 0.5
/** Standard errors by which the norm correlation must miss that part. */
const CLEARLY = 2

export function judgeInitialisation(
  norms: NormEvidence | null,
  batches: readonly UnitBatch[],
): InitialisationJudgement {
  const normCorrelation = norms ? median(norms.correlations.map(({ value }) => value)) : null
  const sums = totals(batches.map((batch) => batch.products))
  const slope = containedShare(sums)
  const weightCorrelation = sums.aa * sums.bb > 0 ? sums.ab / Math.sqrt(sums.aa * sums.bb) : null
  const measured = { normCorrelation, weightCorrelation, slope }
  if (norms === null || normCorrelation === null || weightCorrelation === null || slope === null) {
    return { kind: 'unknown', ...measured }
  }
  const error = 1 / Math.sqrt(norms.dims * norms.vectors)
  const gap = normCorrelation - NORM_SHARE_MIN * Math.abs(weightCorrelation)
  if (slope >= SLOPE_MIN || gap > CLEARLY * error) return { kind: 'trained_in_common', ...measured }
  return { kind: gap < -CLEARLY * error ? 'initialised_alike' : 'unknown', ...measured }
}

const totals = (products: readonly Products[]): Products => ({
  ab: products.reduce((sum, p) => sum + p.ab, 0),
  aa: products.reduce((sum, p) => sum + p.aa, 0),
  bb: products.reduce((sum, p) => sum + p.bb, 0),
})

/**
 * The larger of the two regression slopes, Σab/Σb² and Σab/Σa². A = B + change gives about 1
 * (less what weight decay removed); two trainings of one start give |start|²/|model|².
 */
function containedShare({ ab, aa, bb }: Products): number | null {
  return aa > 0 && bb > 0 ? ab / Math.min(aa, bb) : null
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((x, y) => x - y)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return null
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
