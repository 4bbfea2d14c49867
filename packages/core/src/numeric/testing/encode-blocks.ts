import { BLOCK_FORMATS, type BlockFormat } from '../../base/block-format.ts'
import { FP4_DOUBLED, IQ4_CODEBOOK } from '../dequantise/codebooks.ts'
import { float8E4M3Value } from '../float-tables.ts'
import { LATTICE_ENCODERS } from './encode-lattice.ts'
import {
  clamp,
  type Encoder,
  largest,
  nearest,
  over,
  putHalf,
  putSplitNibbles,
} from './put-bits.ts'

/**
 * Rounds values to nearest on each format's grid, in the layout of ggml. Plain round-to-nearest:
 * the search for better scales that llama.cpp adds changes codes, not the layout.
 */
export function encodeBlocks(format: BlockFormat, values: Float32Array): Uint8Array {
  const { elements, sizeBytes } = BLOCK_FORMATS[format]
  const blocks = values.length / elements
  const bytes = new Uint8Array(blocks * sizeBytes)
  for (let k = 0; k < blocks; k++) {
    const x = values.subarray(k * elements, (k + 1) * elements)
    ENCODERS[format](x, bytes.subarray(k * sizeBytes, (k + 1) * sizeBytes))
  }
  return bytes
}

function putFifthBits(block: Uint8Array, at: number, codes: ArrayLike<number>): void {
  for (let j = 0; j < 32; j++) block[at + (j >> 3)]! |= (codes[j]! >> 4) << (j & 7)
}

const symmetric =
  (half: number, fifthAt: number | null, codesAt: number): Encoder =>
  (x, block) => {
    const d = putHalf(block, 0, largest(x) / (half - 1))
    const codes = x.map((v) => clamp(over(v, d), -half, half - 1) + half)
    if (fifthAt !== null) putFifthBits(block, fifthAt, codes)
    putSplitNibbles(block, codesAt, codes)
  }

const fromMinimum =
  (levels: number, fifthAt: number | null, codesAt: number): Encoder =>
  (x, block) => {
    const low = x.reduce((least, v) => Math.min(least, v), x[0]!)
    const high = x.reduce((most, v) => Math.max(most, v), x[0]!)
    const d = putHalf(block, 0, (high - low) / levels)
    const m = putHalf(block, 2, low)
    const codes = x.map((v) => clamp(over(v - m, d), 0, levels))
    if (fifthAt !== null) putFifthBits(block, fifthAt, codes)
    putSplitNibbles(block, codesAt, codes)
  }

/** Scales of 16 sub-blocks on a signed grid of the block's own. */
function subScales(
  x: Float32Array,
  levels: number,
  steps: number,
): { d: number; scales: number[] } {
  const wanted = Array.from(
    { length: 16 },
    (_, sub) => largest(x.subarray(sub * 16, sub * 16 + 16)) / levels,
  )
  const d = Math.max(...wanted) / steps
  return { d, scales: wanted }
}

const encodeQ3K: Encoder = (x, block) => {
  const { d: wished, scales } = subScales(x, 3, 31)
  const d = putHalf(block, 108, wished)
  scales.forEach((wanted, sub) => {
    const scale = clamp(over(wanted, d), 0, 31)
    const stored = scale + 32
    block[96 + (sub & 7)]! |= (stored & 15) << (sub >= 8 ? 4 : 0)
    block[104 + (sub & 3)]! |= (stored >> 4) << (2 * (sub >> 2))
    for (let j = 0; j < 16; j++) {
      const code = clamp(over(x[sub * 16 + j]!, d * scale), -4, 3) + 4
      const lane = (sub & 1) * 16 + j
      block[32 + (sub >> 3) * 32 + lane]! |= (code & 3) << (sub & 6)
      block[lane]! |= (code >> 2) << (sub >> 1)
    }
  })
}

const encodeQ6K: Encoder = (x, block) => {
  const { d: wished, scales } = subScales(x, 31, 127)
  const d = putHalf(block, 208, wished)
  scales.forEach((wanted, sub) => {
    const scale = clamp(over(wanted, d), 0, 127)
    block[192 + sub] = scale
    for (let j = 0; j < 16; j++) {
      const i = sub * 16 + j
      const code = clamp(over(x[i]!, d * scale), -32, 31) + 32
      const place = 64 * (i >> 7) + (i & 63)
      block[place]! |= (code & 15) << ((i & 127) < 64 ? 0 : 4)
      block[128 + 32 * (i >> 7) + (i & 31)]! |= (code >> 4) << (2 * ((i >> 5) & 3))
    }
  })
}

