import { isPrintable, quoted } from '../../base/quoted.ts'
import type { Cursor } from './cursor.ts'
import { ggufError, ggufLimit } from './gguf-fault.ts'

/** Integers beyond 2^53 become text, never a rounded number. */
export type MetadataScalar = number | boolean | string

export type MetadataValue =
  | MetadataScalar
  /** Long lists (vocabularies) are counted and stepped over: `values` is then null. */
  | { readonly count: number; readonly values: readonly MetadataScalar[] | null }

export type Metadata = ReadonlyMap<string, MetadataValue>

const MAX_KEYS = 65_536
const MAX_KEY_BYTES = 65_535
const MAX_TEXT_BYTES = 16 * 2 ** 20
const MAX_LIST_ELEMENTS = 16_000_000
const MAX_LIST_DEPTH = 4
/** Lists up to this length are kept: one entry per block of the deepest models. */
const KEPT_LIST_ELEMENTS = 1024

/** The vocabulary is kept whole; what is not UTF-8 in it becomes ''. */
export const TOKENS_KEY = 'tokenizer.ggml.tokens'

const TEXT = 8
const LIST = 9

/** Reads `count` key-value pairs; a key given twice is refused, as readers take either. */
export function readMetadata(cursor: Cursor, count: number): Metadata {
  if (count > MAX_KEYS)
    throw ggufLimit(cursor.file, `${count} metadata keys, the bound is ${MAX_KEYS}`)
  const metadata = new Map<string, MetadataValue>()
  for (let i = 0; i < count; i++) {
    const key = cursor.text('a metadata key', MAX_KEY_BYTES)
    if (!isPrintable(key)) {
      throw ggufError(cursor.file, `metadata key ${quoted(key)} has control characters`)
    }
    if (metadata.has(key))
      throw ggufError(cursor.file, `metadata key ${quoted(key)} is given twice`)
    const what = `metadata ${quoted(key)}`
    const type = cursor.u32(`the type of ${what}`)
    const isVocabulary = key === TOKENS_KEY
    metadata.set(
      key,
      type === LIST
        ? readList(cursor, what, { depth: 1, isVocabulary })
        : readScalar(cursor, type, what),
    )
  }
  return metadata
}

function readScalar(cursor: Cursor, type: number, what: string): MetadataScalar {
  if (type === TEXT) {
    cursor.countItems(1, 'texts')
    return cursor.text(what, MAX_TEXT_BYTES)
  }
  const read = NUMBERS[type]
  if (read === undefined) throw ggufError(cursor.file, `${what} has the unknown type ${type}`)
  const value = read.from(cursor, what)
  if (typeof value !== 'bigint') return value
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : String(value)
}

type NumberType = {
  readonly sizeBytes: number
  readonly from: (cursor: Cursor, what: string) => number | bigint | boolean
}

const NUMBERS: Readonly<Record<number, NumberType>> = {
  0: { sizeBytes: 1, from: (cursor, what) => cursor.u8(what) },
  1: { sizeBytes: 1, from: (cursor, what) => cursor.i8(what) },
  2: { sizeBytes: 2, from: (cursor, what) => cursor.u16(what) },
  3: { sizeBytes: 2, from: (cursor, what) => cursor.i16(what) },
  4: { sizeBytes: 4, from: (cursor, what) => cursor.u32(what) },
  5: { sizeBytes: 4, from: (cursor, what) => cursor.i32(what) },
  6: { sizeBytes: 4, from: (cursor, what) => cursor.f32(what) },
  7: { sizeBytes: 1, from: readFlag },
  10: { sizeBytes: 8, from: (cursor, what) => cursor.u64(what) },
  11: { sizeBytes: 8, from: (cursor, what) => cursor.i64(what) },
  12: { sizeBytes: 8, from: (cursor, what) => cursor.f64(what) },
}

function readFlag(cursor: Cursor, what: string): boolean {
  const value = cursor.u8(what)
  if (value > 1) throw ggufError(cursor.file, `${what} is a flag with the value ${value}`)
  return value === 1
}

function readList(
  cursor: Cursor,
  what: string,
  { depth, isVocabulary }: { readonly depth: number; readonly isVocabulary: boolean },
): MetadataValue {
  if (depth > MAX_LIST_DEPTH) throw ggufLimit(cursor.file, `${what} nests lists ${depth} deep`)
  const type = cursor.u32(`the element type of ${what}`)
  const count = cursor.count(`the length of ${what}`, MAX_LIST_ELEMENTS)
  if (type === LIST) {
    for (let i = 0; i < count; i++) {
      cursor.countItems(1, 'list elements')
      readList(cursor, what, { depth: depth + 1, isVocabulary: false })
    }
    return { count, values: null }
  }
  const fixed = NUMBERS[type]
  if (fixed === undefined && type !== TEXT) {
    throw ggufError(cursor.file, `${what} is a list of the unknown type ${type}`)
  }
  if (isVocabulary && type === TEXT) {
    cursor.countItems(count, 'texts')
    const tokens: string[] = []
    for (let i = 0; i < count; i++) tokens.push(cursor.tokenText(what, MAX_TEXT_BYTES) ?? '')
    return { count, values: tokens }
  }
  if (count <= KEPT_LIST_ELEMENTS) {
    const values: MetadataScalar[] = []
    for (let i = 0; i < count; i++) values.push(readScalar(cursor, type, what))
    return { count, values }
  }
  if (fixed !== undefined) {
    cursor.take(count * fixed.sizeBytes, what)
  } else {
    cursor.countItems(count, 'texts')
    for (let i = 0; i < count; i++) cursor.skipText(what, MAX_TEXT_BYTES)
  }
  return { count, values: null }
}
