import { z } from 'zod'
import { type Dimension, stepSchema } from './steps.ts'
import {
  basisSchema,
  daySchema,
  idSchema,
  pointsSchema,
  positiveCountSchema,
  publishedSchema,
  textSchema,
} from './words.ts'

/** What one raw value may be. A row outside of it is refused. */
const scaleSchema = z
  .strictObject({
    min: z.number(),
    max: z.number(),
    step: z.number().positive().optional().describe('Allowed values are min, min + step, …'),
    labels: z
      .array(z.strictObject({ value: z.number(), name: textSchema }))
      .optional()
      .describe('What values are called.'),
  })
  .meta({ id: 'scale' })

/** A criterion that receives a score, and the unweighted things that a panellist looks at for it. */
export type Aspect = {
  id: string
  name: z.infer<typeof textSchema>
  aspects?: Aspect[] | undefined
}
const aspectSchema: z.ZodType<Aspect> = z
  .strictObject({
    id: idSchema,
    name: textSchema,
    get aspects() {
      return z.array(aspectSchema).optional()
    },
  })
  .meta({ id: 'aspect' })

const criterionSchema = z
  .strictObject({
    id: idSchema,
    name: textSchema,
    scale: scaleSchema,
    aspects: z.array(aspectSchema).optional().describe('What to look at; carries no points.'),
  })
  .meta({ id: 'criterion' })

/** Rows without a score, and rows that are not there, are different things and neither is zero. */
const missingSchema = z
  .strictObject({
    not_scored: z
      .enum(['zero', 'exclude', 'refuse'])
      .describe('A row whose status is not "scored" (error, timeout, refusal …).'),
    absent: z
      .enum(['zero', 'exclude', 'exclude_panellist', 'refuse'])
      .describe('A combination without a row; exclude_panellist: drops that panellist for all.'),
    least_coverage: z
      .number()
      .min(0)
      .max(1)
      .describe('Scored share of the expected rows below which the part has no score.'),
  })
  .describe('null: not published; then any gap is refused.')

const benchmarkSchema = z.strictObject({
  id: idSchema,
  name: textSchema.optional(),
  version: z.string().min(1).optional(),
})

const common = {
  by: textSchema.describe('Who measures.'),
  source: idSchema.describe('Name of the row source: rows/<source>.csv or .jsonl.'),
  missing: missingSchema.nullable(),
  steps: z.array(stepSchema).min(1),
  reproducibility: z
    .strictObject({
      by: textSchema,
      sampling: textSchema.nullable().describe('null: not published.'),
      tolerance: textSchema.nullable(),
    })
    .nullable()
    .optional()
    .describe('How results run by a team are checked.'),
  index: z
    .strictObject({ name: z.string().min(1), version: z.string().min(1), on: daySchema.nullable() })
    .optional()
    .describe('Version of an index kept by an outside body.'),
}

const benchmarkFields = {
  ...common,
  scale: scaleSchema,
  benchmarks: z
    .array(benchmarkSchema)
    .min(1)
    .nullable()
    .describe('The registered sets; null: not published, taken from the rows.'),
  sets_per_team: z
    .enum(['same', 'own'])
    .describe('same: every team runs every set; own: each team runs the sets it chose.'),
}

export const measureSchema = z
  .discriminatedUnion('rows', [
    z.strictObject({
      rows: z.literal('items'),
      ...benchmarkFields,
      epochs: positiveCountSchema.describe('Runs of every item.'),
    }),
    z.strictObject({ rows: z.literal('values'), ...benchmarkFields }),
    z.strictObject({
      rows: z.literal('rubric'),
      ...common,
      panel: idSchema,
      criteria: z.array(criterionSchema).min(1),
    }),
    z.strictObject({ rows: z.literal('ratings'), ...common, panel: idSchema, scale: scaleSchema }),
  ])
  .meta({ id: 'measure' })

export type Scale = z.infer<typeof scaleSchema>
export type Criterion = z.infer<typeof criterionSchema>
export type Missing = z.infer<typeof missingSchema>
export type Measure = z.infer<typeof measureSchema>
export type RowKind = Measure['rows']

/** The dimensions that rows of each kind have beside the team; the steps remove each one once. */
export const DIMENSIONS_OF: { readonly [kind in RowKind]: readonly Dimension[] } = {
  items: ['benchmarks', 'items', 'epochs'],
  values: ['benchmarks'],
  rubric: ['raters', 'criteria'],
  ratings: ['raters'],
}

/** A node of the score tree: either it has parts, or it is measured. */
export type Part = {
  id: string
  name: z.infer<typeof textSchema>
  points: number
  note?: z.infer<typeof textSchema> | undefined
  published?: z.infer<typeof publishedSchema> | undefined
  basis?: z.infer<typeof basisSchema>[] | undefined
  parts?: Part[] | undefined
  measure?: Measure | undefined
}

export const partSchema: z.ZodType<Part> = z
  .strictObject({
    id: idSchema,
    name: textSchema,
    points: pointsSchema,
    note: textSchema.optional(),
    published: publishedSchema.optional(),
    basis: z.array(basisSchema).optional().describe('What this rule rests on.'),
    get parts() {
      return z.array(partSchema).min(1).optional()
    },
    measure: measureSchema.optional(),
  })
  .describe('Either `parts` or `measure`. The points of the parts add up to the points here.')
  .meta({ id: 'part' })
