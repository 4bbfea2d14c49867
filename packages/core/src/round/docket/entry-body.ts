import { z } from 'zod'
import { digestSchema } from '../../base/digest-schema.ts'
import { daySchema, textSchema } from '../plan/words.ts'

/** What the bodies of docket entries are made of. */
export const hexSchema = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * Something that can be looked up: a file by its digest, a page by its address. `at` is a place
 * inside of it, such as `components/vision_encoder` in the report of an audit.
 */
export const evidenceSchema = z
  .strictObject({
    title: textSchema,
    link: z.url({ protocol: /^https?$/ }).optional(),
    file: z.string().min(1).max(400).optional().describe('Path inside the folder of the round.'),
    digest: digestSchema.optional(),
    at: z.string().min(1).max(400).optional(),
  })
  .refine((value) => value.link !== undefined || value.digest !== undefined, {
    message: 'evidence needs a link or a digest',
  })
export type Evidence = z.infer<typeof evidenceSchema>

/** A sentence and what it rests on. */
export const reasonSchema = z.strictObject({
  says: textSchema,
  evidence: z.array(evidenceSchema),
})
export type Reason = z.infer<typeof reasonSchema>

/** What somebody said who is named: dissent, advice. */
export const voiceSchema = z.strictObject({
  by: textSchema,
  says: textSchema,
  evidence: z.array(evidenceSchema),
})
export type Voice = z.infer<typeof voiceSchema>

/**
 * The act was done by others and is told again from what they published. The rules of the plan
 * cannot be enforced upon the past: what departs from them is kept and shown instead.
 */
export const retoldSchema = z.strictObject({
  on: z
    .union([daySchema, z.iso.datetime()])
    .nullable()
    .describe('Day or time of the act; null: not published.'),
  sources: z.array(z.string().min(1)).min(1),
})

/**
 * Fields of every docket entry. `blind` is 32 random bytes: without them the digest of an entry
 * whose body is withheld could be found by trying the few bodies that are likely.
 */
export const actFields = {
  blind: hexSchema,
  retold: retoldSchema.nullable(),
  corrects: z
    .strictObject({ entry: digestSchema, reason: textSchema })
    .nullable()
    .describe('The entry that this one takes the place of, and why.'),
}
export type ActFields = {
  readonly blind: string
  readonly retold: z.infer<typeof retoldSchema> | null
  readonly corrects: {
    readonly entry: z.infer<typeof digestSchema>
    readonly reason: z.infer<typeof textSchema>
  } | null
}

/**
 * When an act was done: the time of its entry, or for a retold act what was published, a bare day
 * from its first second in UTC. Null where that was not published.
 */
export function actTime(act: {
  readonly entry: { readonly time: string }
  readonly body: Pick<ActFields, 'retold'>
}): string | null {
  const { retold } = act.body
  if (retold === null) return act.entry.time
  if (retold.on === null) return null
  return retold.on.length === 10 ? `${retold.on}T00:00:00Z` : retold.on
}