/** Affine sub-blocks: value = d·s·q − dmin·m. */
function affineSubs(x: Float32Array, width: number, levels: number) {
  return Array.from({ length: 256 / width }, (_, sub) => {
    const part = x.subarray(sub * width, (sub + 1) * width)
    const low = part.reduce((least, v) => Math.min(least, v), 0)
    const high = part.reduce((most, v) => Math.max(most, v), 0)
    return { scale: (high - low) / levels, minimum: -low }
  })
}

const encodeQ2K: Encoder = (x, block) => {
  const subs = affineSubs(x, 16, 3)
  const d = putHalf(block, 80, Math.max(...subs.map((s) => s.scale)) / 15)
  const dmin = putHalf(block, 82, Math.max(...subs.map((s) => s.minimum)) / 15)
  subs.forEach((wanted, sub) => {
    const scale = clamp(over(wanted.scale, d), 0, 15)
    const minimum = clamp(over(wanted.minimum, dmin), 0, 15)
    block[sub] = scale | (minimum << 4)
    for (let j = 0; j < 16; j++) {
      const code = clamp(over(x[sub * 16 + j]! + dmin * minimum, d * scale), 0, 3)
      block[16 + (sub >> 3) * 32 + (sub & 1) * 16 + j]! |= code << (sub & 6)
    }
  })
}

const affineK =
  (levels: number, highAt: number | null, codesAt: number): Encoder =>
  (x, block) => {
    const subs = affineSubs(x, 32, levels)
    const d = putHalf(block, 0, Math.max(...subs.map((s) => s.scale)) / 63)
    const dmin = putHalf(block, 2, Math.max(...subs.map((s) => s.minimum)) / 63)
    subs.forEach((wanted, sub) => {
      const scale = clamp(over(wanted.scale, d), 0, 63)
      const minimum = clamp(over(wanted.minimum, dmin), 0, 63)
      if (sub < 4) {
        block[4 + sub]! |= scale
        block[8 + sub]! |= minimum
      } else {
        block[8 + sub] = (scale & 15) | ((minimum & 15) << 4)
        block[sub]! |= (scale >> 4) << 6
        block[4 + sub]! |= (minimum >> 4) << 6
      }
      for (let j = 0; j < 32; j++) {
        const code = clamp(over(x[sub * 32 + j]! + dmin * minimum, d * scale), 0, levels)
        block[codesAt + (sub >> 1) * 32 + j]! |= (code & 15) << ((sub & 1) * 4)
        if (highAt !== null) block[highAt + j]! |= (code >> 4) << sub
      }
    })
  }

const encodeQ8K: Encoder = (x, block) => {
  const d = Math.fround(largest(x) / 127)
  new DataView(block.buffer, block.byteOffset).setFloat32(0, d, true)
  x.forEach((v, i) => {
    block[4 + i] = clamp(over(v, d), -127, 127) & 255
  })
}

const encodeIq4Xs: Encoder = (x, block) => {
  const wanted = Array.from(
    { length: 8 },
    (_, sub) => largest(x.subarray(sub * 32, sub * 32 + 32)) / 113,
  )
  const d = putHalf(block, 0, Math.max(...wanted) / 31)
  wanted.forEach((scale, sub) => {
    const stored = clamp(over(scale, d), 0, 31) + 32
    block[4 + (sub >> 1)]! |= (stored & 15) << ((sub & 1) * 4)
    block[2 + (sub >> 2)]! |= (stored >> 4) << (2 * (sub & 3))
    const step = d * (stored - 32)
    const codes = Array.from({ length: 32 }, (_, j) =>
      nearest(IQ4_CODEBOOK, over(x[sub * 32 + j]!, step)),
    )
    putSplitNibbles(block, 8 + sub * 16, codes)
  })
}

