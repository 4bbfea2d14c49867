import {
  type AuditReport,
  type Comparison,
  CRITERIA,
  criterionReasonText,
  noteText,
  plainText,
} from '@dokja/core'

/** The comparison as published: notes carry their English sentence beside code and values. */
export function comparisonJson(comparison: Comparison): unknown {
  return {
    ...comparison,
    components: comparison.components.map((component) => ({
      ...component,
      reasons: component.reasons.map((note) => ({
        ...note,
        text: plainText(noteText(note, 'en')),
      })),
    })),
    notes: comparison.notes.map((note) => ({ ...note, text: plainText(noteText(note, 'en')) })),
  }
}

export function auditJson(report: AuditReport): unknown {
  const criteria = Object.fromEntries(
    CRITERIA.map((criterion) => [
      criterion,
      {
        outcome: report.criteria[criterion].outcome,
        reasons: report.criteria[criterion].reasons.map((reason) => ({
          text: plainText(criterionReasonText(reason, 'en')),
          evidence: reason.evidence,
          code: reason.code,
          values: reason.values,
        })),
      },
    ]),
  )
  return {
    ...report,
    components: report.components.map((component) => ({
      ...component,
      reasons: component.reasons.map((note) => ({
        ...note,
        text: plainText(noteText(note, 'en')),
      })),
    })),
    comparisons: report.comparisons.map(comparisonJson),
    criteria,
  }
}
