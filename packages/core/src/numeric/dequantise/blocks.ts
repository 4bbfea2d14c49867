import { BLOCK_FORMATS, type BlockFormat } from '../../base/block-format.ts'
import { assert } from '../../base/errors.ts'
import { halfTable } from '../float-tables.ts'
import type { BlockDecoder } from './block-decoder.ts'
import { FP4_DOUBLED, IQ4_CODEBOOK } from './codebooks.ts'
import { K_BLOCKS } from './k-blocks.ts'

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
  ...K_BLOCKS,
}
