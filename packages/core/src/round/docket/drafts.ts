import { z } from 'zod'
import { digestSchema } from '../../base/digest-schema.ts'
import { ANSWERS } from '../decision/decision-bodies.ts'
import { VOTES } from '../gate/gate-bodies.ts'
import { AXES, AXIS_OUTCOMES } from '../plan/conduct.ts'
import { countSchema, daySchema, idSchema, positiveCountSchema, textSchema } from '../plan/words.ts'
import { retoldSchema } from './entry-body.ts'

/**
 * What a person writes for each act. The rest of an entry is computed: deadlines, digests of files,
 * who advances. An entry of the record is named by its number or its digest.
 */
const entryRef = z.union([z.int().min(0), digestSchema]).describe('Number of an entry, or digest.')

const evidence = z
  .strictObject({
    title: textSchema,
    link: z.url({ protocol: /^https?$/ }).optional(),
    file: z.string().min(1).optional().describe('Path inside the folder; its digest is computed.'),
    digest: digestSchema.optional(),
    at: z.string().min(1).optional().describe('Place inside a JSON file.'),
  })
  .refine((value) => value.link ?? value.file ?? value.digest, {
    message: 'needs a file, a link or a digest',
  })
const evidenceList = z.array(evidence).default([])
export type EvidenceDraft = z.infer<typeof evidence>

const reason = z.union([
  textSchema.transform((says) => ({ says, evidence: [] as EvidenceDraft[] })),
  z.strictObject({ says: textSchema, evidence: evidenceList }),
])
const voice = z.strictObject({ by: textSchema, says: textSchema, evidence: evidenceList })
const voices = z.array(voice).default([])

const every = {
  retold: retoldSchema.nullable().default(null),
  corrects: z.strictObject({ entry: entryRef, reason: textSchema }).nullable().default(null),
}
const condition = z.strictObject({ says: textSchema, due: daySchema.nullable().default(null) })

const judgement = z.strictObject({
  outcome: z.enum(AXIS_OUTCOMES),
  reasons: z.array(reason).min(1),
  findings: z
    .array(
      z.strictObject({
        component: z.string().min(1),
        role: z.string().min(1),
        outcome: z.enum(AXIS_OUTCOMES),
        says: textSchema,
        evidence: evidenceList,
      }),
    )
    .default([]),
  conditions: z.array(condition).default([]),
})

const window = z.strictObject({ from: daySchema, to: daySchema })

export const DRAFTS = {
  'gate.asked': z.strictObject({
    team: idSchema,
    says: textSchema,
    evidence: evidenceList,
    ...every,
  }),
  'gate.replied': z.strictObject({
    team: idSchema,
    asked: entryRef.nullable().optional().describe('Left out: the last question to the team.'),
    says: textSchema,
    evidence: evidenceList,
    final: z.boolean().default(false),
    ...every,
  }),
  'gate.decided': z.strictObject({
    team: idSchema,
    axes: z.partialRecord(z.enum(AXES), judgement),
    published: z.enum(['passes', 'excluded']).nullable().default(null),
    replies: z
      .array(z.strictObject({ reply: entryRef, considered: z.boolean(), says: textSchema }))
      .default([]),
    votes: z
      .array(
        z.strictObject({
          voter: z.string().min(1),
          axes: z.partialRecord(z.enum(AXES), z.enum(VOTES)),
          says: textSchema.optional(),
        }),
      )
      .nullable()
      .default(null),
    decidedBy: textSchema.optional().describe('Left out: whom the plan names.'),
    advice: voices,
    dissent: voices,
    ...every,
  }),
  'decision.made': z.strictObject({
    reasons: z.record(idSchema, z.array(reason)),
    decidedBy: textSchema.optional().describe('Left out: the owner of the programme.'),
    dissent: voices,
    ...every,
  }),
  'objection.filed': z.strictObject({
    by: textSchema,
    team: idSchema.nullable().default(null),
    against: entryRef.optional().describe('Left out: the decision in force.'),
    says: textSchema,
    evidence: evidenceList,
    ...every,
  }),
  'objection.answered': z.strictObject({
    objection: entryRef,
    answer: z.enum(ANSWERS),
    says: textSchema,
    evidence: evidenceList,
    answeredBy: textSchema.optional().describe('Left out: whom the plan names.'),
    ...every,
  }),
  'objections.closed': z.strictObject({ says: textSchema, ...every }),
  'recruitment.opened': z.strictObject({
    places: positiveCountSchema,
    until: daySchema.nullable().default(null),
    terms: z.array(
      z.strictObject({
        term: positiveCountSchema.describe('Counted from 1, in the order of equal_terms.'),
        says: textSchema,
        windows: z.strictObject({ incumbents: window, newcomer: window }).nullable().default(null),
        agreed: z
          .strictObject({ by: z.array(textSchema).min(1), says: textSchema })
          .nullable()
          .default(null),
      }),
    ),
    evidence: evidenceList,
    ...every,
  }),
  'recruitment.closed': z.strictObject({
    applicants: countSchema.nullable().default(null),
    selected: z.array(
      z.strictObject({ team: idSchema, name: textSchema, reasons: z.array(reason).min(1) }),
    ),
    decidedBy: textSchema.optional().describe('Left out: whom the plan names.'),
    dissent: voices,
    ...every,
  }),
  'stage.carried': z.strictObject({
    stage: z.strictObject({ id: idSchema, name: textSchema }),
    inherits: z.array(reason).default([]),
    ...every,
  }),
} as const

export type DraftKind = keyof typeof DRAFTS
export type Draft<K extends DraftKind> = z.output<(typeof DRAFTS)[K]>
