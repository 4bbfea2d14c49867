import { gateStates } from '../gate/gate-states.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { readRows } from '../rows/read-rows.ts'
import type { Rows } from '../rows/rows.ts'
import { type ScoreContext, type Scored, scorePlan } from '../score/score-plan.ts'
import type { SimulatedRound } from './simulated-round.ts'

/** Reads and scores a simulated round as `runRound` does, without a seal. */
export function scoreSimulated(round: SimulatedRound): {
  readonly plan: Plan
  readonly rows: Rows
  readonly scored: Scored
  readonly context: ScoreContext
} {
  const { plan, planDigest } = parsePlan(round.planText, 'plan.yaml')
  const rows = readRows(plan, round.files)
  const context: ScoreContext = {
    planDigest,
    rows,
    gate: gateStates(plan, []),
    facts: rows.facts,
    measured: new Map(),
  }
  return { plan, rows, context, scored: scorePlan(plan, context) }
}
