import type { Measure } from '../plan/measure.ts'
import type { Leaf, Plan } from '../plan/plan.ts'
import { type Dimension, isReducing, type Step } from '../plan/steps.ts'
import type { LeafCells, Level } from '../score/cells.ts'
import type { Assumptions } from './assumptions.ts'

/** Panels up to this size are simulated member by member. */
const PANEL_WHOLE = 300
/** Larger ones by so many stand-ins, whose noise is scaled down to match. */
const STAND_INS = 100
/** Items per benchmark that are simulated one by one, where a rule other than the mean needs them. */
const ITEMS_SIMULATED = 100

/**
 * The rows that a complete measurement of a part would have, as a tree without values. `shape` gives
 * the size of each dimension in the order of `dimensions`; the number of a value in the full design
 * is (team, dimension 0, dimension 1 …) in mixed radix, and `source` says which one a cell takes.
 */
export type Design = {
  readonly leaf: Leaf
  readonly dimensions: readonly Dimension[]
  readonly shape: readonly number[]
  readonly cells: Pick<LeafCells, 'teams' | 'levels'>
  readonly source: Uint32Array
  /** How one value is made up; see `noise.ts`. */
  readonly kind: 'panel' | 'items' | 'item_means' | 'figures'
  /** Factor on panel noise where fewer members are simulated than there are, else 1. */
  readonly noiseFactor: number
  /** Factor on a sum over raters for the same reason. */
  readonly sumFactor: number
}

/** Which rows are left out: by team and by label number of one dimension. */
export type Gap = { readonly dimension: Dimension; readonly label: number; readonly team?: number }

export function designOf(plan: Plan, leaf: Leaf, assumptions: Assumptions): Design {
  const teams = plan.teams.map((team) => team.id)
  const { measure } = leaf
  if (measure.rows === 'rubric' || measure.rows === 'ratings') {
    return panelDesign(plan, leaf, measure)
  }
  const benchmarks = measure.benchmarks?.length ?? assumptions.benchmarks
  if (measure.rows === 'values') {
    const shape = [benchmarks]
    return { ...layOut(leaf, { teams, dimensions: ['benchmarks'], shape }), kind: 'figures' }
  }
  const meanOver = (over: Dimension) =>
    measure.steps.some((step) => step.rule === 'mean' && step.over === over)
  if (meanOver('items') && meanOver('epochs') && reducesFirst(measure.steps)) {
    // Means of independent items are simulated by their normal limit: one value per benchmark.
    const rest = measure.steps.slice(2)
    const short: Leaf = { ...leaf, measure: { ...measure, steps: rest } }
    const design = layOut(short, { teams, dimensions: ['benchmarks'], shape: [benchmarks] })
    return { ...design, kind: 'item_means' }
  }
  const items = Math.min(ITEMS_SIMULATED, assumptions.parts[leaf.id]?.items ?? ITEMS_SIMULATED)
  const shape = [benchmarks, items, measure.epochs]
  const dimensions = ['benchmarks', 'items', 'epochs'] as const
  return { ...layOut(leaf, { teams, dimensions, shape }), kind: 'items' }
}

const reducesFirst = (steps: readonly Step[]): boolean =>
  steps
    .slice(0, 2)
    .every((step) => isReducing(step) && (step.over === 'epochs' || step.over === 'items'))

function panelDesign(
  plan: Plan,
  leaf: Leaf,
  measure: Extract<Measure, { rows: 'rubric' | 'ratings' }>,
): Design {
  const teams = plan.teams.map((team) => team.id)
  const planned = plan.panels.find((panel) => panel.id === measure.panel)?.planned ?? 1
  const members = planned <= PANEL_WHOLE ? planned : STAND_INS
  const isSum = measure.steps.some((step) => step.rule === 'sum' && step.over === 'raters')
  const factors = {
    noiseFactor: Math.sqrt(members / planned),
    sumFactor: isSum ? planned / members : 1,
  }
  const [dimensions, shape]: [readonly Dimension[], readonly number[]] =
    measure.rows === 'rubric'
      ? [
          ['raters', 'criteria'],
          [members, measure.criteria.length],
        ]
      : [['raters'], [members]]
  return { ...layOut(leaf, { teams, dimensions, shape }), ...factors, kind: 'panel' }
}

type Layout = {
  readonly teams: readonly string[]
  readonly dimensions: readonly Dimension[]
  readonly shape: readonly number[]
}

/** The same design with rows left out; a group without rows is left out too. */
export function withGap(design: Design, gap: Gap): Design {
  const layout = {
    teams: design.cells.teams,
    dimensions: design.dimensions,
    shape: design.shape,
  }
  return { ...design, ...layOut(design.leaf, layout, gap) }
}

/** Levels follow the steps, last reduced outermost, as the cells of real rows do. */
function layOut(leaf: Leaf, layout: Layout, gap?: Gap) {
  const { teams, dimensions, shape } = layout
  const order = leaf.measure.steps
    .filter(isReducing)
    .map((step) => dimensions.indexOf(step.over))
    .reverse()
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1))
  const perTeam = shape.reduce((a, b) => a * b, 1)
  const gapAt = gap ? dimensions.indexOf(gap.dimension) : -1
  const levels: Level[] = []
  let nodes = teams.map((_, t) => ({ team: t, at: t * perTeam }))
  for (const d of order) {
    const starts = [0]
    const label: number[] = []
    const next: typeof nodes = []
    for (const node of nodes) {
      for (let i = 0; i < (shape[d] ?? 0); i++) {
        const isGap = d === gapAt && i === gap?.label
        if (isGap && (gap?.team === undefined || gap.team === node.team)) continue
        label.push(i)
        next.push({ team: node.team, at: node.at + i * (strides[d] ?? 0) })
      }
      starts.push(label.length)
    }
    levels.push({
      dimension: dimensions[d] as Dimension,
      starts: Uint32Array.from(starts),
      label: Uint32Array.from(label),
      labels: labelsOf(leaf.measure, dimensions[d] as Dimension, shape[d] ?? 0),
    })
    nodes = next
  }
  return {
    leaf,
    dimensions,
    shape,
    cells: { teams, levels },
    source: Uint32Array.from(nodes, (node) => node.at),
    noiseFactor: 1,
    sumFactor: 1,
  }
}

/** The names that weights of the plan refer to, where it has any; else numbers. */
function labelsOf(measure: Measure, dimension: Dimension, size: number): string[] {
  if (dimension === 'criteria' && measure.rows === 'rubric') {
    return measure.criteria.map((criterion) => criterion.id)
  }
  if (dimension === 'benchmarks' && 'benchmarks' in measure && measure.benchmarks) {
    return measure.benchmarks.map((benchmark) => benchmark.id)
  }
  return Array.from({ length: size }, (_, i) => `${i + 1}`)
}
