import type { TokenizerSketch } from './fingerprint.ts'

export const TOKEN_BUCKETS = 256
const EMPTY = 0xffffffff

/** MinHash with one permutation (Li, Owen and Zhang 2012): the smallest hash in each bucket. */
export function sketchTokens(tokens: Iterable<string>): TokenizerSketch {
  const buckets = new Uint32Array(TOKEN_BUCKETS).fill(EMPTY)
  let count = 0
  for (const token of tokens) {
    count++
    const [bucket, value] = hashToken(token)
    if (value < (buckets[bucket] ?? EMPTY)) buckets[bucket] = value
  }
  return { tokens: count, buckets }
}

/** Estimated Jaccard index of two vocabularies; standard error about 0.03. */
export function tokenOverlap(a: TokenizerSketch, b: TokenizerSketch): number {
  let [equal, used] = [0, 0]
  for (let i = 0; i < TOKEN_BUCKETS; i++) {
    const [x, y] = [a.buckets[i] ?? EMPTY, b.buckets[i] ?? EMPTY]
    if (x === EMPTY && y === EMPTY) continue
    used++
    if (x === y) equal++
  }
  return used > 0 ? equal / used : 0
}

/** Estimated |A∩B| from the Jaccard index J: J·(|A|+|B|)/(1+J), at most the smaller of the two. */
export function sharedTokens(a: TokenizerSketch, b: TokenizerSketch): number {
  const overlap = tokenOverlap(a, b)
  return Math.round(Math.min(a.tokens, b.tokens, (overlap * (a.tokens + b.tokens)) / (1 + overlap)))
}

/** FNV-1a over UTF-16 units, finished with the mixer of MurmurHash3; not for adversaries. */
function hashToken(token: string): readonly [number, number] {
  let hash = 0x811c9dc5
  for (let i = 0; i < token.length; i++) {
    hash = Math.imul(hash ^ token.charCodeAt(i), 0x01000193)
  }
  const value = mix(hash)
  return [mix(value ^ 0x9e3779b9) >>> 24, value]
}

function mix(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
