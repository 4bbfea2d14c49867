import type { ComponentComparison, Note, TestResult } from '../result.ts'
import { partOf } from '../technical/agreeing-parts.ts'
import { NORM_SHARE_MIN, SLOPE_MIN } from '../technical/initialisation.ts'
import { limitNote } from '../technical/limit-scope.ts'
import type { ContentMatch } from './compare-content.ts'
import type { ComponentFingerprint } from './fingerprint.ts'
import { layerMapOf } from './moved-layers.ts'

/** What two fingerprints say about one component, before any verdict. */
export type ComponentEvidence = {
  readonly component: ComponentFingerprint
  readonly reference: ComponentFingerprint | null
  readonly content: ContentMatch
  readonly tests: readonly TestResult[]
  readonly notes: readonly Note[]
  readonly normCorrelations: readonly number[]
  readonly normDims: number
}

type Decision = Pick<ComponentComparison, 'verdict' | 'tier' | 'reasons'>

/** Types whose every value survives the rounding to bfloat16 before hashing. */
const KEPT_BY_HASH = ['BF16', 'F8_E4M3', 'F8_E5M2']
const BLOCK_ELEMENTS = 4096
const CLEARLY = 2

export function decideFromFingerprints(
  evidence: ComponentEvidence,
  context: {
    readonly log10Alpha: number
    readonly body: ComponentEvidence | null
    readonly parameters: number
  },
): ComponentComparison {
  const { component, content, tests, notes } = evidence
  const decision = decide(evidence, context)
  const values = [...tests.map((test) => test.log10PAdjusted), content.log10P]
  const known = values.filter((value) => value !== null)
  const limits = tests.flatMap((test) => test.minDetectableCorrelation ?? [])
  const layerMap = layerMapOf(tests)
  const silent = decision.verdict === 'no_evidence' && limits.length > 0
  return {
    component: component.component,
    ...decision,
    log10P: known.length > 0 ? Math.min(...known) : null,
    minDetectableCorrelation: silent ? Math.min(...limits) : null,
    parameterFraction: context.parameters > 0 ? component.parameters / context.parameters : 0,
    parameters: component.parameters,
    reasons: [...decision.reasons, ...notes],
    tests: [...contentTest(content), ...tests, ...normTest(evidence)],
    ...(layerMap.length > 0 ? { layerMap } : {}),
    cells: [],
  }
}

function decide(
  evidence: ComponentEvidence,
  context: { readonly log10Alpha: number; readonly body: ComponentEvidence | null },
): Decision {
  const { content } = evidence
  const whole = wholeCopy(evidence)
  if (whole) return whole
  const rejecting = evidence.tests
    .filter((test) => (test.log10PAdjusted ?? 0) <= context.log10Alpha)
    .sort((x, y) => (x.log10PAdjusted ?? 0) - (y.log10PAdjusted ?? 0))
  const part: Note[] =
    content.equal > 0
      ? [
          {
            code: 'blocks_identical_part',
            values: { equal: content.equal, blocks: content.informative },
          },
        ]
      : []
  if (rejecting.length > 0 || part.length > 0) {
    return decideDependent(rejecting, part, { evidence, body: context.body })
  }
  return decideSilent(evidence)
}

/** Every informative block is in the reference. Hashes see bfloat16, so a wider type stays open. */
function wholeCopy(evidence: ComponentEvidence): Decision | null {
  const { component, reference, content } = evidence
  if (!reference || content.informative === 0 || content.equal < content.informative) return null
  const [own, other] = [component.dtype, reference.dtype]
  if (own !== other) {
    const values = { fromDtype: other, toDtype: own }
    return {
      verdict: 'reencoded',
      tier: 'exact',
      reasons: [{ code: 'cast_of_reference', values }],
    }
  }
  if (!KEPT_BY_HASH.includes(own)) return null
  const read = (content.informative * BLOCK_ELEMENTS) / Math.max(1, component.parameters)
  const values = { blocks: content.informative, readFraction: Math.min(1, read) }
  return {
    verdict: 'identical',
    tier: 'exact',
    reasons: [{ code: 'all_blocks_identical', values }],
  }
}

