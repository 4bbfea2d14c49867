import { halfValue } from '../float-tables.ts'

/** The nearest binary16, ties to even; values beyond its range are not expected. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size === 0) return sign
  const exponent = Math.max(-14, Math.floor(Math.log2(size)))
  const unit = 2 ** (exponent - 10)
  const scaled = size / unit
  const floor = Math.floor(scaled)
  const rest = scaled - floor
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
  // Carrying into the next exponent is what adding does.
  return sign + (exponent === -14 ? rounded : ((exponent + 15) << 10) + rounded - 1024)
}

export type Encoder = (x: Float32Array, block: Uint8Array) => void

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, Math.round(value)))
export const largest = (x: Float32Array): number =>
  x.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
export const over = (value: number, scale: number): number => (scale === 0 ? 0 : value / scale)

/** Writes a half and gives the value that a reader will see. */
export function putHalf(block: Uint8Array, at: number, value: number): number {
  const bits = halfBits(value)
  block[at] = bits & 255
  block[at + 1] = bits >> 8
  return halfValue(bits)
}

/** Element j in the low nibble of byte j, element j + 16 in its high nibble. */
export function putSplitNibbles(block: Uint8Array, at: number, codes: ArrayLike<number>): void {
  for (let j = 0; j < 16; j++) block[at + j] = (codes[j]! & 15) | ((codes[j + 16]! & 15) << 4)
}

export function nearest(codebook: Float32Array, value: number): number {
  let best = 0
  codebook.forEach((level, code) => {
    if (Math.abs(level - value) < Math.abs(codebook[best]! - value)) best = code
  })
  return best
}
