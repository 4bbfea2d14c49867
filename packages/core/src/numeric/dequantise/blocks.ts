import { BLOCK_FORMATS, type BlockFormat } from '../../base/block-format.ts'
import { assert } from '../../base/errors.ts'
import { float8E4M3Value, halfTable } from '../float-tables.ts'
import type { BlockDecoder } from './block-decoder.ts'
import { FP4_DOUBLED, IQ4_CODEBOOK } from './codebooks.ts'
import { K_BLOCKS } from './k-blocks.ts'
import { LATTICE_BLOCKS } from './lattice-blocks.ts'

/**
 * Dequantise whole blocks: `out` receives `elements` values per block, in storage order. Every
 * value is rounded once to float32, as the float32 arithmetic of ggml rounds it. `bytes` may
 * begin at any byte of its buffer. Scales that are NaN or infinite pass through.
 */
export function dequantiseBlocks(format: BlockFormat, bytes: Uint8Array, out: Float32Array): void {
  const { elements, sizeBytes } = BLOCK_FORMATS[format]
  const blocks = bytes.length / sizeBytes
  assert(Number.isInteger(blocks), `${bytes.length} bytes are not whole ${format} blocks`)
  assert(out.length === blocks * elements, `${out.length} values for ${blocks} ${format} blocks`)
  const decode = DECODERS[format]
  for (let block = 0; block < blocks; block++) {
    decode(bytes, block * sizeBytes, out, block * elements)
  }
}

const half = (bytes: Uint8Array, at: number): number =>
  halfTable()[bytes[at]! | (bytes[at + 1]! << 8)]!

/** d·(q − 8): the low nibbles are the first half of the block, the high ones the second. */
const decodeQ40: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  for (let j = 0; j < 16; j++) {
    const q = bytes[at + 2 + j]!
    out[to + j] = d * ((q & 15) - 8)
    out[to + 16 + j] = d * ((q >> 4) - 8)
  }
}

/** d·q + m. */
const decodeQ41: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const m = half(bytes, at + 2)
  for (let j = 0; j < 16; j++) {
    const q = bytes[at + 4 + j]!
    out[to + j] = d * (q & 15) + m
    out[to + 16 + j] = d * (q >> 4) + m
  }
}

const word = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

/** d·(q − 16): the fifth bit of element j is bit j of a 32-bit word. */
const decodeQ50: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const high = word(bytes, at + 2)
  for (let j = 0; j < 16; j++) {
    const q = bytes[at + 6 + j]!
    out[to + j] = d * (((q & 15) | (((high >> j) & 1) << 4)) - 16)
    out[to + 16 + j] = d * (((q >> 4) | (((high >> (j + 16)) & 1) << 4)) - 16)
  }
}

const decodeQ51: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const m = half(bytes, at + 2)
  const high = word(bytes, at + 4)
  for (let j = 0; j < 16; j++) {
    const q = bytes[at + 8 + j]!
    out[to + j] = d * ((q & 15) | (((high >> j) & 1) << 4)) + m
    out[to + 16 + j] = d * ((q >> 4) | (((high >> (j + 16)) & 1) << 4)) + m
  }
}

const decodeQ80: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  for (let j = 0; j < 32; j++) out[to + j] = d * ((bytes[at + 2 + j]! << 24) >> 24)
}

const decodeIq4Nl: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  for (let j = 0; j < 16; j++) {
    const q = bytes[at + 2 + j]!
    out[to + j] = d * IQ4_CODEBOOK[q & 15]!
    out[to + 16 + j] = d * IQ4_CODEBOOK[q >> 4]!
  }
}

/** The E8M0 exponent stands for half of its value, because the codebook is doubled. */
const decodeMxfp4: BlockDecoder = (bytes, at, out, to) => {
  const d = 2 ** (bytes[at]! - 128)
  for (let j = 0; j < 16; j++) {
    const q = bytes[at + 1 + j]!
    out[to + j] = d * FP4_DOUBLED[q & 15]!
    out[to + 16 + j] = d * FP4_DOUBLED[q >> 4]!
  }
}

/**
 * Half of every unsigned E4M3, because the codebook is doubled. ggml does not read the sign bit,
 * takes the code 127 for zero and 255, NaN elsewhere, for 480 (ggml-impl.h, ggml_ue4m3_to_fp32).
 */
const HALF_UE4M3 = Float32Array.from({ length: 256 }, (_, code) => {
  if (code === 127) return 0
  return (code & 127) === 127 ? 240 : Math.abs(float8E4M3Value(code)) / 2
})

/** scales[4] | qs[32]: four runs of 16, each split into low and high nibbles. */
const decodeNvfp4: BlockDecoder = (bytes, at, out, to) => {
  for (let i = 0; i < 32; i++) {
    const d = HALF_UE4M3[bytes[at + (i >> 3)]!]!
    const q = bytes[at + 4 + i]!
    const place = to + 16 * (i >> 3) + (i & 7)
    out[place] = d * FP4_DOUBLED[q & 15]!
    out[place + 8] = d * FP4_DOUBLED[q >> 4]!
  }
}

/** d where the bit is set, −d elsewhere. */
const decodeQ10: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  for (let j = 0; j < 128; j++) {
    out[to + j] = d * (((bytes[at + 2 + (j >> 3)]! >> (j & 7)) & 1) * 2 - 1)
  }
}

/** d·(q − 1), four codes to a byte. */
const decodeQ20: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  for (let j = 0; j < 64; j++) {
    out[to + j] = d * (((bytes[at + 2 + (j >> 2)]! >> (2 * (j & 3))) & 3) - 1)
  }
}

const decodeFp4: BlockDecoder = (bytes, at, out, to) => {
  const q = bytes[at]!
  out[to] = FP4_DOUBLED[q & 15]! / 2
  out[to + 1] = FP4_DOUBLED[q >> 4]! / 2
}

const DECODERS: Record<BlockFormat, BlockDecoder> = {
  F4: decodeFp4,
  Q4_0: decodeQ40,
  Q4_1: decodeQ41,
  Q5_0: decodeQ50,
  Q5_1: decodeQ51,
  Q8_0: decodeQ80,
  IQ4_NL: decodeIq4Nl,
  MXFP4: decodeMxfp4,
  NVFP4: decodeNvfp4,
  Q1_0: decodeQ10,
  Q2_0: decodeQ20,
  ...K_BLOCKS,
  ...LATTICE_BLOCKS,
}
