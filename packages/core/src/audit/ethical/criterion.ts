import type { AuditReport } from '../result.ts'

/** Named sources and kept licences are shown by documents, not by weights. */
export function ethicalCriterion(): AuditReport['criteria']['ethical'] {
  return {
    outcome: 'not_determinable',
    reasons: [
      { code: 'licence_review_missing', values: {}, evidence: null },
      { code: 'declaration_missing', values: {}, evidence: null },
    ],
  }
}
