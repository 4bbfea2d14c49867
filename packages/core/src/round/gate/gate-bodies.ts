import { z } from 'zod'
import { digestSchema } from '../../base/digest-schema.ts'
import { actFields, evidenceSchema, reasonSchema, voiceSchema } from '../docket/entry-body.ts'
import { AXES, AXIS_OUTCOMES } from '../plan/conduct.ts'
import { daySchema, idSchema, textSchema } from '../plan/words.ts'

/** What was found about one component in one role, for one axis. */
export const findingSchema = z.strictObject({
  component: z.string().min(1).max(200),
  role: z.string().min(1).max(200),
  outcome: z.enum(AXIS_OUTCOMES),
  says: textSchema,
  evidence: z.array(evidenceSchema),
})
export type Finding = z.infer<typeof findingSchema>

/** Body of `gate.asked`: the team is told what stands against it, and until when it may reply. */
export const gateAskedSchema = z.strictObject({
  team: idSchema,
  says: textSchema,
  evidence: z.array(evidenceSchema),
  until: z.iso.datetime().nullable().describe('End of the reply window; null: no length sealed.'),
  ...actFields,
})

/** Body of `gate.replied`. */
export const gateRepliedSchema = z.strictObject({
  team: idSchema,
  asked: digestSchema.nullable().describe('The question; null: the team spoke unasked.'),
  says: textSchema,
  evidence: z.array(evidenceSchema),
  final: z.boolean().describe('The team has nothing to add: the window need not be waited for.'),
  ...actFields,
})

export const VOTES = [...AXIS_OUTCOMES, 'abstain'] as const

const ballotSchema = z.strictObject({
  voter: z.string().min(1).max(200),
  axes: z.partialRecord(z.enum(AXES), z.enum(VOTES)),
  says: textSchema.optional(),
})
export type Ballot = z.infer<typeof ballotSchema>

const axisJudgementSchema = z.strictObject({
  outcome: z.enum(AXIS_OUTCOMES),
  reasons: z.array(reasonSchema).min(1),
  findings: z.array(findingSchema),
  conditions: z.array(z.strictObject({ says: textSchema, due: daySchema.nullable() })),
})
export type AxisJudgement = z.infer<typeof axisJudgementSchema>

/**
 * Body of `gate.decided`. Whether the team is excluded follows from the axes by the rule of the
 * plan; only where a retold decision was published without its axes, `published` states it.
 */
export const gateDecidedSchema = z.strictObject({
  team: idSchema,
  axes: z.partialRecord(z.enum(AXES), axisJudgementSchema),
  published: z.enum(['passes', 'excluded']).nullable(),
  replies: z.array(
    z.strictObject({ reply: digestSchema, considered: z.boolean(), says: textSchema }),
  ),
  votes: z.array(ballotSchema).nullable(),
  decidedBy: textSchema,
  advice: z.array(voiceSchema),
  dissent: z.array(voiceSchema),
  ...actFields,
})

export type GateAsked = z.infer<typeof gateAskedSchema>
export type GateReplied = z.infer<typeof gateRepliedSchema>
export type GateDecided = z.infer<typeof gateDecidedSchema>
