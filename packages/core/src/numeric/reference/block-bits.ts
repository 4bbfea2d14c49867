import { halfValue } from '../float-tables.ts'

/** `count` bits from bit `first` on; bit 0 is the lowest bit of byte 0. */
export function bits(block: Uint8Array, first: number, count: number): number {
  let value = 0
  for (let k = 0; k < count; k++) {
    const at = first + k
    if ((block[Math.floor(at / 8)]! / 2 ** (at % 8)) % 2 >= 1) value += 2 ** k
  }
  return value
}

export const half = (block: Uint8Array, at: number): number => halfValue(bits(block, 8 * at, 16))
export const signed = (code: number): number => (code < 128 ? code : code - 256)
