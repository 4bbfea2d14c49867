import type { Departure } from '../docket/departures.ts'
import type { Scoreboard, TeamScore } from '../score/scoreboard.ts'
import type { DecisionMade, Ground } from './decision-bodies.ts'

/** Why the sealed rules keep a team from going on. Undefined while that is open, or if it goes on. */
export function groundOf(team: TeamScore): Ground | undefined {
  if (team.advances.kind === 'open' || team.advances.value) return undefined
  const byScore = team.advancesByScore
  const isOutByScore = byScore.kind === 'known' && !byScore.value
  if (team.gate.outcome !== 'excluded') return 'score'
  return isOutByScore ? 'score_and_gate' : 'gate'
}

/** How a decision differs from what rows and sealed rules give. Empty: it is what they say. */
export function boardDepartures(body: DecisionMade, board: Scoreboard): Departure[] {
  const advancing = new Set(body.advances.map((entry) => entry.team))
  const grounds = new Map(body.leaves.map((entry) => [entry.team, entry.ground]))
  const isOther = body.board !== board.digest || body.rows !== board.rowsDigest
  return [
    ...(isOther ? [{ code: 'other_scoreboard' } as const] : []),
    ...board.teams.flatMap((team): Departure[] => {
      const { advances } = team
      if (advances.kind === 'open') {
        return [{ code: 'score_open', team: team.team, reason: advances.reason }]
      }
      const stands =
        advances.value === advancing.has(team.team) &&
        (advances.value || grounds.get(team.team) === groundOf(team))
      return stands
        ? []
        : [{ code: 'against_the_rules', team: team.team, advances: advances.value }]
    }),
  ]
}
