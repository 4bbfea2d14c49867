import { blocksOf } from '../../src/audit/registry/compare-content.ts'
import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'

/** Of each block's hash the first 64 bits: what a registry looks blocks up by. */
export const PREFIX_BYTES = 8

/** The prefixes of all informative blocks of a model, one after the other. */
export const blockPrefixes = (fingerprint: Fingerprint): Uint8Array =>
  prefixBytes([...blocksOf(fingerprint)])

/** Of hashes as `hashesOf` gives them: one character per byte. */
export function prefixBytes(hashes: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * PREFIX_BYTES)
  for (const [at, hash] of hashes.entries()) {
    for (let byte = 0; byte < PREFIX_BYTES; byte++) {
      bytes[at * PREFIX_BYTES + byte] = hash.charCodeAt(byte)
    }
  }
  return bytes
}

const FILTER_BITS = 20

/** Tells whether any of many prefixes is among a few thousand: nearly all are refused by one bit. */
export function prefixMatcher(own: Uint8Array): (prefixes: Uint8Array) => boolean {
  const mask = 2 ** FILTER_BITS - 1
  const filter = new Uint8Array(2 ** FILTER_BITS / 8)
  const known = new Map<number, Set<number>>()
  const ownWords = wordsOf(own)
  for (let at = 0; at < ownWords.length; at += 2) {
    const [low, high] = [ownWords[at] as number, ownWords[at + 1] as number]
    const bit = low & mask
    filter[bit >> 3] = (filter[bit >> 3] as number) | (1 << (bit & 7))
    const highs = known.get(low) ?? new Set()
    known.set(low, highs.add(high))
  }
  return (prefixes) => {
    const words = wordsOf(prefixes)
    for (let at = 0; at < words.length; at += 2) {
      const low = words[at] as number
      const bit = low & mask
      if ((((filter[bit >> 3] as number) >> (bit & 7)) & 1) === 0) continue
      if (known.get(low)?.has(words[at + 1] as number)) return true
    }
    return false
  }
}

/** The same bytes as numbers of this machine: only compared with each other. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4)
}