function decideDependent(
  rejecting: readonly TestResult[],
  part: readonly Note[],
  context: { readonly evidence: ComponentEvidence; readonly body: ComponentEvidence | null },
): Decision {
  const [first] = rejecting
  const reasons: Note[] = [...part]
  if (first) {
    const { test, n } = first
    reasons.push({
      code: 'exact_test_rejects',
      values: { test, log10P: first.log10PAdjusted ?? 0, n },
    })
  }
  const correlation = Math.max(0, ...rejecting.map((test) => Math.abs(test.meanCorrelation ?? 0)))
  const norms = normsOf(context.evidence) ?? (context.body ? normsOf(context.body) : null)
  const values = norms ? { normCorrelation: norms.median } : {}
  const isWhole = correlation >= SLOPE_MIN
  const foreign = foreignPart(rejecting, context.evidence.tests, correlation)
  const gap = norms ? norms.median - NORM_SHARE_MIN * correlation : 0
  const isApart = norms !== null && gap < -CLEARLY * norms.error
  if (isApart && part.length === 0 && !isWhole && !foreign) {
    reasons.push({ code: 'initialised_alike_trained_apart', values })
    return { verdict: 'shared_initialisation', tier: 'empirical', reasons }
  }
  if (isWhole || (norms && gap > CLEARLY * norms.error)) {
    reasons.push({ code: 'trained_in_common', values })
  } else if (!foreign) reasons.push({ code: 'cannot_tell_initialisation', values: {} })
  if (foreign) reasons.push({ code: 'only_part', values: foreign })
  return { verdict: 'derived', tier: 'exact', reasons }
}

/** A family that is silent although it would have shown half of what others share. */
function foreignPart(
  rejecting: readonly TestResult[],
  tests: readonly TestResult[],
  correlation: number,
): { readonly shared: string; readonly other: string } | null {
  const families = new Set(rejecting.map(({ test }) => test))
  const shared = [...families].flatMap((test) => partOf(test) ?? [])[0]
  const other = tests.flatMap(({ test, minDetectableCorrelation: limit }) => {
    const part = partOf(test)
    const isSilent = part !== undefined && part !== shared && !families.has(test)
    return isSilent && limit !== null && limit < correlation / 2 ? [part] : []
  })[0]
  return shared && other ? { shared, other } : null
}

function decideSilent(evidence: ComponentEvidence): Decision {
  const limits = evidence.tests.flatMap((test) => test.minDetectableCorrelation ?? [])
  if (limits.length > 0) {
    const values = {
      minDetectableCorrelation: Math.min(...limits),
      tests: evidence.tests.length,
    }
    return {
      verdict: 'no_evidence',
      tier: null,
      reasons: [{ code: 'nothing_found', values }, limitNote(evidence.component.component, false)],
    }
  }
  const units = Math.max(0, ...evidence.tests.map((test) => test.n))
  const reason: Note =
    evidence.reference === null
      ? { code: 'no_counterpart', values: {} }
      : evidence.tests.length === 0
        ? { code: 'no_symmetry_known', values: {} }
        : { code: 'too_few_units', values: { units, log10Floor: -units * Math.log10(2) } }
  return { verdict: 'not_testable', tier: null, reasons: [reason] }
}

function contentTest(content: ContentMatch): TestResult[] {
  if (content.log10P === null) return []
  return [
    {
      test: 'content_blocks',
      tier: 'exact',
      layer: null,
      log10P: content.log10P,
      log10PAdjusted: content.log10P,
      statistic: content.equal,
      n: content.informative,
      meanCorrelation: null,
      minDetectableCorrelation: null,
      notes: [],
    },
  ]
}

function normTest(evidence: ComponentEvidence): TestResult[] {
  const norms = normsOf(evidence)
  if (!norms) return []
  return [
    {
      test: 'norm_correlation',
      tier: 'empirical',
      layer: null,
      log10P: null,
      log10PAdjusted: null,
      statistic: norms.median,
      n: evidence.normCorrelations.length,
      meanCorrelation: norms.median,
      minDetectableCorrelation: null,
      notes: [],
    },
  ]
}

function normsOf(evidence: ComponentEvidence): { median: number; error: number } | null {
  const sorted = [...evidence.normCorrelations].sort((x, y) => x - y)
  if (sorted.length < 2) return null
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
  return { median, error: 1 / Math.sqrt(evidence.normDims * sorted.length) }
}
