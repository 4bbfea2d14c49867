import type { ComponentName } from '../../model/role.ts'
import type { Comparison, ComponentComparison, Verdict } from '../result.ts'

/** Compares two references with each other, by their position in the search. */
export type CompareReferences = (first: number, second: number) => Promise<Comparison>

/** Verdicts that state a dependence without saying through whom. */
const DEPENDENT: readonly Verdict[] = ['derived', 'shared_initialisation']

/**
 * Siblings reject like parents do. Where two references both match a component and they also
 * match each other, the more distant one is reported as `common_origin`, unless it is the closer
 * of the two to the candidate. Distance is one minus the mean correlation of the units, an
 * empirical order: it ranks relatives, it does not prove the direction.
 */
export async function nameCloserRelatives(
  comparisons: readonly Comparison[],
  compareReferences: CompareReferences,
  margin = CLOSENESS_MARGIN,
): Promise<Comparison[]> {
  const results = [...comparisons]
  const names = new Set(comparisons.flatMap((c) => c.components.map((entry) => entry.component)))
  const between = new Map<string, Comparison>()
  for (const name of names) {
    const matches = comparisons.flatMap((comparison, index) => {
      const entry = componentOf(comparison, name)
      return entry && entry.verdict !== 'no_evidence' && entry.verdict !== 'not_testable'
        ? [{ index, entry, closeness: closenessOf(entry) }]
        : []
    })
    matches.sort((x, y) => y.closeness - x.closeness)
    for (const [place, match] of matches.entries()) {
      if (!DEPENDENT.includes(match.entry.verdict)) continue
      const closer = matches
        .slice(0, place)
        .find((other) => other.closeness > match.closeness + margin)
      if (!closer) continue
      const key = `${closer.index}/${match.index}`
      const link = between.get(key) ?? (await compareReferences(closer.index, match.index))
      between.set(key, link)
      const linked = componentOf(link, name)
      if (!linked || closenessOf(linked) <= match.closeness) continue
      results[match.index] = withCommonOrigin(
        results[match.index] as Comparison,
        name,
        comparisons[closer.index]?.reference.id ?? '',
      )
    }
  }
  return results
}

/** Differences below this are within the noise of sampled units. */
const CLOSENESS_MARGIN = 0.0005

const componentOf = (comparison: Comparison, name: ComponentName) =>
  comparison.components.find((entry) => entry.component === name)

/** Mean unit correlation over the pooled sign tests (of the best alignment); 1 for equal content. */
function closenessOf(entry: ComponentComparison): number {
  if (entry.verdict === 'identical' || entry.verdict === 'reencoded') return 1
  const isHidden = entry.verdict === 'derived_obfuscated'
  const means = entry.tests.flatMap((test) =>
    test.layer === null &&
    test.tier === 'exact' &&
    test.meanCorrelation !== null &&
    test.test !== 'sign_all' &&
    test.test.startsWith('aligned') === isHidden
      ? [test.meanCorrelation]
      : [],
  )
  if (isHidden) return means.reduce((most, mean) => Math.max(most, Math.abs(mean)), 0)
  return means.length > 0 ? means.reduce((sum, mean) => sum + mean, 0) / means.length : 0
}

function withCommonOrigin(
  comparison: Comparison,
  name: ComponentName,
  reference: string,
): Comparison {
  return {
    ...comparison,
    components: comparison.components.map((entry) =>
      entry.component === name
        ? {
            ...entry,
            verdict: 'common_origin',
            reasons: [{ code: 'closer_relative', values: { reference } }, ...entry.reasons],
          }
        : entry,
    ),
  }
}
