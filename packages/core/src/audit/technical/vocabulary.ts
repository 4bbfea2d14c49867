import type { JsonValue } from '../../base/canonical-json.ts'
import { AppError } from '../../base/errors.ts'
import { plainJsonCounter } from '../../base/json-bytes.ts'
import { MAX_BYTES, MAX_VALUES, parseStrictJsonText } from '../../base/strict-json.ts'
import type { StrictJsonOptions } from '../../base/strict-json-options.ts'
import type { Checkpoint } from '../../model/checkpoint.ts'
import { countTokens } from './count-tokens.ts'

type TokenRows = ReadonlyMap<string, number>

/** Tokenizers are asked for by several tests, and a large one takes longer to parse than they do. */
const parsed = new WeakMap<Checkpoint, TokenRows | null>()

/** Token strings and their row numbers, from tokenizer.json (`model.vocab`); null without one. */
export function tokenRows(checkpoint: Checkpoint): TokenRows | null {
  const known = parsed.get(checkpoint)
  if (known !== undefined) return known
  const text = checkpoint.texts.get(TOKENIZER_FILE)
  const rows = text === undefined ? null : parseTokenRows(text)
  parsed.set(checkpoint, rows)
  return rows
}

/**
 * How many tokens both models have where their tokenizer.json is the same file, counted without making
 * the vocabulary: null where the files differ, or where there is none that can be read.
 */
export function tokensOfSameFile(candidate: Checkpoint, reference: Checkpoint): number | null {
  if (!haveSameFile(candidate, reference)) return null
  const known = parsed.get(candidate)
  if (known !== undefined) return known?.size ?? null
  const bytes = candidate.textBytes?.get(TOKENIZER_FILE)
  const counted =
    bytes && bytes.length <= MAX_BYTES ? countTokens(bytes, candidate.jsonCounter) : null
  if (!counted) return tokensOfText(candidate)
  const maxValues = MAX_VALUES - counted.values
  return parseOrNull(counted.rest, { maxValues }) === null ? null : counted.tokens
}

/** The slow way, which every document can go. */
function tokensOfText(checkpoint: Checkpoint): number | null {
  const text = checkpoint.texts.get(TOKENIZER_FILE)
  if (text === undefined) return null
  let rows = 0
  const onMember = (value: JsonValue) => {
    if (isRow(value)) rows++
  }
  const vocab = entry(
    entry(parseOrNull(text, { counted: { keys: VOCAB, onMember } }), 'model'),
    'vocab',
  )
  if (Array.isArray(vocab)) return tokenRows(checkpoint)?.size ?? null
  return vocab === null || typeof vocab !== 'object' ? null : rows
}

/** False for models without one. */
function haveSameFile(candidate: Checkpoint, reference: Checkpoint): boolean {
  const [own, other] = [candidate, reference].map((one) => one.textBytes?.get(TOKENIZER_FILE))
  if (own && other) return (candidate.jsonCounter ?? plainJsonCounter).areEqual(own, other)
  const text = candidate.texts.get(TOKENIZER_FILE)
  return text !== undefined && text === reference.texts.get(TOKENIZER_FILE)
}

/** Of two models. Relatives mostly carry the same file, which is then parsed once. */
export function bothTokenRows(
  candidate: Checkpoint,
  reference: Checkpoint,
): { readonly candidate: TokenRows | null; readonly reference: TokenRows | null } {
  const own = tokenRows(candidate)
  if (haveSameFile(candidate, reference)) parsed.set(reference, own)
  return { candidate: own, reference: tokenRows(reference) }
}

const TOKENIZER_FILE = 'tokenizer.json'
const VOCAB = ['model', 'vocab']

function parseTokenRows(text: string): TokenRows | null {
  const members = new Map<string, JsonValue>()
  const mapped = { keys: VOCAB, into: members }
  const vocab = entry(entry(parseOrNull(text, { mapped }), 'model'), 'vocab')
  if (Array.isArray(vocab)) {
    return new Map(
      vocab.flatMap((pair, row) => (Array.isArray(pair) ? [[String(pair[0]), row] as const] : [])),
    )
  }
  if (vocab === null || typeof vocab !== 'object') return null
  for (const [token, row] of members) if (!isRow(row)) members.delete(token)
  return members as Map<string, number>
}

const isRow = (value: JsonValue): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0

/** A broken tokenizer file must not stop the audit of the weights beside it. */
function parseOrNull(
  text: string,
  options: Pick<StrictJsonOptions, 'mapped' | 'counted' | 'maxValues'>,
): unknown {
  try {
    return parseStrictJsonText(text, {
      source: TOKENIZER_FILE,
      numbers: 'text',
      emptied: ['model', 'merges'],
      ...options,
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
  const { candidate: own, reference: other } = bothTokenRows(models.candidate, models.reference)
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
