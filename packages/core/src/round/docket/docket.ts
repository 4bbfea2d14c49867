import type {
  DecisionMade,
  ObjectionAnswered,
  ObjectionFiled,
  ObjectionsClosed,
  RecruitmentClosed,
  RecruitmentOpened,
  StageCarried,
  ViewsPublished,
} from '../decision/decision-bodies.ts'
import type { GateAsked, GateDecided, GateReplied } from '../gate/gate-bodies.ts'
import type { Tally } from '../gate/votes.ts'
import type { Axis } from '../plan/conduct.ts'
import type { EntryRef } from './acts.ts'
import type { Departure } from './departures.ts'

/** An entry as it stands in the docket. */
export type Filed<Body> = {
  readonly entry: EntryRef
  readonly body: Body
  /** How a retold act departs from the sealed plan. Empty for acts of the office itself. */
  readonly departures: readonly Departure[]
}

/** The same, where a later entry may take its place. Both stay on record. */
export type Standing<Body> = Filed<Body> & { readonly replacedBy: EntryRef | null }

export type GateDecision = Standing<GateDecided> & {
  readonly tallies: Partial<Readonly<Record<Axis, Tally>>>
  /**
   * Where the plan sealed no right of reply: what the rule that new plans start with would have
   * asked for. Undefined where the plan has a rule of its own.
   */
  readonly underStartingRule: readonly Departure[] | undefined
}

/** Everything on record about one team at the gate. */
export type GateFile = {
  readonly team: string
  readonly questions: readonly Standing<GateAsked>[]
  readonly replies: readonly Standing<GateReplied>[]
  /** Oldest first; the last one is in force. */
  readonly decisions: readonly GateDecision[]
}

export type Objection = Standing<ObjectionFiled> & {
  readonly timeliness: 'in_time' | 'late' | 'no_window'
  readonly answers: readonly Standing<ObjectionAnswered>[]
}

/** What is on record about one stage beside its numbers. */
export type Docket = {
  readonly gate: ReadonlyMap<string, GateFile>
  readonly decisions: readonly Standing<DecisionMade>[]
  readonly objections: readonly Objection[]
  readonly closed: readonly Standing<ObjectionsClosed>[]
  readonly recruitments: readonly Standing<RecruitmentOpened>[]
  readonly recruits: readonly Standing<RecruitmentClosed>[]
  readonly carried: readonly Standing<StageCarried>[]
  readonly publications: readonly Filed<ViewsPublished>[]
  /** Every entry of the record, whatever its kind. */
  readonly entries: readonly EntryRef[]
}

export const EMPTY_DOCKET: Docket = {
  gate: new Map(),
  decisions: [],
  objections: [],
  closed: [],
  recruitments: [],
  recruits: [],
  carried: [],
  publications: [],
  entries: [],
}

/** The decision in force. */
export const decisionInForce = (docket: Docket): Standing<DecisionMade> | undefined =>
  docket.decisions.at(-1)

/** The gate decision in force for a team. */
export const gateInForce = (docket: Docket, team: string): GateDecision | undefined =>
  docket.gate.get(team)?.decisions.at(-1)
