import { assert } from '../../base/errors.ts'
import { type RoundingMode, toNumber } from '../../base/rational.ts'
import type { Part } from '../plan/measure.ts'
import { isLeaf, type Leaf, type Plan } from '../plan/plan.ts'
import type { RowTable } from '../rows/table.ts'
import type { PartScore, Scoreboard } from '../score/scoreboard.ts'
import { compileLeaf, type LeafContext, type LeafModel } from './leaf-model.ts'
import { findPopulations, type ItemClusters, type Population } from './populations.ts'
import { restrictCells, type ValueTree } from './restrict-cells.ts'

/** Cells of a measured part whose scores came from rows. */
export type MeasuredCells = { readonly leaf: Leaf; readonly cells: ValueTree }

/**
 * The whole round as a function of resampling weights. `teams` are those that are ranked, in the
 * order of the plan; every array of an evaluation has one entry per team.
 */
export type RoundModel = {
  readonly plan: Plan
  readonly teams: readonly string[]
  readonly populations: ReadonlyMap<string, Population>
  /** The measured parts that rows feed; the other parts stand at their published figure. */
  readonly leaves: readonly LeafModel[]
  readonly evaluate: (weights: Weights) => Evaluation | undefined
}

/** By population key; a population that is not in here counts everybody once. */
export type Weights = ReadonlyMap<string, Float64Array>
export const EVERYBODY_ONCE: Weights = new Map()

export type Evaluation = {
  readonly total: Float64Array
  readonly parts: ReadonlyMap<string, Float64Array>
}

export type ModelInput = {
  readonly plan: Plan
  readonly scoreboard: Scoreboard
  readonly measured: readonly MeasuredCells[]
  readonly targets: ReadonlyMap<string, RowTable>
  readonly clusters?: ItemClusters
}

/** Makes a round ready for resampling; undefined unless every ranked team has a total. */
export function buildRoundModel(input: ModelInput): RoundModel | undefined {
  const { plan, scoreboard } = input
  const measured = usableCells(input)
  const populations = findPopulations(measured, input.clusters ?? new Map())
  const leaves = measured.flatMap(({ leaf, cells }) => {
    const model = compileLeaf(leaf, cells, leafContext(input, populations))
    return model ? [model] : []
  })
  return assembleRound({ plan, populations, leaves, ...standingsBase(plan, scoreboard) })
}

/** Who is ranked, and what stands for parts without rows. */
export function standingsBase(
  plan: Plan,
  scoreboard: Scoreboard,
): Pick<RoundContent, 'ranked' | 'printed'> {
  return {
    ranked: rankedTeams(plan, scoreboard),
    printed: (team, part) => {
      const amount = amountOf(scoreboard, team, part)
      return amount && amount.kind !== 'unknown' ? toNumber(amount.value) : undefined
    },
  }
}

/** Parts whose scores of all ranked teams came from rows, without teams that have none. */
export function usableCells({ plan, scoreboard, measured }: ModelInput): MeasuredCells[] {
  const ranked = rankedTeams(plan, scoreboard)
  return measured
    .filter(({ leaf }) =>
      ranked.every((team) => amountOf(scoreboard, team, leaf.id)?.kind === 'exact'),
    )
    .map(({ leaf, cells }) => ({ leaf, cells: withoutEmptyTeams(cells) }))
}

export const leafContext = (
  { plan, scoreboard, targets }: ModelInput,
  populations: ReadonlyMap<string, Population>,
): LeafContext => ({
  compared: comparedTeams(plan, scoreboard),
  targetOf: targetScores(targets),
  populations,
})

/** Scores of the target models, looked up by row source, team and benchmark. */
function targetScores(tables: ReadonlyMap<string, RowTable>): LeafContext['targetOf'] {
  const bySource = new Map<string, ReadonlyMap<string, number>>()
  for (const [source, table] of tables) {
    if (table.kind !== 'targets') continue
    const team = table.columns.get('team')
    const benchmark = table.columns.get('benchmark')
    const scores = new Map<string, number>()
    table.values.forEach((value, r) => {
      const key = `${team?.labels[team.index[r] ?? 0]}\n${benchmark?.labels[benchmark.index[r] ?? 0]}`
      scores.set(key, value)
    })
    bySource.set(source, scores)
  }
  return (source, team, benchmark) => bySource.get(source)?.get(`${team}\n${benchmark}`)
}

export type RoundContent = {
  readonly plan: Plan
  readonly ranked: readonly string[]
  /** The figure of a team in a part that no rows feed; undefined when there is none. */
  readonly printed: (team: string, part: string) => number | undefined
  readonly populations: ReadonlyMap<string, Population>
  readonly leaves: readonly LeafModel[]
}

/** Puts measured parts and published figures together; undefined where a team has neither. */
export function assembleRound(content: RoundContent): RoundModel | undefined {
  const { plan, ranked, populations, leaves } = content
  if (ranked.length < 2) return undefined
  const byPart = new Map(leaves.map((leaf) => [leaf.part, leaf]))
  const scorers = plan.parts.map((part) => scorerOf(part, { ...content, byPart }))
  if (scorers.some((scorer) => scorer === undefined)) return undefined
  return {
    plan,
    teams: ranked,
    populations,
    leaves,
    evaluate: (weights) => evaluateRound(scorers, { plan, weights, teams: ranked.length }),
  }
}

