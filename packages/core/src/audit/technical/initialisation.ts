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
  readonly slope: number | null
}

/** Centred norm correlation below which no common training is seen. */
export const NORM_CORRELATION_MIN = 0.45
/** Share of one model contained in the other above which it counts as a descendant. */
export const SLOPE_MIN = 0.8

export function judgeInitialisation(
  norms: NormEvidence | null,
  batches: readonly UnitBatch[],
): InitialisationJudgement {
  const normCorrelation = norms ? median(norms.correlations.map(({ value }) => value)) : null
  const slope = containedShare(batches.map((batch) => batch.products))
  return { kind: judge(normCorrelation, slope), normCorrelation, slope }
}

function judge(
  normCorrelation: number | null,
  slope: number | null,
): InitialisationJudgement['kind'] {
  if (normCorrelation === null) return 'unknown'
  if (normCorrelation >= NORM_CORRELATION_MIN) return 'trained_in_common'
  return slope !== null && slope >= SLOPE_MIN ? 'trained_in_common' : 'initialised_alike'
}

/**
 * The larger of the two regression slopes, Σab/Σb² and Σab/Σa². A = B + change gives about 1
 * (less what weight decay removed); two trainings of one start give |start|²/|model|².
 */
function containedShare(products: readonly Products[]): number | null {
  const ab = products.reduce((sum, p) => sum + p.ab, 0)
  const aa = products.reduce((sum, p) => sum + p.aa, 0)
  const bb = products.reduce((sum, p) => sum + p.bb, 0)
  return aa > 0 && bb > 0 ? ab / Math.min(aa, bb) : null
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((x, y) => x - y)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return null
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
