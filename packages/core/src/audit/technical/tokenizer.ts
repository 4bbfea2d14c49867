import type { Checkpoint } from '../../model/checkpoint.ts'
import type { ComponentComparison, TestResult } from '../result.ts'
import { bothTokenRows, tokensOfSameFile } from './vocabulary.ts'

export function tokenizerComparison(
  candidate: Checkpoint,
  reference: Checkpoint,
): ComponentComparison | null {
  const same = tokensOfSameFile(candidate, reference)
  if (same !== null) return describeTokenizer(same, same)
  const { candidate: own, reference: other } = bothTokenRows(candidate, reference)
  if (!own) return null
  if (!other) return describeTokenizer(own.size, null)
  let shared = 0
  for (const token of own.keys()) if (other.has(token)) shared++
  return describeTokenizer(own.size, shared)
}

/**
 * A tokenizer has no random initialisation, so no exact test of provenance exists for it, and
 * sharing one is common and legitimate. Its overlap is described and never decides.
 * docs/decisions/0004-tokenizers-are-described.md
 *
 * @param shared how many of the candidate's `tokens` the reference has too; null if it has none.
 */
export function describeTokenizer(tokens: number, shared: number | null): ComponentComparison {
  return {
    component: 'tokenizer',
    verdict: 'not_testable',
    tier: null,
    log10P: null,
    minDetectableCorrelation: null,
    parameterFraction: 0,
    parameters: 0,
    reasons: [{ code: shared === null ? 'no_counterpart' : 'no_weights', values: {} }],
    tests: shared === null ? [] : [overlapTest(tokens, shared)],
    cells: [],
  }
}

/** Share of the candidate's tokens that the reference has too. */
const overlapTest = (tokens: number, shared: number): TestResult => ({
  test: 'tokenizer_overlap',
  tier: 'descriptive',
  layer: null,
  log10P: null,
  log10PAdjusted: null,
  statistic: shared,
  n: tokens,
  meanCorrelation: null,
  minDetectableCorrelation: null,
  notes: [],
})
