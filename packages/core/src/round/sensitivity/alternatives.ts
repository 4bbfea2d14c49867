import { formatDecimal } from '../../base/rational.ts'
import { planUnder } from '../plan/alternatives.ts'
import { planDigestOf } from '../plan/parse-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { type ScoreContext, scorePlan } from '../score/score-plan.ts'
import type { Scoreboard } from '../score/scoreboard.ts'
import type { AlternativeResult } from './sensitivity.ts'

/** Scores the same rows under each alternative that was sealed with the plan. */
export function scoreAlternatives(
  plan: Plan,
  board: Scoreboard,
  context: ScoreContext,
): AlternativeResult[] {
  const official = advancing(board)
  return plan.alternatives.map((alternative) => {
    const changed = planUnder(plan, alternative)
    const other = scorePlan(changed, { ...context, planDigest: planDigestOf(changed) }).board
    const advances = advancing(other)
    return {
      rule: alternative.id,
      ranking: other.ranking,
      advances,
      open: openTeams(board, other),
      totals: totalsOf(other, plan.rounding.printed.total),
      leaves: official.filter((team) => certainlyOut(other, team)),
      enters: advances.filter((team) => certainlyOut(board, team)),
      changesDecision: changesDecision(board, other),
    }
  })
}

function openTeams(board: Scoreboard, other: Scoreboard): string[] {
  return board.teams
    .filter((team, i) => team.advances.kind === 'open' || other.teams[i]?.advances.kind === 'open')
    .map((team) => team.team)
}

/** A team that is open on either side changes nothing that could be told. */
function changesDecision(board: Scoreboard, other: Scoreboard): boolean {
  return board.teams.some((team, i) => {
    const under = other.teams[i]?.advances
    return (
      team.advances.kind === 'known' &&
      under?.kind === 'known' &&
      team.advances.value !== under.value
    )
  })
}

/** Teams that certainly advance, in the order of the plan. */
export const advancing = (board: Scoreboard): string[] =>
  board.teams
    .filter((team) => team.advances.kind === 'known' && team.advances.value)
    .map((team) => team.team)

function certainlyOut(board: Scoreboard, id: string): boolean {
  const advances = board.teams.find((team) => team.team === id)?.advances
  return advances?.kind === 'known' && !advances.value
}

function totalsOf(board: Scoreboard, digits: number): Record<string, string | null> {
  return Object.fromEntries(
    board.teams.map(({ team, total }) => [
      team,
      total.kind === 'unknown' ? null : formatDecimal(total.value, digits),
    ]),
  )
}
