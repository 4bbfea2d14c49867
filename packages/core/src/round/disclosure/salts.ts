import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { canonicalBytes } from '../../base/canonical-json.ts'
import type { Digest } from '../../base/digest.ts'
import { assert } from '../../base/errors.ts'

/**
 * A score has few possible values: 0 to 25 with one decimal are 251. Without a salt anybody could
 * hash all of them and see which leaf is a rival's. Each leaf therefore carries 32 bytes that only
 * the office can compute:
 *
 *     salt = HMAC-SHA-256(secret, JCS(["dokja.salt/1", plan digest, scoreboard digest, team, item]))
 *
 * HMAC is a pseudo-random function: salts handed out with one leaf say nothing about those of
 * another. The scoreboard digest makes salts fresh whenever any score changes, so that a leaf which
 * stays the same cannot be told from one that does not. The secret makes a root reproducible;
 * whoever loses it can no longer rebuild the same root, but what was handed out still verifies.
 */
export function saltOf(
  secret: string,
  leaf: {
    readonly planDigest: Digest
    readonly boardDigest: Digest
    readonly team: string
    readonly item: string
  },
): string {
  return keyed(secret, ['dokja.salt/1', leaf.planDigest, leaf.boardDigest, leaf.team, leaf.item])
}

/** The `blind` of a record entry for replays that must come out the same; else it is random. */
export const blindOf = (secret: string, place: { kind: string; after: string }): string =>
  keyed(secret, ['dokja.blind/1', place.kind, place.after])

function keyed(secret: string, message: readonly string[]): string {
  assert(/^[0-9a-f]{64}$/.test(secret), 'a disclosure secret is 64 hexadecimal digits')
  return bytesToHex(hmac(sha256, hexToBytes(secret), canonicalBytes(message)))
}
