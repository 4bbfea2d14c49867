import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import type { Checkpoint } from '../../model/checkpoint.ts'
import type { ComponentComparison, TestResult } from '../result.ts'

/**
 * A tokenizer has no random initialisation, so no exact test of provenance exists for it, and
 * sharing one is common and legitimate. Its overlap is described and never decides.
 * docs/decisions/0004-tokenizers-are-described.md
 */
export function tokenizerComparison(
  candidate: Checkpoint,
  reference: Checkpoint,
): ComponentComparison | null {
  const own = vocabularyOf(candidate)
  if (!own) return null
  const other = vocabularyOf(reference)
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
function overlapTest(own: ReadonlySet<string>, other: ReadonlySet<string>): TestResult {
  let shared = 0
  for (const token of own) if (other.has(token)) shared++
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

/** Token strings of tokenizer.json (`model.vocab` as object or as list of [token, score]). */
function vocabularyOf(checkpoint: Checkpoint): ReadonlySet<string> | null {
  const text = checkpoint.texts.get('tokenizer.json')
  if (text === undefined) return null
  const root = parseOrNull(text)
  const model = entry(root, 'model')
  const vocab = entry(model, 'vocab')
  if (Array.isArray(vocab)) {
    return new Set(vocab.flatMap((pair) => (Array.isArray(pair) ? [String(pair[0])] : [])))
  }
  if (vocab !== null && typeof vocab === 'object') return new Set(Object.keys(vocab))
  return null
}

/** A broken tokenizer file must not stop the audit of the weights beside it. */
function parseOrNull(text: string): unknown {
  try {
    return parseStrictJson(new TextEncoder().encode(text), {
      source: 'tokenizer.json',
      numbers: 'text',
    })
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

const entry = (value: unknown, key: string): unknown =>
  value !== null && typeof value === 'object' && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined
