import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { AXES, AXIS_OUTCOMES } from '../plan/conduct.ts'
import type { Plan } from '../plan/plan.ts'
import type { GateState } from '../score/scoreboard.ts'
import type { RecordEntry } from '../seal/record.ts'

/** Body of a `gate.decided` entry. A later entry for the same team replaces the earlier one. */
export const gateDecisionSchema = z.strictObject({
  team: z.string().min(1),
  axes: z.partialRecord(z.enum(AXES), z.enum(AXIS_OUTCOMES)),
  reasons: z.array(z.string().min(1)).min(1),
  evidence: z.array(z.string().min(1)),
})
export type GateDecision = z.infer<typeof gateDecisionSchema>

/**
 * What the gate says about each team, from the record. The outcome follows from the axes by the
 * rule of the plan; nobody writes it down by hand. Throws AppError LOG_INVALID.
 */
export function gateStates(plan: Plan, record: readonly RecordEntry[]): Map<string, GateState> {
  const states = new Map<string, GateState>()
  for (const entry of record) {
    if (entry.kind !== 'gate.decided') continue
    const parsed = gateDecisionSchema.safeParse(entry.body)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const where = `entry ${entry.sequence} (gate.decided) ${issue?.path.join('.')}`
      throw new AppError('LOG_INVALID', `${where}: ${issue?.message}`, { cause: parsed.error })
    }
    const decision = parsed.data
    if (!plan.teams.some((team) => team.id === decision.team)) {
      const message = `entry ${entry.sequence} (gate.decided): unknown team "${decision.team}"`
      throw new AppError('LOG_INVALID', message)
    }
    states.set(decision.team, {
      outcome: outcomeOf(plan, decision),
      axes: decision.axes,
      reasons: decision.reasons,
      evidence: decision.evidence,
    })
  }
  return states
}

function outcomeOf(plan: Plan, decision: GateDecision): GateState['outcome'] {
  const axes = plan.gate?.axes ?? []
  const excluded = axes.some((axis) => {
    const outcome = decision.axes[axis.id]
    return outcome !== undefined && axis.excludes.includes(outcome)
  })
  if (excluded) return 'excluded'
  return axes.every((axis) => decision.axes[axis.id] !== undefined) ? 'passes' : 'undecided'
}
