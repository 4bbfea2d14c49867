import { z } from 'zod'
import { digestSchema } from '../../base/digest-schema.ts'
import { textSchema } from '../plan/words.ts'
import { LEAF_SCHEMA_VERSION } from './leaves.ts'
import { VIEW_SCHEMA_VERSION } from './view.ts'

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/)

const shown = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('shown'), value }),
    z.strictObject({ state: z.literal('withheld') }),
  ])

const figureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact'), text: z.string(), exact: z.string() }),
  z.strictObject({ kind: z.literal('published'), text: z.string() }),
  z.strictObject({
    kind: z.literal('unknown'),
    reason: z.string(),
    range: z.strictObject({ least: z.string(), most: z.string() }).nullable(),
  }),
])

const answerSchema = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('known'), value }),
    z.strictObject({ kind: z.literal('open'), reason: z.string() }),
  ])

type PartShape = {
  part: string
  score: z.infer<ReturnType<typeof shown<typeof figureSchema>>>
  parts: PartShape[]
}
const partSchema: z.ZodType<PartShape> = z.object({
  part: z.string(),
  score: shown(figureSchema),
  get parts() {
    return z.array(partSchema)
  },
})

const audienceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('public') }),
  z.strictObject({ kind: z.literal('team'), team: z.string() }),
  z.strictObject({ kind: z.literal('panel') }),
  z.strictObject({ kind: z.literal('office') }),
])

const openingSchema = z.strictObject({
  leaf: z.strictObject({
    schemaVersion: z.literal(LEAF_SCHEMA_VERSION),
    plan: digestSchema,
    team: z.string(),
    item: z.string().min(1),
    value: z.json(),
    salt: hashSchema,
  }),
  index: z.int().min(0),
  path: z.array(hashSchema).max(64),
})

/** The parts of a view that a proof is about; the rest is read and left as it is. */
export const provenViewSchema = z.object({
  schemaVersion: z.literal(VIEW_SCHEMA_VERSION),
  audience: audienceSchema,
  asOf: z.iso.datetime(),
  stage: z.object({ id: z.string(), name: textSchema }),
  commitment: z.strictObject({
    tree: z.literal('RFC 6962 SHA-256'),
    root: digestSchema,
    leaves: z.int().min(1).max(10_000_000),
    planDigest: digestSchema,
    record: z.strictObject({ sequence: z.int(), digest: digestSchema }).nullable(),
  }),
  teams: z.array(
    z.object({
      team: z.string(),
      total: shown(figureSchema),
      rank: shown(answerSchema(z.int())),
      gate: shown(z.enum(['none', 'passes', 'excluded', 'undecided'])),
      advances: shown(answerSchema(z.boolean())),
      parts: z.array(partSchema),
    }),
  ),
  openings: z.array(openingSchema),
})

export type ProvenView = z.infer<typeof provenViewSchema>
