import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import type { Checkpoint } from '../../model/checkpoint.ts'

/** Token strings and their row numbers, from tokenizer.json (`model.vocab`); null without one. */
export function tokenRows(checkpoint: Checkpoint): ReadonlyMap<string, number> | null {
  const text = checkpoint.texts.get('tokenizer.json')
  if (text === undefined) return null
  const vocab = entry(entry(parseOrNull(text), 'model'), 'vocab')
  if (Array.isArray(vocab)) {
    return new Map(
      vocab.flatMap((pair, row) => (Array.isArray(pair) ? [[String(pair[0]), row] as const] : [])),
    )
  }
  if (vocab === null || typeof vocab !== 'object') return null
  return new Map(
    Object.entries(vocab).flatMap(([token, row]) =>
      typeof row === 'number' && Number.isInteger(row) && row >= 0 ? [[token, row] as const] : [],
    ),
  )
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

/** Row numbers of tokens that both tables hold, in the candidate's order. */
export type SharedTokens = {
  readonly candidate: readonly number[]
  readonly reference: readonly number[]
  /** How they were found: by their strings, or by their numbers where a vocabulary is missing. */
  readonly by: 'string' | 'index'
}

/**
 * Tokens in common, from the tokenizers alone, never from weights: by their strings where both
 * vocabularies are known, by row numbers where one is not.
 */
export function sharedTokens(
  models: { readonly candidate: Checkpoint; readonly reference: Checkpoint },
  rows: { readonly candidate: number; readonly reference: number },
): SharedTokens {
  const own = tokenRows(models.candidate)
  const other = tokenRows(models.reference)
  if (own && other) {
    const pairs = [...own]
      .flatMap(([token, row]) => {
        const there = other.get(token)
        return there !== undefined && row < rows.candidate && there < rows.reference
          ? [[row, there] as const]
          : []
      })
      .sort((x, y) => x[0] - y[0])
    return {
      candidate: pairs.map(([row]) => row),
      reference: pairs.map(([, row]) => row),
      by: 'string',
    }
  }
  const both = Array.from({ length: Math.min(rows.candidate, rows.reference) }, (_, row) => row)
  return { candidate: both, reference: both, by: 'index' }
}
