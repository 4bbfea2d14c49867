import type { ComponentName } from '../../model/role.ts'
import type { Comparison, ComponentComparison, TestResult } from '../result.ts'
import { strongestVerdict } from '../result.ts'
import { limitNote } from '../technical/limit-scope.ts'
import {
  detectable,
  type FingerprintCorrection,
  identityOf,
  SKETCH_TESTS,
} from './compare-fingerprints.ts'
import { deviationOf, testCounts } from './compare-sketches.ts'
import type { ComponentFingerprint, Fingerprint } from './fingerprint.ts'
import { type RowCounts, statisticsOf } from './scan-rows.ts'
import { correlationOf, type Sketch } from './sketch.ts'

/** One sketch of the suspect against one of the registry. */
export type SilentFamily = {
  readonly entry: number
  readonly component: ComponentName
  readonly role: Sketch['role']
  readonly counts: RowCounts
}

/**
 * What the registry's silent models say together: per component the smallest p-value among them,
 * and the weakest of their detection limits. Null for an empty registry.
 */
export function silentComparison(
  suspect: Fingerprint,
  families: readonly SilentFamily[],
  context: {
    readonly hits: ReadonlySet<number>
    readonly models: number
    readonly correction: FingerprintCorrection
  },
): Comparison | null {
  const silentModels = context.models - context.hits.size
  if (silentModels <= 0) return null
  const silent = families.filter(({ entry }) => !context.hits.has(entry))
  const components = suspect.components.map((component) =>
    silentComponent(component, silent, {
      correction: context.correction,
      parameters: suspect.model.parameters,
    }),
  )
  const compared = new Set(silent.map(({ entry }) => entry)).size
  return {
    schemaVersion: 1,
    candidate: identityOf(suspect),
    reference: {
      id: `registry: ${compared} of ${silentModels} models`,
      format: 'fingerprints',
      parameters: 0,
      layerCount: 0,
      modelType: null,
    },
    components,
    verdict: strongestVerdict(components.map((component) => component.verdict)),
    bytesRead: { candidate: 0, reference: 0 },
    log10Alpha: context.correction.log10Alpha,
    notes: [],
  }
}

function silentComponent(
  component: ComponentFingerprint,
  families: readonly SilentFamily[],
  context: { readonly correction: FingerprintCorrection; readonly parameters: number },
): ComponentComparison {
  const own = families.filter((family) => family.component === component.component)
  const tests = [...Map.groupBy(own, (family) => family.role)].flatMap(([role, ofRole]) =>
    smallestOf(role, ofRole, context.correction),
  )
  const limit = weakestLimit(own, context.correction)
  const base = {
    component: component.component,
    tier: null,
    parameters: component.parameters,
    parameterFraction: context.parameters > 0 ? component.parameters / context.parameters : 0,
    tests,
    cells: [],
  }
  const adjusted = tests.map((test) => test.log10PAdjusted ?? 0)
  const log10P = adjusted.length > 0 ? Math.min(...adjusted) : null
  if (limit === null) {
    const reason = {
      code: own.length > 0 ? ('too_few_units' as const) : ('no_counterpart' as const),
    }
    const units = Math.max(0, ...own.map(({ counts }) => statisticsOf(counts).n))
    const values = own.length > 0 ? { units, log10Floor: -units * Math.log10(2) } : {}
    return {
      ...base,
      log10P,
      verdict: 'not_testable',
      minDetectableCorrelation: null,
      reasons: [{ ...reason, values }],
    }
  }
  const values = { minDetectableCorrelation: limit, tests: own.length }
  return {
    ...base,
    log10P,
    verdict: 'no_evidence',
    minDetectableCorrelation: limit,
    reasons: [{ code: 'nothing_found', values }, limitNote(component.component, false)],
  }
}

/** The widest deviation of one family over all silent models, corrected for the whole search. */
function smallestOf(
  role: Sketch['role'],
  families: readonly SilentFamily[],
  correction: FingerprintCorrection,
): TestResult[] {
  let widest: SilentFamily | undefined
  let deviation = -1
  for (const family of families) {
    const own = deviationOf(family.counts)
    if (own <= deviation) continue
    widest = family
    deviation = own
  }
  const best = widest ? testCounts(widest.counts) : null
  if (!best) return []
  return [
    {
      test: SKETCH_TESTS[role],
      tier: 'exact',
      layer: null,
      log10P: best.log10P,
      log10PAdjusted: Math.min(0, best.log10P + Math.log10(correction.hypotheses)),
      statistic: best.positive,
      n: best.n,
      meanCorrelation: correlationOf(best.meanC),
      minDetectableCorrelation: detectable(best.n, best.rms, correction),
      notes: [],
    },
  ]
}

/** Of each model the best of its families, of all models the weakest; null where none could tell. */
function weakestLimit(
  families: readonly SilentFamily[],
  correction: FingerprintCorrection,
): number | null {
  const limits = [...Map.groupBy(families, (family) => family.entry).values()].flatMap(
    (ofEntry) => {
      const own = ofEntry.flatMap(({ counts }) => {
        const { n, squares } = statisticsOf(counts)
        return n > 0 ? (detectable(n, Math.sqrt(squares / n), correction) ?? []) : []
      })
      return own.length > 0 ? [Math.min(...own)] : []
    },
  )
  return limits.length > 0 ? Math.max(...limits) : null
}
