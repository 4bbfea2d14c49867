import { z } from 'zod'
import {
  basisSchema,
  countSchema,
  idSchema,
  positiveCountSchema,
  publishedSchema,
  textSchema,
} from './words.ts'

/** Rules about people: who sits on a panel, what they may see, when it is large enough. */
export const panelSchema = z
  .strictObject({
    id: idSchema,
    name: textSchema,
    kind: z.enum(['expert', 'expert_user', 'public']),
    planned: positiveCountSchema,
    selected: positiveCountSchema.optional(),
    composition: z.record(idSchema, positiveCountSchema).optional().describe('Seats per group.'),
    selection: textSchema.nullable().describe('How they are chosen; null: not published.'),
    quorum: z
      .strictObject({ least: positiveCountSchema.describe('Panellists whose scores count.') })
      .nullable()
      .describe('null: not published; then no number is too small, and the result says so.'),
    conflicts: z
      .strictObject({
        declared: z.boolean(),
        checked_by: textSchema.nullable(),
        effect: z
          .enum(['recused_from_team', 'excluded_from_panel'])
          .describe('A row by a conflicted panellist is refused either way.'),
      })
      .nullable()
      .describe('Conflict-of-interest rule; null: not published.'),
    blinding: z
      .strictObject({ team_names: z.enum(['hidden', 'visible']), note: textSchema.optional() })
      .nullable()
      .describe('null: not published.'),
    session: z
      .strictObject({
        order: z.enum(['random', 'fixed']).nullable(),
        least_minutes: z.number().positive().nullable(),
        guideline: textSchema.nullable(),
      })
      .nullable(),
    basis: z.array(basisSchema).optional(),
  })
  .meta({ id: 'panel' })

export const AXES = ['technical', 'policy', 'ethical'] as const
/** `conditional`: met if the conditions that the decision names are kept. */
export const AXIS_OUTCOMES = ['met', 'conditional', 'not_met', 'not_determinable'] as const
export type Axis = (typeof AXES)[number]
export type AxisOutcome = (typeof AXIS_OUTCOMES)[number]

/** The independence gate. It excludes or it does not; it never becomes points. */
export const gateSchema = z
  .strictObject({
    id: idSchema,
    name: textSchema,
    counts: z
      .array(
        z.strictObject({
          component: z
            .string()
            .min(1)
            .describe('language_model, vision_encoder, …, or "any" for every component.'),
          roles: z
            .array(z.string().min(1))
            .min(1)
            .describe('weights, tokenizer, modelling_code, training_code, data, …'),
        }),
      )
      .min(1)
      .describe('The components and roles that are judged.'),
    axes: z
      .array(
        z.strictObject({
          id: z.enum(AXES),
          criterion: textSchema,
          excludes: z.array(z.enum(AXIS_OUTCOMES)).describe('Outcomes that exclude a team.'),
        }),
      )
      .min(1),
    decided_by: textSchema,
    decision: z.discriminatedUnion('rule', [
      z.strictObject({ rule: z.literal('authority') }).describe('The named body decides.'),
      z
        .strictObject({
          rule: z.literal('vote'),
          panel: idSchema,
          quorum: positiveCountSchema.nullable(),
          majority: z
            .number()
            .positive()
            .max(1)
            .nullable()
            .describe('Share of votes for "not met" that must be exceeded; null: not published.'),
        })
        .describe('A panel votes.'),
    ]),
    evidence: z
      .array(textSchema)
      .nullable()
      .describe('What may be relied on; null: not published.'),
    reply: z
      .strictObject({
        before_decision: z.boolean(),
        days: positiveCountSchema.nullable(),
      })
      .nullable()
      .describe('Right of reply of the team; null: not published.'),
    published: publishedSchema.optional(),
    basis: z.array(basisSchema).optional(),
  })
  .meta({ id: 'gate' })

export const advancementSchema = z
  .strictObject({
    gate: z
      .enum(['before_ranking', 'after_ranking'])
      .describe('before_ranking: excluded teams are not ranked and open no place among the rest.'),
    relative_to: z
      .enum(['all_teams', 'ranked_teams'])
      .describe('Which teams a relative scaling rule compares when the gate comes first.'),
    rule: z.discriminatedUnion('rule', [
      z.strictObject({ rule: z.literal('top'), n: positiveCountSchema }),
      z.strictObject({ rule: z.literal('drop_lowest'), n: countSchema }),
      z.strictObject({ rule: z.literal('threshold'), points: z.number().nonnegative() }),
    ]),
    next_stage_places: positiveCountSchema
      .nullable()
      .describe('Teams wanted in the next stage; what is left open goes to recruitment.'),
    published: publishedSchema.optional(),
    basis: z.array(basisSchema).optional(),
  })
  .meta({ id: 'advancement' })

export const recruitmentSchema = z
  .strictObject({
    places: z.union([z.literal('open_places'), positiveCountSchema]),
    eligible: textSchema,
    judged_by: textSchema,
    equal_terms: z.array(textSchema).min(1).describe('Development time, support, same next plan …'),
    published: publishedSchema.optional(),
    basis: z.array(basisSchema).optional(),
  })
  .meta({ id: 'recruitment' })

export const DISCLOSURES = [
  'rules',
  'part_best',
  'part_best_team',
  'part_mean',
  'part_gap',
  'own_scores',
  'all_scores',
  'totals',
  'ranks',
  'gate_outcomes',
  'gate_evidence',
  'advancement',
  'traces',
  'raw_rows',
  'sensitivity',
] as const

export const disclosureSchema = z
  .strictObject({
    audience: z.enum(['public', 'team', 'panel']),
    shows: z.array(z.enum(DISCLOSURES)),
    published: publishedSchema.optional(),
    basis: z.array(basisSchema).optional(),
  })
  .meta({ id: 'disclosure' })

export const objectionsSchema = z
  .strictObject({
    days: positiveCountSchema.nullable().describe('Length of the window; null: not published.'),
    to: textSchema,
    answered_by: textSchema.nullable(),
    published: publishedSchema.optional(),
    basis: z.array(basisSchema).optional(),
  })
  .meta({ id: 'objections' })

export type Panel = z.infer<typeof panelSchema>
export type Gate = z.infer<typeof gateSchema>
export type Advancement = z.infer<typeof advancementSchema>
export type Recruitment = z.infer<typeof recruitmentSchema>
export type Disclosure = z.infer<typeof disclosureSchema>
export type Objections = z.infer<typeof objectionsSchema>
