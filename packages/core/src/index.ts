export { type CompareOptions, compareModels } from './audit/compare-models.ts'
export {
  type AuditReport,
  type Comparison,
  type ComponentComparison,
  type Criterion,
  type Outcome,
  type Tier,
  VERDICTS,
  type Verdict,
} from './audit/result.ts'
export { type AuditOptions, type ReferenceOpener, runAudit } from './audit/run-audit.ts'
export { AppError, AssertionFault, type ErrorCode } from './base/errors.ts'
export type { Checkpoint, TensorSource } from './model/checkpoint.ts'
