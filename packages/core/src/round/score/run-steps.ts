import { assert } from '../../base/errors.ts'
import { fromNumber, multiply, type Rational, rational } from '../../base/rational.ts'
import type { Leaf } from '../plan/plan.ts'
import { isReducing, type ReducingStep, type ScalingStep, type Step } from '../plan/steps.ts'
import type { RowTable } from '../rows/table.ts'
import type { LeafCells } from './cells.ts'
import { isNone, type Result, reduceGroup } from './reduce.ts'
import { scaleAcross } from './scale.ts'

/**
 * The values after one step. `depth` is the level whose nodes they belong to; −1 is the teams.
 * The first stage has no step: it is the raw cells.
 */
export type Stage = {
  readonly step: Step | undefined
  readonly depth: number
  readonly values: readonly Result[]
}

export type LeafResult = {
  readonly stages: readonly Stage[]
  /** Per team of the cells, in points. */
  readonly points: readonly Result[]
}

/** Takes the cells of a part through its steps to one number of points per team. */
export function runSteps(
  leaf: Leaf,
  cells: LeafCells,
  context: {
    readonly compared: ReadonlySet<string>
    readonly targets: ReadonlyMap<string, RowTable>
    /** Teams whose rows are too few to count, with the reason: nobody is compared with them. */
    readonly withheld: ReadonlyMap<string, string>
  },
): LeafResult {
  const denominator = 10n ** BigInt(cells.digits)
  let stage: Stage = {
    step: undefined,
    depth: cells.levels.length - 1,
    values: cells.units.map((n) => ({ n, d: denominator })),
  }
  const stages: Stage[] = [stage]
  for (const step of leaf.measure.steps) {
    stage = isReducing(step)
      ? reduceStage(step, cells, stage)
      : scaleStage(step, { cells, stage, ...context })
    stages.push(stage)
  }
  const inPoints = leaf.measure.steps.some((step) => step.rule === 'as_points')
  const full = fromNumber(leaf.points)
  const points = stage.values.map((value) =>
    isNone(value) || inPoints ? value : multiply(value, full),
  )
  return { stages, points }
}

function reduceStage(step: ReducingStep, cells: LeafCells, before: Stage): Stage {
  const level = cells.levels[before.depth]
  const values: Result[] = []
  assert(level?.dimension === step.over, `levels and steps disagree at ${step.over}`)
  for (let g = 0; g + 1 < level.starts.length; g++) {
    values.push(
      reduceRange(step, before.values, {
        level,
        from: level.starts[g] ?? 0,
        to: level.starts[g + 1] ?? 0,
      }),
    )
  }
  return { step, depth: before.depth - 1, values }
}

function reduceRange(
  step: ReducingStep,
  values: readonly Result[],
  group: {
    readonly level: LeafCells['levels'][number]
    readonly from: number
    readonly to: number
  },
): Result {
  const { level, from, to } = group
  const members: Rational[] = []
  for (let i = from; i < to; i++) {
    const value = values[i]
    if (value === undefined || isNone(value)) return value ?? { none: 'no value' }
    members.push(value)
  }
  const labels =
    step.rule === 'weighted_mean'
      ? Array.from(level.label.subarray(from, to), (label) => level.labels[label] ?? '')
      : []
  return reduceGroup(step, members, labels)
}

function scaleStage(
  step: ScalingStep,
  context: {
    readonly cells: LeafCells
    readonly stage: Stage
    readonly compared: ReadonlySet<string>
    readonly targets: ReadonlyMap<string, RowTable>
    readonly withheld: ReadonlyMap<string, string>
  },
): Stage {
  const { cells, stage, withheld } = context
  const places = placesOf(cells, stage.depth)
  const groups = new Map<string, number[]>()
  places.forEach((place, node) => {
    const group = groups.get(place.key)
    if (group) group.push(node)
    else groups.set(place.key, [node])
  })
  const targets =
    step.rule === 'ratio_to_target' ? targetScores(context.targets.get(step.targets)) : undefined
  const values: Result[] = new Array(stage.values.length)
  for (const nodes of groups.values()) {
    const shares = scaleAcross(step, {
      values: nodes.map((node) => {
        const reason = withheld.get(places[node]?.team ?? '')
        return reason ? { none: reason } : (stage.values[node] ?? { none: 'no value' })
      }),
      compared: nodes.map((node) => context.compared.has(places[node]?.team ?? '')),
      targets: nodes.map((node) => targets?.(places[node]?.team ?? '', places[node]?.key ?? '')),
    })
    nodes.forEach((node, i) => {
      values[node] = shares[i] ?? { none: 'no share' }
    })
  }
  return { step, depth: stage.depth, values }
}

type Place = { readonly team: string; readonly key: string }

/** The team of each node, and what it is called below the team: equal keys are compared. */
export function placesOf(cells: LeafCells, depth: number): Place[] {
  let places: Place[] = cells.teams.map((team) => ({ team, key: '' }))
  for (const level of cells.levels.slice(0, depth + 1)) {
    const next: Place[] = []
    places.forEach((place, g) => {
      for (let i = level.starts[g] ?? 0; i < (level.starts[g + 1] ?? 0); i++) {
        const label = level.labels[level.label[i] ?? 0] ?? ''
        next.push({ team: place.team, key: place.key === '' ? label : `${place.key} ${label}` })
      }
    })
    places = next
  }
  return places
}

function targetScores(
  table: RowTable | undefined,
): (team: string, benchmark: string) => Rational | undefined {
  const scores = new Map<string, Rational>()
  const team = table?.columns.get('team')
  const benchmark = table?.columns.get('benchmark')
  for (let r = 0; r < (table?.count ?? 0); r++) {
    const key = `${team?.labels[team.index[r] ?? 0]} ${benchmark?.labels[benchmark.index[r] ?? 0]}`
    scores.set(key, rational(table?.units[r] ?? 0n, 10n ** BigInt(table?.digits ?? 0)))
  }
  return (of, label) => scores.get(`${of} ${label}`)
}
