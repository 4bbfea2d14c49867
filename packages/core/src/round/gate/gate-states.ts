import { gateInForce } from '../docket/docket.ts'
import type { Evidence } from '../docket/entry-body.ts'
import { readDocket } from '../docket/read-docket.ts'
import { AXES, type Axis } from '../plan/conduct.ts'
import type { Plan } from '../plan/plan.ts'
import type { Text } from '../plan/words.ts'
import type { GateState } from '../score/scoreboard.ts'
import type { RecordEntry } from '../seal/record.ts'
import type { AxisJudgement, GateDecided } from './gate-bodies.ts'
import { gateOutcome } from './judgement.ts'

/**
 * What the gate says about each team that it was decided for, from the record. The outcome follows
 * from the axes by the rule of `plan`. Throws AppError LOG_INVALID.
 */
export function gateStates(plan: Plan, record: readonly RecordEntry[]): Map<string, GateState> {
  const docket = readDocket(record)
  const states = new Map<string, GateState>()
  for (const team of docket.gate.keys()) {
    const decision = gateInForce(docket, team)
    if (!decision) continue
    const judged = axesInOrder(plan, decision.body)
    const reasons = judged.flatMap(([, axis]) => axis.reasons)
    const evidence = judged.flatMap(([, axis]) => [
      ...axis.reasons.flatMap((reason) => reason.evidence),
      ...axis.findings.flatMap((finding) => finding.evidence),
    ])
    states.set(team, {
      outcome: gateOutcome(plan.gate, decision.body),
      axes: Object.fromEntries(judged.map(([axis, { outcome }]) => [axis, outcome])),
      reasons: [...new Set(reasons.map((reason) => inEnglish(reason.says)))],
      evidence: [...new Set(evidence.map(evidenceText))],
    })
  }
  return states
}

/** The axes that were judged, in the order technical, policy, ethical: a record keeps keys in another order. */
export function axesInOrder(
  plan: Plan,
  decision: Pick<GateDecided, 'axes'>,
): [Axis, AxisJudgement][] {
  return AXES.flatMap((axis): [Axis, AxisJudgement][] => {
    const judgement = decision.axes[axis]
    return judgement && plan.gate?.axes.some(({ id }) => id === axis) ? [[axis, judgement]] : []
  })
}

/** One line that says where the evidence is: digest before address, and the place inside. */
export function evidenceText(evidence: Evidence): string {
  const where = evidence.digest ?? evidence.link ?? ''
  return evidence.at === undefined ? where : `${where} ${evidence.at}`
}

const inEnglish = (text: Text): string => (typeof text === 'string' ? text : text.en)
