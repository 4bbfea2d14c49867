import type { JsonValue } from '../../base/canonical-json.ts'
import { AppError } from '../../base/errors.ts'
import type { GateContext } from '../gate/file-gate.ts'
import { nextEntry, type RecordEntry } from '../seal/record.ts'
import { ACT_BODIES, type ActBody, type ActKind } from './acts.ts'
import type { Docket } from './docket.ts'
import { readDocket } from './read-docket.ts'

/** When, by whom, on which record. `blind`: 32 random bytes in hexadecimal, from the caller. */
export type Writing = {
  readonly record: readonly RecordEntry[]
  readonly time: string
  readonly author: string
  readonly blind: string
}

export type Written = { readonly entry: RecordEntry; readonly docket: Docket }

const HINT = 'the sealed plan decides what may be done when; docs/formats/docket.md lists the rules'

/**
 * The next entry, if the docket with it can be read: what a reader would refuse is not written.
 * Throws AppError RULE_BROKEN with every departure from the plan, SCHEMA_INVALID for a body of
 * the wrong form, LOG_INVALID when the record was not whole before.
 */
export function writeAct<K extends ActKind>(
  kind: K,
  body: Omit<ActBody<K>, 'blind'>,
  writing: Writing & Pick<GateContext, 'mayVote'>,
): Written {
  const { record, time, author, blind, mayVote } = writing
  readDocket(record)
  const parsed = ACT_BODIES[kind].safeParse({ ...body, blind })
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new AppError('SCHEMA_INVALID', `${kind}: ${lines.join('; ')}`, { cause: parsed.error })
  }
  const entry = nextEntry(record, { time, author, kind, body: parsed.data as JsonValue })
  try {
    const docket = readDocket([...record, entry], mayVote ? { mayVote } : {})
    return { entry, docket }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'LOG_INVALID')) throw error
    const reason = error.message.slice(`entry ${entry.sequence} (${kind}): `.length)
    throw new AppError('RULE_BROKEN', `${kind} is refused: ${reason}`, { hint: HINT, cause: error })
  }
}
