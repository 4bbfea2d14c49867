import { BLOCK_FORMATS, type BlockFormat } from '../../base/block-format.ts'
import { bits, half, signed } from './block-bits.ts'
import { latticeElement } from './dequantise-lattice.ts'

/** One element at a time, each from the bits that belong to it. */
export function dequantiseReference(format: BlockFormat, bytes: Uint8Array): number[] {
  const { elements, sizeBytes } = BLOCK_FORMATS[format]
  return Array.from({ length: (bytes.length / sizeBytes) * elements }, (_, i) => {
    const at = Math.floor(i / elements) * sizeBytes
    return Math.fround(elementOf(format, bytes.slice(at, at + sizeBytes), i % elements))
  })
}

const IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]

/** E2M1: 1 sign, 2 exponent (bias 1), 1 fraction bit; −0 becomes 0. */
function e2m1(code: number): number {
  const sign = code >= 8 ? -1 : 1
  const exponent = Math.floor(code / 2) % 4
  const fraction = code % 2
  return sign * (exponent === 0 ? fraction / 2 : (1 + fraction / 2) * 2 ** (exponent - 1)) + 0
}

/** 4 exponent (bias 7) and 3 fraction bits of 8; no infinities, 127 is zero. */
function ue4m3(code: number): number {
  const exponent = Math.floor(code / 8) % 16
  const fraction = code % 8
  if (code === 127) return 0
  return exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7)
}

/** Nibble i of a run whose first half lies in the low nibbles. */
const split = (block: Uint8Array, at: number, i: number, width: number): number =>
  bits(block, 8 * (at + (i % width)) + (i < width ? 0 : 4), 4)

const fifth = (block: Uint8Array, at: number, i: number): number => 16 * bits(block, 8 * at + i, 1)

/** 6-bit (scale, minimum) of sub-block `sub` in Q4_K and Q5_K. */
function scaleAndMinimum(block: Uint8Array, at: number, sub: number): readonly [number, number] {
  if (sub < 4) return [bits(block, 8 * (at + sub), 6), bits(block, 8 * (at + 4 + sub), 6)]
  const four = sub - 4
  return [
    bits(block, 8 * (at + 8 + four), 4) + 16 * bits(block, 8 * (at + four) + 6, 2),
    bits(block, 8 * (at + 8 + four) + 4, 4) + 16 * bits(block, 8 * (at + 4 + four) + 6, 2),
  ]
}

function elementOf(format: BlockFormat, block: Uint8Array, i: number): number {
  const sub16 = Math.floor(i / 16)
  const sub32 = Math.floor(i / 32)
  const lane = i % 32
  // Where formats of 256 elements keep pairs or quadruples of sub-blocks in the same 32 bytes.
  const pair = 32 * Math.floor(sub32 / 2) + lane
  const quad = 32 * Math.floor(sub32 / 4) + lane
  switch (format) {
    case 'F4':
      return e2m1(bits(block, 4 * i, 4))
    case 'Q4_0':
      return half(block, 0) * (split(block, 2, i, 16) - 8)
    case 'Q4_1':
      return half(block, 0) * split(block, 4, i, 16) + half(block, 2)
    case 'Q5_0':
      return half(block, 0) * (split(block, 6, i, 16) + fifth(block, 2, i) - 16)
    case 'Q5_1':
      return half(block, 0) * (split(block, 8, i, 16) + fifth(block, 4, i)) + half(block, 2)
    case 'Q8_0':
      return half(block, 0) * signed(block[2 + i]!)
    case 'IQ4_NL':
      return half(block, 0) * IQ4[split(block, 2, i, 16)]!
    case 'MXFP4':
      return 2 ** (block[0]! - 127) * e2m1(split(block, 1, i, 16))
    case 'Q2_K': {
      const packed = block[sub16]!
      const q = bits(block, 8 * (16 + quad) + 2 * (sub32 % 4), 2)
      return half(block, 80) * (packed % 16) * q - half(block, 82) * Math.floor(packed / 16)
    }
    case 'Q3_K': {
      const low = bits(block, 8 * (96 + (sub16 % 8)) + (sub16 < 8 ? 0 : 4), 4)
      const high = bits(block, 8 * (104 + (sub16 % 4)) + 2 * Math.floor(sub16 / 4), 2)
      const isSet = bits(block, 8 * lane + sub32, 1) === 1
      const q = bits(block, 8 * (32 + quad) + 2 * (sub32 % 4), 2) - (isSet ? 0 : 4)
      return half(block, 108) * (low + 16 * high - 32) * q
    }
    case 'Q4_K': {
      const [scale, minimum] = scaleAndMinimum(block, 4, sub32)
      const q = bits(block, 8 * (16 + pair) + 4 * (sub32 % 2), 4)
      return half(block, 0) * scale * q - half(block, 2) * minimum
    }
    case 'Q5_K': {
      const [scale, minimum] = scaleAndMinimum(block, 4, sub32)
      const low = bits(block, 8 * (48 + pair) + 4 * (sub32 % 2), 4)
      const q = low + 16 * bits(block, 8 * (16 + lane) + sub32, 1)
      return half(block, 0) * scale * q - half(block, 2) * minimum
    }
    case 'Q6_K': {
      const place = 64 * Math.floor(i / 128) + (i % 64)
      const low = bits(block, 8 * place + (i % 128 < 64 ? 0 : 4), 4)
      const high = bits(block, 8 * (128 + quad) + 2 * (sub32 % 4), 2)
      return half(block, 208) * signed(block[192 + sub16]!) * (low + 16 * high - 32)
    }
    case 'Q8_K': {
      const d = new DataView(block.buffer).getFloat32(0, true)
      return d * signed(block[4 + i]!)
    }
    case 'IQ4_XS': {
      const scale = bits(block, 32 + 4 * sub32, 4) + 16 * bits(block, 16 + 2 * sub32, 2)
      return half(block, 0) * (scale - 32) * IQ4[split(block, 8 + 16 * sub32, lane, 16)]!
    }
    case 'TQ1_0': {
      const [at, width, from] = i < 160 ? [0, 32, 0] : i < 240 ? [32, 16, 160] : [48, 4, 240]
      const digit = Math.floor((i - from) / width)
      const shifted = (block[at + ((i - from) % width)]! * 3 ** digit) % 256
      return half(block, 52) * (Math.floor((3 * shifted) / 256) - 1)
    }
    case 'TQ2_0':
      return half(block, 64) * (bits(block, 8 * quad + 2 * (sub32 % 4), 2) - 1)
    case 'NVFP4':
      return ue4m3(block[sub16]!) * e2m1(split(block, 4 + 8 * sub16, i % 16, 8))
    case 'Q1_0':
      return half(block, 0) * (bits(block, 16 + i, 1) === 1 ? 1 : -1)
    case 'Q2_0':
      return half(block, 0) * (bits(block, 16 + 2 * i, 2) - 1)
    default:
      return latticeElement(format, block, i)
  }
}
