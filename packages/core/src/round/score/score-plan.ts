import { type Digest, digestJson } from '../../base/digest.ts'
import { type Fault, FaultsError } from '../../base/faults.ts'
import { formatFraction } from '../../base/rational.ts'
import { leavesOf, type Plan } from '../plan/plan.ts'
import { knowledgeOf } from '../published/knowledge.ts'
import type { Fact } from '../rows/facts.ts'
import type { Rows } from '../rows/rows.ts'
import { advancesByScore, joinWithGate, openPlaces } from './advance.ts'
import { notesOf } from './notes.ts'
import { rankOf, type Standing, standings } from './rank.ts'
import { runSteps } from './run-steps.ts'
import { type MeasuredLeaf, measureLeaf, ratersPerTeam } from './score-leaf.ts'
import {
  exactLeafScores,
  type PartsContext,
  type ScoredLeaf,
  scorePart,
  scoreTotal,
} from './score-parts.ts'
import type { Amount, GateState, PartScore, Scoreboard, TeamScore } from './scoreboard.ts'

export type ScoreContext = {
  readonly planDigest: Digest
  readonly rows: Rows
  /** Gate state per team; a team that is not in here is undecided. */
  readonly gate: ReadonlyMap<string, GateState>
  /** Published figures. They speak of the official rules only, so variants are scored without. */
  readonly facts?: readonly Fact[]
  /** Cells made for the same plan or a variant of it; filled as a side effect. */
  readonly measured?: MeasuredLeaves
}

/** Cells by the measure that they were laid out for: a variant shares the measures it keeps. */
export type MeasuredLeaves = Map<unknown, MeasuredLeaf>

/** The result, and the cells and step values that it was made of. */
export type Scored = {
  readonly board: Scoreboard
  readonly leaves: ReadonlyMap<string, ScoredLeaf>
}

const NO_GATE: GateState = { outcome: 'none', axes: {}, reasons: [], evidence: [] }
const UNDECIDED: GateState = { outcome: 'undecided', axes: {}, reasons: [], evidence: [] }

/**
 * Applies the rules of one plan to the rows. Throws FaultsError ROWS_INVALID when the missing-data
 * rule of the plan refuses what is not there.
 */
export function scorePlan(plan: Plan, context: ScoreContext): Scored {
  const gateOf = (team: string): GateState =>
    plan.gate === null ? NO_GATE : (context.gate.get(team) ?? UNDECIDED)
  const leaves = scoreLeaves(plan, { ...context, gateOf })
  const published = knowledgeOf(plan, context.facts ?? [], exactLeafScores(plan, leaves))
  const parts: PartsContext = { plan, leaves, published }
  const scored = plan.teams.map(({ id: team }) => {
    const own = plan.parts.map((part) => scorePart(part, team, parts))
    const { amount, trace } = scoreTotal(own, team, parts)
    return { team, parts: own, total: amount, trace }
  })
  const gateFirst = plan.gate !== null && plan.advancement.gate === 'before_ranking'
  const ranked = scored.filter(({ team }) => !gateFirst || gateOf(team).outcome !== 'excluded')
  const unsettled = gateFirst && ranked.some(({ team }) => gateOf(team).outcome === 'undecided')
  const order = new Map(
    standings(ranked, {
      plan,
      published: parts.published,
      lotSalt: context.rows.digest,
    }).map((standing) => [standing.team, standing]),
  )
  const teams = scored.map((entry): TeamScore => {
    const standing = order.get(entry.team)
    const gate = gateOf(entry.team)
    return {
      ...entry,
      gate,
      ...placeOf(standing, { plan, total: entry.total, gate, ranked: ranked.length, unsettled }),
    }
  })
  return { board: assemble(plan, { ...context, leaves, teams }), leaves }
}

function placeOf(
  standing: Standing | undefined,
  context: {
    readonly plan: Plan
    readonly total: Amount
    readonly gate: GateState
    readonly ranked: number
    readonly unsettled: boolean
  },
): Pick<TeamScore, 'rank' | 'advancesByScore' | 'advances'> {
  const { plan, total, gate, ranked, unsettled } = context
  if (!standing) {
    const open = { kind: 'open', reason: 'excluded by the gate before ranking' } as const
    return { rank: open, advancesByScore: open, advances: { kind: 'known', value: false } }
  }
  if (unsettled) {
    const reason = 'the gate comes before the ranking and has not been decided for every team'
    const open = { kind: 'open', reason } as const
    return { rank: open, advancesByScore: open, advances: open }
  }
  const byScore = advancesByScore(standing, total, { rule: plan.advancement.rule, ranked })
  return {
    rank: rankOf(standing),
    advancesByScore: byScore,
    advances: joinWithGate(byScore, gate),
  }
}

