import type { Note, RecoveredTransform, Tier, Verdict } from '../result.ts'

/** What is said of one component, and why. */
export type Decision = {
  readonly verdict: Verdict
  readonly tier: Tier | null
  readonly reasons: readonly Note[]
  readonly transform?: RecoveredTransform
}
