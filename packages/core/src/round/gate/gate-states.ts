import { gateInForce } from '../docket/docket.ts'
import type { Evidence } from '../docket/entry-body.ts'
import { readDocket } from '../docket/read-docket.ts'
import type { Plan } from '../plan/plan.ts'
import type { Text } from '../plan/words.ts'
import type { GateState } from '../score/scoreboard.ts'
import type { RecordEntry } from '../seal/record.ts'
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
    const judged = Object.entries(decision.body.axes)
    const reasons = judged.flatMap(([, axis]) => axis.reasons)
    const evidence = judged.flatMap(([, axis]) => [
      ...axis.reasons.flatMap((reason) => reason.evidence),
      ...axis.findings.flatMap((finding) => finding.evidence),
    ])
    states.set(team, {
      outcome: gateOutcome(plan.gate, decision.body),
      axes: Object.fromEntries(judged.map(([axis, { outcome }]) => [axis, outcome])),
      reasons: reasons.map((reason) => inEnglish(reason.says)),
      evidence: [...new Set(evidence.map(evidenceText))],
    })
  }
  return states
}

/** One line that says where the evidence is: digest before address, and the place inside. */
export function evidenceText(evidence: Evidence): string {
  const where = evidence.digest ?? evidence.link ?? ''
  return evidence.at === undefined ? where : `${where} ${evidence.at}`
}

const inEnglish = (text: Text): string => (typeof text === 'string' ? text : text.en)
