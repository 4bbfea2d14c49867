import {
  plainText,
  type TrainingFinding,
  type TrainingReport,
  trainingFindingText,
} from '@dokja/core'

/** The report as published: every finding with its English sentence. */
export function trainingJson(report: TrainingReport): unknown {
  const worded = (findings: readonly TrainingFinding[]) =>
    findings.map((finding) => ({ ...finding, text: plainText(trainingFindingText(finding, 'en')) }))
  return {
    ...report,
    statement:
      report.outcome === 'consistent'
        ? 'consistent with training from the claimed initialisation'
        : report.outcome,
    consistent: worded(report.consistent),
    contradicts: worded(report.contradicts),
    missing: worded(report.missing),
  }
}
