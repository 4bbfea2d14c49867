import type { Departure } from '../docket/departures.ts'
import type { Docket, GateFile } from '../docket/docket.ts'
import { actTime } from '../docket/entry-body.ts'
import type { ActOf } from '../docket/standing.ts'
import { append, correctionDepartures, settle, standingOnly } from '../docket/standing.ts'
import type { Axis, Gate } from '../plan/conduct.ts'
import type { Plan } from '../plan/plan.ts'
import type { GateDecided } from './gate-bodies.ts'
import { judgementDepartures } from './judgement.ts'
import { type Hearing, hearingDepartures, replyUntil, STARTING_REPLY_RULE } from './reply-rule.ts'
import { tallyOf, type VoterCheck, voteDepartures } from './votes.ts'

export type GateContext = {
  readonly plan: Plan
  /** Who may vote on a team, where the panel is at hand. */
  readonly mayVote?: ((team: string) => VoterCheck) | undefined
}

export function fileQuestion(
  docket: Docket,
  act: ActOf<'gate.asked'>,
  { plan }: GateContext,
): Docket {
  const { body } = act
  const file = fileOf(docket, body.team)
  const until = replyUntil(plan.gate?.reply ?? null, actTime(act))
  const departures: Departure[] = [
    ...teamDepartures(plan, body.team),
    ...correctionDepartures(file.questions, body, 'many'),
    ...(body.until === until ? [] : [{ code: 'wrong_deadline', until } as const]),
  ]
  const questions = append(file.questions, settle(act, departures))
  return withFile(docket, { ...file, questions })
}

export function fileReply(
  docket: Docket,
  act: ActOf<'gate.replied'>,
  { plan }: GateContext,
): Docket {
  const { body } = act
  const file = fileOf(docket, body.team)
  const asked = file.questions.some((question) => question.entry.digest === body.asked)
  const departures: Departure[] = [
    ...teamDepartures(plan, body.team),
    ...correctionDepartures(file.replies, body, 'many'),
    ...(body.asked === null || asked
      ? []
      : [{ code: 'no_such_entry', what: 'a question to this team' } as const]),
  ]
  const replies = append(file.replies, settle(act, departures))
  return withFile(docket, { ...file, replies })
}

/** Files a decision of the gate: heard first, judged on what counts, voted as sealed. */
export function fileGateDecision(
  docket: Docket,
  act: ActOf<'gate.decided'>,
  context: GateContext,
): Docket {
  const { body } = act
  const { gate } = context.plan
  const file = fileOf(docket, body.team)
  const hearing = hearingOf(file)
  const considered = new Set(
    body.replies.filter((reply) => reply.considered).map((reply) => reply.reply),
  )
  const decision = { time: actTime(act), considered }
  const departures: Departure[] = [
    ...teamDepartures(context.plan, body.team),
    ...correctionDepartures(file.decisions, body, 'single'),
    ...unknownReplies(hearing, body),
    ...(gate ? judgementDepartures(gate, body) : []),
    ...(gate ? ballotDepartures(gate, body, context) : []),
    ...hearingDepartures(gate?.reply ?? null, hearing, decision),
  ]
  const decisions = append(file.decisions, {
    ...settle(act, departures),
    tallies: talliesOf(gate, body),
    underStartingRule:
      gate && gate.reply === null
        ? hearingDepartures(STARTING_REPLY_RULE, hearing, decision)
        : undefined,
  })
  return withFile(docket, { ...file, decisions })
}

function ballotDepartures(gate: Gate, body: GateDecided, context: GateContext): Departure[] {
  const axes = gate.axes.map((axis) => axis.id)
  const outcomes = Object.fromEntries(
    axes.flatMap((axis) => (body.axes[axis] ? [[axis, body.axes[axis].outcome]] : [])),
  )
  return voteDepartures(gate.decision, body.votes, {
    axes,
    outcomes,
    mayVote: context.mayVote?.(body.team),
  })
}

function unknownReplies(hearing: Hearing, body: GateDecided): Departure[] {
  const known = new Set(hearing.replies.map((reply) => reply.digest))
  return body.replies
    .filter((entry) => !known.has(entry.reply))
    .map(() => ({ code: 'no_such_entry', what: 'a reply of this team' }))
}

const hearingOf = (file: GateFile): Hearing => ({
  questions: standingOnly(file.questions).map((question) => ({
    sequence: question.entry.sequence,
    time: actTime(question),
    until: question.body.until,
  })),
  replies: standingOnly(file.replies).map(({ entry, body }) => ({
    digest: entry.digest,
    sequence: entry.sequence,
    final: body.final,
  })),
})

function talliesOf(gate: Gate | null, body: GateDecided) {
  const { votes } = body
  if (!gate || votes === null) return {}
  return Object.fromEntries(gate.axes.map(({ id }) => [id as Axis, tallyOf(id, votes)]))
}

function teamDepartures(plan: Plan, team: string): Departure[] {
  if (plan.gate === null) return [{ code: 'no_gate' }]
  return plan.teams.some((entry) => entry.id === team) ? [] : [{ code: 'unknown_team', team }]
}

const fileOf = (docket: Docket, team: string): GateFile =>
  docket.gate.get(team) ?? { team, questions: [], replies: [], decisions: [] }

const withFile = (docket: Docket, file: GateFile): Docket => ({
  ...docket,
  gate: new Map(docket.gate).set(file.team, file),
})
