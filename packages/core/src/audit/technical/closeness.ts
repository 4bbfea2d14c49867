import type { Comparison, ComponentComparison, TestResult } from '../result.ts'

/** Differences below this are within the noise of sampled units. */
export const CLOSENESS_MARGIN = 0.0005

export const componentOf = (
  comparison: Comparison,
  name: ComponentComparison['component'],
): ComponentComparison | undefined =>
  comparison.components.find((entry) => entry.component === name)

/**
 * Mean unit correlation over the pooled sign tests (of the best alignment, or along the layer map
 * where layers stand elsewhere); 1 for equal content. An empirical order of relatives: where p-values
 * have reached all that the units can give, it still tells the nearer from the farther.
 */
export function closenessOf(entry: ComponentComparison): number {
  if (entry.verdict === 'identical' || entry.verdict === 'reencoded') return 1
  const isHidden = entry.verdict === 'derived_obfuscated'
  const moved = isHidden ? null : closenessOfMoved(entry)
  if (moved !== null) return moved
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
  return average(means)
}

/** Layers at their old places have nothing to do with each other; those that were recognised have. */
function closenessOfMoved({ layerMap = [], tests }: ComponentComparison): number | null {
  if (layerMap.every(({ candidate, reference }) => candidate === reference)) return null
  const places = new Set(layerMap.map(({ candidate, reference }) => `${candidate}/${reference}`))
  const means = tests.flatMap((test) =>
    isOfLayer(test) && places.has(placeOf(test)) ? [test.meanCorrelation ?? 0] : [],
  )
  return means.length > 0 ? average(means) : null
}

const isOfLayer = ({ test, tier, layer }: TestResult): boolean =>
  layer !== null && tier === 'exact' && (test === 'sign_up' || test === 'sign_value')

function placeOf({ layer, notes }: TestResult): string {
  const moved = notes.find(({ code }) => code === 'layer_moved')?.values
  return moved ? `${moved['candidate']}/${moved['reference']}` : `${layer}/${layer}`
}

const average = (values: readonly number[]): number =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0
