import type { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import {
  decisionMadeSchema,
  objectionAnsweredSchema,
  objectionFiledSchema,
  objectionsClosedSchema,
  recruitmentClosedSchema,
  recruitmentOpenedSchema,
  stageCarriedSchema,
  viewsPublishedSchema,
} from '../decision/decision-bodies.ts'
import { gateAskedSchema, gateDecidedSchema, gateRepliedSchema } from '../gate/gate-bodies.ts'
import type { RecordEntry } from '../seal/record.ts'
import { compareTimes } from './deadline.ts'

/** The kinds of entries that make up a docket, and the form of their bodies. */
export const ACT_BODIES = {
  'gate.asked': gateAskedSchema,
  'gate.replied': gateRepliedSchema,
  'gate.decided': gateDecidedSchema,
  'decision.made': decisionMadeSchema,
  'objection.filed': objectionFiledSchema,
  'objection.answered': objectionAnsweredSchema,
  'objections.closed': objectionsClosedSchema,
  'recruitment.opened': recruitmentOpenedSchema,
  'recruitment.closed': recruitmentClosedSchema,
  'stage.carried': stageCarriedSchema,
  'views.published': viewsPublishedSchema,
} as const

export type ActKind = keyof typeof ACT_BODIES
export type ActBody<K extends ActKind> = z.infer<(typeof ACT_BODIES)[K]>

/** One entry of the record, with its body read. */
export type Act = {
  readonly [K in ActKind]: {
    readonly kind: K
    readonly entry: EntryRef
    readonly body: ActBody<K>
  }
}[ActKind]

export type EntryRef = Pick<RecordEntry, 'sequence' | 'time' | 'author' | 'kind' | 'digest'>

export const isActKind = (kind: string): kind is ActKind => Object.hasOwn(ACT_BODIES, kind)

/**
 * The docket's entries of a record whose chain was checked. Other kinds are passed over; time must
 * not run backwards, because deadlines are judged by it. Throws AppError LOG_INVALID naming the
 * entry.
 */
export function readActs(record: readonly RecordEntry[]): Act[] {
  const acts: Act[] = []
  for (const [i, entry] of record.entries()) {
    const before = record[i - 1]
    if (before && compareTimes(entry.time, before.time) < 0) {
      throw refuse(entry, `its time ${entry.time} lies before that of entry ${before.sequence}`)
    }
    if (isActKind(entry.kind)) acts.push(readAct(entry, entry.kind))
  }
  return acts
}

function readAct(entry: RecordEntry, kind: ActKind): Act {
  const parsed = ACT_BODIES[kind].safeParse(entry.body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw refuse(entry, `${issue?.path.join('.')}: ${issue?.message}`, parsed.error)
  }
  return { kind, entry: refOf(entry), body: parsed.data } as Act
}

export const refOf = (entry: RecordEntry): EntryRef => ({
  sequence: entry.sequence,
  time: entry.time,
  author: entry.author,
  kind: entry.kind,
  digest: entry.digest,
})

export const refuse = (
  entry: Pick<RecordEntry, 'sequence' | 'kind'>,
  reason: string,
  cause?: unknown,
): AppError =>
  new AppError('LOG_INVALID', `entry ${entry.sequence} (${entry.kind}): ${reason}`, { cause })
