import type { JsonValue } from './canonical-json.ts'
import { AppError } from './errors.ts'
import {
  BACKSLASH,
  Bare,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  LITERALS,
  MINUS,
  NINE,
  NUMBER,
  OPEN_ARRAY,
  OPEN_OBJECT,
  PYTHON_NUMBER,
  pathText,
  QUOTE,
  unescaped,
  ZERO,
} from './json-signs.ts'
import { Fingerprint, KeyTally } from './key-tally.ts'
import { quoted } from './quoted.ts'
import type { StrictJsonOptions } from './strict-json-options.ts'
import { decodeUtf8, utf8Length } from './utf8.ts'

/**
 * Reads RFC 8259 JSON from bytes that may be hostile. Stricter than `JSON.parse`: UTF-8 must be
 * well-formed, keys of an object must differ after unescaping, depth and counts are bounded,
 * numbers keep every digit, lone surrogates fail. Objects have no prototype, so `__proto__` is a
 * key like any other.
 *
 * Throws AppError JSON_INVALID with the path and byte position, LIMIT_EXCEEDED beyond a bound.
 */
export function parseStrictJson(bytes: Uint8Array, options: StrictJsonOptions): JsonValue {
  const maxBytes = options.maxBytes ?? MAX_BYTES
  if (bytes.length > maxBytes) {
    const message = `${options.source}: ${bytes.length} bytes of json, more than the ${maxBytes} allowed`
    throw new AppError('LIMIT_EXCEEDED', message)
  }
  const decoded = decodeUtf8(bytes)
  if (decoded.kind === 'invalid') {
    const message = `${options.source}: not valid UTF-8 at byte ${decoded.atByte}`
    throw new AppError('JSON_INVALID', message, { hint: 'json is always UTF-8: save it again so' })
  }
  if (decoded.text.startsWith('\ufeff')) {
    throw new AppError('JSON_INVALID', `${options.source}: begins with a byte order mark`, {
      hint: 'json begins with its value: save it again as UTF-8 without a byte order mark',
    })
  }
  return new Parser(decoded.text, options).document()
}

/** As `parseStrictJson`, of text that was decoded before: well-formed, and no longer than `maxBytes`. */
export function parseStrictJsonText(text: string, options: StrictJsonOptions): JsonValue {
  const maxBytes = options.maxBytes ?? MAX_BYTES
  // A UTF-16 unit becomes at least one byte and at most three: mostly there is no need to count.
  const needsCount = text.length <= maxBytes && text.length * 3 > maxBytes
  const bytes = needsCount ? utf8Length(text) : text.length
  if (bytes > maxBytes) {
    const message = `${options.source}: ${bytes} bytes of json, more than the ${maxBytes} allowed`
    throw new AppError('LIMIT_EXCEEDED', message)
  }
  return new Parser(text, options).document()
}

/** What holds where an option does not say otherwise. */
export const MAX_BYTES = 64 * 2 ** 20
export const MAX_VALUES = 2_000_000

class Parser {
  readonly #text: string
  readonly #source: string
  readonly #maxDepth: number
  readonly #maxValues: number
  readonly #leadingWhitespace: 'allowed' | 'refused'
  readonly #numbers: 'carriable' | 'integers' | 'text'
  readonly #emptied: StrictJsonOptions['emptied']
  readonly #mapped: StrictJsonOptions['mapped']
  readonly #counted: StrictJsonOptions['counted']
  readonly #fingerprint = new Fingerprint()
  /** Depth of the emptied array that is being read, 0 outside of it. */
  #emptiedDepth = 0
  /** Key or index of the value being read, per depth. */
  readonly #path: (string | number)[] = []
  #at = 0
  #depth = 0
  #values = 0

  constructor(text: string, options: StrictJsonOptions) {
    this.#text = text
    this.#source = options.source
    this.#maxDepth = options.maxDepth ?? 64
    this.#maxValues = options.maxValues ?? MAX_VALUES
    this.#leadingWhitespace = options.leadingWhitespace ?? 'allowed'
    this.#numbers = options.numbers ?? 'carriable'
    this.#emptied = options.emptied
    this.#mapped = options.mapped
    this.#counted = options.counted
  }

