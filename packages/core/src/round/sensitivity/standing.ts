import { digestBytes } from '../../base/digest.ts'
import type { Advancement } from '../plan/conduct.ts'
import type { Plan } from '../plan/plan.ts'
import { isLevel } from './double-steps.ts'
import type { Evaluation } from './round-model.ts'

/** 0: the score does not take the team further, 1: it does, 2: tied across the cut. */
export type ByScore = 0 | 1 | 2

export type Standing = {
  /** Rank as in sport: tied teams share the better rank. */
  readonly rank: Uint32Array
  readonly byScore: Uint8Array
}

/** Ranks one evaluation by total and tie rules; `ticket[t]` breaks ties where the plan draws lots. */
export function standingOf(
  evaluation: Evaluation,
  plan: Plan,
  ticket: ArrayLike<number>,
): Standing {
  const teams = evaluation.total.length
  const rank = new Uint32Array(teams)
  const byScore = new Uint8Array(teams)
  const { rule } = plan.advancement
  for (let t = 0; t < teams; t++) {
    let ahead = 0
    let tied = 0
    for (let other = 0; other < teams; other++) {
      if (other === t) continue
      const order = compareTeams(evaluation, plan, { a: other, b: t, ticket })
      if (order > 0) ahead++
      else if (order === 0) tied++
    }
    rank[t] = ahead + 1
    byScore[t] = sideOfCut(rule, { ahead, tied, teams, total: evaluation.total[t] ?? 0 })
  }
  return { rank, byScore }
}

/** Positive: a is ahead of b; 0: tied by every rule. */
export function compareTeams(
  evaluation: Evaluation,
  plan: Plan,
  pair: { readonly a: number; readonly b: number; readonly ticket: ArrayLike<number> },
): number {
  const { a, b, ticket } = pair
  const byTotal = order(evaluation.total, a, b)
  if (byTotal !== 0) return byTotal
  for (const rule of plan.ties ?? []) {
    if (rule.rule === 'lot') return (ticket[b] ?? 0) - (ticket[a] ?? 0)
    const part = evaluation.parts.get(rule.part)
    const byPart = part ? order(part, a, b) : 0
    if (byPart !== 0) return byPart
  }
  return 0
}

function order(values: Float64Array, a: number, b: number): number {
  const [own, other] = [values[a] ?? 0, values[b] ?? 0]
  return isLevel(own, other) ? 0 : own - other
}

function sideOfCut(
  rule: Advancement['rule'],
  team: {
    readonly ahead: number
    readonly tied: number
    readonly teams: number
    readonly total: number
  },
): ByScore {
  if (rule.rule === 'threshold') {
    return team.total > rule.points || isLevel(team.total, rule.points) ? 1 : 0
  }
  const places = rule.rule === 'top' ? rule.n : Math.max(0, team.teams - rule.n)
  if (team.ahead >= places) return 0
  return team.ahead + team.tied < places ? 1 : 2
}

/** The order in which the lot of the plan draws the teams for these rows, as tickets. */
export function lotTickets(plan: Plan, teams: readonly string[], rowsDigest: string): Uint32Array {
  const lot = plan.ties?.find((rule) => rule.rule === 'lot')
  if (!lot) return new Uint32Array(teams.length)
  const digests = teams.map((team) =>
    digestBytes(new TextEncoder().encode(`${lot.seed}\n${rowsDigest}\n${team}`)),
  )
  const sorted = [...digests].sort()
  return Uint32Array.from(digests, (digest) => sorted.indexOf(digest))
}
