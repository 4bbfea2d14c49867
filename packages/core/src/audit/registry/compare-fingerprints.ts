import type { ComponentName } from '../../model/role.ts'
import type {
  Comparison,
  ComponentComparison,
  DirectionBasis,
  Note,
  TestName,
  TestResult,
} from '../result.ts'
import { strongestVerdict } from '../result.ts'
import { basesStated, withDirection } from '../technical/direction.ts'
import { describeTokenizer } from '../technical/tokenizer.ts'
import { compareContent } from './compare-content.ts'
import { compareSketches, type SketchComparison } from './compare-sketches.ts'
import { type ComponentEvidence, decideFromFingerprints } from './decide-fingerprints.ts'
import type { ComponentFingerprint, Fingerprint } from './fingerprint.ts'
import { layerMapOf, movedLayerTests } from './moved-layers.ts'
import { normCorrelations } from './norm-sketch.ts'
import { correlationOf, keyOf, type Sketch } from './sketch.ts'
import { sharedTokens } from './tokenizer-sketch.ts'

export type FingerprintCorrection = {
  /** Hypotheses of the whole search, over which the level is shared (Bonferroni). */
  readonly hypotheses: number
  readonly log10Alpha: number
}

export const SKETCH_TESTS = {
  up: 'sketch_up',
  value: 'sketch_value',
  residual: 'sketch_residual',
} as const satisfies Record<Sketch['role'], TestName>

/** Two models from their fingerprints alone: every component against every comparable one. */
export function compareFingerprints(
  candidate: Fingerprint,
  reference: Fingerprint,
  correction: FingerprintCorrection,
): Comparison {
  const body = dependentBody(candidate, reference, correction)
  const components = candidate.components.map((component) => {
    const evidence = candidatesFor(component, reference).map((other) =>
      evidenceOf(component, other, correction),
    )
    return strongest(evidence.length > 0 ? evidence : [emptyEvidence(component)], candidate, {
      correction,
      body,
    })
  })
  const tokenizer = describeTokenizers(candidate, reference)
  const stated = statedBases(candidate, reference)
  const directed = components.map((component) => withDirection(component, stated))
  const all = tokenizer ? [...directed, tokenizer] : directed
  return {
    schemaVersion: 1,
    candidate: identityOf(candidate),
    reference: identityOf(reference),
    components: all,
    verdict: strongestVerdict(all.map((component) => component.verdict)),
    bytesRead: { candidate: 0, reference: 0 },
    log10Alpha: correction.log10Alpha,
    notes: [],
  }
}

/** Cards alone: fingerprints hold too little of the structure. */
const statedBases = (candidate: Fingerprint, reference: Fingerprint): DirectionBasis[] =>
  basesStated(
    { ids: [candidate.source.id], baseModels: candidate.claims.baseModels },
    { ids: [reference.source.id], baseModels: reference.claims.baseModels },
  )

export const identityOf = ({ source, model }: Fingerprint): Comparison['candidate'] => ({
  id: source.id,
  format: model.format,
  parameters: model.parameters,
  layerCount: model.layerCount,
  modelType: model.modelType,
})

/** Components that hold a sketch of the same key, or share a block, or bear the same name. */
function candidatesFor(
  component: ComponentFingerprint,
  reference: Fingerprint,
): readonly ComponentFingerprint[] {
  const keys = new Set(component.sketches.map(keyOf))
  return reference.components.filter(
    (other) =>
      other.component === component.component ||
      other.sketches.some((sketch) => keys.has(keyOf(sketch))) ||
      compareContent(component, other).equal > 0,
  )
}

function evidenceOf(
  component: ComponentFingerprint,
  other: ComponentFingerprint,
  correction: FingerprintCorrection,
): ComponentEvidence {
  const sketches = component.sketches.flatMap((sketch) =>
    other.sketches
      .filter((one) => keyOf(one) === keyOf(sketch))
      .map((one) => sketchTest(sketch, compareSketches(sketch, one), correction)),
  )
  const moved = component.sketches.flatMap((sketch) =>
    other.sketches.flatMap((one) =>
      movedLayerTests(SKETCH_TESTS[sketch.role], [sketch, one], correction),
    ),
  )
  const { norms } = component
  return {
    component,
    reference: other,
    content: compareContent(component, other),
    tests: [...sketches.flatMap(({ test }) => (test ? [test] : [])), ...moved],
    notes: sketches.flatMap(({ notes }) => notes),
    normCorrelations:
      norms && other.norms ? normCorrelations(norms, other.norms, layerMapOf(moved)) : [],
    normDims: norms?.dims ?? 0,
  }
}

