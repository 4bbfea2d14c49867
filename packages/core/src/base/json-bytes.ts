import { areEqualBytes } from './equal-bytes.ts'
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  ESCAPED,
  NINE,
  OPEN_ARRAY,
  QUOTE,
  ZERO,
} from './json-signs.ts'
import { Fingerprint, KeyTally } from './key-tally.ts'

// Long plain values of a JSON document, read from its UTF-8 bytes several times faster than the reader of
// documents reads their text. Each function knows one shape and answers null for everything else, be it
// rare or wrong: the caller then asks parseStrictJson, which alone says what is accepted.

/** Who looks through long texts; hosts with WebAssembly do it faster, to the same figures. */
export type JsonCounter = {
  readonly areEqual: (a: Uint8Array, b: Uint8Array) => boolean
  readonly countNumberedNames: (bytes: Uint8Array, beginByte: number) => NumberedNames | null
  readonly countStrings: (bytes: Uint8Array, beginByte: number) => Strings | null
}

/** An object of names and whole numbers, `{"a":0,"b":17}`, each name once. */
export type NumberedNames = { readonly endByte: number; readonly count: number }

/** How many names the object at `beginByte` holds. */
export function countNumberedNames(bytes: Uint8Array, beginByte: number): NumberedNames | null {
  const tally = new KeyTally()
  const fingerprint = new Fingerprint()
  let at = skipWhitespace(bytes, beginByte + 1)
  for (let count = 1; ; count++) {
    at = passName(bytes, at, fingerprint)
    if (at < 0 || !tally.add(fingerprint)) return null
    at = skipWhitespace(bytes, at)
    if (bytes[at] !== COLON) return null
    at = passNumber(bytes, skipWhitespace(bytes, at + 1))
    if (at < 0) return null
    at = skipWhitespace(bytes, at)
    if (bytes[at] === CLOSE_OBJECT) return { endByte: at + 1, count }
    if (bytes[at] !== COMMA) return null
    at = skipWhitespace(bytes, at + 1)
  }
}

/** An array of strings, or of arrays of strings. */
export type Strings = { readonly endByte: number; readonly values: number }

/** How many values lie in the array at `beginByte`, those of inner arrays included. */
export function countStrings(bytes: Uint8Array, beginByte: number): Strings | null {
  let values = 0
  let depth = 1
  let at = skipWhitespace(bytes, beginByte + 1)
  for (;;) {
    if (bytes[at] === OPEN_ARRAY && depth === 1) {
      depth = 2
      at = skipWhitespace(bytes, at + 1)
      values += 1
    }
    at = passString(bytes, at)
    if (at < 0) return null
    values += 1
    at = skipWhitespace(bytes, at)
    if (bytes[at] === CLOSE_ARRAY && depth === 2) {
      depth = 1
      at = skipWhitespace(bytes, at + 1)
    }
    if (bytes[at] === CLOSE_ARRAY && depth === 1) return { endByte: at + 1, values }
    if (bytes[at] !== COMMA) return null
    at = skipWhitespace(bytes, at + 1)
  }
}

export function skipWhitespace(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    const byte = bytes[at] as number
    if (byte > 0x20 || !(byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09))
      return at
    at += 1
  }
}

/** The end of a string that is well-formed, -1 for another or where half of a surrogate pair is escaped. */
export function passString(bytes: Uint8Array, beginByte: number): number {
  if (bytes[beginByte] !== QUOTE) return -1
  for (let at = beginByte + 1; ; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) {
      const unit = escapedUnit(bytes, at)
      if (unit < 0) return -1
      at += bytes[at + 1] === 0x75 ? 5 : 1
    } else if (!(byte >= 0x20)) return -1
  }
}

/** As `passString`, and takes the fingerprint of what is meant, as UTF-8. */
function passName(bytes: Uint8Array, beginByte: number, fingerprint: Fingerprint): number {
  if (bytes[beginByte] !== QUOTE) return -1
  fingerprint.begin()
  for (let at = beginByte + 1; ; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) {
      const unit = escapedUnit(bytes, at)
      if (unit < 0) return -1
      at += bytes[at + 1] === 0x75 ? 5 : 1
      if (unit >= 0x800) {
        fingerprint.feed(0xe0 | (unit >> 12))
        fingerprint.feed(0x80 | ((unit >> 6) & 0x3f))
      } else if (unit >= 0x80) fingerprint.feed(0xc0 | (unit >> 6))
      fingerprint.feed(unit >= 0x80 ? 0x80 | (unit & 0x3f) : unit)
    } else if (byte >= 0x20) fingerprint.feed(byte)
    else return -1
  }
}

/** What the escape at `at` means; -1 for none and for halves of surrogate pairs. */
function escapedUnit(bytes: Uint8Array, at: number): number {
  const sign = bytes[at + 1] as number
  if (sign !== 0x75) return SIMPLE.get(sign) ?? -1
  let unit = 0
  for (let digit = at + 2; digit < at + 6; digit++) {
    const byte = bytes[digit] as number
    const lower = byte | 0x20
    if (byte >= ZERO && byte <= NINE) unit = 16 * unit + byte - ZERO
    else if (lower >= 0x61 && lower <= 0x66) unit = 16 * unit + lower - 0x57
    else return -1
  }
  return unit >= 0xd800 && unit < 0xe000 ? -1 : unit
}

const SIMPLE: ReadonlyMap<number, number> = new Map(
  Object.entries(ESCAPED).map(([sign, unit]) => [sign.charCodeAt(0), unit.charCodeAt(0)]),
)

/** The end of a whole number of at most 15 digits, all of which a float keeps; -1 for anything else. */
function passNumber(bytes: Uint8Array, beginByte: number): number {
  let at = beginByte
  while ((bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at += 1
  const digits = at - beginByte
  if (digits === 0 || digits > 15 || (digits > 1 && bytes[beginByte] === ZERO)) return -1
  return at
}

export const plainJsonCounter: JsonCounter = {
  areEqual: areEqualBytes,
  countNumberedNames,
  countStrings,
}