  document(): JsonValue {
    if (this.#leadingWhitespace === 'allowed') this.#skipWhitespace()
    const value = this.#value()
    this.#skipWhitespace()
    if (this.#at < this.#text.length) throw this.#fault('text after the end of the value')
    return value
  }

  #value(): JsonValue {
    this.#values += 1
    if (this.#values > this.#maxValues) throw this.#excess(`more than ${this.#maxValues} values`)
    const unit = this.#text.charCodeAt(this.#at)
    if (unit === QUOTE) return this.#emptiedDepth === 0 ? this.#string() : this.#passString()
    if (unit === OPEN_OBJECT) return this.#object()
    if (unit === OPEN_ARRAY) return this.#array()
    if (unit === MINUS || (unit >= ZERO && unit <= NINE)) return this.#number()
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    return this.#pythonNumber()
  }

  #object(): JsonValue {
    if (this.#counted && this.#isAt(this.#counted.keys)) return this.#countMembers(this.#counted)
    const object = new Bare()
    const map = this.#isAt(this.#mapped?.keys) ? this.#mapped?.into : undefined
    this.#enter()
    if (this.#closes(CLOSE_OBJECT)) return object
    for (;;) {
      if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#fault('a key in quotes expected')
      const keyAt = this.#at
      const key = this.#string()
      this.#path[this.#depth - 1] = key
      if (map ? map.has(key) : key in object) {
        this.#at = keyAt
        throw this.#fault(`duplicate key ${quoted(key)}`)
      }
      this.#colon()
      const value = this.#value()
      if (map) map.set(key, value)
      else object[key] = value
      if (this.#endsAfterValue(CLOSE_OBJECT)) return object
    }
  }

  #countMembers({ onMember }: NonNullable<StrictJsonOptions['counted']>): JsonValue {
    const tally = new KeyTally()
    this.#enter()
    if (this.#closes(CLOSE_OBJECT)) return new Bare()
    for (;;) {
      if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#fault('a key in quotes expected')
      const keyAt = this.#at
      this.#passKey()
      if (!tally.add(this.#fingerprint)) {
        this.#at = keyAt
        const key = this.#string()
        this.#path[this.#depth - 1] = key
        this.#at = keyAt
        throw this.#fault(`duplicate key ${quoted(key)}`)
      }
      this.#colon()
      onMember(this.#value())
      if (this.#endsAfterValue(CLOSE_OBJECT)) return new Bare()
    }
  }

  #colon(): void {
    this.#skipWhitespace()
    if (this.#text.charCodeAt(this.#at) !== COLON) throw this.#fault("':' expected")
    this.#at += 1
    this.#skipWhitespace()
  }

  #array(): JsonValue {
    const array: JsonValue[] = []
    const isEmptied = this.#emptiedDepth === 0 && this.#isAt(this.#emptied)
    if (isEmptied) this.#emptiedDepth = this.#depth + 1
    this.#enter()
    if (this.#closes(CLOSE_ARRAY)) return array
    for (let index = 0; ; index++) {
      this.#path[this.#depth - 1] = index
      const value = this.#value()
      if (this.#emptiedDepth === 0) array.push(value)
      if (this.#endsAfterValue(CLOSE_ARRAY)) return array
    }
  }

  #isAt(keys: readonly string[] | undefined): boolean {
    return keys?.length === this.#depth && keys.every((key, at) => key === this.#path[at])
  }

  #enter(): void {
    this.#depth += 1
    if (this.#depth > this.#maxDepth) throw this.#excess(`deeper than ${this.#maxDepth} levels`)
    this.#at += 1
    this.#skipWhitespace()
  }

  #closes(closing: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== closing) return false
    this.#at += 1
    if (this.#emptiedDepth === this.#depth) this.#emptiedDepth = 0
    this.#depth -= 1
    this.#path.length = this.#depth
    return true
  }

  #endsAfterValue(closing: number): boolean {
    this.#skipWhitespace()
    if (this.#closes(closing)) return true
    if (this.#text.charCodeAt(this.#at) !== COMMA) {
      throw this.#fault(`',' or '${String.fromCharCode(closing)}' expected`)
    }
    this.#at += 1
    this.#skipWhitespace()
    return false
  }

  #string(): string {
    const text = this.#text
    const begin = this.#at + 1
    let at = begin
    for (;;) {
      const unit = text.charCodeAt(at)
      if (unit === QUOTE) {
        this.#at = at + 1
        return text.slice(begin, at)
      }
      if (unit === BACKSLASH) return this.#stringWithEscapes(begin, at)
      if (!(unit >= 0x20)) throw this.#brokenString(at)
      at += 1
    }
  }

  /** Checks a key and takes its fingerprint, mostly without making it. */
  #passKey(): void {
    const fingerprint = this.#fingerprint
    fingerprint.begin()
    for (let at = this.#at + 1; ; at++) {
      const unit = this.#text.charCodeAt(at)
      if (unit === QUOTE) {
        this.#at = at + 1
        return
      }
      if (unit === BACKSLASH || !(unit >= 0x20)) break
      fingerprint.feed(unit)
    }
    fingerprint.begin()
    fingerprint.feedAll(this.#string())
  }

  /** Checks a string of an emptied list without making it. */
  #passString(): string {
    for (let at = this.#at + 1; ; at++) {
      const unit = this.#text.charCodeAt(at)
      if (unit === QUOTE) {
        this.#at = at + 1
        return ''
      }
      // Escapes and faults are rare.
      if (unit === BACKSLASH || !(unit >= 0x20)) return this.#string()
    }
  }

  #stringWithEscapes(begin: number, firstEscape: number): string {
    const text = this.#text
    const parts: string[] = []
    let from = begin
    let at = firstEscape
    for (;;) {
      const unit = text.charCodeAt(at)
      if (unit === QUOTE) break
      if (unit === BACKSLASH) {
        parts.push(text.slice(from, at), this.#escape(at))
        at += text[at + 1] === 'u' ? 6 : 2
        from = at
      } else if (unit >= 0x20) at += 1
      else throw this.#brokenString(at)
    }
    parts.push(text.slice(from, at))
    const value = parts.join('')
    if (!value.isWellFormed()) throw this.#fault('half of a surrogate pair in a string')
    this.#at = at + 1
    return value
  }

  #escape(at: number): string {
    const unit = unescaped(this.#text, at)
    if (unit !== undefined) return unit
    this.#at = at
    throw this.#fault('unknown escape in a string')
  }

  #brokenString(at: number): AppError {
    this.#at = Math.min(at, this.#text.length)
    return this.#fault(
      at >= this.#text.length ? 'the text ends inside a string' : 'control character in a string',
    )
  }

  #number(): JsonValue {
    const begin = this.#at
    let at = begin
    let integer = 0
    for (;;) {
      const digit = this.#text.charCodeAt(at) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      integer = integer * 10 + digit
      at += 1
    }
    const next = this.#text.charCodeAt(at)
    const plain = at > begin && next !== 0x2e && next !== 0x65 && next !== 0x45
    const leadingZero = this.#text.charCodeAt(begin) === ZERO && at - begin > 1
    // Up to 15 digits every step above was exact.
    if (plain && !leadingZero && at - begin <= 15) {
      this.#at = at
      return integer
    }
    return this.#longNumber()
  }

  #longNumber(): JsonValue {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null) return this.#pythonNumber()
    const [written, fraction, exponent] = match
    const value = Number(written)
    const isWhole = fraction === undefined && exponent === undefined
    if (this.#numbers === 'integers' && (!isWhole || Object.is(value, -0))) {
      throw this.#fault(`${quoted(written)} where a plain integer belongs`)
    }
    const carriable =
      Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
    if (!carriable && this.#numbers !== 'text') {
      throw this.#fault(`number ${quoted(written)} cannot be carried without loss`)
    }
    this.#at += written.length
    const next = this.#text.charCodeAt(this.#at)
    if (next >= ZERO && next <= NINE) throw this.#fault('a number with a leading zero')
    return carriable ? value : written
  }

  #pythonNumber(): JsonValue {
    if (this.#numbers === 'text') {
      PYTHON_NUMBER.lastIndex = this.#at
      const written = PYTHON_NUMBER.exec(this.#text)?.[0]
      if (written !== undefined) {
        this.#at += written.length
        return written
      }
    }
    const ended = this.#at >= this.#text.length
    throw this.#fault(ended ? 'the text ends where a value belongs' : 'a value expected')
  }

  #skipWhitespace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return
      this.#at += 1
    }
  }

  #fault(what: string): AppError {
    return new AppError('JSON_INVALID', `${this.#source}: ${what} ${this.#place()}`)
  }

  #excess(what: string): AppError {
    return new AppError('LIMIT_EXCEEDED', `${this.#source}: ${what} in json ${this.#place()}`)
  }

  #place(): string {
    return `at ${pathText(this.#path)} (byte ${utf8Length(this.#text, this.#at)})`
  }
}
