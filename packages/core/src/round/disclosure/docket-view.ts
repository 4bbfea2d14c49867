import { canonicalJson, type JsonValue } from '../../base/canonical-json.ts'
import { boardDepartures } from '../decision/check-decision.ts'
import type {
  DecisionMade,
  ObjectionAnswered,
  ObjectionFiled,
  ObjectionsClosed,
  RecruitmentClosed,
  RecruitmentOpened,
  StageCarried,
} from '../decision/decision-bodies.ts'
import type { EntryRef } from '../docket/acts.ts'
import type { Departure } from '../docket/departures.ts'
import {
  type Docket,
  decisionInForce,
  type GateDecision,
  gateInForce,
  type Objection,
  type Standing,
} from '../docket/docket.ts'
import type { ActFields } from '../docket/entry-body.ts'
import type { Ballot, GateAsked, GateDecided, GateReplied } from '../gate/gate-bodies.ts'
import type { Plan } from '../plan/plan.ts'
import type { Scoreboard } from '../score/scoreboard.ts'
import { type Shown, showIf } from './figures.ts'
import type { Rights } from './rights.ts'

/** An entry as it is shown: without the blind, which is for the office alone. */
export type ShownEntry<Body> = {
  readonly entry: EntryRef
  readonly body: Omit<Body, 'blind'>
  readonly departures: readonly Departure[]
  readonly replacedBy: EntryRef | null
}

export type GateDecisionView = ShownEntry<GateDecided> &
  Pick<GateDecision, 'tallies'> & {
    readonly underStartingRule: readonly Departure[] | null
  }

export type GateView = {
  readonly team: string
  readonly axes: Shown<Readonly<Record<string, string>>>
  readonly file: Shown<{
    readonly questions: readonly ShownEntry<GateAsked>[]
    readonly replies: readonly ShownEntry<GateReplied>[]
    readonly decisions: readonly GateDecisionView[]
    /** Entries that exist and are kept from this audience. */
    readonly withheld: number
  }>
}

export type DecisionView = ShownEntry<Omit<DecisionMade, 'board' | 'rows'>> & {
  /** How it differs from what rows and rules give now; not for those who may not see scores. */
  readonly againstBoard: readonly Departure[]
}

export type ObjectionView = ShownEntry<ObjectionFiled> & {
  readonly timeliness: Objection['timeliness']
  readonly answers: readonly ShownEntry<ObjectionAnswered>[]
}

export type DocketView = {
  readonly gate: readonly GateView[]
  readonly decisions: Shown<readonly DecisionView[]>
  readonly objections: Shown<readonly ObjectionView[]>
  readonly closed: Shown<readonly ShownEntry<ObjectionsClosed>[]>
  readonly recruitments: Shown<readonly ShownEntry<RecruitmentOpened>[]>
  readonly recruits: Shown<readonly ShownEntry<RecruitmentClosed>[]>
  readonly carried: Shown<readonly ShownEntry<StageCarried>[]>
  /** Every entry by its place, author, time, kind and digest: the chain itself is never withheld. */
  readonly entries: readonly EntryRef[]
}

/** What an audience sees of the docket. Decision and what follows from it go with `advancement`. */
export function docketView(
  docket: Docket,
  rights: Rights,
  context: { readonly plan: Plan; readonly board: Scoreboard },
): DocketView {
  const advancement = isDecisionPublic(docket, rights)
  const list = <Body extends ActFields>(items: readonly Standing<Body>[]) =>
    showIf(advancement, items.map(entryView))
  return {
    gate: context.plan.teams.map(({ id }) => gateView(docket, id, rights)),
    decisions: showIf(
      advancement,
      docket.decisions.map((decision) => {
        const { board: _, rows: __, ...body } = entryView(decision).body
        const againstBoard = boardDepartures(decision.body, context.board)
        return { ...entryView(decision), body, againstBoard }
      }),
    ),
    objections: showIf(advancement, docket.objections.map(objectionView)),
    closed: list(docket.closed),
    recruitments: list(docket.recruitments),
    recruits: list(docket.recruits),
    carried: list(docket.carried),
    entries: docket.entries,
  }
}

/**
 * What was retold from a publication is public already, whatever the plan withholds; entries of the
 * office that the audience may not see are counted, so that nothing looks absent.
 */
function gateView(docket: Docket, team: string, rights: Rights): GateView {
  const file = docket.gate.get(team) ?? { questions: [], replies: [], decisions: [] }
  const allowed = rights.gateEvidenceOf(team)
  const visible = <Item extends Standing<ActFields>>(items: readonly Item[]) =>
    allowed ? items : items.filter((item) => item.body.retold !== null)
  const all = [...file.questions, ...file.replies, ...file.decisions]
  const shown = visible<Standing<ActFields>>(all)
  const inForce = file.decisions.at(-1)
  const axes = Object.entries(inForce?.body.axes ?? {}).map(([axis, { outcome }]) => [
    axis,
    outcome,
  ])
  return {
    team,
    axes: showIf(isOutcomePublic(docket, team, rights), Object.fromEntries(axes)),
    file: showIf(allowed || shown.length > 0, {
      questions: visible(file.questions).map(entryView),
      replies: visible(file.replies).map(entryView),
      decisions: visible(file.decisions).map((decision) => decisionView(decision, rights)),
      withheld: all.length - shown.length,
    }),
  }
}

/** By the plan, or because the decision in force was itself taken from a publication. */
export const isOutcomePublic = (docket: Docket, team: string, rights: Rights): boolean =>
  rights.gateOutcomeOf(team) || (gateInForce(docket, team)?.body.retold ?? null) !== null

function decisionView(decision: GateDecision, rights: Rights): GateDecisionView {
  const shown = entryView(decision)
  const votes = rights.sees('raw_rows') ? shown.body.votes : withoutVoters(shown.body.votes)
  return {
    ...shown,
    body: { ...shown.body, votes },
    tallies: decision.tallies,
    underStartingRule: decision.underStartingRule ?? null,
  }
}

/** Ballots without names, in an order that follows from what they say and not from who voted. */
function withoutVoters(votes: readonly Ballot[] | null): Ballot[] | null {
  if (votes === null) return null
  const key = ({ axes, says }: Ballot) => canonicalJson({ axes, says: says ?? null } as JsonValue)
  return [...votes]
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    .map((ballot, i) => ({ ...ballot, voter: `#${i + 1}` }))
}

export const isDecisionPublic = (docket: Docket, rights: Rights): boolean =>
  rights.sees('advancement') || (decisionInForce(docket)?.body.retold ?? null) !== null

function objectionView(objection: Objection): ObjectionView {
  const answers = objection.answers.map(entryView)
  return { ...entryView(objection), timeliness: objection.timeliness, answers }
}

function entryView<Body extends ActFields>(item: Standing<Body>): ShownEntry<Body> {
  const { blind: _, ...body } = item.body
  const { entry, departures, replacedBy } = item
  return { entry, body, departures, replacedBy }
}
