import { assert } from '../../base/errors.ts'
import {
  type UnitGroups,
  type WeightedReducer,
  weightedMean,
  weightedMedian,
  weightedShareMean,
  weightedSum,
  weightedTrimmedMean,
} from '../../stats/weighted-groups.ts'
import type { Leaf } from '../plan/plan.ts'
import { isReducing, type ReducingStep, type ScalingStep, type Step } from '../plan/steps.ts'
import { type Cohort, reduceValues, scaleCohort } from './double-steps.ts'
import { drawnDimension, type Population, populationKey } from './populations.ts'
import type { ValueTree } from './restrict-cells.ts'

/**
 * One measured part made ready for many evaluations: all steps up to the one that removes the
 * drawn dimension are done once; what follows is small. `evaluate` gives the points of each team
 * of `teams`, or undefined where a rule has no answer under these weights.
 */
export type LeafModel = {
  readonly part: string
  readonly teams: readonly string[]
  /** Key of the population whose weights `evaluate` takes; undefined: nothing is drawn. */
  readonly population: string | undefined
  readonly evaluate: (weights: Float64Array | undefined) => Float64Array | undefined
}

export type LeafContext = {
  /** Teams that a relative rule compares. */
  readonly compared: ReadonlySet<string>
  /** Score of the target model of a team, by row source of the targets and benchmark. */
  readonly targetOf: (source: string, team: string, benchmark: string) => number | undefined
  readonly populations: ReadonlyMap<string, Population>
}

/** The shape of the cells without their values. */
export type CellTree = Pick<ValueTree, 'teams' | 'levels'>

/** Makes one part ready; undefined where its steps have no answer whatever the weights. */
export function compileLeaf(
  leaf: Leaf,
  cells: ValueTree,
  context: LeafContext,
): LeafModel | undefined {
  const drawn = drawnDimension(leaf.measure)
  const { steps } = leaf.measure
  const at = steps.findIndex((step) => isReducing(step) && step.over === drawn)
  const split = at < 0 ? steps.length : at
  const run = (part: readonly Step[], depth: number) =>
    compileSteps(part, depth, { cells, ...context })
  const before = run(steps.slice(0, split), cells.levels.length - 1)
  const values = before.apply(cells.values.slice())
  if (!values) return undefined
  const worth = steps.some((step) => step.rule === 'as_points') ? 1 : leaf.points
  const inPoints = (shares: Float64Array | undefined) => shares?.map((share) => share * worth)
  const common = { part: leaf.id, teams: cells.teams }
  const step = steps[split]
  if (at < 0 || !step || !isReducing(step)) {
    const fixed = inPoints(values)
    return fixed && { ...common, population: undefined, evaluate: () => fixed.slice() }
  }
  const key = populationKey(leaf.measure)
  const population = context.populations.get(key)
  assert(population, `no population "${key}"`)
  const reduce = reducerOf(
    step,
    unitGroups(cells, before.depth, { values, population }),
    population,
  )
  const after = run(steps.slice(split + 1), before.depth - 1)
  const groups = (cells.levels[before.depth]?.starts.length ?? 1) - 1
  const ones = new Float64Array(population.labels.length).fill(1)
  return {
    ...common,
    population: key,
    evaluate: (weights) => {
      const reduced = new Float64Array(groups)
      if (!reduce(weights ?? ones, reduced)) return undefined
      return inPoints(after.apply(reduced))
    },
  }
}

/**
 * All steps of a part without weights, for cells whose values change: takes one value per cell and
 * gives the points of each team of `cells`. The array that it is given is not kept or changed.
 */
export function compileRules(
  leaf: Leaf,
  cells: CellTree,
  context: Omit<LeafContext, 'populations'>,
): (values: Float64Array) => Float64Array | undefined {
  const all = compileSteps(leaf.measure.steps, cells.levels.length - 1, { cells, ...context })
  const inPoints = leaf.measure.steps.some((step) => step.rule === 'as_points')
  const worth = inPoints ? 1 : leaf.points
  return (values) => all.apply(values.slice())?.map((share) => share * worth)
}

function unitGroups(
  cells: ValueTree,
  depth: number,
  content: { readonly values: Float64Array; readonly population: Population },
): UnitGroups {
  const level = cells.levels[depth]
  assert(level, 'the drawn dimension has a level')
  const place = Uint32Array.from(level.labels, (label) => content.population.place.get(label) ?? 0)
  return {
    starts: level.starts,
    unit: level.label.map((label) => place[label] ?? 0),
    value: content.values,
  }
}