const encodeTq10: Encoder = (x, block) => {
  const d = putHalf(block, 52, largest(x) / 2)
  const digit = (i: number): number => clamp(over(x[i]!, d), -1, 1) + 1
  const run = (at: number, from: number, width: number, digits: number): void => {
    for (let j = 0; j < width; j++) {
      let number = 0
      for (let n = 0; n < 5; n++)
        number = number * 3 + (n < digits ? digit(from + n * width + j) : 0)
      block[at + j] = Math.floor((number * 256 + 242) / 243)
    }
  }
  run(0, 0, 32, 5)
  run(32, 160, 16, 5)
  run(48, 240, 4, 4)
}

const encodeTq20: Encoder = (x, block) => {
  const d = putHalf(block, 64, largest(x) / 2)
  x.forEach((v, i) => {
    const code = clamp(over(v, d), -1, 1) + 1
    block[(i >> 7) * 32 + (i & 31)]! |= code << (2 * ((i >> 5) & 3))
  })
}

/** Exponent of the block: the largest value becomes 4 to 6 units of E2M1. */
const encodeMxfp4: Encoder = (x, block) => {
  const most = largest(x)
  const exponent = most === 0 ? 0 : Math.max(0, Math.floor(Math.log2(most)) - 2 + 127)
  block[0] = exponent
  const codes = Array.from(x, (v) => nearest(FP4_DOUBLED, v / 2 ** (exponent - 128)))
  putSplitNibbles(block, 1, codes)
}

/** A scale for 16 values: the smallest unsigned E4M3 with which E2M1 reaches the largest. */
const encodeNvfp4: Encoder = (x, block) => {
  for (let sub = 0; sub < 4; sub++) {
    const part = x.subarray(16 * sub, 16 * sub + 16)
    const wanted = largest(part) / 6
    let scale = 0
    while (scale < 126 && float8E4M3Value(scale) < wanted) scale++
    block[sub] = scale
    const codes = Array.from(part, (v) => nearest(FP4_DOUBLED, over(2 * v, float8E4M3Value(scale))))
    for (let j = 0; j < 8; j++) block[4 + 8 * sub + j] = codes[j]! | (codes[j + 8]! << 4)
  }
}

/** Signs alone, at the mean size. */
const encodeQ10: Encoder = (x, block) => {
  putHalf(block, 0, x.reduce((sum, v) => sum + Math.abs(v), 0) / 128)
  x.forEach((v, j) => {
    if (v >= 0) block[2 + (j >> 3)]! |= 1 << (j & 7)
  })
}

const encodeQ20: Encoder = (x, block) => {
  const d = putHalf(block, 0, largest(x) / 2)
  x.forEach((v, j) => {
    block[2 + (j >> 2)]! |= (clamp(over(v, d), -1, 2) + 1) << (2 * (j & 3))
  })
}

const ENCODERS: Record<BlockFormat, Encoder> = {
  F4: (x, block) => {
    block[0] = nearest(FP4_DOUBLED, x[0]! * 2) | (nearest(FP4_DOUBLED, x[1]! * 2) << 4)
  },
  Q4_0: symmetric(8, null, 2),
  Q4_1: fromMinimum(15, null, 4),
  Q5_0: symmetric(16, 2, 6),
  Q5_1: fromMinimum(31, 4, 8),
  Q8_0: (x, block) => {
    const d = putHalf(block, 0, largest(x) / 127)
    x.forEach((v, j) => {
      block[2 + j] = clamp(over(v, d), -127, 127) & 255
    })
  },
  Q2_K: encodeQ2K,
  Q3_K: encodeQ3K,
  Q4_K: affineK(15, null, 16),
  Q5_K: affineK(31, 16, 48),
  Q6_K: encodeQ6K,
  Q8_K: encodeQ8K,
  IQ4_NL: (x, block) => {
    const d = putHalf(block, 0, largest(x) / 113)
    putSplitNibbles(
      block,
      2,
      x.map((v) => nearest(IQ4_CODEBOOK, over(v, d))),
    )
  },
  IQ4_XS: encodeIq4Xs,
  TQ1_0: encodeTq10,
  TQ2_0: encodeTq20,
  MXFP4: encodeMxfp4,
  NVFP4: encodeNvfp4,
  Q1_0: encodeQ10,
  Q2_0: encodeQ20,
  ...LATTICE_ENCODERS,
}
