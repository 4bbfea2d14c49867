import type { Leaf } from '../plan/plan.ts'
import type { Dimension } from '../plan/steps.ts'
import { isReducing } from '../plan/steps.ts'
import { KEY_COLUMNS, type KeyColumn, type RowTable } from '../rows/table.ts'
import type { LeafCells, Level } from './cells.ts'
import type { KeptRows } from './missing.ts'

const COLUMN_OF: { readonly [dimension in Dimension]: KeyColumn } = {
  epochs: 'epoch',
  items: 'item',
  benchmarks: 'benchmark',
  criteria: 'criterion',
  raters: 'panellist',
}

/** Labels of one dimension for every cell. */
type DimensionLabels = { readonly labels: readonly string[]; readonly index: Uint32Array }

/** Lays the kept rows of a part out as a tree whose inner levels are what the steps reduce first. */
export function buildCells(
  leaf: Leaf,
  context: { readonly table: RowTable; readonly kept: KeptRows; readonly teams: readonly string[] },
): LeafCells {
  const { table, kept, teams } = context
  const outerFirst = leaf.measure.steps
    .filter(isReducing)
    .map((step) => step.over)
    .reverse()
  const count = kept.rows.length + kept.added.length
  const team = teamIndex(context, count)
  const columns = outerFirst.map((dimension) => dimensionLabels(dimension, context, count))
  const order = sortCells([{ labels: teams, index: team }, ...columns], count)
  const levels = layOut(order, { team, teamCount: teams.length, columns, dimensions: outerFirst })
  const units = new Array<bigint>(count)
  const values = new Float64Array(count)
  const row = new Int32Array(count)
  for (let c = 0; c < count; c++) {
    const source = order[c] ?? 0
    const r = source < kept.rows.length ? (kept.rows[source] ?? 0) : -1
    const zero = r < 0 || kept.zeroed.has(r)
    units[c] = zero ? 0n : (table.units[r] ?? 0n)
    values[c] = zero ? 0 : (table.values[r] ?? Number.NaN)
    row[c] = r
  }
  return { part: leaf.id, teams, levels, digits: table.digits, units, values, row, table }
}

function teamIndex(
  context: { readonly table: RowTable; readonly kept: KeptRows; readonly teams: readonly string[] },
  count: number,
): Uint32Array {
  const { table, kept, teams } = context
  const place = new Map(teams.map((id, i) => [id, i]))
  const column = table.columns.get('team')
  const translated = (column?.labels ?? []).map((id) => place.get(id) ?? 0)
  const index = new Uint32Array(count)
  kept.rows.forEach((r, i) => {
    index[i] = translated[column?.index[r] ?? 0] ?? 0
  })
  kept.added.forEach((gap, i) => {
    index[kept.rows.length + i] = place.get(gap.team) ?? 0
  })
  return index
}

function dimensionLabels(
  dimension: Dimension,
  context: { readonly table: RowTable; readonly kept: KeptRows },
  count: number,
): DimensionLabels {
  const { table, kept } = context
  const name = COLUMN_OF[dimension]
  const column = table.columns.get(name)
  const benchmark = dimension === 'items' ? table.columns.get('benchmark') : undefined
  const labels: string[] = []
  const known = new Map<string | number, number>()
  const intern = (key: string | number, label: () => string): number => {
    let place = known.get(key)
    if (place === undefined) {
      place = labels.length
      known.set(key, place)
      labels.push(label())
    }
    return place
  }
  const index = new Uint32Array(count)
  const width = column?.labels.length ?? 1
  // Rows come in canonical order, so labels are met in an order that files cannot change.
  kept.rows.forEach((r, i) => {
    const own = column?.index[r] ?? 0
    const set = benchmark?.index[r] ?? 0
    index[i] = intern(set * width + own, () => {
      const label = column?.labels[own] ?? ''
      return benchmark ? `${benchmark.labels[set]}/${label}` : label
    })
  })
  const keys: readonly string[] = KEY_COLUMNS[table.kind].filter((key) => key !== 'team')
  const place = keys.indexOf(name)
  kept.added.forEach((gap, i) => {
    const own = gap.labels[place] ?? ''
    const label = dimension === 'items' ? `${gap.labels[0]}/${own}` : own
    const existing = labels.indexOf(label)
    index[kept.rows.length + i] = existing >= 0 ? existing : intern(label, () => label)
  })
  return { labels, index }
}

function sortCells(columns: readonly DimensionLabels[], count: number): Uint32Array {
  const order = new Uint32Array(count)
  for (let c = 0; c < count; c++) order[c] = c
  const span = columns.reduce((product, column) => product * Math.max(1, column.labels.length), 1)
  if (span * Math.max(1, count) < Number.MAX_SAFE_INTEGER) {
    const mixed = new Float64Array(count)
    for (let c = 0; c < count; c++) {
      let key = 0
      for (const column of columns) key = key * column.labels.length + (column.index[c] ?? 0)
      mixed[c] = key * count + c
    }
    mixed.sort()
    for (let i = 0; i < count; i++) order[i] = (mixed[i] ?? 0) % count
    return order
  }
  return order.sort((a, b) => {
    for (const column of columns) {
      const difference = (column.index[a] ?? 0) - (column.index[b] ?? 0)
      if (difference !== 0) return difference
    }
    return a - b
  })
}

function layOut(
  order: Uint32Array,
  tree: {
    readonly team: Uint32Array
    readonly teamCount: number
    readonly columns: readonly DimensionLabels[]
    readonly dimensions: readonly Dimension[]
  },
): Level[] {
  const count = order.length
  // Node of the level above that each cell belongs to; at first that is its team.
  let owner = new Uint32Array(count)
  for (let i = 0; i < count; i++) owner[i] = tree.team[order[i] ?? 0] ?? 0
  let owners = tree.teamCount
  return tree.columns.map((column, depth) => {
    const { index, labels } = column
    const starts = new Uint32Array(owners + 1)
    const label = new Uint32Array(count)
    const own = new Uint32Array(count)
    let nodes = 0
    let before = -1
    let group = -1
    for (let i = 0; i < count; i++) {
      const here = index[order[i] ?? 0] ?? 0
      const above = owner[i] ?? 0
      if (above !== group || here !== before) {
        label[nodes++] = here
        starts[above + 1] = (starts[above + 1] ?? 0) + 1
        group = above
        before = here
      }
      own[i] = nodes - 1
    }
    for (let g = 0; g < owners; g++) starts[g + 1] = (starts[g + 1] ?? 0) + (starts[g] ?? 0)
    owner = own
    owners = nodes
    const dimension = tree.dimensions[depth] as Dimension
    return { dimension, starts, label: label.slice(0, nodes), labels }
  })
}
