import {
  type JsonCounter,
  passString,
  plainJsonCounter,
  skipWhitespace,
} from '../../base/json-bytes.ts'
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../../base/json-signs.ts'
import { decodeUtf8 } from '../../base/utf8.ts'

/** A tokenizer.json whose vocabulary, and merges where it has any, were counted and taken out. */
export type CountedTokenizer = {
  readonly tokens: number
  /** Values of the document that were taken out. */
  readonly values: number
  /** What remains, with empty ones in their places: accepted by a reader just where the whole is. */
  readonly rest: string
}

/**
 * Counts the tokens of a tokenizer.json from its bytes. Null where the vocabulary is no object of whole
 * numbers in plain sight: then only reading the document tells.
 */
export function countTokens(
  bytes: Uint8Array,
  counter: JsonCounter = plainJsonCounter,
): CountedTokenizer | null {
  const cut = new Cut(bytes, counter)
  let models = 0
  let vocabularies = 0
  const end = walkObject(bytes, skipWhitespace(bytes, 0), (name, at) => {
    if (!isName(bytes, name, MODEL)) return skipValue(bytes, at)
    models += 1
    return walkObject(bytes, at, (inner, valueAt) => {
      if (isName(bytes, inner, VOCAB)) {
        vocabularies += 1
        return cut.vocabulary(valueAt)
      }
      return isName(bytes, inner, MERGES) ? cut.merges(valueAt) : skipValue(bytes, valueAt)
    })
  })
  if (end < 0 || models !== 1 || vocabularies !== 1) return null
  return cut.done()
}

/** Takes long values out of a document, from its beginning to its end. */
class Cut {
  readonly #bytes: Uint8Array
  readonly #counter: JsonCounter
  readonly #rest: Uint8Array[] = []
  #from = 0
  #tokens = 0
  #values = 0

  constructor(bytes: Uint8Array, counter: JsonCounter) {
    this.#bytes = bytes
    this.#counter = counter
  }

  /** The end of a vocabulary that was taken out, -1 for another. */
  vocabulary(at: number): number {
    const found =
      this.#bytes[at] === OPEN_OBJECT ? this.#counter.countNumberedNames(this.#bytes, at) : null
    if (!found) return -1
    this.#tokens += found.count
    this.#take(at, found.endByte, found.count)
    return found.endByte
  }

  /** The end of the merges, which stay where they are none of strings. */
  merges(at: number): number {
    const found =
      this.#bytes[at] === OPEN_ARRAY ? this.#counter.countStrings(this.#bytes, at) : null
    if (!found) return skipValue(this.#bytes, at)
    this.#take(at, found.endByte, found.values)
    return found.endByte
  }

  /** All but the brackets at both ends. */
  #take(beginByte: number, endByte: number, values: number): void {
    this.#rest.push(this.#bytes.subarray(this.#from, beginByte + 1))
    this.#from = endByte - 1
    this.#values += values
  }

  done(): CountedTokenizer | null {
    const parts = [...this.#rest, this.#bytes.subarray(this.#from)].map(decodeUtf8)
    const rest = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []))
    if (rest.length < parts.length) return null
    return { tokens: this.#tokens, values: this.#values, rest: rest.join('') }
  }
}

type Name = { readonly beginByte: number; readonly endByte: number }

/** Shows each member of the object at `begin`, and goes on where `visit` ended; -1 where it cannot. */
function walkObject(
  bytes: Uint8Array,
  begin: number,
  visit: (name: Name, valueAt: number) => number,
): number {
  if (bytes[begin] !== OPEN_OBJECT) return -1
  let at = skipWhitespace(bytes, begin + 1)
  for (;;) {
    const beginByte = at
    at = passString(bytes, at)
    if (at < 0) return -1
    const name = { beginByte, endByte: at }
    at = skipWhitespace(bytes, at)
    if (bytes[at] !== COLON) return -1
    at = visit(name, skipWhitespace(bytes, at + 1))
    if (at < 0) return -1
    at = skipWhitespace(bytes, at)
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    if (bytes[at] !== COMMA) return -1
    at = skipWhitespace(bytes, at + 1)
  }
}

/** Where the value at `begin` ends if it is one, which the reader of the rest will say. */
function skipValue(bytes: Uint8Array, begin: number): number {
  let depth = 0
  for (let at = begin; at < bytes.length; ) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at = passString(bytes, at)
      if (at < 0 || depth === 0) return at
      continue
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 0) return at
      depth -= 1
      if (depth === 0) return at + 1
    } else if (byte === COMMA && depth === 0) return at
    at += 1
  }
  return -1
}

const quotedBytes = (name: string): readonly number[] =>
  [...`"${name}"`].map((sign) => sign.charCodeAt(0))

const MODEL = quotedBytes('model')
const VOCAB = quotedBytes('vocab')
const MERGES = quotedBytes('merges')

/** A name with escapes that means the same is not found; the reader of the rest knows it. */
const isName = (
  bytes: Uint8Array,
  { beginByte, endByte }: Name,
  name: readonly number[],
): boolean =>
  endByte - beginByte === name.length && name.every((byte, at) => bytes[beginByte + at] === byte)
