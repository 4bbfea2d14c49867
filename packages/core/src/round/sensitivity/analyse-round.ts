import { fromNumber, type Rational } from '../../base/rational.ts'
import { createRng } from '../../base/rng.ts'
import type { Part } from '../plan/measure.ts'
import { allParts, leavesOf, type Plan } from '../plan/plan.ts'
import type { Rows } from '../rows/rows.ts'
import type { Scored } from '../score/score-plan.ts'
import type { Scoreboard } from '../score/scoreboard.ts'
import { bootstrapRound } from './bootstrap.ts'
import { effectiveWeights } from './effective-weights.ts'
import { heldFixedNotes, partsHeldFixed } from './held-fixed.ts'
import { leaveOneOut } from './leave-one-out.ts'
import { panelStatistics } from './panel-statistics.ts'
import type { ItemClusters } from './populations.ts'
import {
  officialOrder,
  pairCertainties,
  partIntervals,
  rankProbabilities,
  setCertainty,
} from './rank-probabilities.ts'
import {
  amountOf,
  buildRoundModel,
  EVERYBODY_ONCE,
  type MeasuredCells,
  type ModelInput,
  type RoundModel,
  rankedTeams,
} from './round-model.ts'
import type {
  AlternativeResult,
  CertaintyGap,
  Contestant,
  EffectiveWeight,
  Sensitivity,
  SensitivityNote,
  WeightSwap,
} from './sensitivity.ts'
import { lotTickets, type Standing, standingOf } from './standing.ts'
import { weightSpace } from './weight-space.ts'
import { weightSwaps } from './weight-swaps.ts'

export type AnalysisInput = {
  readonly plan: Plan
  readonly scored: Scored
  readonly rows: Rows
  readonly alternatives: readonly AlternativeResult[]
  /** Items that belong together, such as the questions of one passage. */
  readonly clusters?: ItemClusters
}

/**
 * The analysis beside the decision:
 *   1. what the panels say about themselves: agreement, severity;
 *   2. the round becomes a function of weights on items and panellists;
 *   3. that function is evaluated on resampled weights: how sure are ranks, pairs, the set;
 *   4. with one part, benchmark, criterion, panellist or group less;
 *   5. and, scores as they are, which change of points would swap whom, and how much each part
 *      really counted.
 * Seed and number of draws are sealed in the plan; the same rows give the same answer.
 */
export function analyseRound(input: AnalysisInput): Sensitivity {
  const { plan, scored, rows } = input
  const rng = createRng(plan.analysis.seed)
  const measured = measuredCells(scored)
  const panels = measured.flatMap((entry) => {
    const own = panelStatistics(entry, { rng: rng.fork('agreement'), draws: plan.analysis.draws })
    return own ? [own] : []
  })
  const modelInput: ModelInput = {
    plan,
    scoreboard: scored.board,
    measured,
    targets: rows.tables,
    ...(input.clusters ? { clusters: input.clusters } : {}),
  }
  const model = buildRoundModel(modelInput)
  const evaluation = model?.evaluate(EVERYBODY_ONCE)
  if (!model || !evaluation) {
    return { ...withoutModel(plan, 'totals_unknown'), alternatives: input.alternatives, panels }
  }
  const ticket = lotTickets(plan, model.teams, rows.digest)
  const standing = standingOf(evaluation, plan, ticket)
  const out = leaveOneOut({ input: modelInput, model, standing, ticket, rosters: rows.rosters })
  const sure = certainty(model, { evaluation, standing }, scored.board)
  return {
    ...sure,
    alternatives: input.alternatives,
    weightSwaps: allSwaps(plan, scored.board, { model, standing }),
    effectiveWeights: allEffectiveWeights(plan, evaluation.parts),
    weightSpace: weightSpace(model, { evaluation, standing, rng: rng.fork('weights') }),
    leaveOneOut: out.results,
    panels,
    notes: [...sure.notes, ...undecidedGates(scored.board), ...out.notes],
  }
}

function measuredCells(scored: Scored): MeasuredCells[] {
  return [...scored.leaves.values()].flatMap((entry) =>
    entry.kind === 'cells' ? [{ leaf: entry.leaf, cells: entry.cells }] : [],
  )
}

type CertaintyFields = Pick<
  Sensitivity,
  'rankProbabilities' | 'pairs' | 'advancingSet' | 'partIntervals' | 'draws' | 'notes'
>

