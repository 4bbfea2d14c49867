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
import { testCounts } from './compare-sketches.ts'
import type { ComponentFingerprint, Fingerprint } from './fingerprint.ts'
import { type RowCounts, statisticsOf } from './scan-rows.ts'
import { correlationOf, type Sketch } from './sketch.ts'

/** One sketch of the suspect against one of the registry. */
export type SilentFamily = {
  readonly entry: string
  readonly component: ComponentName
  readonly role: Sketch['role']
  /** Which of the suspect's sketches, and which of the entry's. */
  readonly query: number
  readonly position: number
  readonly counts: RowCounts
  /** `deviationOf` the counts. */
  readonly deviation: number
}

/**
 * What the registry's silent models say together. Only extremes are kept, so that any number of
 * models fits, and the order in which they are added makes no difference.
 */
export type Silence = {
  /** All families of one entry that was not found; none where it could not be compared. */
  readonly add: (ofEntry: readonly SilentFamily[]) => void
  /** Entries that were added with at least one family. */
  readonly compared: () => number
  /** Null where no model is silent. */
  readonly comparison: (silentModels: number) => Comparison | null
}

export function createSilence(suspect: Fingerprint, correction: FingerprintCorrection): Silence {
  const tallies = new Map<ComponentName, Tally>()
  let compared = 0
  return {
    add: (ofEntry) => {
      if (ofEntry.length > 0) compared++
      for (const [component, own] of Map.groupBy(ofEntry, (family) => family.component)) {
        const tally = tallies.get(component) ?? emptyTally()
        tallies.set(component, tally)
        addToTally(tally, own, correction)
      }
    },
    compared: () => compared,
    comparison: (silentModels) => {
      if (silentModels <= 0) return null
      const components = suspect.components.map((component) =>
        silentComponent(component, tallies.get(component.component) ?? emptyTally(), {
          correction,
          parameters: suspect.model.parameters,
        }),
      )
      const reference = {
        id: `registry: ${compared} of ${silentModels} models`,
        format: 'fingerprints',
        parameters: 0,
        layerCount: 0,
        modelType: null,
      }
      return {
        schemaVersion: 1,
        candidate: identityOf(suspect),
        reference,
        components,
        verdict: strongestVerdict(components.map((component) => component.verdict)),
        bytesRead: { candidate: 0, reference: 0 },
        log10Alpha: correction.log10Alpha,
        notes: [],
      }
    },
  }
}

/** Of one component, over all silent entries. */
type Tally = {
  tests: number
  /** The most rows with a sign of any test. */
  units: number
  /** Of each entry the best of its limits, of all entries the weakest; null where none could tell. */
  limit: number | null
  readonly roles: Map<Sketch['role'], RoleTally>
}

type RoleTally = { firstQuery: number; widest: SilentFamily }

const emptyTally = (): Tally => ({ tests: 0, units: 0, limit: null, roles: new Map() })

function addToTally(
  tally: Tally,
  ofEntry: readonly SilentFamily[],
  correction: FingerprintCorrection,
): void {
  let best: number | null = null
  for (const family of ofEntry) {
    const { n, squares } = statisticsOf(family.counts)
    tally.tests++
    tally.units = Math.max(tally.units, n)
    const limit = n > 0 ? detectable(n, Math.sqrt(squares / n), correction) : null
    if (limit !== null) best = Math.min(best ?? limit, limit)
    const held = tally.roles.get(family.role)
    if (!held) tally.roles.set(family.role, { firstQuery: family.query, widest: family })
    else {
      held.firstQuery = Math.min(held.firstQuery, family.query)
      if (isWider(family, held.widest)) held.widest = family
    }
  }
  if (best !== null) tally.limit = Math.max(tally.limit ?? best, best)
}

/** Equal deviations are common where rows are few: the earliest pair is named, however it came. */
function isWider(one: SilentFamily, held: SilentFamily): boolean {
  if (one.deviation !== held.deviation) return one.deviation > held.deviation
  if (one.query !== held.query) return one.query < held.query
  return one.entry === held.entry ? one.position < held.position : one.entry < held.entry
}

function silentComponent(
  component: ComponentFingerprint,
  tally: Tally,
  context: { readonly correction: FingerprintCorrection; readonly parameters: number },
): ComponentComparison {
  const tests = [...tally.roles]
    .sort(([, x], [, y]) => x.firstQuery - y.firstQuery)
    .flatMap(([role, { widest }]) => widestTest(role, widest, context.correction))
  const { limit, units } = tally
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
    const isTested = tally.tests > 0
    const reason = { code: isTested ? ('too_few_units' as const) : ('no_counterpart' as const) }
    const values = isTested ? { units, log10Floor: -units * Math.log10(2) } : {}
    return {
      ...base,
      log10P,
      verdict: 'not_testable',
      minDetectableCorrelation: null,
      reasons: [{ ...reason, values }],
    }
  }
  const values = { minDetectableCorrelation: limit, tests: tally.tests }
  return {
    ...base,
    log10P,
    verdict: 'no_evidence',
    minDetectableCorrelation: limit,
    reasons: [{ code: 'nothing_found', values }, limitNote(component.component, false)],
  }
}

/** The widest deviation of one family over all silent models, corrected for the whole search. */
function widestTest(
  role: Sketch['role'],
  widest: SilentFamily,
  correction: FingerprintCorrection,
): TestResult[] {
  const best = testCounts(widest.counts)
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