function scoreLeaves(
  plan: Plan,
  context: ScoreContext & { readonly gateOf: (team: string) => GateState },
): Map<string, ScoredLeaf> {
  const faults: Fault[] = []
  const measured = leavesOf(plan).map((leaf) => {
    const held = context.measured?.get(leaf.measure)
    const fresh = held ?? measureLeaf(plan, leaf, { rows: context.rows, faults })
    context.measured?.set(leaf.measure, fresh)
    // Points may differ between variants that share a measure.
    return { ...fresh, leaf }
  })
  if (faults.length > 0) {
    throw new FaultsError('ROWS_INVALID', faults, {
      what: 'rows are missing or not scored',
      hint: 'complete the rows, or amend the plan with a missing-data rule (`missing:`)',
    })
  }
  const narrow =
    plan.advancement.gate === 'before_ranking' && plan.advancement.relative_to === 'ranked_teams'
  const compared = new Set(
    plan.teams
      .map((team) => team.id)
      .filter((team) => !narrow || context.gateOf(team).outcome !== 'excluded'),
  )
  return new Map(
    measured.map((leaf): [string, ScoredLeaf] => {
      if (leaf.kind === 'none') return [leaf.leaf.id, leaf]
      const result = runSteps(leaf.leaf, leaf.cells, {
        compared,
        targets: context.rows.tables,
        withheld: leaf.tooFew,
      })
      return [leaf.leaf.id, { ...leaf, result }]
    }),
  )
}

function assemble(
  plan: Plan,
  context: ScoreContext & {
    readonly leaves: ReadonlyMap<string, ScoredLeaf>
    readonly teams: readonly TeamScore[]
  },
): Scoreboard {
  const { planDigest, rows, leaves, teams } = context
  const cells = [...leaves.values()].filter((leaf) => leaf.kind === 'cells')
  const board = {
    planDigest,
    rowsDigest: rows.digest,
    teams,
    ranking: rankingOf(teams),
    openPlaces: openPlaces(
      teams.map((team) => team.advances),
      plan.advancement.next_stage_places,
    ),
    coverage: cells.flatMap((leaf) => leaf.kept.coverage),
    panels: cells.flatMap(({ leaf, cells: own }) => {
      const counted = Math.max(0, ...ratersPerTeam(own).values())
      return 'panel' in leaf.measure ? [{ panel: leaf.measure.panel, counted }] : []
    }),
    inputs: rows.inputs,
    notes: notesOf(plan, cells),
  }
  return { ...board, digest: boardDigest(board) }
}

/** From first to last when every rank is known, else empty: an order must not be read into it. */
function rankingOf(teams: readonly TeamScore[]): string[] {
  const ranked = teams.flatMap((team) =>
    team.rank.kind === 'known' ? [{ team: team.team, rank: team.rank.value }] : [],
  )
  const unranked = teams.length - ranked.length
  const excluded = teams.filter((team) => team.gate.outcome === 'excluded').length
  if (unranked > 0 && unranked !== excluded) return []
  return ranked.sort((a, b) => a.rank - b.rank).map((entry) => entry.team)
}

function boardDigest(board: Omit<Scoreboard, 'digest' | 'inputs' | 'notes'>): Digest {
  const amount = (value: Amount) =>
    value.kind === 'unknown' ? value.kind : `${value.kind} ${formatFraction(value.value)}`
  const parts = (entries: readonly PartScore[]): [string, string][] =>
    entries.flatMap((entry) => [[entry.part, amount(entry.amount)], ...parts(entry.parts)])
  return digestJson({
    plan: board.planDigest,
    rows: board.rowsDigest,
    teams: board.teams.map((team) => ({
      team: team.team,
      total: amount(team.total),
      rank: team.rank.kind === 'known' ? team.rank.value : null,
      gate: team.gate.outcome,
      advances: team.advances.kind === 'known' ? team.advances.value : null,
      parts: parts(team.parts),
    })),
  })
}
