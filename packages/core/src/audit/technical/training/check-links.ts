import type { TensorSource } from '../../../model/checkpoint.ts'
import { type Dependence, LOG10_ALPHA, measureDependence } from './dependence.ts'
import { seedBits } from './draw-plan.ts'
import { type Finding, finding } from './finding.ts'
import { seedsOf, type TrainingRecord } from './record.ts'
import type { Replay } from './replay-start.ts'
import { leftOf, type RateSums } from './schedule.ts'

export type Point = { readonly step: number; readonly source: TensorSource }

/** The first and the last point; one where they are the same. */
export const endsOf = (points: readonly Point[]): readonly Point[] =>
  [...new Set([points[0], points.at(-1)])].filter((point) => point !== undefined)

/** Below this share of the earlier weights, what is left may be too little to be seen. */
const LEFT_MIN = 0.25
/** Honest checkpoints far apart depend on each other faintly; those of two runs not at all. */
const LOG10_FAINT = -3

/** Does every checkpoint depend on the one before it, component by component? */
export async function checkLinks(
  record: TrainingRecord,
  points: readonly Point[],
  context: { readonly sums: RateSums | null; readonly onLink?: (done: number, of: number) => void },
): Promise<readonly Finding[]> {
  const level = LOG10_ALPHA - Math.log10(Math.max(1, points.length - 1))
  const findings: Finding[] = []
  let weakest = Number.NEGATIVE_INFINITY
  let links = 0
  for (const [i, point] of points.entries()) {
    const before = points[i - 1]
    if (!before) continue
    context.onLink?.(i, points.length - 1)
    const dependence = await measureDependence(point.source, before.source)
    const place = { from: before.step, to: point.step }
    const left = leftOf(record, context.sums, [before.step, point.step])
    const faults = linkFaults(dependence, { level, place, left })
    findings.push(...faults)
    if (faults.length === 0) {
      links++
      weakest = Math.max(weakest, ...dependence.components.map((part) => part.log10P ?? -Infinity))
    }
  }
  if (links > 0) {
    const values = { links, log10P: weakest }
    findings.unshift(finding('links', 'links_dependent', { tier: 'exact', values }))
  }
  return findings
}

function linkFaults(
  dependence: Dependence,
  link: {
    readonly level: number
    readonly place: { readonly from: number; readonly to: number }
    /** Share of the earlier weights that decay leaves; null where not known. */
    readonly left: number | null
  },
): Finding[] {
  const tested = dependence.components.filter((part) => part.log10P !== null)
  if (tested.length === 0) {
    const values = { ...link.place, component: 'language_model' }
    return [finding('links', 'link_undecided', { values })]
  }
  return dependence.components.flatMap(({ component, log10P }) => {
    if (log10P === null) return untested(dependence, component, link.place)
    if (log10P <= link.level) return []
    const values = { ...link.place, component, log10P }
    const isDecided =
      link.left !== null &&
      link.left >= LEFT_MIN &&
      log10P > LOG10_FAINT &&
      canReach(dependence, component, link.level)
    return isDecided
      ? [finding('links', 'link_independent', { tier: 'exact', values })]
      : [finding('links', 'link_undecided', { values })]
  })
}

/** Below this share of the weights a component that no test can follow leaves nothing open. */
const SHARE_MIN = 0.05

/** A part that no exact test can follow could have been exchanged between two checkpoints. */
function untested(
  { comparison }: Dependence,
  component: string,
  place: { readonly from: number; readonly to: number },
): Finding[] {
  const part = comparison.components.find((entry) => entry.component === component)
  if ((part?.parameterFraction ?? 0) < SHARE_MIN) return []
  return [finding('links', 'link_undecided', { values: { ...place, component } })]
}

/** Whether the tests of a component have enough units to reach the level at all. */
function canReach({ comparison }: Dependence, component: string, level: number): boolean {
  const part = comparison.components.find((entry) => entry.component === component)
  const units = Math.max(
    0,
    ...(part?.tests ?? []).filter((t) => t.tier === 'exact').map((t) => t.n),
  )
  return units * Math.log10(2) - Math.log10(8) >= -level
}

/**
 * Is the replayed start still inside the last checkpoint? A seed could have been searched for, so the
 * level is divided by 2^b for a seed of b bits and by the recipes tried.
 */
export async function checkContainment(
  record: TrainingRecord,
  points: readonly Point[],
  context: { readonly replay: Replay; readonly sums: RateSums | null },
): Promise<readonly Finding[]> {
  const [first, last] = [points[0], points.at(-1)]
  if (context.replay.kind !== 'replayed' || !first || !last || first === last) return []
  const { log10P } = await measureDependence(last.source, first.source)
  const needed = neededLog10P(record)
  const left = leftOf(record, context.sums, [first.step, last.step])
  const values = { log10P: log10P ?? 0, needed, ...(left === null ? {} : { left }) }
  if (log10P !== null && log10P <= needed) {
    return [finding('containment', 'start_contained', { tier: 'exact', values })]
  }
  // Tests that reject but not at the level of the seed are too small for it, not against it.
  if (left === null) return [finding('containment', 'start_decay_unknown', { values })]
  const isAbsent = log10P !== null && log10P > LOG10_FAINT && left >= LEFT_MIN
  return isAbsent
    ? [finding('containment', 'start_not_contained', { tier: 'exact', values })]
    : [finding('containment', 'start_may_be_erased', { values })]
}

/** log10 of α·2^−b/R. */
export function neededLog10P(record: TrainingRecord): number {
  const { generator, recipesTried } = record.initialisation
  const bits = seedBits({ generator, seed: seedsOf(record) })
  return LOG10_ALPHA - bits * Math.log10(2) - Math.log10(recipesTried ?? 1)
}