const emptyEvidence = (component: ComponentFingerprint): ComponentEvidence => ({
  component,
  reference: null,
  content: { informative: 0, equal: 0, log10P: null },
  tests: [],
  notes: [],
  normCorrelations: [],
  normDims: 0,
})

function sketchTest(
  sketch: Sketch,
  comparison: SketchComparison,
  correction: FingerprintCorrection,
): { readonly test: TestResult | null; readonly notes: readonly Note[] } {
  const family = SKETCH_TESTS[sketch.role]
  if (comparison.kind === 'untestable') {
    const convention: Note = { code: 'sign_convention_both', values: { family } }
    return { test: null, notes: comparison.reason === 'sign_convention' ? [convention] : [] }
  }
  const { test, carrier, copies } = comparison
  const notes: Note[] = [{ code: 'assumption_on', values: { model: carrier } }]
  if (copies > 0) notes.unshift({ code: 'internal_copies', values: { family, classes: copies } })
  const rms = Math.sqrt(test.sumOfSquares / test.n)
  return {
    notes: [],
    test: {
      test: family,
      tier: 'exact',
      layer: null,
      log10P: test.log10P,
      log10PAdjusted: Math.min(0, test.log10P + Math.log10(Math.max(1, correction.hypotheses))),
      statistic: test.positive,
      n: test.n,
      meanCorrelation: correlationOf(test.meanCorrelation),
      minDetectableCorrelation: detectable(test.n, rms, correction),
      notes,
    },
  }
}

/**
 * The smallest correlation that the sum of c is certain to show: mean c = rms·√(2·ln(4/α)/n).
 * Null where not even equal sketches would.
 */
export function detectable(
  n: number,
  rms: number,
  correction: FingerprintCorrection,
): number | null {
  const lnLevel =
    Math.log(4 * Math.max(1, correction.hypotheses)) - correction.log10Alpha * Math.LN10
  if (n * Math.LN2 < lnLevel) return null
  const mean = rms * Math.sqrt((2 * lnLevel) / n)
  return mean <= 64 ? correlationOf(mean) : 1
}

/**
 * Embeddings have no norms of their own. The body's tell how it was trained, and speak for the
 * embeddings only where the bodies depend on each other as well.
 */
function dependentBody(
  candidate: Fingerprint,
  reference: Fingerprint,
  correction: FingerprintCorrection,
): ComponentEvidence | null {
  const find = (fingerprint: Fingerprint, name: ComponentName) =>
    fingerprint.components.find((component) => component.component === name)
  const own = find(candidate, 'language_model')
  const other = find(reference, 'language_model')
  if (!own || !other) return null
  const evidence = evidenceOf(own, other, correction)
  const rejects = evidence.tests.some((test) => (test.log10PAdjusted ?? 0) <= correction.log10Alpha)
  return rejects || evidence.content.equal > 0 ? evidence : null
}

function strongest(
  evidence: readonly ComponentEvidence[],
  candidate: Fingerprint,
  context: { readonly correction: FingerprintCorrection; readonly body: ComponentEvidence | null },
): ComponentComparison {
  const decided = evidence.map((one) =>
    decideFromFingerprints(one, {
      log10Alpha: context.correction.log10Alpha,
      body: one.component.component === 'embeddings' ? context.body : null,
      parameters: candidate.model.parameters,
    }),
  )
  const best = strongestVerdict(decided.map((one) => one.verdict))
  const ofBest = decided.filter((one) => one.verdict === best)
  ofBest.sort((x, y) => (x.log10P ?? 0) - (y.log10P ?? 0))
  return ofBest[0] as ComponentComparison
}

/** Shared vocabulary, estimated; descriptive and never a verdict. */
function describeTokenizers(
  candidate: Fingerprint,
  reference: Fingerprint,
): ComponentComparison | null {
  const [own, other] = [candidate.tokenizer, reference.tokenizer]
  if (!own) return null
  return describeTokenizer(own.tokens, other && sharedTokens(own, other))
}
