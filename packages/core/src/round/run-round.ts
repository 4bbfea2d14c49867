import { AppError } from '../base/errors.ts'
import { changedInputs, type InputChange } from './changed-inputs.ts'
import { gateStates } from './gate/gate-states.ts'
import { readRows } from './rows/read-rows.ts'
import type { InputFile } from './rows/table.ts'
import { type PublishedFindings, publishedFindings } from './score/published-findings.ts'
import { type ScoreContext, scorePlan } from './score/score-plan.ts'
import type { Scoreboard } from './score/scoreboard.ts'
import { openSealedPlan, type SealedPlan } from './seal/open-plan.ts'
import { parseRecord, type RecordEntry } from './seal/record.ts'
import type { Seal } from './seal/seal.ts'
import { scoreAlternatives } from './sensitivity/alternatives.ts'
import { analyseRound } from './sensitivity/analyse-round.ts'
import type { Sensitivity } from './sensitivity/sensitivity.ts'

/** A text and what to call it in messages. */
export type TextFile = { readonly text: string; readonly path: string }

export type RoundInput = {
  readonly plan: TextFile
  readonly record: TextFile
  /** Rows, panels and published facts, in any order. */
  readonly files: readonly InputFile[]
}

/** The result under a plan that was in force before an amendment. */
export type EarlierRules = {
  readonly seal: Seal
  readonly outcome:
    | { readonly kind: 'scored'; readonly board: Scoreboard }
    | { readonly kind: 'not_applicable'; readonly reason: string }
}

export type RoundResult = {
  readonly sealed: SealedPlan
  readonly record: readonly RecordEntry[]
  readonly board: Scoreboard
  /** Published figures beside the computed ones. */
  readonly published: PublishedFindings
  /** Files, rows or scores that are not what the record says they were. */
  readonly changes: readonly InputChange[]
  readonly earlier: readonly EarlierRules[]
  readonly sensitivity: Sensitivity
}

/**
 * A round, from files to result:
 *   1. the record must be whole, and the plan file must be the sealed plan;
 *   2. rows, panels and published facts are read against that plan, all faults at once;
 *   3. the gate is read from the record;
 *   4. the sealed rules turn rows into scores, ranks and places, each number with its trace;
 *   5. published figures are compared with the computed ones;
 *   6. beside it: the rules that were in force before an amendment, the sealed alternatives, and
 *      how sure the order is.
 * Throws AppError LOG_INVALID, PLAN_UNSEALED, PLAN_TAMPERED or ROWS_INVALID.
 */
export function runRound(input: RoundInput): RoundResult {
  const record = parseRecord(input.record.text, input.record.path)
  const sealed = openSealedPlan(record, input.plan)
  const { plan, planDigest } = sealed.current
  const rows = readRows(plan, input.files)
  const context: ScoreContext = {
    planDigest,
    rows,
    gate: gateStates(plan, record),
    measured: new Map(),
  }
  const scored = scorePlan(plan, { ...context, facts: rows.facts })
  const { board } = scored
  const published = publishedFindings(plan, rows.facts, scored)
  const changes = changedInputs(sealed.current, board, record)
  const alternatives = scoreAlternatives(plan, board, context)
  const earlier = sealed.earlier.map((seal) => underEarlierRules(seal, input.files, record))
  const sensitivity = analyseRound({ plan, scored, rows, alternatives })
  return { sealed, record, board, published, changes, earlier, sensitivity }
}

/** Rows may not fit the rules that an amendment replaced; then that is the answer. */
function underEarlierRules(
  seal: Seal,
  files: readonly InputFile[],
  record: readonly RecordEntry[],
): EarlierRules {
  const { plan, planDigest } = seal
  try {
    const rows = readRows(plan, files)
    const gate = gateStates(plan, record)
    const { board } = scorePlan(plan, { planDigest, rows, gate })
    return { seal, outcome: { kind: 'scored', board } }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { seal, outcome: { kind: 'not_applicable', reason: error.message } }
  }
}
