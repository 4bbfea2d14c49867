import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { assert } from '../../base/errors.ts'

/**
 * The Merkle tree of RFC 6962 §2.1: SHA-256, a leaf prefixed with 0x00 and a node with 0x01 so that
 * neither can pass for the other; n leaves split at the largest power of two below n. Hashes are
 * 64 hexadecimal digits.
 */
const LEAF = 0x00
const NODE = 0x01

export type Hash = string

export function leafHash(data: Uint8Array): Hash {
  return prefixed(LEAF, [data])
}

export function nodeHash(left: Hash, right: Hash): Hash {
  return prefixed(NODE, [hexToBytes(left), hexToBytes(right)])
}

function prefixed(prefix: number, parts: readonly Uint8Array[]): Hash {
  const hash = sha256.create().update(Uint8Array.of(prefix))
  for (const part of parts) hash.update(part)
  return bytesToHex(hash.digest())
}

/** MTH of §2.1. The empty tree hashes the empty string. */
export function rootOf(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return bytesToHex(sha256(new Uint8Array()))
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return only
  const split = splitOf(leaves.length)
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

/** PATH of §2.1.1: the hashes beside the way from leaf `index` up to the root, lowest first. */
export function pathOf(leaves: readonly Hash[], index: number): Hash[] {
  assert(index >= 0 && index < leaves.length, `no leaf ${index} in ${leaves.length}`)
  if (leaves.length === 1) return []
  const split = splitOf(leaves.length)
  return index < split
    ? [...pathOf(leaves.slice(0, split), index), rootOf(leaves.slice(split))]
    : [...pathOf(leaves.slice(split), index - split), rootOf(leaves.slice(0, split))]
}

/**
 * The root that a leaf and its path lead to, by the algorithm of RFC 9162 §2.1.3.2; undefined when
 * the path has the wrong length for a tree of this size.
 */
export function rootFromPath(
  leaf: Hash,
  path: readonly Hash[],
  place: { readonly index: number; readonly size: number },
): Hash | undefined {
  if (place.index < 0 || place.index >= place.size) return undefined
  let node = place.index
  let last = place.size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) return undefined
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node !== 0) {
        node /= 2
        last = Math.floor(last / 2)
      }
    } else hash = nodeHash(hash, sibling)
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : undefined
}

/** The largest power of two below n. */
function splitOf(n: number): number {
  let split = 1
  while (split * 2 < n) split *= 2
  return split
}
