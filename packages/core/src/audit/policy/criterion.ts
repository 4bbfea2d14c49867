import type { AuditReport } from '../result.ts'

/** Freedom from outside control rests on licences and dependencies, which weights do not show. */
export function policyCriterion(): AuditReport['criteria']['policy'] {
  return {
    outcome: 'not_determinable',
    reasons: [
      { code: 'licence_review_missing', values: {}, evidence: null },
      { code: 'declaration_missing', values: {}, evidence: null },
    ],
  }
}
