import type { BlockFormat } from '../../base/block-format.ts'
import { halfTable } from '../float-tables.ts'
import type { BlockDecoder } from './block-decoder.ts'
import { IQ4_CODEBOOK } from './codebooks.ts'

// Blocks of 256 elements: sub-blocks share 6-bit (or 4-bit, 8-bit) multiples of the block's scale.
// Source of the layouts: ggml-quants.c, dequantize_row_*.

const half = (bytes: Uint8Array, at: number): number =>
  halfTable()[bytes[at]! | (bytes[at + 1]! << 8)]!

/** scales[16] | qs[64] | d | dmin; value d·s·q − dmin·m with 4-bit s and m. */
const decodeQ2K: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at + 80)
  const dmin = half(bytes, at + 82)
  for (let sub = 0; sub < 16; sub++) {
    const packed = bytes[at + sub]!
    const scale = d * (packed & 15)
    const low = dmin * (packed >> 4)
    const from = at + 16 + (sub >> 3) * 32 + (sub & 1) * 16
    const shift = (sub & 6) as 0 | 2 | 4 | 6
    const base = to + sub * 16
    for (let j = 0; j < 16; j++) out[base + j] = scale * ((bytes[from + j]! >> shift) & 3) - low
  }
}

/** hmask[32] | qs[64] | scales[12] | d; value d·(s − 32)·(q − 4 unless the mask bit is set). */
const decodeQ3K: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at + 108)
  for (let sub = 0; sub < 16; sub++) {
    const scale = d * (sixBitScale(bytes, at + 96, sub) - 32)
    const lane = (sub & 1) * 16
    const from = at + 32 + (sub >> 3) * 32 + lane
    const shift = sub & 6
    const bit = sub >> 1
    const base = to + sub * 16
    for (let j = 0; j < 16; j++) {
      const high = (bytes[at + lane + j]! >> bit) & 1
      out[base + j] = scale * (((bytes[from + j]! >> shift) & 3) - (high ? 0 : 4))
    }
  }
}

/** Sixteen 6-bit scales in 12 bytes: low nibbles in the first eight, two high bits in the rest. */
function sixBitScale(bytes: Uint8Array, at: number, sub: number): number {
  const low = (bytes[at + (sub & 7)]! >> (sub >= 8 ? 4 : 0)) & 15
  const high = (bytes[at + 8 + (sub & 3)]! >> (2 * (sub >> 2))) & 3
  return low | (high << 4)
}

/** Eight pairs of a 6-bit scale and a 6-bit minimum in 12 bytes. */
function scaleOf(bytes: Uint8Array, at: number, sub: number): number {
  if (sub < 4) return bytes[at + sub]! & 63
  return (bytes[at + 4 + sub]! & 15) | ((bytes[at + sub - 4]! >> 6) << 4)
}

function minimumOf(bytes: Uint8Array, at: number, sub: number): number {
  if (sub < 4) return bytes[at + 4 + sub]! & 63
  return (bytes[at + 4 + sub]! >> 4) | ((bytes[at + sub]! >> 6) << 4)
}

/** d | dmin | scales[12] | qs[128]. */
const decodeQ4K: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const dmin = half(bytes, at + 2)
  for (let sub = 0; sub < 8; sub++) {
    const scale = d * scaleOf(bytes, at + 4, sub)
    const low = dmin * minimumOf(bytes, at + 4, sub)
    const from = at + 16 + (sub >> 1) * 32
    const shift = (sub & 1) * 4
    const base = to + sub * 32
    for (let j = 0; j < 32; j++) out[base + j] = scale * ((bytes[from + j]! >> shift) & 15) - low
  }
}

/** d | dmin | scales[12] | qh[32] | qs[128]. */
const decodeQ5K: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const dmin = half(bytes, at + 2)
  for (let sub = 0; sub < 8; sub++) {
    const scale = d * scaleOf(bytes, at + 4, sub)
    const low = dmin * minimumOf(bytes, at + 4, sub)
    const from = at + 48 + (sub >> 1) * 32
    const shift = (sub & 1) * 4
    const base = to + sub * 32
    for (let j = 0; j < 32; j++) {
      const high = (bytes[at + 16 + j]! >> sub) & 1
      out[base + j] = scale * (((bytes[from + j]! >> shift) & 15) | (high << 4)) - low
    }
  }
}

/** ql[128] | qh[64] | scales[16], signed | d; value d·s·(q − 32). */
const decodeQ6K: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at + 208)
  for (let sub = 0; sub < 16; sub++) {
    const scale = d * ((bytes[at + 192 + sub]! << 24) >> 24)
    const part = sub & 7
    const from = at + (sub >> 3) * 64 + (part & 3) * 16
    const shift = part >= 4 ? 4 : 0
    const highFrom = at + 128 + (sub >> 3) * 32 + (part & 1) * 16
    const highShift = (part >> 1) * 2
    const base = to + sub * 16
    for (let j = 0; j < 16; j++) {
      const low = (bytes[from + j]! >> shift) & 15
      const high = (bytes[highFrom + j]! >> highShift) & 3
      out[base + j] = scale * ((low | (high << 4)) - 32)
    }
  }
}

/** d as float32 | qs[256], signed | sums of 16, which are not needed. */
const decodeQ8K: BlockDecoder = (bytes, at, out, to) => {
  const d = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getFloat32(0, true)
  for (let j = 0; j < 256; j++) out[to + j] = d * ((bytes[at + 4 + j]! << 24) >> 24)
}

/** d | scales_h, 16 bits | scales_l[4] | qs[128]; value d·(s − 32)·codebook[q]. */
const decodeIq4Xs: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const highs = bytes[at + 2]! | (bytes[at + 3]! << 8)
  for (let sub = 0; sub < 8; sub++) {
    const low = (bytes[at + 4 + (sub >> 1)]! >> ((sub & 1) * 4)) & 15
    const scale = d * ((low | (((highs >> (2 * sub)) & 3) << 4)) - 32)
    const from = at + 8 + sub * 16
    const base = to + sub * 32
    for (let j = 0; j < 16; j++) {
      const q = bytes[from + j]!
      out[base + j] = scale * IQ4_CODEBOOK[q & 15]!
      out[base + 16 + j] = scale * IQ4_CODEBOOK[q >> 4]!
    }
  }
}

/** Five ternary digits to a byte, as a fraction of 256 so that multiplying by 3 shifts one out. */
const decodeTq10: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at + 52)
  let next = to
  const run = (from: number, width: number, digits: number): void => {
    for (let n = 0, power = 1; n < digits; n++, power *= 3) {
      for (let j = 0; j < width; j++) {
        const q = (bytes[from + j]! * power) & 255
        out[next++] = d * (((q * 3) >> 8) - 1)
      }
    }
  }
  run(at, 32, 5)
  run(at + 32, 16, 5)
  run(at + 48, 4, 4)
}

const decodeTq20: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at + 64)
  for (let i = 0; i < 256; i++) {
    const q = bytes[at + (i >> 7) * 32 + (i & 31)]! >> (((i >> 5) & 3) * 2)
    out[to + i] = d * ((q & 3) - 1)
  }
}

export const K_BLOCKS = {
  Q2_K: decodeQ2K,
  Q3_K: decodeQ3K,
  Q4_K: decodeQ4K,
  Q5_K: decodeQ5K,
  Q6_K: decodeQ6K,
  Q8_K: decodeQ8K,
  IQ4_XS: decodeIq4Xs,
  TQ1_0: decodeTq10,
  TQ2_0: decodeTq20,
} as const satisfies Partial<Record<BlockFormat, BlockDecoder>>
