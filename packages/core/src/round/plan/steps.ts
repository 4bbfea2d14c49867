import { z } from 'zod'
import { idSchema } from './words.ts'

/**
 * The path from raw rows to points is a list of steps. A reducing step removes one dimension; a
 * scaling step turns raw values into a share of full marks (or into points). The order is the
 * rule: "median of experts per criterion, then sum" and "sum, then median" are different plans.
 */
export const DIMENSIONS = ['epochs', 'items', 'benchmarks', 'criteria', 'raters'] as const
export type Dimension = (typeof DIMENSIONS)[number]

const over = z
  .enum(DIMENSIONS)
  .describe('The dimension that the step removes: one value per group of it remains.')

const reducingSteps = [
  z.strictObject({ rule: z.literal('mean'), over }),
  z.strictObject({ rule: z.literal('median'), over }),
  z.strictObject({ rule: z.literal('sum'), over }),
  z.strictObject({
    rule: z.literal('trimmed_mean'),
    over,
    drop: z.int().min(1).max(1000).describe('How many of the highest, and as many of the lowest.'),
  }),
  z.strictObject({
    rule: z.literal('weighted_mean'),
    over,
    weights: z.record(idSchema, z.number().nonnegative()).describe('One weight per label.'),
  }),
] as const

const scalingSteps = [
  z
    .strictObject({ rule: z.literal('as_points') })
    .describe('The value already is in points (a rubric whose criteria add up to the points).'),
  z
    .strictObject({
      rule: z.literal('fraction_of_full_marks'),
      full: z.number().describe('Raw value that earns all points.'),
      zero: z.number().optional().describe('Raw value that earns none; 0 when left out.'),
    })
    .describe('share = (value − zero) / (full − zero)'),
  z
    .strictObject({
      rule: z.literal('ratio_to_target'),
      targets: idSchema.describe('Row source with the score of each target model.'),
      cap: z.number().positive().nullable().describe('Largest share, such as 1; null: no cap.'),
    })
    .describe('share = value / score of the target model'),
  z
    .strictObject({ rule: z.literal('best_team') })
    .describe('share = value / best value among the teams'),
  z
    .strictObject({ rule: z.literal('min_max') })
    .describe('share = (value − lowest) / (highest − lowest) among the teams'),
  z
    .strictObject({
      rule: z.literal('rank_points'),
      shares: z.array(z.number().min(0).max(1)).min(1).describe('Share of rank 1, 2, 3 …'),
    })
    .describe('share by rank; tied teams get the mean of the ranks that they occupy'),
  z
    .strictObject({
      rule: z.literal('z_score'),
      centre: z.number().describe('Share of a team at the mean.'),
      per_deviation: z.number().positive().describe('Share added per standard deviation.'),
      digits: z.int().min(1).max(30).describe('Digits kept of the standard deviation.'),
    })
    .describe('share = centre + per_deviation × (value − mean) / SD, held within 0 and 1'),
  z
    .strictObject({
      rule: z.literal('anchors'),
      anchors: z
        .array(z.strictObject({ raw: z.number(), share: z.number().min(0).max(1) }))
        .min(2)
        .describe('Rising raw values; straight lines between, flat outside.'),
    })
    .describe('share by fixed anchors, linear between them'),
] as const

export const stepSchema = z
  .discriminatedUnion('rule', [...reducingSteps, ...scalingSteps])
  .meta({ id: 'step' })

export type Step = z.infer<typeof stepSchema>
export type ReducingStep = Extract<Step, { over: Dimension }>
export type ScalingStep = Exclude<Step, ReducingStep>

export const isReducing = (step: Step): step is ReducingStep => 'over' in step
