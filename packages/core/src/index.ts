export { type CompareOptions, type CompareProgress, compareModels } from './audit/compare-models.ts'
export type { FullReader } from './audit/full-read/full-read.ts'
export { type Architecture, architectureOf } from './audit/registry/architecture.ts'
export {
  architectureKin,
  type KnownArchitecture,
  type NearestArchitectures,
  nearestArchitectures,
} from './audit/registry/architecture-kin.ts'
export { buildAtlas } from './audit/registry/atlas.ts'
export { isBundle } from './audit/registry/bundle.ts'
export type { Catalogue } from './audit/registry/catalogue.ts'
export { isSameModel } from './audit/registry/claims.ts'
export { blocksOf } from './audit/registry/compare-content.ts'
export type { Claims, Fingerprint } from './audit/registry/fingerprint.ts'
export { contentDigest } from './audit/registry/fingerprint-digests.ts'
export { factsOf } from './audit/registry/fingerprint-model.ts'
export {
  type NonFiniteComponents,
  noteNonFiniteSuspect,
} from './audit/registry/non-finite-suspect.ts'
export { registryEvidence, type SearchedModel } from './audit/registry/registry-evidence.ts'
export { type RegistrySearch, searchRegistry } from './audit/registry/search-registry.ts'
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
export {
  type AuditOptions,
  type AuditStep,
  type ReferenceOpener,
  runAudit,
} from './audit/run-audit.ts'
export type { MeasureStep } from './audit/technical/progress.ts'
export type { Replay, ReplayOutcome } from './audit/technical/replay/replay.ts'
export { type ReplayProgress, replayTransform } from './audit/technical/replay/replay-transform.ts'
export { type TransformFile, transformFiles } from './audit/technical/replay/transform-files.ts'
export { DEFAULT_BUDGET_BYTES } from './audit/technical/sampling.ts'
export type { Finding as TrainingFinding } from './audit/technical/training/finding.ts'
export {
  judgeTraining,
  type TrainingInput,
  type TrainingOutcome,
  type TrainingReport,
} from './audit/technical/training/judge-training.ts'
export { type TrainingRecord, trainingRecordSchema } from './audit/technical/training/record.ts'
export { type Digest, digestBytes } from './base/digest.ts'
export { AppError, AssertionFault, type ErrorCode } from './base/errors.ts'
export { type Fault, FaultsError } from './base/faults.ts'
export type { Checkpoint, TensorSource } from './model/checkpoint.ts'
export { renderAuditHtml, renderComparisonHtml } from './render/html/audit-html.ts'
export { criterionReasonText } from './render/messages/criteria.ts'
export { noteText } from './render/messages/notes.ts'
export { plainText } from './render/messages/template.ts'
export { renderAtlasHtml } from './render/registry/atlas-html.ts'
export { renderKin } from './render/registry/kin-text.ts'
export {
  type RegistryListing,
  renderRegistryList,
  renderRegistrySearch,
} from './render/registry/registry-text.ts'
export { renderReplay } from './render/replay/replay-text.ts'
export { renderPlanCheck } from './render/round/check-terminal.ts'
export { renderRoundHtml } from './render/round/round-html.ts'
export { type DocketLook, renderDocket } from './render/terminal/docket.ts'
export { renderScoreboard } from './render/terminal/scoreboard.ts'
export { renderAudit, renderComparison } from './render/terminal.ts'
export { renderTraining } from './render/training/render-training.ts'
export { renderTrainingHtml } from './render/training/training-html.ts'
export { CHECK_WORDS, trainingFindingText } from './render/training/training-words.ts'
export { visible } from './render/visible.ts'
export { parseAssumptions } from './round/check/assumptions.ts'
export { judgePlan } from './round/check/judge-plan.ts'
export type { Finding, PlanJudgement } from './round/check/judgement.ts'
export { type DecisionGiven, makeDecision } from './round/decision/make-decision.ts'
export {
  isDecisionStale,
  type Publication,
  type PublishedView,
  publishViews,
} from './round/disclosure/publish-views.ts'
export { readView, type ViewVerification, verifyView } from './round/disclosure/verify-view.ts'
export type { RoundView } from './round/disclosure/view.ts'
export { type Docket, decisionInForce, gateInForce } from './round/docket/docket.ts'
export { decisionTemplate, gateDecisionTemplate } from './round/docket/draft-templates.ts'
export type { DraftKind } from './round/docket/drafts.ts'
export { type CompletedKind, completeDecision, completeDraft } from './round/docket/from-draft.ts'
export { readDocket } from './round/docket/read-docket.ts'
export { evidenceFilesOf, readDraft } from './round/docket/read-draft.ts'
export { type Written, writeAct } from './round/docket/write-act.ts'
export { voterCheck } from './round/gate/votes.ts'
export { parsePlan } from './round/plan/parse-plan.ts'
export type { Plan } from './round/plan/plan.ts'
export { readRows } from './round/rows/read-rows.ts'
export type { InputFile } from './round/rows/table.ts'
export { type RoundInput, type RoundResult, runRound, type TextFile } from './round/run-round.ts'
export { roundJson } from './round/score/scoreboard-json.ts'
export { diffPlans, formatChange } from './round/seal/diff-plan.ts'
export { keyIdOf, type SigningKey } from './round/seal/envelope.ts'
export { openSealedPlan } from './round/seal/open-plan.ts'
export { nextEntry, parseRecord, type RecordEntry } from './round/seal/record.ts'
export { amendPlan, type ExistingResult, openEntry, sealPlan, sealsOf } from './round/seal/seal.ts'
