import { z } from 'zod'
import { digestSchema } from '../../base/digest-schema.ts'
import { actFields, evidenceSchema, reasonSchema, voiceSchema } from '../docket/entry-body.ts'
import { daySchema, idSchema, positiveCountSchema, textSchema } from '../plan/words.ts'

/** Why a team does not go on. */
export const GROUNDS = ['score', 'gate', 'score_and_gate'] as const
export type Ground = (typeof GROUNDS)[number]

/** Body of `decision.made`: who goes on, who does not, and on which scoreboard that rests. */
export const decisionMadeSchema = z.strictObject({
  plan: digestSchema.describe('Digest of the plan in force.'),
  board: digestSchema.describe('Digest of the scoreboard that was decided on.'),
  rows: digestSchema.describe('Digest of the rows behind it.'),
  advances: z.array(z.strictObject({ team: idSchema, reasons: z.array(reasonSchema) })),
  leaves: z.array(
    z.strictObject({ team: idSchema, ground: z.enum(GROUNDS), reasons: z.array(reasonSchema) }),
  ),
  openPlaces: z.int().min(0).nullable(),
  decidedBy: textSchema,
  dissent: z.array(voiceSchema),
  objectionsUntil: z.iso.datetime().nullable(),
  ...actFields,
})

/** Body of `objection.filed`. Whether it is late follows from its time and the decision. */
export const objectionFiledSchema = z.strictObject({
  by: textSchema,
  team: idSchema.nullable().describe('The team that objects; null: somebody else.'),
  against: digestSchema.describe('The entry that is objected to.'),
  says: textSchema,
  evidence: z.array(evidenceSchema),
  ...actFields,
})

export const ANSWERS = ['upheld', 'partly_upheld', 'rejected', 'inadmissible', 'withdrawn'] as const

/** Body of `objection.answered`. An objection that is upheld leads to a new entry that corrects. */
export const objectionAnsweredSchema = z.strictObject({
  objection: digestSchema,
  answer: z.enum(ANSWERS),
  says: textSchema,
  evidence: z.array(evidenceSchema),
  answeredBy: textSchema,
  ...actFields,
})

/** Body of `objections.closed`: the window is over. How many came in is counted, not stated. */
export const objectionsClosedSchema = z.strictObject({
  decision: digestSchema,
  says: textSchema,
  ...actFields,
})

const windowSchema = z
  .strictObject({ from: daySchema, to: daySchema })
  .refine((window) => window.from <= window.to, { message: 'ends before it begins' })

/** Body of `recruitment.opened`: how each equal term of the plan is kept. */
export const recruitmentOpenedSchema = z.strictObject({
  places: positiveCountSchema,
  until: daySchema.nullable().describe('Last day of applying; null: not published.'),
  terms: z.array(
    z.strictObject({
      term: z.int().min(0).describe('Index into equal_terms of the plan.'),
      says: textSchema,
      windows: z
        .strictObject({ incumbents: windowSchema, newcomer: windowSchema })
        .nullable()
        .describe('Development time of both sides, where the term is about time.'),
      agreed: z
        .strictObject({ by: z.array(textSchema).min(1), says: textSchema })
        .nullable()
        .describe('Who agreed to a difference.'),
    }),
  ),
  evidence: z.array(evidenceSchema),
  ...actFields,
})

/** Body of `recruitment.closed`. */
export const recruitmentClosedSchema = z.strictObject({
  opened: digestSchema,
  applicants: z.int().min(0).nullable().describe('null: not published.'),
  selected: z.array(
    z.strictObject({ team: idSchema, name: textSchema, reasons: z.array(reasonSchema).min(1) }),
  ),
  decidedBy: textSchema,
  dissent: z.array(voiceSchema),
  ...actFields,
})

/** Body of `stage.carried`: what the next stage begins with. */
export const stageCarriedSchema = z.strictObject({
  stage: z.strictObject({ id: idSchema, name: textSchema }),
  teams: z.array(
    z.strictObject({
      team: idSchema,
      name: textSchema,
      from: z.enum(['advanced', 'recruited']),
      conditions: z.array(z.strictObject({ says: textSchema, due: daySchema.nullable() })),
    }),
  ),
  inherits: z.array(reasonSchema).describe('Records, evidence and rules that are carried over.'),
  ...actFields,
})

/** Body of `views.published`: the root that private numbers can be checked against. */
export const viewsPublishedSchema = z.strictObject({
  root: digestSchema,
  leaves: positiveCountSchema,
  board: digestSchema,
  views: z.array(z.strictObject({ path: z.string().min(1), digest: digestSchema })),
  ...actFields,
})

export type DecisionMade = z.infer<typeof decisionMadeSchema>
export type ObjectionFiled = z.infer<typeof objectionFiledSchema>
export type ObjectionAnswered = z.infer<typeof objectionAnsweredSchema>
export type ObjectionsClosed = z.infer<typeof objectionsClosedSchema>
export type RecruitmentOpened = z.infer<typeof recruitmentOpenedSchema>
export type RecruitmentClosed = z.infer<typeof recruitmentClosedSchema>
export type StageCarried = z.infer<typeof stageCarriedSchema>
export type ViewsPublished = z.infer<typeof viewsPublishedSchema>
