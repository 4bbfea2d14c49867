import type {
  AuditReport,
  Comparison,
  ComponentComparison,
  CriterionReason,
  LayerCell,
  ModelIdentity,
  Note,
  TestName,
  TestResult,
  Tier,
  Verdict,
} from '../../audit/result.ts'
import { strongestVerdict } from '../../audit/result.ts'
import { createRng } from '../../base/rng.ts'

/**
 * Simulated results for the tests of the renderers: shaped like real ones, invented throughout.
 * The first is the case of January 2026 in miniature: a borrowed vision encoder in a model whose
 * other parts show nothing.
 */

export function model(id: string, over: Partial<ModelIdentity> = {}): ModelIdentity {
  return {
    id,
    format: 'safetensors',
    parameters: 32_812_345_600,
    layerCount: 64,
    modelType: 'llama',
    ...over,
  }
}

export const CANDIDATE = model('team-a/seed-32b-think')
export const VISION_REFERENCE = model('qilin/vl-7b-instruct', {
  parameters: 8_292_166_656,
  layerCount: 28,
  modelType: 'qilin_vl',
})
export const OTHER_REFERENCE = model('olive/olive-32b', { parameters: 32_233_522_176 })

export function note(code: Note['code'], values: Note['values'] = {}): Note {
  return { code, values }
}

type TestOptions = Partial<Omit<TestResult, 'test'>>

export function testResult(test: TestName, over: TestOptions = {}): TestResult {
  return {
    test,
    tier: 'exact',
    layer: null,
    log10P: -0.31,
    log10PAdjusted: 0,
    statistic: 4123,
    n: 8192,
    meanCorrelation: 0.0004,
    minDetectableCorrelation: 0.0061,
    notes: [],
    ...over,
  }
}

/** Cells of one test over `layers` layers around `center`, with simulated noise. */
export function cells(
  test: TestName,
  layers: number,
  options: { center: number; spread: number; seed: number },
): readonly LayerCell[] {
  const rng = createRng(options.seed).fork(test)
  return Array.from({ length: layers }, (_, layer) => {
    const raw = options.center + options.spread * rng.nextNormal()
    const value = Math.min(1, Math.max(0, raw))
    return { layer, test, value, log10P: value > 0.3 ? -300 * value : -0.6 * rng.nextFloat() }
  })
}

type ComponentOptions = Partial<Omit<ComponentComparison, 'component' | 'verdict'>>

export function component(
  name: string,
  verdict: Verdict,
  over: ComponentOptions = {},
): ComponentComparison {
  return {
    component: name,
    verdict,
    tier: tierOf(verdict),
    log10P: null,
    minDetectableCorrelation: null,
    parameterFraction: 0.1,
    parameters: 3_281_000_000,
    reasons: [],
    tests: [],
    cells: [],
    ...over,
  }
}

function tierOf(verdict: Verdict): Tier | null {
  if (verdict === 'no_evidence' || verdict === 'not_testable') return null
  return verdict === 'shared_initialisation' ? 'empirical' : 'exact'
}

export function comparison(
  components: readonly ComponentComparison[],
  over: Partial<Comparison> = {},
): Comparison {
  return {
    schemaVersion: 1,
    candidate: CANDIDATE,
    reference: VISION_REFERENCE,
    components,
    verdict: strongestVerdict(components.map((part) => part.verdict)),
    bytesRead: { candidate: 412_876_800, reference: 398_131_200 },
    log10Alpha: -6,
    notes: [],
    ...over,
  }
}

export function report(
  comparisons: readonly Comparison[],
  over: Partial<AuditReport> = {},
): AuditReport {
  const strongest = strongestPerComponent(comparisons)
  return {
    schemaVersion: 1,
    candidate: comparisons[0]?.candidate ?? CANDIDATE,
    references: {
      searched: comparisons.map((one) => one.reference),
      matched: comparisons
        .filter((one) => one.verdict !== 'no_evidence' && one.verdict !== 'not_testable')
        .map((one) => one.reference.id),
    },
    comparisons,
    components: strongest,
    verdict: strongestVerdict(strongest.map((part) => part.verdict)),
    criteria: {
      technical: { outcome: 'not_determinable', reasons: [reason('no_reference_given')] },
      policy: { outcome: 'not_determinable', reasons: [reason('licence_review_missing')] },
      ethical: { outcome: 'not_determinable', reasons: [reason('declaration_missing')] },
    },
    bytesRead: comparisons.reduce(
      (sum, one) => sum + one.bytesRead.candidate + one.bytesRead.reference,
      0,
    ),
    ...over,
  }
}

function strongestPerComponent(comparisons: readonly Comparison[]): AuditReport['components'] {
  const best = new Map<string, AuditReport['components'][number]>()
  for (const one of comparisons) {
    for (const part of one.components) {
      const now = best.get(part.component)
      const stronger = !now || strongestVerdict([now.verdict, part.verdict]) !== now.verdict
      const found = part.verdict !== 'no_evidence' && part.verdict !== 'not_testable'
      if (stronger)
        best.set(part.component, { ...part, reference: found ? one.reference.id : null })
    }
  }
  return [...best.values()]
}

export function reason(
  code: CriterionReason['code'],
  values: CriterionReason['values'] = {},
  evidence: string | null = null,
): CriterionReason {
  return { code, values, evidence }
}
