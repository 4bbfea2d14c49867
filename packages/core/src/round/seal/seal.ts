import { z } from 'zod'
import type { JsonValue } from '../../base/canonical-json.ts'
import type { Digest } from '../../base/digest.ts'
import { digestSchema } from '../../base/digest-schema.ts'
import { AppError } from '../../base/errors.ts'
import { type ParsedPlan, planDigestOf } from '../plan/parse-plan.ts'
import { type Plan, planSchema } from '../plan/plan.ts'
import {
  type Envelope,
  envelopeSchema,
  openEnvelope,
  type SigningKey,
  signEnvelope,
} from './envelope.ts'
import { nextEntry, type RecordEntry } from './record.ts'

export const SEAL_PAYLOAD_TYPE = 'application/vnd.dokja.seal+json'

/** A file of results that existed when a plan was sealed or amended, and who had seen it. */
const existingSchema = z.strictObject({
  path: z.string().min(1),
  digest: digestSchema,
  seenBy: z.array(z.string().min(1)).nullable(),
})
export type ExistingResult = z.infer<typeof existingSchema>

const statementSchema = z.strictObject({
  schemaVersion: z.literal('dokja.seal/1'),
  time: z.iso.datetime(),
  author: z.string().min(1),
  /** Digest of the record entry before this one: the signature covers the place in the record. */
  after: digestSchema.nullable(),
  plan: z.unknown(),
  planDigest: digestSchema,
  textDigest: digestSchema,
  existingResults: z.array(existingSchema),
  amendment: z
    .strictObject({
      replaces: digestSchema,
      reason: z.string().min(1),
      approvedBy: z.array(z.string().min(1)),
    })
    .nullable(),
})
type Statement = z.infer<typeof statementSchema>

const bodySchema = z.strictObject({
  planDigest: digestSchema,
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  envelope: envelopeSchema,
})

/** A plan as it was sealed. */
export type Seal = {
  readonly plan: Plan
  readonly planDigest: Digest
  readonly textDigest: Digest
  readonly sequence: number
  readonly time: string
  readonly author: string
  readonly publicKey: string
  readonly existingResults: readonly ExistingResult[]
  readonly amendment: Statement['amendment']
}

export type SealRequest = {
  readonly parsed: ParsedPlan
  readonly record: readonly RecordEntry[]
  readonly time: string
  readonly author: string
  readonly key: SigningKey
  readonly existingResults: readonly ExistingResult[]
}

/** The entry that seals a plan. Throws AppError USAGE when the round has a sealed plan already. */
export function sealPlan(request: SealRequest): RecordEntry {
  if (sealsOf(request.record).length > 0) {
    throw new AppError('USAGE', 'the plan of this round is sealed already', {
      hint: 'a sealed plan is changed by `dokja round amend`, which keeps both versions',
    })
  }
  return sealEntry(request, null)
}

/**
 * The entry that replaces the sealed plan by another. It lists the results that existed and who
 * had seen them. Throws AppError PLAN_UNSEALED, or USAGE when no rule changes.
 */
export function amendPlan(
  request: SealRequest & { readonly reason: string; readonly approvedBy: readonly string[] },
): RecordEntry {
  const current = sealsOf(request.record).at(-1)
  if (!current) throw unsealed()
  if (current.textDigest === request.parsed.textDigest) {
    throw new AppError('USAGE', 'the plan is the one that is sealed: there is nothing to amend')
  }
  const { reason, approvedBy } = request
  return sealEntry(request, { replaces: current.planDigest, reason, approvedBy: [...approvedBy] })
}

function sealEntry(request: SealRequest, amendment: Statement['amendment']): RecordEntry {
  const { parsed, record, time, author, key } = request
  const statement: Statement = {
    schemaVersion: 'dokja.seal/1',
    time,
    author,
    after: record.at(-1)?.digest ?? null,
    plan: parsed.plan,
    planDigest: parsed.planDigest,
    textDigest: parsed.textDigest,
    existingResults: [...request.existingResults],
    amendment,
  }
  const envelope: Envelope = signEnvelope(statement as JsonValue, SEAL_PAYLOAD_TYPE, key)
  return nextEntry(record, {
    time,
    author,
    kind: amendment ? 'plan.amended' : 'plan.sealed',
    body: { planDigest: parsed.planDigest, publicKey: key.public, envelope },
  })
}

export const unsealed = (path = 'the plan'): AppError =>
  new AppError('PLAN_UNSEALED', `${path} is not sealed, so nothing can be scored by it`, {
    hint: 'run `dokja round seal DIR` before any result is looked at',
  })

/** All plans that were sealed in a record, oldest first. Throws AppError LOG_INVALID. */
export function sealsOf(record: readonly RecordEntry[]): Seal[] {
  const seals: Seal[] = []
  for (const entry of record) {
    const seal = openEntry(entry)
    if (!seal) continue
    if (seal.amendment?.replaces !== seals.at(-1)?.planDigest) {
      const message = `entry ${seal.sequence} (${entry.kind}): it does not follow the plan in force`
      throw new AppError('LOG_INVALID', message)
    }
    seals.push(seal)
  }
  return seals
}

/** The signed envelope of a seal; undefined for an entry of another kind. */
export function envelopeOf(entry: RecordEntry): Envelope | undefined {
  return openEntry(entry) ? bodySchema.parse(entry.body).envelope : undefined
}

/** The seal that one entry carries; undefined for an entry of another kind. */
export function openEntry(entry: RecordEntry): Seal | undefined {
  const isSeal = entry.kind === 'plan.sealed' || entry.kind === 'plan.amended'
  return isSeal ? openSeal(entry) : undefined
}

function openSeal(entry: RecordEntry): Seal {
  const refuse = (reason: string, cause?: unknown) =>
    new AppError('LOG_INVALID', `entry ${entry.sequence} (${entry.kind}): ${reason}`, { cause })
  const body = bodySchema.safeParse(entry.body)
  if (!body.success) throw refuse('its body is not a seal', body.error)
  const { envelope, publicKey, planDigest } = body.data
  const opened = openEnvelope(envelope, SEAL_PAYLOAD_TYPE, publicKey)
  if (opened.kind === 'invalid') throw refuse(`the envelope is not valid: ${opened.reason}`)
  const statement = statementSchema.safeParse(JSON.parse(new TextDecoder().decode(opened.payload)))
  if (!statement.success) throw refuse('the signed statement is not a seal', statement.error)
  const said = statement.data
  const plan = planSchema.safeParse(said.plan)
  if (!plan.success) throw refuse('the signed plan is not a plan', plan.error)
  if (planDigestOf(plan.data) !== said.planDigest || said.planDigest !== planDigest) {
    throw refuse('the digest of the signed plan is another')
  }
  if (said.after !== entry.previous || said.time !== entry.time || said.author !== entry.author) {
    throw refuse('the signed statement belongs to another place, time or author')
  }
  if ((entry.kind === 'plan.amended') !== (said.amendment !== null)) {
    throw refuse('the kind of the entry and the signed statement disagree')
  }
  return {
    plan: plan.data,
    planDigest,
    textDigest: said.textDigest,
    sequence: entry.sequence,
    time: entry.time,
    author: entry.author,
    publicKey,
    existingResults: said.existingResults,
    amendment: said.amendment,
  }
}
