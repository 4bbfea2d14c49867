import canonicalizeLibrary from 'canonicalize'
import { AssertionFault } from './errors.ts'

/** What JSON can carry without loss; everything that is hashed or signed is of this type. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/**
 * RFC 8785 canonical JSON. Refuses what the RFC cannot carry (NaN, infinities, undefined,
 * integers beyond 2^53, lone surrogates): two different values must never share one text.
 */
export function canonicalJson(value: JsonValue): string {
  refuseUncarriable(value, '$')
  const text = canonicalizeLibrary(value)
  if (text === undefined) throw new AssertionFault('canonical JSON of an undefined value')
  return text
}

export function canonicalBytes(value: JsonValue): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalJson(value))
}

function refuseUncarriable(value: unknown, path: string): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new AssertionFault(`lone surrogate in text at ${path}`)
    return
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new AssertionFault(`number without JSON form at ${path}`)
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new AssertionFault(`integer beyond 2^53 at ${path}: carry it as text`)
    }
    return
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) refuseUncarriable(value[i], `${path}[${i}]`)
    return
  }
  if (typeof value === 'object') {
    for (const [key, entry] of Object.entries(value)) refuseUncarriable(entry, `${path}.${key}`)
    return
  }
  throw new AssertionFault(`value of type ${typeof value} at ${path} has no JSON form`)
}
