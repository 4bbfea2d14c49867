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
      totals: totalsOf(other, plan.rounding.printed.total),
      leaves: official.filter((team) => !advances.includes(team)),
      enters: advances.filter((team) => !official.includes(team)),
      changesDecision: advances.join(' ') !== official.join(' '),
    }
  })
}

/** Teams that certainly advance, in the order of the plan. */
export const advancing = (board: Scoreboard): string[] =>
  board.teams
    .filter((team) => team.advances.kind === 'known' && team.advances.value)
    .map((team) => team.team)

function totalsOf(board: Scoreboard, digits: number): Record<string, string | null> {
  return Object.fromEntries(
    board.teams.map(({ team, total }) => [
      team,
      total.kind === 'unknown' ? null : formatDecimal(total.value, digits),
    ]),
  )
}
