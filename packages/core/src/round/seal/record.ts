import { z } from 'zod'
import type { JsonValue } from '../../base/canonical-json.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import { type Digest, digestJson } from '../../base/digest.ts'
import { digestSchema } from '../../base/digest-schema.ts'
import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'

/**
 * One line of the record of a round. Nothing is ever changed or taken out: a correction is a new
 * entry. Each entry carries the digest of the one before, so that an altered line shows.
 */
export type RecordEntry = {
  readonly schemaVersion: 'dokja.record/1'
  readonly sequence: number
  /** ISO 8601 in UTC, as told by the clock of the writer. */
  readonly time: string
  readonly author: string
  /** Such as plan.sealed, plan.amended, gate.decided; the body's form follows from it. */
  readonly kind: string
  readonly body: JsonValue
  readonly previous: Digest | null
  readonly digest: Digest
}

const entrySchema = z.strictObject({
  schemaVersion: z.literal('dokja.record/1'),
  sequence: z.int().min(0),
  time: z.iso.datetime(),
  author: z.string().min(1).max(200),
  kind: z.string().regex(/^[a-z]+(\.[a-z_]+)+$/),
  body: z.json(),
  previous: digestSchema.nullable(),
  digest: digestSchema,
})

const MAX_ENTRIES = 1_000_000

/** The next entry after `entries`. The caller appends it; nothing here writes. */
export function nextEntry(
  entries: readonly RecordEntry[],
  given: Pick<RecordEntry, 'time' | 'author' | 'kind' | 'body'>,
): RecordEntry {
  const last = entries[entries.length - 1]
  const undigested = {
    schemaVersion: 'dokja.record/1' as const,
    sequence: entries.length,
    time: given.time,
    author: given.author,
    kind: given.kind,
    body: given.body,
    previous: last?.digest ?? null,
  }
  return { ...undigested, digest: digestJson(undigested) }
}

/** The line of an entry: canonical JSON and a line feed. */
export const formatEntry = (entry: RecordEntry): string => `${canonicalJson(entry)}\n`

/**
 * Reads and checks a whole record. Throws AppError LOG_INVALID naming the first line that is
 * damaged, altered, missing or out of order.
 */
export function parseRecord(text: string, file: string): RecordEntry[] {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.pop() !== '') {
    throw new AppError('LOG_INVALID', `${file}:${lines.length + 1}: the last line is cut off`, {
      hint: 'restore the record from its last whole copy',
    })
  }
  if (lines.length > MAX_ENTRIES) {
    throw new AppError('LIMIT_EXCEEDED', `${file}: more than ${MAX_ENTRIES} entries`)
  }
  const entries: RecordEntry[] = []
  for (const [i, line] of lines.entries())
    entries.push(readEntry(line, { file, at: i, before: entries }))
  return entries
}

function readEntry(
  line: string,
  context: { readonly file: string; readonly at: number; readonly before: readonly RecordEntry[] },
): RecordEntry {
  const place = `${context.file}:${context.at + 1}`
  const refuse = (message: string, cause?: unknown) =>
    new AppError('LOG_INVALID', `${place}: ${message}`, {
      cause,
      hint: 'the record is append-only: restore the line as it was, and correct by a new entry',
    })
  let value: unknown
  try {
    value = parseStrictJson(new TextEncoder().encode(line), { source: place })
  } catch (error) {
    throw refuse('not a line of JSON', error)
  }
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw refuse(`${issue?.path.join('.')}: ${issue?.message}`, parsed.error)
  }
  const { digest, ...undigested } = parsed.data
  const entry: RecordEntry = { ...undigested, body: undigested.body as JsonValue, digest }
  if (entry.sequence !== context.at) {
    throw refuse(
      `entry ${entry.sequence} where entry ${context.at} belongs: a line is missing or moved`,
    )
  }
  const previous = context.before[context.at - 1]?.digest ?? null
  if (entry.previous !== previous) throw refuse('does not follow the entry before it')
  // One entry has one spelling, so that no byte of the file can change unseen.
  if (`${line}\n` !== formatEntry(entry)) throw refuse('was rewritten: it is not canonical JSON')
  if (digestJson(undigested as JsonValue) !== digest)
    throw refuse('was altered: its digest is another')
  return entry
}
