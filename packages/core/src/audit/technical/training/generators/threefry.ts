import { erfInverse } from './erf-inverse.ts'

/** A key of JAX's default generator: two 32-bit words. */
export type ThreefryKey = readonly [number, number]

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

/** Threefry-2x32 with 20 rounds (Salmon et al. 2011) of one counter. */
export function threefry2x32([k0, k1]: ThreefryKey, c0: number, c1: number): ThreefryKey {
  const keys = [k0 >>> 0, k1 >>> 0, (k0 ^ k1 ^ 0x1bd11bda) >>> 0] as const
  let x = (c0 + keys[0]) >>> 0
  let y = (c1 + keys[1]) >>> 0
  for (let group = 0; group < 5; group++) {
    for (const turn of ROTATIONS[(group % 2) as 0 | 1]) {
      x = (x + y) >>> 0
      y = ((y << turn) | (y >>> (32 - turn))) >>> 0
      y = (y ^ x) >>> 0
    }
    x = (x + (keys[((group + 1) % 3) as 0 | 1 | 2] ?? 0)) >>> 0
    y = (y + (keys[((group + 2) % 3) as 0 | 1 | 2] ?? 0) + group + 1) >>> 0
  }
  return [x, y]
}

/** jax.random.PRNGKey(seed), seed of 0 … 2^32 − 1 (the words above are 0 unless x64 is enabled). */
export const keyOfSeed = (seed: number): ThreefryKey => [0, seed >>> 0]

/** Key `index` of jax.random.split(key, n), with jax_threefry_partitionable (default since 0.5). */
export const splitKey = (key: ThreefryKey, index: number): ThreefryKey =>
  threefry2x32(key, 0, index)

const SMALLEST = Math.fround(-1 + 2 ** -24)

/** jax.random.normal(key, shape) in float32, before scaling: √2·erf⁻¹ of a 23-bit uniform. */
export function threefryNormals(key: ThreefryKey, count: number): Float32Array {
  const scale = Math.fround(Math.SQRT2)
  const width = Math.fround(1 - SMALLEST)
  return Float32Array.from({ length: count }, (_, i) => {
    const [high, low] = threefry2x32(key, 0, i)
    const unit = ((high ^ low) >>> 9) / 8388608
    const u = Math.max(SMALLEST, Math.fround(unit * width + SMALLEST))
    return erfInverse(u) * scale
  })
}

/** jax.random.uniform(key, shape, minval=low, maxval=high) in float32. */
export function threefryUniforms(
  key: ThreefryKey,
  count: number,
  bounds: { readonly low: number; readonly high: number },
): Float32Array {
  const low = Math.fround(bounds.low)
  const width = Math.fround(Math.fround(bounds.high) - low)
  return Float32Array.from({ length: count }, (_, i) => {
    const [x, y] = threefry2x32(key, 0, i)
    return Math.max(low, Math.fround((((x ^ y) >>> 9) / 8388608) * width + low))
  })
}
