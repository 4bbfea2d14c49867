import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { canonicalBytes, type JsonValue } from './canonical-json.ts'

/** Always written `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`

export function digestBytes(bytes: Uint8Array): Digest {
  return `sha256:${bytesToHex(sha256(bytes))}`
}

/** Digest of the RFC 8785 form, so that key order and spacing do not matter. */
export function digestJson(value: JsonValue): Digest {
  return digestBytes(canonicalBytes(value))
}
