import { afterDays, compareTimes } from '../docket/deadline.ts'
import type { Departure } from '../docket/departures.ts'
import { type Docket, decisionInForce, gateInForce } from '../docket/docket.ts'
import { actTime } from '../docket/entry-body.ts'
import { type ActOf, append, correctionDepartures, settle } from '../docket/standing.ts'
import { gateOutcome } from '../gate/judgement.ts'
import type { Plan } from '../plan/plan.ts'
import type { Seal } from '../seal/seal.ts'
import type { DecisionMade } from './decision-bodies.ts'

/** End of the objection window; null when the plan has none, or never said how long it is. */
export function objectionsUntil(plan: Plan, decidedAt: string | null): string | null {
  const days = plan.objections?.days ?? null
  return days === null || decidedAt === null ? null : afterDays(decidedAt, days)
}

/** Files who goes on and who does not. Whether the scores say so is asked where they are at hand. */
export function fileDecision(docket: Docket, act: ActOf<'decision.made'>, seal: Seal): Docket {
  const { body } = act
  const { plan } = seal
  const until = objectionsUntil(plan, actTime(act))
  const departures: Departure[] = [
    ...correctionDepartures(docket.decisions, body, 'single'),
    ...(body.plan === seal.planDigest ? [] : [{ code: 'other_plan' } as const]),
    ...teamDepartures(plan, body),
    ...gateDepartures(docket, plan, body),
    ...(body.objectionsUntil === until ? [] : [{ code: 'wrong_deadline', until } as const]),
  ]
  return { ...docket, decisions: append(docket.decisions, settle(act, departures)) }
}

function teamDepartures(plan: Plan, body: DecisionMade): Departure[] {
  const named = [...body.advances, ...body.leaves].map((entry) => entry.team)
  const twice = named.filter((team, i) => named.indexOf(team) < i)
  const missing = plan.teams.map((team) => team.id).filter((team) => !named.includes(team))
  const unknown = named.filter((team) => !plan.teams.some((entry) => entry.id === team))
  const say = (teams: readonly string[], what: string): Departure[] =>
    teams.length === 0
      ? []
      : [{ code: 'teams_do_not_add_up', what: `${teams.join(', ')}: ${what}` }]
  return [
    ...say(unknown, 'not a team of the plan'),
    ...say(twice, 'named twice'),
    ...say(missing, 'neither advances nor leaves'),
    ...body.leaves
      .filter((entry) => entry.reasons.length === 0)
      .map(({ team }): Departure => ({ code: 'no_reason', team })),
  ]
}

/** Nobody advances past a gate that is open or shut, and the gate is a ground only where it is shut. */
function gateDepartures(docket: Docket, plan: Plan, body: DecisionMade): Departure[] {
  if (plan.gate === null) return []
  const outcome = (team: string) => {
    const decision = gateInForce(docket, team)
    return decision ? gateOutcome(plan.gate, decision.body) : 'undecided'
  }
  return [
    ...body.advances.flatMap(({ team }): Departure[] => {
      const found = outcome(team)
      if (found === 'passes') return []
      if (found === 'undecided') return [{ code: 'gate_undecided', team }]
      return [{ code: 'against_the_rules', team, advances: false }]
    }),
    ...body.leaves.flatMap(({ team, ground }): Departure[] =>
      ground === 'score' || outcome(team) === 'excluded' ? [] : [{ code: 'gate_undecided', team }],
    ),
  ]
}

/** Files an objection. It is never refused for being late: it is recorded as late. */
export function fileObjection(docket: Docket, act: ActOf<'objection.filed'>): Docket {
  const { body, entry } = act
  const decision = decisionInForce(docket)
  const known = docket.entries.some(
    (other) => other.digest === body.against && other.sequence < entry.sequence,
  )
  const departures: Departure[] = [
    ...correctionDepartures(docket.objections, body, 'many'),
    ...(decision ? [] : [{ code: 'no_decision' } as const]),
    ...(known ? [] : [{ code: 'no_such_entry', what: 'the entry objected to' } as const]),
  ]
  const until = decision?.body.objectionsUntil ?? null
  const filedAt = actTime(act)
  const timeliness =
    until === null || filedAt === null
      ? 'no_window'
      : compareTimes(filedAt, until) <= 0
        ? 'in_time'
        : 'late'
  const filed = { ...settle(act, departures), timeliness, answers: [] } as const
  return { ...docket, objections: append(docket.objections, filed) }
}

export function fileAnswer(docket: Docket, act: ActOf<'objection.answered'>): Docket {
  const at = docket.objections.findIndex((item) => item.entry.digest === act.body.objection)
  const objection = docket.objections[at]
  const departures: Departure[] = objection
    ? correctionDepartures(objection.answers, act.body, 'single')
    : [{ code: 'no_such_entry', what: 'the objection' }]
  const filed = settle(act, departures)
  return {
    ...docket,
    objections: docket.objections.map((item, i) =>
      i === at ? { ...item, answers: append(item.answers, filed) } : item,
    ),
  }
}

/** Files that the window is over. */
export function fileClosing(docket: Docket, act: ActOf<'objections.closed'>): Docket {
  const { body } = act
  const decision = decisionInForce(docket)
  const until = decision?.body.objectionsUntil ?? null
  const closedAt = actTime(act)
  const isOpen = until !== null && closedAt !== null && compareTimes(closedAt, until) <= 0
  const departures: Departure[] = [
    ...correctionDepartures(docket.closed, body, 'many'),
    ...(decision ? [] : [{ code: 'no_decision' } as const]),
    ...(decision && decision.entry.digest !== body.decision
      ? [{ code: 'no_such_entry', what: 'the decision in force' } as const]
      : []),
    ...(isOpen ? [{ code: 'objections_open', until } as const] : []),
  ]
  return { ...docket, closed: append(docket.closed, settle(act, departures)) }
}
