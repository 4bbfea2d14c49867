/**
 * Values of every code of the small floating-point formats. Built once, on first use; a table of
 * 65,536 float32 values is 256 KB and stays in the second-level cache.
 */

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
export function halfValue(code: number): number {
  return ieeeValue(code, { exponentBits: 5, fractionBits: 10 })
}

/** FP8 E5M2 (Micikevicius et al. 2022, arXiv 2209.05433, table 1): IEEE rules, infinities kept. */
export function float8E5M2Value(code: number): number {
  return ieeeValue(code, { exponentBits: 5, fractionBits: 2 })
}

/**
 * FP8 E4M3, the "fn" variant (same paper): bias 7, no infinities, the only NaN codes are 0x7f and
 * 0xff, largest finite value 448.
 */
export function float8E4M3Value(code: number): number {
  const sign = code & 0x80 ? -1 : 1
  if ((code & 0x7f) === 0x7f) return Number.NaN
  const exponent = (code >> 3) & 15
  const fraction = code & 7
  if (exponent === 0) return sign * fraction * 2 ** -9
  return sign * (8 + fraction) * 2 ** (exponent - 10)
}

/** E8M0, the power-of-two scale of the OCP microscaling formats: 2^(code − 127), 255 is NaN. */
export function float8E8M0Value(code: number): number {
  return code === 255 ? Number.NaN : 2 ** (code - 127)
}

function ieeeValue(
  code: number,
  layout: { readonly exponentBits: number; readonly fractionBits: number },
): number {
  const { exponentBits, fractionBits } = layout
  const sign = code >> (exponentBits + fractionBits) ? -1 : 1
  const top = 2 ** exponentBits - 1
  const bias = 2 ** (exponentBits - 1) - 1
  const exponent = (code >> fractionBits) & top
  const fraction = code & (2 ** fractionBits - 1)
  if (exponent === top) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  const lowest = 2 ** (1 - bias - fractionBits)
  if (exponent === 0) return sign * fraction * lowest
  return sign * (2 ** fractionBits + fraction) * lowest * 2 ** (exponent - 1)
}

function tableOf(size: number, valueAt: (code: number) => number): () => Float32Array {
  let table: Float32Array | undefined
  return () => {
    table ??= Float32Array.from({ length: size }, (_, code) => valueAt(code))
    return table
  }
}

export const halfTable = tableOf(65536, halfValue)
export const float8E4M3Table = tableOf(256, float8E4M3Value)
export const float8E5M2Table = tableOf(256, float8E5M2Value)
export const float8E8M0Table = tableOf(256, float8E8M0Value)
