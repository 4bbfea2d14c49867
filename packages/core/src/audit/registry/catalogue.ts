import { z } from 'zod'
import { ARCHITECTURE_KEYS } from './architecture.ts'

const fact = z.union([z.string().max(100), z.number(), z.boolean()])

const commit = z.string().regex(/^[0-9a-f]{40}$/)

/** Where a fact was read: a key of `sources`, and the place in it (file and line, or how many files). */
const sourced = z.strictObject({ source: z.string(), at: z.string().min(1).max(200) })

const entrySchema = z.strictObject({
  /** Hub id, 'org/name'. */
  id: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  developer: z.string().min(1).max(100),
  /** ISO 3166-1 alpha-2 of the developer's seat; null where not known or international. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable(),
  kind: z.enum(['language', 'vision', 'audio', 'vision_language', 'text_encoder']),
  licence: z.string().max(100).nullable(),
  /** The licence was read on the model card; false where it is the family's usual one. */
  licenceVerified: z.boolean(),
  /** Where the licence was read when not on the model card. */
  licenceSource: sourced.optional(),
  /** Null where no source was seen; never guessed, for a wrong commit reads as a withdrawn model. */
  commit: commit.nullable(),
  /** Alternatives: commits of other days that sources pin as well. */
  commitSource: sourced.extend({ alternatives: z.array(commit).max(8).optional() }).optional(),
  architecture: z.partialRecord(z.enum(ARCHITECTURE_KEYS), fact),
  /** The architecture was read from the sources; false where it is incomplete or second hand. */
  verified: z.boolean(),
  /** Where the architecture was read, keys of `sources`. */
  sources: z.array(z.string()).max(8),
  note: z.string().max(300).optional(),
})

export const catalogueSchema = z
  .strictObject({
    schemaVersion: z.literal('dokja.catalogue/1'),
    date: z.iso.date(),
    sources: z.record(z.string(), z.string().min(1)),
    models: z.array(entrySchema).min(1).max(100_000),
  })
  .superRefine(({ sources, models }, context) => {
    for (const [at, model] of models.entries()) {
      const refuse = (message: string) =>
        context.addIssue({ code: 'custom', path: ['models', at], message })
      for (const key of sourceKeys(model)) {
        if (!Object.hasOwn(sources, key)) refuse(`${model.id}: no source is called ${key}`)
      }
      if (model.commitSource && model.commit === null) {
        refuse(`${model.id}: a source of a commit, and no commit`)
      }
    }
  })

const sourceKeys = (model: z.infer<typeof entrySchema>): string[] => [
  ...model.sources,
  ...[model.licenceSource, model.commitSource].flatMap((one) => (one ? [one.source] : [])),
]

export type Catalogue = z.infer<typeof catalogueSchema>
export type CatalogueEntry = z.infer<typeof entrySchema>
