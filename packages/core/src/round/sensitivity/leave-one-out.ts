import type { Plan } from '../plan/plan.ts'
import { leavesOf } from '../plan/plan.ts'
import { type Dimension, isReducing } from '../plan/steps.ts'
import type { Roster } from '../rows/table.ts'
import { compileLeaf, type LeafModel } from './leaf-model.ts'
import type { Population } from './populations.ts'
import { officialOrder } from './rank-probabilities.ts'
import { restrictCells } from './restrict-cells.ts'
import {
  assembleRound,
  EVERYBODY_ONCE,
  leafContext,
  type MeasuredCells,
  type ModelInput,
  type RoundModel,
  standingsBase,
  usableCells,
} from './round-model.ts'
import {
  LEFT_OUT_LISTED,
  type LeaveOneOut,
  type LeftOut,
  type SensitivityNote,
} from './sensitivity.ts'
import { type Standing, standingOf } from './standing.ts'

/** Larger panels are left out by group only: one member of so many does not decide. */
const LARGEST_PANEL = 1000

export type LeaveOneOutContext = {
  readonly input: ModelInput
  readonly model: RoundModel
  readonly standing: Standing
  readonly ticket: ArrayLike<number>
  readonly rosters: ReadonlyMap<string, Roster>
}

/**
 * The round without one part, benchmark, criterion, panellist or group of a panel at a time, for
 * all teams alike. The part keeps its points: what is left is scaled as if it had been all there
 * was; without a part, its points are gone and a threshold shrinks with the full marks.
 */
export function leaveOneOut(context: LeaveOneOutContext): {
  readonly results: readonly LeaveOneOut[]
  readonly notes: readonly SensitivityNote[]
} {
  const results: LeaveOneOut[] = [withoutParts(context)]
  const notes: SensitivityNote[] = []
  for (const measured of usableCells(context.input)) {
    results.push(...withoutLabels(measured, context))
  }
  for (const population of context.model.populations.values()) {
    const panel = panelOf(population)
    if (panel === undefined) continue
    if (population.labels.length <= LARGEST_PANEL) {
      results.push(withoutPanellists(population, panel, context))
    } else notes.push({ code: 'panellists_too_many_to_leave_out', panel })
    const groups = withoutGroups(population, panel, context)
    if (groups) results.push(groups)
  }
  return { results: results.filter((result) => result.tried > 0), notes }
}

const panelOf = (population: Population): string | undefined =>
  population.key.startsWith('panel ') ? population.key.slice('panel '.length) : undefined

function withoutParts(context: LeaveOneOutContext): LeaveOneOut {
  const { input, model } = context
  const cases = leavesOf(input.plan).map((leaf) => {
    const nothing: LeafModel = {
      part: leaf.id,
      teams: model.teams,
      population: undefined,
      evaluate: () => new Float64Array(model.teams.length),
    }
    const plan = withSmallerThreshold(
      input.plan,
      (input.plan.points - leaf.points) / input.plan.points,
    )
    return { label: leaf.id, standing: standingWith([nothing], { ...context, plan }) }
  })
  return summary('part', input.plan.stage.id, { cases, context })
}

function withSmallerThreshold(plan: Plan, factor: number): Plan {
  const { rule } = plan.advancement
  if (rule.rule !== 'threshold') return plan
  return {
    ...plan,
    advancement: { ...plan.advancement, rule: { ...rule, points: rule.points * factor } },
  }
}

/** The standing when some parts are replaced; undefined where a rule then has no answer. */
function standingWith(
  replaced: readonly LeafModel[],
  context: LeaveOneOutContext & { readonly plan?: Plan },
): Standing | undefined {
  const { input, model } = context
  const plan = context.plan ?? input.plan
  const names = new Set(replaced.map((leaf) => leaf.part))
  const leaves = [...model.leaves.filter((leaf) => !names.has(leaf.part)), ...replaced]
  const changed = assembleRound({
    plan,
    populations: model.populations,
    leaves,
    ...standingsBase(plan, input.scoreboard),
  })
  const evaluation = changed?.evaluate(EVERYBODY_ONCE)
  return evaluation && standingOf(evaluation, plan, context.ticket)
}

function withoutLabels(measured: MeasuredCells, context: LeaveOneOutContext): LeaveOneOut[] {
  const kinds = [
    ['benchmarks', 'benchmark'],
    ['criteria', 'criterion'],
  ] as const
  return kinds.flatMap(([dimension, kind]) => {
    const level = measured.cells.levels.find((entry) => entry.dimension === dimension)
    const labels = level ? [...new Set(level.label)].map((l) => level.labels[l] ?? '').sort() : []
    if (labels.length < 2) return []
    const cases = labels.map((label) => {
      const own = leafWithout(measured, { dimension, label, labels }, context)
      return { label, standing: own && standingWith([own], context) }
    })
    return [summary(kind, measured.leaf.id, { cases, context })]
  })
}

