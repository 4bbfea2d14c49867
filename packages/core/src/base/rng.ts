/**
 * Seeded random numbers: SplitMix64 seeds xoshiro128** (Blackman and Vigna, 2018). Named streams
 * are forked by label, so adding a draw in one place does not move the draws of another.
 * Not for secrets.
 */
export type Rng = {
  /** Uniform integer in [0, 2^32). */
  readonly nextUint32: () => number
  /** Uniform in [0, 1), 53 bits. */
  readonly nextFloat: () => number
  /** Uniform integer in [0, bound), without modulo bias. `bound` in 1..2^32. */
  readonly nextInt: (bound: number) => number
  /** Standard normal (Marsaglia's polar method). */
  readonly nextNormal: () => number
  /** An independent stream for this label. */
  readonly fork: (label: string) => Rng
}

const MASK = 0xffff_ffff_ffff_ffffn

function splitMix64(state: bigint): { state: bigint; value: bigint } {
  const next = (state + 0x9e3779b97f4a7c15n) & MASK
  let z = next
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK
  return { state: next, value: z ^ (z >> 31n) }
}

/** FNV-1a, 64 bit, over the UTF-16 code units: enough to keep labels apart. */
function hashLabel(label: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (let i = 0; i < label.length; i++) {
    hash = ((hash ^ BigInt(label.charCodeAt(i))) * 0x100000001b3n) & MASK
  }
  return hash
}

const rotl = (x: number, k: number) => ((x << k) | (x >>> (32 - k))) >>> 0

export function createRng(seed: number | bigint | string): Rng {
  const seed64 = typeof seed === 'string' ? hashLabel(seed) : BigInt(seed) & MASK
  const first = splitMix64(seed64)
  const second = splitMix64(first.state)
  let s0 = Number(first.value & 0xffffffffn)
  let s1 = Number(first.value >> 32n)
  let s2 = Number(second.value & 0xffffffffn)
  let s3 = Number(second.value >> 32n) || 1

  const nextUint32 = () => {
    const result = Math.imul(rotl(Math.imul(s1, 5) >>> 0, 7), 9) >>> 0
    const t = (s1 << 9) >>> 0
    s2 = (s2 ^ s0) >>> 0
    s3 = (s3 ^ s1) >>> 0
    s1 = (s1 ^ s2) >>> 0
    s0 = (s0 ^ s3) >>> 0
    s2 = (s2 ^ t) >>> 0
    s3 = rotl(s3, 11)
    return result
  }
  const nextFloat = () => ((nextUint32() >>> 5) * 67108864 + (nextUint32() >>> 6)) / 2 ** 53
  const nextInt = (bound: number) => {
    // Rejection: draws at or above the largest multiple of `bound` would favour small values.
    const limit = Math.floor(2 ** 32 / bound) * bound
    let draw = nextUint32()
    while (draw >= limit) draw = nextUint32()
    return draw % bound
  }
  let spare: number | undefined
  const nextNormal = () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    for (;;) {
      const u = 2 * nextFloat() - 1
      const v = 2 * nextFloat() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const scale = Math.sqrt((-2 * Math.log(s)) / s)
      spare = v * scale
      return u * scale
    }
  }
  return {
    nextUint32,
    nextFloat,
    nextInt,
    nextNormal,
    fork: (label) => createRng(splitMix64(seed64 ^ hashLabel(label)).value),
  }
}

/** Fisher–Yates: a uniform permutation of 0..length-1. */
export function randomPermutation(rng: Rng, length: number): Uint32Array {
  const order = new Uint32Array(length)
  for (let i = 0; i < length; i++) order[i] = i
  for (let i = length - 1; i > 0; i--) {
    const j = rng.nextInt(i + 1)
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
  return order
}