/** Teams that the plan ranks: with the gate first, those it did not exclude. */
export function rankedTeams(plan: Plan, scoreboard: Scoreboard): string[] {
  const gateFirst = plan.gate !== null && plan.advancement.gate === 'before_ranking'
  return scoreboard.teams
    .filter((team) => !gateFirst || team.gate.outcome !== 'excluded')
    .map((team) => team.team)
}

/** Teams that a relative scaling rule compares. */
export function comparedTeams(plan: Plan, scoreboard: Scoreboard): ReadonlySet<string> {
  const { gate, relative_to: relativeTo } = plan.advancement
  const narrow = gate === 'before_ranking' && relativeTo === 'ranked_teams'
  return new Set(
    scoreboard.teams
      .filter((team) => !narrow || team.gate.outcome !== 'excluded')
      .map((team) => team.team),
  )
}

export function amountOf(scoreboard: Scoreboard, team: string, part: string) {
  const find = (parts: readonly PartScore[]): PartScore | undefined => {
    for (const entry of parts) {
      const found = entry.part === part ? entry : find(entry.parts)
      if (found) return found
    }
    return undefined
  }
  return find(scoreboard.teams.find((entry) => entry.team === team)?.parts ?? [])?.amount
}

function withoutEmptyTeams(cells: ValueTree): ValueTree {
  const starts = cells.levels[0]?.starts ?? new Uint32Array()
  const present = cells.teams.filter((_, t) => (starts[t] ?? 0) < (starts[t + 1] ?? 0))
  return present.length === cells.teams.length
    ? cells
    : restrictCells(cells, { teams: new Set(present) })
}

/** Adds the scores of a part and of all parts below it to `into`; false: no answer. */
type Scorer = (weights: Weights, into: Map<string, Float64Array>) => Float64Array | undefined

type ScorerContext = RoundContent & { readonly byPart: ReadonlyMap<string, LeafModel> }

function scorerOf(part: Part, context: ScorerContext): Scorer | undefined {
  const { rounding } = context.plan
  if (isLeaf(part)) {
    const model = context.byPart.get(part.id)
    return model ? modelScorer(model, context) : fixedScorer(part.id, context)
  }
  const children = (part.parts ?? []).map((child) => scorerOf(child, context))
  if (children.some((child) => child === undefined)) return fixedScorer(part.id, context)
  return (weights, into) => {
    const sum = new Float64Array(context.ranked.length)
    for (const child of children) {
      const own = child?.(weights, into)
      if (!own) return undefined
      for (let t = 0; t < sum.length; t++) sum[t] = (sum[t] ?? 0) + (own[t] ?? 0)
    }
    carry(sum, rounding.carried.group, rounding.mode)
    into.set(part.id, sum)
    return sum
  }
}

function modelScorer(model: LeafModel, context: ScorerContext): Scorer {
  const { rounding } = context.plan
  const place = context.ranked.map((team) => model.teams.indexOf(team))
  assert(!place.includes(-1), `a ranked team has no cells in "${model.part}"`)
  return (weights, into) => {
    const points = model.evaluate(weights.get(model.population ?? ''))
    if (!points) return undefined
    const own = Float64Array.from(place, (t) => points[t] ?? 0)
    carry(own, rounding.carried.leaf, rounding.mode)
    into.set(model.part, own)
    return own
  }
}

function fixedScorer(part: string, context: ScorerContext): Scorer | undefined {
  const values: number[] = []
  for (const team of context.ranked) {
    const value = context.printed(team, part)
    if (value === undefined) return undefined
    values.push(value)
  }
  return (_, into) => {
    const own = Float64Array.from(values)
    into.set(part, own)
    return own
  }
}

function evaluateRound(
  scorers: readonly (Scorer | undefined)[],
  context: { readonly plan: Plan; readonly weights: Weights; readonly teams: number },
): Evaluation | undefined {
  const parts = new Map<string, Float64Array>()
  const total = new Float64Array(context.teams)
  for (const scorer of scorers) {
    const own = scorer?.(context.weights, parts)
    if (!own) return undefined
    for (let t = 0; t < total.length; t++) total[t] = (total[t] ?? 0) + (own[t] ?? 0)
  }
  const { rounding } = context.plan
  carry(total, rounding.carried.total, rounding.mode)
  return { total, parts }
}

/** A double within this distance of a half is taken for the half that it stands for. */
const HALF_TOLERANCE = 1e-7

/** Rounds in place to the digits that the plan carries on; null: exact. */
function carry(values: Float64Array, digits: number | null, mode: RoundingMode): void {
  if (digits === null) return
  const scale = 10 ** digits
  for (let t = 0; t < values.length; t++)
    values[t] = nearest((values[t] ?? 0) * scale, mode) / scale
}

/** Nearest whole number by the mode, as `roundTo` of base/rational.ts does it exactly. */
export function nearest(value: number, mode: RoundingMode): number {
  const size = Math.abs(value)
  const whole = Math.floor(size + HALF_TOLERANCE)
  const rest = size - whole
  const up =
    mode === 'up'
      ? rest > HALF_TOLERANCE
      : mode === 'down'
        ? false
        : Math.abs(rest - 0.5) <= HALF_TOLERANCE
          ? mode === 'half_up' || whole % 2 === 1
          : rest > 0.5
  return Math.sign(value) * (up ? whole + 1 : whole)
}