function reducerOf(
  step: ReducingStep,
  groups: UnitGroups,
  population: Population,
): WeightedReducer {
  switch (step.rule) {
    case 'mean':
      return weightedMean(groups)
    case 'sum':
      return sumOfFullPanel(groups, population)
    case 'median':
      return weightedMedian(groups)
    case 'trimmed_mean':
      return weightedTrimmedMean(groups, step.drop)
    case 'weighted_mean': {
      const share = Float64Array.from(population.labels, (label) => step.weights[label] ?? 0)
      return weightedShareMean(groups, share)
    }
  }
}

/**
 * A sum is brought to the size of the whole population, so that leaving a member out for all teams
 * is not read as a loss of points. Resampling weights add up to that size as they are.
 */
function sumOfFullPanel(groups: UnitGroups, population: Population): WeightedReducer {
  const reduce = weightedSum(groups)
  const size = population.labels.length
  return (weights, out) => {
    let weight = 0
    for (const own of weights) weight += own
    if (!(weight > 0)) return false
    reduce(weights, out)
    for (let g = 0; g < out.length; g++) out[g] = ((out[g] ?? 0) * size) / weight
    return true
  }
}

type StepContext = Omit<LeafContext, 'populations'> & { readonly cells: CellTree }

/** A run of steps without weights, from the nodes of level `depth` upwards. */
type CompiledSteps = {
  /** Level of the values that come out; −1: the teams. */
  readonly depth: number
  readonly apply: (values: Float64Array) => Float64Array | undefined
}

function compileSteps(steps: readonly Step[], depth: number, context: StepContext): CompiledSteps {
  const stages: ((values: Float64Array) => Float64Array | undefined)[] = []
  let at = depth
  for (const step of steps) {
    if (isReducing(step)) stages.push(reducingStage(step, context.cells, at--))
    else stages.push(scalingStage(step, context, at))
  }
  return {
    depth: at,
    apply: (values) => {
      let current: Float64Array | undefined = values
      for (const stage of stages) current = current && stage(current)
      return current
    },
  }
}

function reducingStage(step: ReducingStep, cells: CellTree, depth: number) {
  const level = cells.levels[depth]
  assert(level && level.dimension === step.over, 'levels and steps agree')
  return (values: Float64Array): Float64Array | undefined => {
    const out = new Float64Array(level.starts.length - 1)
    for (let g = 0; g < out.length; g++) {
      const from = level.starts[g] ?? 0
      const label = (i: number) => level.labels[level.label[from + i] ?? 0] ?? ''
      const reduced = reduceValues(step, values.subarray(from, level.starts[g + 1]), label)
      if (reduced === undefined) return undefined
      out[g] = reduced
    }
    return out
  }
}

function scalingStage(step: ScalingStep, context: StepContext, depth: number) {
  const cohorts = cohortsOf(step, context, depth)
  return (values: Float64Array): Float64Array | undefined =>
    cohorts.every((cohort) => scaleCohort(step, cohort, values)) ? values : undefined
}

function cohortsOf(step: ScalingStep, context: StepContext, depth: number): Cohort[] {
  const { cells, compared, targetOf } = context
  const places = placesAt(cells, depth)
  const groups = new Map<string, number[]>()
  places.forEach(({ key }, node) => {
    const group = groups.get(key)
    if (group) group.push(node)
    else groups.set(key, [node])
  })
  const source = step.rule === 'ratio_to_target' ? step.targets : undefined
  return [...groups.values()].map((nodes) => ({
    nodes: Uint32Array.from(nodes),
    compared: nodes.map((node) => compared.has(places[node]?.team ?? '')),
    targets: nodes.map((node) =>
      source === undefined
        ? undefined
        : targetOf(source, places[node]?.team ?? '', places[node]?.key ?? ''),
    ),
  }))
}

/** The team of each node of a level and what the node is called below it: equal keys are compared. */
function placesAt(cells: CellTree, depth: number): { team: string; key: string }[] {
  let places = cells.teams.map((team) => ({ team, key: '' }))
  for (const level of cells.levels.slice(0, depth + 1)) {
    places = places.flatMap(({ team, key }, g) =>
      Array.from(level.label.subarray(level.starts[g], level.starts[g + 1]), (label) => {
        const name = level.labels[label] ?? ''
        return { team, key: key === '' ? name : `${key}\n${name}` }
      }),
    )
  }
  return places
}
