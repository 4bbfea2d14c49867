import { z } from 'zod'

/** Names used inside a plan and in row files: plain ASCII, so that every tool sorts them alike. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, {
    message: 'an id has 1 to 64 of a–z 0–9 . _ - and begins and ends with a letter or digit',
  })
  .describe('Identifier: a–z, 0–9, ".", "_", "-"; names for people go into `name`.')
  .meta({ id: 'id' })

/** Text for people: one language, or Korean and English side by side. */
export const textSchema = z
  .union([z.string().min(1), z.strictObject({ ko: z.string().min(1), en: z.string().min(1) })])
  .describe('Text for people: a string, or { ko, en }.')
  .meta({ id: 'text' })

export const daySchema = z.iso.date().describe('A day as YYYY-MM-DD.')

export const countSchema = z.int().min(0).max(1_000_000)
export const positiveCountSchema = z.int().min(1).max(1_000_000)
export const pointsSchema = z
  .number()
  .positive()
  .max(1_000_000)
  .describe('Points, at most 15 digits.')
export const digitsSchema = z.int().min(0).max(12).describe('Digits after the decimal point.')

/**
 * What a statement of the plan rests on. A rule that the organiser never published must not pass
 * for an official one: it is kept as `assumption`, and every result that used it says so.
 */
export const basisSchema = z
  .strictObject({
    status: z.enum(['official', 'press', 'assumption']),
    says: textSchema,
    source: z.string().min(1).nullable().describe('An address, or null.'),
  })
  .meta({ id: 'basis' })

/** When a rule became known, so that "known before scoring" can be checked. */
export const publishedSchema = z
  .strictObject({
    on: daySchema.nullable().describe('null: never published.'),
    source: z.string().min(1).nullable(),
  })
  .describe('When and where the rule was published.')
  .meta({ id: 'published' })

export type Text = z.infer<typeof textSchema>
export type Basis = z.infer<typeof basisSchema>
export type Published = z.infer<typeof publishedSchema>