function certainty(
  model: RoundModel,
  baseline: Parameters<typeof rankProbabilities>[0]['baseline'],
  board: Scoreboard,
): CertaintyFields {
  const { draws, seed } = model.plan.analysis
  const held = partsHeldFixed(model)
  const notes = heldFixedNotes(model, held)
  if (held.size === leavesOf(model.plan).length) {
    const none = withoutModel(model.plan, 'nothing_to_resample')
    return { ...none, notes: [...notes, ...none.notes] }
  }
  const rng = createRng(seed).fork('bootstrap')
  const counts = bootstrapRound(model, baseline.standing, { rng, draws })
  const excluded = new Set(
    board.teams.filter((team) => team.gate.outcome === 'excluded').map((team) => team.team),
  )
  const { used, discarded } = counts
  if (used === 0) return withoutModel(model.plan, 'nothing_to_resample')
  const isCapped = notes.some((note) => note.code === 'capped_at_likely')
  const resampled = { model, baseline, counts, held, isCapped, excluded }
  return {
    rankProbabilities: rankProbabilities(resampled),
    pairs: pairCertainties(resampled),
    advancingSet: setCertainty(resampled),
    partIntervals: partIntervals(resampled),
    draws: { asked: draws, used, discarded, monteCarloError: 0.5 / Math.sqrt(used), seed },
    notes:
      discarded > 0
        ? [...notes, { code: 'draws_discarded', share: discarded / (used + discarded) }]
        : notes,
  }
}

function withoutModel(plan: Plan, reason: CertaintyGap): Sensitivity {
  return {
    alternatives: [],
    weightSwaps: [],
    rankProbabilities: [],
    pairs: [],
    advancingSet: { kind: 'no_information', reason },
    partIntervals: [],
    effectiveWeights: [],
    weightSpace: [],
    leaveOneOut: [],
    panels: [],
    draws: {
      asked: plan.analysis.draws,
      used: 0,
      discarded: 0,
      monteCarloError: undefined,
      seed: plan.analysis.seed,
    },
    notes: [{ code: 'no_rank_probabilities', reason }],
  }
}

/** Only where the gate still matters: a team that its score stops has nothing to pass. */
const undecidedGates = (board: Scoreboard): SensitivityNote[] =>
  board.teams
    .filter((team) => team.gate.outcome === 'undecided' && team.advances.kind === 'open')
    .map((team) => ({ code: 'gate_undecided_taken_as_passed', team: team.team }))

/** The two cuts of the score tree that are looked at: its uppermost parts and its leaves. */
function levelsOf(plan: Plan): { level: WeightSwap['level']; parts: readonly Part[] }[] {
  const leaves = leavesOf(plan)
  const top = { level: 'top', parts: plan.parts } as const
  const isFlat =
    leaves.length === plan.parts.length && allParts(plan.parts).length === leaves.length
  return isFlat ? [top] : [top, { level: 'measured', parts: leaves }]
}

function allEffectiveWeights(
  plan: Plan,
  scores: ReadonlyMap<string, Float64Array>,
): EffectiveWeight[] {
  return levelsOf(plan).flatMap(({ level, parts }) => {
    const known = parts.flatMap((part) => {
      const points = scores.get(part.id)
      return points ? [{ id: part.id, full: part.points, points }] : []
    })
    return known.length === parts.length ? effectiveWeights(known, level) : []
  })
}

function allSwaps(
  plan: Plan,
  board: Scoreboard,
  official: { readonly model: RoundModel; readonly standing: Standing },
): WeightSwap[] {
  const { model, standing } = official
  const order = officialOrder(standing).map((t): Contestant => teamAt(model, t))
  const { rule } = plan.advancement
  const bar: Contestant[] =
    rule.rule === 'threshold' ? [{ kind: 'threshold', points: rule.points }] : []
  const front = model.teams.flatMap((_, t) => (standing.byScore[t] === 1 ? [teamAt(model, t)] : []))
  const back = model.teams.flatMap((_, t) => (standing.byScore[t] === 0 ? [teamAt(model, t)] : []))
  const asked = [
    { at: 'first_place', front: order.slice(0, 1), back: order.slice(1) },
    ...(bar.length > 0
      ? [{ at: 'cut', front, back: bar } as const, { at: 'cut', front: bar, back } as const]
      : [{ at: 'cut', front, back } as const]),
  ] as const
  return levelsOf(plan).flatMap(({ level, parts }) => {
    const scores = exactScores(plan, board, parts)
    if (!scores) return []
    const input = {
      level,
      scores,
      parts: parts.map((part) => ({ id: part.id, points: fromNumber(part.points) })),
    }
    return asked.flatMap((sides) => weightSwaps(input, sides))
  })
}

const teamAt = (model: RoundModel, t: number): Contestant => ({
  kind: 'team',
  team: model.teams[t] ?? '',
})

/** Points of the ranked teams in these parts; undefined where one is not known. */
function exactScores(
  plan: Plan,
  board: Scoreboard,
  parts: readonly Part[],
): ReadonlyMap<string, readonly Rational[]> | undefined {
  const scores = new Map<string, Rational[]>()
  for (const team of rankedTeams(plan, board)) {
    const own = parts.flatMap((part) => {
      const amount = amountOf(board, team, part.id)
      return amount && amount.kind !== 'unknown' ? [amount.value] : []
    })
    if (own.length < parts.length) return undefined
    scores.set(team, own)
  }
  return scores
}
