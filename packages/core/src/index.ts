export { type CompareOptions, compareModels } from './audit/compare-models.ts'
export {
  type AuditReport,
  type Comparison,
  type ComponentComparison,
  CRITERIA,
  type Criterion,
  type Outcome,
  type Tier,
  VERDICTS,
  type Verdict,
} from './audit/result.ts'
export { type AuditOptions, type ReferenceOpener, runAudit } from './audit/run-audit.ts'
export { AppError, AssertionFault, type ErrorCode } from './base/errors.ts'
export type { Checkpoint, TensorSource } from './model/checkpoint.ts'
export { criterionReasonText } from './render/messages/criteria.ts'
export { noteText } from './render/messages/notes.ts'
export { plainText } from './render/messages/template.ts'
export { renderAudit, renderComparison } from './render/terminal.ts'
