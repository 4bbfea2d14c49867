import { AppError } from '../../base/errors.ts'
import { nextTeams } from '../decision/file-next-stage.ts'
import type { DecisionGiven } from '../decision/make-decision.ts'
import { replyUntil } from '../gate/reply-rule.ts'
import type { Plan } from '../plan/plan.ts'
import type { Text } from '../plan/words.ts'
import type { ActBody, ActKind } from './acts.ts'
import { type Docket, decisionInForce, gateInForce } from './docket.ts'
import type { Draft, DraftKind, EvidenceDraft } from './drafts.ts'
import { actTime } from './entry-body.ts'
import { checkedEvidence, type EvidenceFiles } from './evidence-files.ts'
import { standingOnly } from './standing.ts'

/** What a draft is completed from. */
export type DraftContext = {
  readonly plan: Plan
  readonly docket: Docket
  readonly time: string
  readonly files: EvidenceFiles
}

/** Kinds whose entry follows from draft, plan and docket; a decision needs the scoreboard too. */
export type CompletedKind = Exclude<DraftKind, 'decision.made'>
export type Completed<K extends ActKind> = Omit<ActBody<K>, 'blind'>

type Completers = {
  readonly [K in CompletedKind]: (draft: Draft<K>, context: DraftContext) => Completed<K>
}

const COMPLETERS: Completers = {
  'gate.asked': (draft, context) => {
    const time = actTime({ entry: { time: context.time }, body: { retold: draft.retold } })
    return {
      ...withEvidence(draft, context),
      until: replyUntil(context.plan.gate?.reply ?? null, time),
    }
  },
  'gate.replied': (draft, context) => {
    const last = standingOnly(context.docket.gate.get(draft.team)?.questions ?? []).at(-1)
    const asked =
      draft.asked === undefined ? (last?.entry.digest ?? null) : refOrNull(draft.asked, context)
    return { ...withEvidence(draft, context), asked }
  },
  'gate.decided': (draft, context) => ({
    ...closing(draft, context),
    axes: Object.fromEntries(
      Object.entries(draft.axes).map(([axis, judgement]) => [
        axis,
        {
          ...judgement,
          reasons: judgement.reasons.map((reason) => resolved(reason, context)),
          findings: judgement.findings.map((finding) => resolved(finding, context)),
        },
      ]),
    ),
    replies: draft.replies.map((entry) => ({ ...entry, reply: ref(entry.reply, context) })),
    decidedBy: draft.decidedBy ?? context.plan.gate?.decided_by ?? context.plan.programme.owner,
    advice: draft.advice.map((voice) => resolved(voice, context)),
    dissent: draft.dissent.map((voice) => resolved(voice, context)),
  }),
  'objection.filed': (draft, context) => ({
    ...withEvidence(draft, context),
    against: draft.against === undefined ? decision(context) : ref(draft.against, context),
  }),
  'objection.answered': (draft, context) => ({
    ...withEvidence(draft, context),
    objection: ref(draft.objection, context),
    answeredBy:
      draft.answeredBy ?? context.plan.objections?.answered_by ?? context.plan.programme.owner,
  }),
  'objections.closed': (draft, context) => ({
    ...closing(draft, context),
    decision: decision(context),
  }),
  'recruitment.opened': (draft, context) => ({
    ...withEvidence(draft, context),
    terms: draft.terms.map((entry) => ({ ...entry, term: entry.term - 1 })),
  }),
  'recruitment.closed': (draft, context) => ({
    ...closing(draft, context),
    opened: lastOpened(context),
    selected: draft.selected.map((entry) => ({
      ...entry,
      reasons: entry.reasons.map((reason) => resolved(reason, context)),
    })),
    decidedBy:
      draft.decidedBy ?? context.plan.recruitment?.judged_by ?? context.plan.programme.owner,
    dissent: draft.dissent.map((voice) => resolved(voice, context)),
  }),
  'stage.carried': (draft, context) => ({
    ...closing(draft, context),
    teams: nextTeams(context.docket).map((entry) => ({
      ...entry,
      ...carriedTeam(entry.team, context),
    })),
    inherits: draft.inherits.map((reason) => resolved(reason, context)),
  }),
}

/** The body of an entry, from what a person wrote. Throws AppError NOT_FOUND, VALUE_INVALID. */
export function completeDraft<K extends CompletedKind>(
  kind: K,
  draft: Draft<K>,
  context: DraftContext,
): Completed<K> {
  return COMPLETERS[kind](draft, context)
}

/** The same for a decision, whose teams and deadline come from scoreboard and plan. */
export function completeDecision(
  draft: Draft<'decision.made'>,
  context: DraftContext,
): DecisionGiven {
  return {
    ...closing(draft, context),
    reasons: Object.fromEntries(
      Object.entries(draft.reasons).map(([team, reasons]) => [
        team,
        reasons.map((reason) => resolved(reason, context)),
      ]),
    ),
    decidedBy: draft.decidedBy ?? context.plan.programme.owner,
    dissent: draft.dissent.map((voice) => resolved(voice, context)),
  }
}

type Corrects = { readonly corrects: { entry: number | `sha256:${string}`; reason: Text } | null }

function closing<D extends Corrects>(draft: D, context: DraftContext) {
  const { corrects } = draft
  return {
    ...draft,
    corrects: corrects && { reason: corrects.reason, entry: ref(corrects.entry, context) },
  }
}

function withEvidence<D extends Corrects & { readonly evidence: readonly EvidenceDraft[] }>(
  draft: D,
  context: DraftContext,
) {
  return resolved(closing(draft, context), context)
}

function resolved<D extends { readonly evidence: readonly EvidenceDraft[] }>(
  draft: D,
  context: DraftContext,
) {
  return { ...draft, evidence: draft.evidence.map((one) => checkedEvidence(one, context.files)) }
}

function ref(named: number | `sha256:${string}`, { docket }: DraftContext): `sha256:${string}` {
  const entry = docket.entries.find(
    (candidate) => candidate.sequence === named || candidate.digest === named,
  )
  if (entry) return entry.digest
  throw new AppError('NOT_FOUND', `the record has no entry ${named}`, {
    hint: '`dokja round docket DIR` lists the entries with their numbers',
  })
}

const refOrNull = (named: number | `sha256:${string}` | null, context: DraftContext) =>
  named === null ? null : ref(named, context)

function decision({ docket }: DraftContext): `sha256:${string}` {
  const found = decisionInForce(docket)
  if (found) return found.entry.digest
  throw new AppError('RULE_BROKEN', 'no decision is on record')
}

function lastOpened({ docket }: DraftContext): `sha256:${string}` {
  const found = standingOnly(docket.recruitments).at(-1)
  if (found) return found.entry.digest
  throw new AppError('RULE_BROKEN', 'no recruitment is on record')
}

/** The name of a team, and the conditions under which it passed the gate. */
function carriedTeam(team: string, { plan, docket }: DraftContext) {
  const recruited = standingOnly(docket.recruits)
    .flatMap((item) => item.body.selected)
    .find((entry) => entry.team === team)
  const axes = Object.values(gateInForce(docket, team)?.body.axes ?? {})
  return {
    name: plan.teams.find((entry) => entry.id === team)?.name ?? recruited?.name ?? team,
    conditions: axes.flatMap((axis) => axis?.conditions ?? []),
  }
}
