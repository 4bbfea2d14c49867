import { type AgreeingParts, isPartial } from './agreeing-parts.ts'
import type { NormEvidence } from './norms.ts'
import type { Products } from './unit-batch.ts'

/**
 * An exact test that rejects says that the two models depend on each other. Whether they share
 * training or only the random numbers they started from is an empirical judgement from three facts:
 * parameters born constant (norm weights) carry no trace of the start, a descendant contains
 * nearly all of its ancestor while twins of one start contain only that start of each other, and a
 * start is shared by whole models. docs/methods/shared-initialisation.md gives the measurements.
 */
export type InitialisationJudgement = {
  readonly kind: 'trained_in_common' | 'norms_replaced' | 'part' | 'initialised_alike' | 'unknown'
  readonly normCorrelation: number | null
  /** Cosine of all units of the families and layers that agree. */
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
  parts: AgreeingParts,
): InitialisationJudgement {
  const shared = norms && normsOf(norms, parts)
  const sums = totals(parts.batches.map((batch) => batch.products))
  const slope = containedShare(sums)
  const weightCorrelation = sums.aa * sums.bb > 0 ? sums.ab / Math.sqrt(sums.aa * sums.bb) : null
  const measured = { normCorrelation: shared?.median ?? null, weightCorrelation, slope }
  if (slope === null || weightCorrelation === null) return { kind: 'unknown', ...measured }
  const gap = shared ? shared.median - NORM_SHARE_MIN * Math.abs(weightCorrelation) : null
  const clearly = CLEARLY * (shared?.error ?? 0)
  const isApart = gap !== null && gap < -clearly
  if (slope >= SLOPE_MIN) {
    if (gap === null) return { kind: 'unknown', ...measured }
    if (!isApart) return { kind: 'trained_in_common', ...measured }
    // Foreign parts bring norms of their own; where all agrees, foreign norms were put in.
    return { kind: isPartial(parts) ? 'part' : 'norms_replaced', ...measured }
  }
  if (gap !== null && gap > clearly) return { kind: 'trained_in_common', ...measured }
  if (isPartial(parts)) return { kind: 'part', ...measured }
  return { kind: isApart ? 'initialised_alike' : 'unknown', ...measured }
}

/** Median and standard error of the norm correlations of the layers that agree. */
function normsOf(
  { dims, correlations }: NormEvidence,
  { layers }: AgreeingParts,
): { readonly median: number; readonly error: number } | null {
  const isOwn = (layer: number | null) =>
    layers.other.length === 0 || (layer !== null && !layers.other.includes(layer))
  const own = correlations.filter(({ layer }) => isOwn(layer)).map(({ value }) => value)
  const middle = median(own)
  return middle === null ? null : { median: middle, error: 1 / Math.sqrt(dims * own.length) }
}

export const totals = (products: readonly Products[]): Products => ({
  ab: products.reduce((sum, p) => sum + p.ab, 0),
  aa: products.reduce((sum, p) => sum + p.aa, 0),
  bb: products.reduce((sum, p) => sum + p.bb, 0),
})

/**
 * The larger of the two regression slopes, Σab/Σb² and Σab/Σa². A = B + change gives about 1
 * (less what weight decay removed); two trainings of one start give |start|²/|model|².
 */
export function containedShare({ ab, aa, bb }: Products): number | null {
  return aa > 0 && bb > 0 ? ab / Math.min(aa, bb) : null
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((x, y) => x - y)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return null
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
