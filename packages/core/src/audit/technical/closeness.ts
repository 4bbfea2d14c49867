import type { Comparison, ComponentComparison } from '../result.ts'

/** Differences below this are within the noise of sampled units. */
export const CLOSENESS_MARGIN = 0.0005

export const componentOf = (
  comparison: Comparison,
  name: ComponentComparison['component'],
): ComponentComparison | undefined =>
  comparison.components.find((entry) => entry.component === name)

/**
 * Mean unit correlation over the pooled sign tests (of the best alignment); 1 for equal content. An
 * empirical order of relatives: where p-values have reached all that the units can give, it still tells
 * the nearer from the farther.
 */
export function closenessOf(entry: ComponentComparison): number {
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
