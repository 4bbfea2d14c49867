/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded by `init_genrand` as NumPy's
 * RandomState(seed) and PyTorch's manual_seed(seed) do: only the low 32 bits of a seed count.
 */
export type Uint32Source = () => number

const SIZE = 624
const MIDDLE = 397

/** Uniform 32-bit integers, in the order of the reference implementation. */
export function mt19937(seed: number): Uint32Source {
  const state = new Uint32Array(SIZE)
  state[0] = seed >>> 0
  for (let i = 1; i < SIZE; i++) {
    const before = state[i - 1] as number
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i
  }
  let at = SIZE
  return () => {
    if (at === SIZE) {
      refill(state)
      at = 0
    }
    let word = state[at++] as number
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    return (word ^ (word >>> 18)) >>> 0
  }
}

function refill(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i++) {
    const next = state[(i + 1) % SIZE] as number
    const joined = ((state[i] as number) & 0x80000000) | (next & 0x7fffffff)
    const twist = (next & 1) === 1 ? 0x9908b0df : 0
    state[i] = (state[(i + MIDDLE) % SIZE] as number) ^ (joined >>> 1) ^ twist
  }
}

/** 53 random bits in [0, 1): the reference `genrand_res53`, as NumPy's legacy doubles. */
export function legacyDouble(next: Uint32Source): number {
  const high = next() >>> 5
  const low = next() >>> 6
  return (high * 67108864 + low) / 9007199254740992
}
