import { type SampledUnits, strataOf } from '../../stats/resample.ts'
import type { Measure } from '../plan/measure.ts'
import type { Leaf } from '../plan/plan.ts'
import type { Dimension } from '../plan/steps.ts'
import { labelOfCells, type ValueTree } from './restrict-cells.ts'

/**
 * What is drawn anew in every resampled round: the items of a part, within each benchmark, or the
 * members of a panel. A panellist rates several teams, and maybe several parts, so the panel is
 * one population for all of them; an item is put to all teams, so it is drawn for all at once.
 */
export type Population = {
  readonly key: string
  readonly labels: readonly string[]
  readonly place: ReadonlyMap<string, number>
  readonly sampled: SampledUnits
}

/** Per population key, the cluster of each item by the label of `LeafCells` (benchmark/item). */
export type ItemClusters = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The dimension of a part whose labels are drawn; undefined where a row is one figure. */
export function drawnDimension(measure: Measure): Dimension | undefined {
  if (measure.rows === 'items') return 'items'
  return measure.rows === 'values' ? undefined : 'raters'
}

export function populationKey(measure: Measure): string {
  return 'panel' in measure ? `panel ${measure.panel}` : `items ${measure.source}`
}

/** The populations behind the measured parts, by key. */
export function findPopulations(
  measured: readonly { readonly leaf: Leaf; readonly cells: ValueTree }[],
  clusters: ItemClusters,
): ReadonlyMap<string, Population> {
  const strata = new Map<string, Map<string, string>>()
  for (const { leaf, cells } of measured) {
    const dimension = drawnDimension(leaf.measure)
    if (!dimension) continue
    const key = populationKey(leaf.measure)
    const own = strata.get(key) ?? new Map<string, string>()
    strata.set(key, own)
    for (const [label, stratum] of stratumOfLabels(cells, dimension)) own.set(label, stratum)
  }
  return new Map([...strata].map(([key, own]) => [key, population(key, own, clusters.get(key))]))
}

function stratumOfLabels(cells: ValueTree, dimension: Dimension): Map<string, string> {
  const depth = cells.levels.findIndex((level) => level.dimension === dimension)
  const labels = cells.levels[depth]?.labels ?? []
  const set = cells.levels.findIndex((level) => level.dimension === 'benchmarks')
  const setLabels = cells.levels[set]?.labels ?? []
  const own = labelOfCells(cells, depth)
  const setOf = dimension === 'items' && set >= 0 ? labelOfCells(cells, set) : undefined
  const found = new Map<string, string>()
  own.forEach((label, c) => {
    const name = labels[label] ?? ''
    if (!found.has(name)) found.set(name, setOf ? (setLabels[setOf[c] ?? 0] ?? '') : '')
  })
  return found
}

function population(
  key: string,
  stratumOf: ReadonlyMap<string, string>,
  clusterOf: ReadonlyMap<string, string> | undefined,
): Population {
  const labels = [...stratumOf.keys()].sort((a, b) => (a < b ? -1 : 1))
  const place = new Map(labels.map((label, i) => [label, i]))
  const strata = numbered(labels.map((label) => stratumOf.get(label) ?? ''))
  if (!clusterOf) return { key, labels, place, sampled: strataOf(strata.number) }
  // A cluster lies inside one stratum: equal names in two benchmarks are two clusters.
  const cluster = numbered(
    labels.map((label, i) => `${strata.number[i]} ${clusterOf.get(label) ?? `item ${label}`}`),
  )
  const stratumOfCluster = new Uint32Array(cluster.count)
  cluster.number.forEach((c, i) => {
    stratumOfCluster[c] = strata.number[i] ?? 0
  })
  const sampled = strataOf(stratumOfCluster)
  return {
    key,
    labels,
    place,
    sampled: { ...sampled, units: labels.length, clusterOf: cluster.number },
  }
}

function numbered(names: readonly string[]): { number: Uint32Array; count: number } {
  const place = new Map<string, number>()
  const number = Uint32Array.from(names, (name) => {
    const known = place.get(name) ?? place.size
    place.set(name, known)
    return known
  })
  return { number, count: place.size }
}
