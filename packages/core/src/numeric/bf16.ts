import { assert } from '../base/errors.ts'

/** The one NaN written, so that equal contents have equal bytes. */
const CANONICAL_NAN = 0x7fc0

/**
 * Round float32 values to bfloat16, to nearest, ties to even; values beyond the largest bfloat16
 * become infinities. Every NaN becomes 0x7fc0; the sign of zero is kept.
 *
 * `out[i]` receives the 16 bits of `values[i]`; both have the same length. For a float64 source,
 * decode it into a Float32Array first (two roundings).
 */
export function roundToBf16Bits(values: Float32Array, out: Uint16Array): void {
  assert(values.length === out.length, () => `${values.length} values into ${out.length} codes`)
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < bits.length; i++) out[i] = bf16Bits(bits[i]!)
}

/** The same of the 32 bits of one value. */
export function bf16Bits(word: number): number {
  if ((word & 0x7fffffff) > 0x7f800000) return CANONICAL_NAN
  // Half a unit less one, plus the last kept bit: carries exactly when nearest-even rounds up.
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
}
