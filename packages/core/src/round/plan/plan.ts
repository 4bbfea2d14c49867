import { z } from 'zod'
import {
  advancementSchema,
  disclosureSchema,
  gateSchema,
  objectionsSchema,
  panelSchema,
  recruitmentSchema,
} from './conduct.ts'
import { type Measure, type Part, partSchema } from './measure.ts'
import { stepSchema } from './steps.ts'
import {
  basisSchema,
  daySchema,
  digitsSchema,
  idSchema,
  pointsSchema,
  positiveCountSchema,
  publishedSchema,
  textSchema,
} from './words.ts'

export const PLAN_SCHEMA_VERSION = 'dokja.plan/1'

const teamSchema = z.strictObject({
  id: idSchema,
  name: textSchema,
  model: textSchema.optional(),
  entered: z.enum(['call', 'recruitment']).optional(),
  note: textSchema.optional(),
})

const roundingSchema = z
  .strictObject({
    mode: z.enum(['half_up', 'half_even', 'down', 'up']),
    carried: z
      .strictObject({
        leaf: digitsSchema.nullable(),
        group: digitsSchema.nullable(),
        total: digitsSchema.nullable(),
      })
      .describe('Digits kept before a score is added to others or ranked; null: exact.'),
    printed: z.strictObject({ score: digitsSchema, total: digitsSchema }),
    basis: z.array(basisSchema).optional(),
  })
  .meta({ id: 'rounding' })

const tieSchema = z.discriminatedUnion('rule', [
  z
    .strictObject({ rule: z.literal('higher_part'), part: idSchema })
    .describe('The tied team with the higher score in that part is ahead.'),
  z
    .strictObject({ rule: z.literal('lot'), seed: z.string().min(1) })
    .describe('By SHA-256 of the seed, the digest of the rows and the team.'),
])

/** A rule that was not chosen, under which the result is computed beside the official one. */
const alternativeSchema = z
  .strictObject({
    id: idSchema,
    name: textSchema,
    extends: idSchema.optional().describe('Another alternative whose changes come first.'),
    parts: z
      .array(
        z.strictObject({
          part: idSchema,
          points: pointsSchema.optional(),
          steps: z.array(stepSchema).min(1).optional(),
        }),
      )
      .optional(),
    advancement: advancementSchema
      .pick({ gate: true, relative_to: true, rule: true })
      .partial()
      .optional(),
  })
  .meta({ id: 'alternative' })

export const planSchema = z
  .strictObject({
    schemaVersion: z.literal(PLAN_SCHEMA_VERSION),
    programme: z.strictObject({ id: idSchema, name: textSchema, owner: textSchema }),
    stage: z.strictObject({
      id: idSchema,
      name: textSchema,
      scoring_starts: daySchema.nullable(),
      scoring_ends: daySchema.nullable(),
    }),
    basis: z.array(basisSchema).optional(),
    teams: z.array(teamSchema).min(2),
    panels: z.array(panelSchema),
    points: pointsSchema.describe('Full marks of the whole stage.'),
    parts: z.array(partSchema).min(1),
    rounding: roundingSchema,
    ties: z
      .array(tieSchema)
      .nullable()
      .describe('Tried in order; what is still tied shares its rank. null: not published.'),
    gate: gateSchema.nullable(),
    advancement: advancementSchema,
    recruitment: recruitmentSchema.nullable(),
    disclosure: z.array(disclosureSchema),
    objections: objectionsSchema.nullable(),
    alternatives: z.array(alternativeSchema),
    analysis: z
      .strictObject({
        seed: z.string().min(1),
        draws: positiveCountSchema.max(1_000_000),
        clear: z.number().min(0.5).max(1).describe('Probability from which a result is "clear".'),
        likely: z.number().min(0.5).max(1),
      })
      .describe('The sensitivity analysis beside the decision.'),
    published: publishedSchema.optional(),
  })
  .meta({
    id: 'plan',
    title: 'Dokja plan of one stage',
    description: 'One stage, sealed before scoring.',
  })

export type Plan = z.infer<typeof planSchema>
export type Team = Plan['teams'][number]
export type Rounding = Plan['rounding']
export type TieRule = z.infer<typeof tieSchema>
export type Alternative = z.infer<typeof alternativeSchema>

/** A measured part, with the groups above it, outermost first. */
export type Leaf = Part & { readonly measure: Measure }

export function isLeaf(part: Part): part is Leaf {
  return part.measure !== undefined
}

/** All parts of a plan, parents before children, in the order in which they are written. */
export function allParts(parts: readonly Part[]): Part[] {
  return parts.flatMap((part) => [part, ...allParts(part.parts ?? [])])
}

export const leavesOf = (plan: Plan): Leaf[] => allParts(plan.parts).filter(isLeaf)
