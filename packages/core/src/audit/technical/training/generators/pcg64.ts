/**
 * NumPy's default generator: SeedSequence (after M. E. O'Neill's seed_seq) feeding PCG64, the
 * 128-bit linear congruential generator with XSL-RR output (O'Neill 2014).
 */
export type Uint64Source = () => bigint

const MASK_64 = (1n << 64n) - 1n
const MASK_128 = (1n << 128n) - 1n
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n
const POOL_WORDS = 4

/** `seeds`: non-negative integers, as in `default_rng([a, b])`; one integer is a list of one. */
export function pcg64(seeds: readonly bigint[]): Uint64Source {
  const words = seedSequenceState(seeds, 8)
  const wide = (i: number): bigint =>
    BigInt(words[2 * i] as number) | (BigInt(words[2 * i + 1] as number) << 32n)
  const start = (wide(0) << 64n) | wide(1)
  const increment = ((((wide(2) << 64n) | wide(3)) << 1n) | 1n) & MASK_128
  let state = 0n
  const step = (): void => {
    state = (state * MULTIPLIER + increment) & MASK_128
  }
  step()
  state = (state + start) & MASK_128
  step()
  return () => {
    step()
    const high = state >> 64n
    const mixed = high ^ (state & MASK_64)
    const turn = high >> 58n
    return ((mixed >> turn) | (mixed << (64n - turn))) & MASK_64
  }
}

/** 53 random bits in [0, 1). */
export const doubleOf = (next: Uint64Source): number => Number(next() >> 11n) / 9007199254740992

function seedSequenceState(seeds: readonly bigint[], count: number): Uint32Array {
  const pool = mixEntropy(seeds.flatMap(wordsOf))
  const out = new Uint32Array(count)
  let constant = 0x8b51f9dd
  for (let i = 0; i < count; i++) {
    let word = ((pool[i % POOL_WORDS] as number) ^ constant) >>> 0
    constant = Math.imul(constant, 0x58f38ded) >>> 0
    word = Math.imul(word, constant) >>> 0
    out[i] = word ^ (word >>> 16)
  }
  return out
}

/** Little-endian 32-bit words; zero is one word. */
function wordsOf(value: bigint): number[] {
  const words: number[] = []
  for (let rest = value; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn))
  return words.length > 0 ? words : [0]
}

function mixEntropy(entropy: readonly number[]): Uint32Array {
  const pool = new Uint32Array(POOL_WORDS)
  let constant = 0x43b0d7e5
  const hash = (value: number): number => {
    let word = (value ^ constant) >>> 0
    constant = Math.imul(constant, 0x931e8875) >>> 0
    word = Math.imul(word, constant) >>> 0
    return (word ^ (word >>> 16)) >>> 0
  }
  const mix = (x: number, y: number): number => {
    const word = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) >>> 0
    return (word ^ (word >>> 16)) >>> 0
  }
  for (let i = 0; i < POOL_WORDS; i++) pool[i] = hash(entropy[i] ?? 0)
  for (let from = 0; from < POOL_WORDS; from++) {
    for (let to = 0; to < POOL_WORDS; to++) {
      if (from !== to) pool[to] = mix(pool[to] as number, hash(pool[from] as number))
    }
  }
  for (const word of entropy.slice(POOL_WORDS)) {
    for (let to = 0; to < POOL_WORDS; to++) pool[to] = mix(pool[to] as number, hash(word))
  }
  return pool
}
