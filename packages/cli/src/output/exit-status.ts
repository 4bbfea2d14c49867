import type { AuditReport, Outcome, ReplayOutcome, TrainingOutcome, Verdict } from '@dokja/core'

/** 0 no evidence of descent · 1 descent found · 3 not determinable. */
const STATUS_OF_VERDICT: Record<Verdict, number> = {
  identical: 1,
  reencoded: 1,
  derived: 1,
  derived_obfuscated: 1,
  common_origin: 1,
  // Dependence is certain, descent is not: a shared seed alone would show the same.
  shared_initialisation: 3,
  no_evidence: 0,
  not_testable: 3,
}

export const exitStatusOf = (verdict: Verdict): number => STATUS_OF_VERDICT[verdict]

const STATUS_OF_OUTCOME: Record<Outcome, number> = { met: 0, not_met: 1, not_determinable: 3 }

/**
 * An audit ends as its technical axis does, the only one that weights can decide; the other two
 * say in the report which documents they wait for.
 */
export const exitStatusOfAudit = (report: AuditReport): number =>
  STATUS_OF_OUTCOME[report.criteria.technical.outcome]

const STATUS_OF_TRAINING: Record<TrainingOutcome, number> = {
  consistent: 0,
  contradicted: 1,
  not_determinable: 3,
}

export const exitStatusOfTraining = (outcome: TrainingOutcome): number =>
  STATUS_OF_TRAINING[outcome]

/** What the file states of the down projections decides; a low figure that is stated is no failure. */
const STATUS_OF_REPLAY: Record<ReplayOutcome, number> = {
  reproduced: 0,
  not_reproduced: 1,
  not_determinable: 3,
}

export const exitStatusOfReplay = (outcome: ReplayOutcome): number => STATUS_OF_REPLAY[outcome]
