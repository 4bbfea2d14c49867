import type { JsonValue } from './canonical-json.ts'
import { quoted } from './quoted.ts'

// The signs that JSON is made of (RFC 8259), by their UTF-16 units.

export const QUOTE = 0x22
export const COMMA = 0x2c
export const MINUS = 0x2d
export const ZERO = 0x30
export const NINE = 0x39
export const COLON = 0x3a
export const OPEN_ARRAY = 0x5b
export const BACKSLASH = 0x5c
export const CLOSE_ARRAY = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d

export const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
export const PYTHON_NUMBER = /NaN|-?Infinity/y
export const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
export const LITERALS: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

/**
 * Inherits from an empty object without prototype: nothing is inherited, as with
 * Object.create(null), but the engine keeps small objects in their compact form.
 */
export class Bare {
  [key: string]: JsonValue
}
Object.setPrototypeOf(Bare.prototype, null)
Reflect.deleteProperty(Bare.prototype, 'constructor')
Object.freeze(Bare.prototype)

/** What the escape at a backslash stands for; undefined where there is no such escape. */
export function unescaped(text: string, at: number): string | undefined {
  const letter = text[at + 1] ?? ''
  if (letter === 'u') {
    const digits = text.slice(at + 2, at + 6)
    if (/^[0-9a-fA-F]{4}$/.test(digits)) return String.fromCharCode(Number.parseInt(digits, 16))
  }
  return letter.length === 1 ? ESCAPED[letter] : undefined
}

/** A place in a document as a JSONPath: `$.model.vocab["a b"][3]`. */
export function pathText(path: readonly (string | number)[]): string {
  const steps = path.map((step) =>
    typeof step === 'number'
      ? `[${step}]`
      : /^\w{1,60}$/.test(step)
        ? `.${step}`
        : `[${quoted(step)}]`,
  )
  return `$${steps.join('')}`
}
