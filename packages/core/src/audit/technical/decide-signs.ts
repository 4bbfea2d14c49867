import { signTest, smallestDetectableMean } from '../../stats/sign-test.ts'
import type { LayerCell, Note, TestName, TestResult } from '../result.ts'
import { checkSide, type SideCheck } from './assumptions.ts'
import type { UnitBatch } from './unit-batch.ts'

/** A family of sign tests of one component, ready for correction over all hypotheses. */
export type FamilyResult = {
  readonly pooled: TestResult
  readonly perLayer: readonly TestResult[]
  readonly cells: readonly LayerCell[]
}

/** Smallest mean correlation for a corrected level; filled in once the hypotheses are counted. */
export type DetectionLimit = (log10Alpha: number) => number | null

export type OpenFamily = FamilyResult & {
  readonly detectable: DetectionLimit
  /** What was counted, and the model whose flips it is odd under. */
  readonly batches: readonly UnitBatch[]
  readonly correlations: Float64Array
  readonly carrier: 'candidate' | 'reference'
}

/**
 * Chooses for which model the sign invariance is assumed, pools what that model makes
 * independent, and tests. Returns notes alone where neither model can carry the assumption.
 */
export function decideFamily(
  test: TestName,
  batches: readonly UnitBatch[],
): OpenFamily | { readonly notes: readonly Note[] } {
  const candidate = checkSide(batches, 'candidate')
  const reference = checkSide(batches, 'reference')
  const notes = conventionNotes(test, candidate, reference)
  if (candidate.followsSignConvention && reference.followsSignConvention) return { notes }
  const carrier = chooseCarrier(candidate, reference)
  const copies = carrier === 'candidate' ? candidate.copyClasses : reference.copyClasses
  const dropped = new Set(copies.flatMap((members) => members.slice(1)))
  const used = batches.filter((_, index) => !dropped.has(index))
  if (dropped.size > 0) {
    notes.push({ code: 'internal_copies', values: { family: test, classes: copies.length } })
  }
  notes.push({ code: 'assumption_on', values: { model: carrier } })
  const correlations = concatenate(used.map((batch) => batch.correlations))
  return {
    ...testFamily(test, used, notes),
    detectable: limitOf(correlations),
    batches: used,
    correlations,
    carrier,
  }
}

function conventionNotes(test: TestName, candidate: SideCheck, reference: SideCheck): Note[] {
  const values = { family: test }
  if (candidate.followsSignConvention && reference.followsSignConvention) {
    return [{ code: 'sign_convention_both', values }]
  }
  if (candidate.followsSignConvention) return [{ code: 'sign_convention_candidate', values }]
  if (reference.followsSignConvention) return [{ code: 'sign_convention_reference', values }]
  return []
}

/** The model without a sign convention, then the one without copies: it can use all units. */
function chooseCarrier(candidate: SideCheck, reference: SideCheck): 'candidate' | 'reference' {
  if (candidate.followsSignConvention) return 'reference'
  if (reference.followsSignConvention) return 'candidate'
  return reference.copyClasses.length <= candidate.copyClasses.length ? 'reference' : 'candidate'
}

export function concatenate(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const limitOf =
  (correlations: Float64Array): DetectionLimit =>
  (log10Alpha) => {
    const limit = smallestDetectableMean(correlations, log10Alpha)
    return limit.kind === 'detectable' ? limit.mean : null
  }

function testFamily(
  test: TestName,
  batches: readonly UnitBatch[],
  notes: readonly Note[],
): FamilyResult {
  const unitsOf = (layer: number | null) =>
    concatenate(
      batches.flatMap((batch) =>
        layer === null || batch.layer === layer ? [batch.correlations] : [],
      ),
    )
  const layers = [...new Set(batches.map((batch) => batch.layer))].filter((layer) => layer !== null)
  const perLayer = layers.map((layer) =>
    resultOf(test, { correlations: unitsOf(layer), layer, notes: [] }),
  )
  const cells = perLayer.map((result) => ({
    layer: result.layer ?? 0,
    test,
    value: Math.min(1, Math.abs(result.meanCorrelation ?? 0)),
    log10P: result.log10P,
  }))
  return {
    pooled: resultOf(test, { correlations: unitsOf(null), layer: null, notes }),
    perLayer,
    cells,
  }
}

export function resultOf(
  test: TestName,
  job: {
    readonly correlations: Float64Array
    readonly layer: number | null
    readonly notes: readonly Note[]
  },
): TestResult {
  const result = signTest(job.correlations)
  const tested = result.kind === 'tested'
  return {
    test,
    tier: 'exact',
    layer: job.layer,
    log10P: tested ? result.log10P : null,
    log10PAdjusted: null,
    statistic: tested ? result.positive : null,
    n: tested ? result.n : 0,
    meanCorrelation: tested ? result.meanCorrelation : null,
    minDetectableCorrelation: null,
    notes: job.notes,
  }
}
