import { fileAnswer, fileClosing, fileDecision, fileObjection } from '../decision/file-decision.ts'
import { fileCarrying, fileRecruitment, fileRecruits } from '../decision/file-next-stage.ts'
import { fileGateDecision, fileQuestion, fileReply, type GateContext } from '../gate/file-gate.ts'
import type { Plan } from '../plan/plan.ts'
import type { RecordEntry } from '../seal/record.ts'
import { type Seal, sealsOf } from '../seal/seal.ts'
import { type Act, readActs, refOf, refuse } from './acts.ts'
import { type Docket, EMPTY_DOCKET } from './docket.ts'
import { settle } from './standing.ts'

/**
 * The docket of a record, entry by entry, each under the plan that was in force when it was
 * written. Throws AppError LOG_INVALID naming the first entry that cannot stand: unreadable, out
 * of time, or an act of the office that the sealed plan does not allow.
 */
export function readDocket(
  record: readonly RecordEntry[],
  context: Pick<GateContext, 'mayVote'> = {},
): Docket {
  const acts = readActs(record)
  if (acts.length === 0) return { ...EMPTY_DOCKET, entries: record.map(refOf) }
  const seals = sealsOf(record)
  let docket: Docket = { ...EMPTY_DOCKET, entries: record.map(refOf) }
  for (const act of acts) {
    const seal = seals.findLast((candidate) => candidate.sequence < act.entry.sequence)
    if (!seal) throw refuse(act.entry, 'it stands before the seal of the plan')
    docket = file(docket, act, { ...context, plan: seal.plan, seal })
  }
  return docket
}

function file(
  docket: Docket,
  act: Act,
  context: GateContext & { readonly plan: Plan; readonly seal: Seal },
): Docket {
  switch (act.kind) {
    case 'gate.asked':
      return fileQuestion(docket, act, context)
    case 'gate.replied':
      return fileReply(docket, act, context)
    case 'gate.decided':
      return fileGateDecision(docket, act, context)
    case 'decision.made':
      return fileDecision(docket, act, context.seal)
    case 'objection.filed':
      return fileObjection(docket, act)
    case 'objection.answered':
      return fileAnswer(docket, act)
    case 'objections.closed':
      return fileClosing(docket, act)
    case 'recruitment.opened':
      return fileRecruitment(docket, act, context.plan)
    case 'recruitment.closed':
      return fileRecruits(docket, act)
    case 'stage.carried':
      return fileCarrying(docket, act)
    case 'views.published':
      return { ...docket, publications: [...docket.publications, settle(act, [])] }
  }
}