function leafWithout(
  { leaf, cells }: MeasuredCells,
  out: {
    readonly dimension: Dimension
    readonly label: string
    readonly labels: readonly string[]
  },
  { input, model }: LeaveOneOutContext,
): LeafModel | undefined {
  const left = restrictCells(cells, {
    teams: new Set(cells.teams),
    without: { dimension: out.dimension, labels: new Set([out.label]) },
  })
  const factor = sumFactor({ leaf, cells }, out)
  const scaled = factor === 1 ? left : { ...left, values: left.values.map((x) => x * factor) }
  const own = compileLeaf(leaf, scaled, leafContext(input, model.populations))
  // A team that had only this label has no score without it.
  return own && model.teams.every((team) => own.teams.includes(team)) ? own : undefined
}

/** What brings a sum over the labels that are left to the full marks of all. */
function sumFactor(
  { leaf }: MeasuredCells,
  out: {
    readonly dimension: Dimension
    readonly label: string
    readonly labels: readonly string[]
  },
): number {
  const { measure } = leaf
  const step = measure.steps.find((entry) => isReducing(entry) && entry.over === out.dimension)
  if (step?.rule !== 'sum') return 1
  if (measure.rows !== 'rubric') return out.labels.length / (out.labels.length - 1)
  const full = (id: string) => measure.criteria.find((entry) => entry.id === id)?.scale.max ?? 0
  const all = out.labels.reduce((sum, label) => sum + full(label), 0)
  return all > full(out.label) ? all / (all - full(out.label)) : 1
}

function withoutPanellists(
  population: Population,
  panel: string,
  context: LeaveOneOutContext,
): LeaveOneOut {
  const cases = population.labels.map((label) => ({
    label,
    standing: standingWithoutMembers(population, new Set([label]), context),
  }))
  return summary('panellist', panel, { cases, context })
}

function withoutGroups(
  population: Population,
  panel: string,
  context: LeaveOneOutContext,
): LeaveOneOut | undefined {
  const groups = new Map<string, Set<string>>()
  for (const { id, group } of context.rosters.get(panel)?.panellists ?? []) {
    if (group === undefined || !population.place.has(id)) continue
    const own = groups.get(group) ?? new Set<string>()
    own.add(id)
    groups.set(group, own)
  }
  if (groups.size < 2) return undefined
  const cases = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, members]) => ({
      label,
      standing: standingWithoutMembers(population, members, context),
    }))
  return summary('group', panel, { cases, context })
}

function standingWithoutMembers(
  population: Population,
  members: ReadonlySet<string>,
  { model, input, ticket }: LeaveOneOutContext,
): Standing | undefined {
  if (members.size >= population.labels.length) return undefined
  const weights = Float64Array.from(population.labels, (label) => (members.has(label) ? 0 : 1))
  const evaluation = model.evaluate(new Map([[population.key, weights]]))
  return evaluation && standingOf(evaluation, input.plan, ticket)
}

function summary(
  kind: LeaveOneOut['kind'],
  of: string,
  found: {
    readonly cases: readonly { readonly label: string; readonly standing: Standing | undefined }[]
    readonly context: LeaveOneOutContext
  },
): LeaveOneOut {
  const { model, standing: official } = found.context
  const answered = found.cases.flatMap(({ label, standing }) =>
    standing ? [{ label, standing }] : [],
  )
  const cases = answered.flatMap(({ label, standing }): LeftOut[] => {
    const moved = standing.rank.some((rank, t) => rank !== official.rank[t])
    const side = (t: number) => standing.byScore[t] ?? 0
    const was = (t: number) => official.byScore[t] ?? 0
    const leaves = model.teams.filter((_, t) => was(t) === 1 && side(t) !== 1)
    const enters = model.teams.filter((_, t) => was(t) !== 1 && side(t) === 1)
    if (!moved && leaves.length === 0 && enters.length === 0) return []
    const ranking = officialOrder(standing).map((t) => model.teams[t] ?? '')
    return [{ label, ranking, leaves, enters }]
  })
  const decides = (entry: LeftOut) => entry.leaves.length + entry.enters.length > 0
  const sorted = [...cases].sort((a, b) => Number(decides(b)) - Number(decides(a)))
  return {
    kind,
    of,
    tried: answered.length,
    changeRanking: cases.length,
    changeAdvancing: cases.filter(decides).length,
    cases: sorted.slice(0, LEFT_OUT_LISTED),
  }
}
