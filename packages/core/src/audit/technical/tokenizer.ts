import type { Checkpoint } from '../../model/checkpoint.ts'
import type { ComponentComparison, TestResult } from '../result.ts'
import { tokenRows } from './vocabulary.ts'

/**
 * A tokenizer has no random initialisation, so no exact test of provenance exists for it, and
 * sharing one is common and legitimate. Its overlap is described and never decides.
 * docs/decisions/0004-tokenizers-are-described.md
 */
export function tokenizerComparison(
  candidate: Checkpoint,
  reference: Checkpoint,
): ComponentComparison | null {
  const own = tokenRows(candidate)
  if (!own) return null
  const other = tokenRows(reference)
  const tests: TestResult[] = other ? [overlapTest(own, other)] : []
  return {
    component: 'tokenizer',
    verdict: 'not_testable',
    tier: null,
    log10P: null,
    minDetectableCorrelation: null,
    parameterFraction: 0,
    parameters: 0,
    reasons: [{ code: other ? 'no_weights' : 'no_counterpart', values: {} }],
    tests,
    cells: [],
  }
}

/** Share of the candidate's tokens that the reference has too. */
function overlapTest(
  own: ReadonlyMap<string, number>,
  other: ReadonlyMap<string, number>,
): TestResult {
  let shared = 0
  for (const token of own.keys()) if (other.has(token)) shared++
  return {
    test: 'tokenizer_overlap',
    tier: 'descriptive',
    layer: null,
    log10P: null,
    log10PAdjusted: null,
    statistic: shared,
    n: own.size,
    meanCorrelation: null,
    minDetectableCorrelation: null,
    notes: [],
  }
}
