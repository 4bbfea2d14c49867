import type { BlockFormat } from '../../base/block-format.ts'
import { halfTable } from '../float-tables.ts'
import type { BlockDecoder } from './block-decoder.ts'
import { CODEBOOKS, type Codebook, codebookPoints } from './lattice-codebooks.ts'

// Blocks of 256 elements in 32 runs of eight. A run is one point of a codebook of 8 axes, or two of
// 4 axes, times signs, times a scale that 8 to 32 elements share. Every product fits the 24 bits of
// float32 (11 of the scale, 5 of its multiple, 6 of the point), so nothing is rounded.
// Source of the layouts: ggml-quants.c, dequantize_row_iq*.

const pair = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8)
const half = (bytes: Uint8Array, at: number): number => halfTable()[pair(bytes, at)]!

const pointsOf = (codebook: Codebook): (() => Int8Array) => {
  let points: Int8Array | undefined
  return () => {
    points ??= codebookPoints(codebook)
    return points
  }
}

const IQ2_XXS = pointsOf(CODEBOOKS.IQ2_XXS)
const IQ2_XS = pointsOf(CODEBOOKS.IQ2_XS)
const IQ2_S = pointsOf(CODEBOOKS.IQ2_S)
const IQ3_XXS = pointsOf(CODEBOOKS.IQ3_XXS)
const IQ3_S = pointsOf(CODEBOOKS.IQ3_S)
const IQ1 = pointsOf(CODEBOOKS.IQ1)

/** Seven stored signs; the eighth makes the number of negative ones even (ksigns_iq2xs). */
const EVEN_SIGNS = Uint8Array.from({ length: 128 }, (_, signs) => {
  let parity = signs
  for (let shift = 4; shift > 0; shift >>= 1) parity ^= parity >> shift
  return signs | ((parity & 1) << 7)
})

/** Eight elements: where their points begin, four each, and which of them are negative. */
type Run = {
  readonly points: Int8Array
  first: number
  second: number
  scale: number
  /** Bit j: element j. */
  signs: number
}

const runIn = (points: Int8Array): Run => ({ points, first: 0, second: 0, scale: 0, signs: 0 })

/** Signs are factors, not branches: no processor can guess them. */
function spread({ points, first, second, scale, signs }: Run, out: Float32Array, to: number): void {
  const doubled = signs << 1
  for (let j = 0; j < 4; j++) {
    out[to + j] = scale * (points[first + j]! * (1 - ((doubled >> j) & 2)))
    out[to + 4 + j] = scale * (points[second + j]! * (1 - ((doubled >> (j + 4)) & 2)))
  }
}

function choose(run: Run, index: number): void {
  run.first = 8 * index
  run.second = 8 * index + 4
}

/** Of 32 elements: four times seven signs in the low bits, the scale in the highest four. */
function signWord(bytes: Uint8Array, at: number): number {
  return pair(bytes, at) | (pair(bytes, at + 2) << 16)
}

/** d | 8 × (four indices, word of signs and scale); d·(s + ½)/4. */
const decodeIq2Xxs: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at) / 4
  const run = runIn(IQ2_XXS())
  for (let k = 0; k < 32; k++) {
    const from = at + 2 + 8 * (k >> 2)
    const word = signWord(bytes, from + 4)
    run.scale = d * ((word >>> 28) + 0.5)
    run.signs = EVEN_SIGNS[(word >>> (7 * (k & 3))) & 127]!
    choose(run, bytes[from + (k & 3)]!)
    spread(run, out, to + 8 * k)
  }
}

/** d | 32 × (9 bits of index, 7 signs) | scales[8], a nibble for 16 elements. */
const decodeIq2Xs: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at) / 4
  const run = runIn(IQ2_XS())
  for (let k = 0; k < 32; k++) {
    const word = pair(bytes, at + 2 + 2 * k)
    run.scale = d * (((bytes[at + 66 + (k >> 2)]! >> (2 * (k & 2))) & 15) + 0.5)
    run.signs = EVEN_SIGNS[word >> 9]!
    choose(run, word & 511)
    spread(run, out, to + 8 * k)
  }
}

/** d | qs[32] | signs[32] | qh[8], two high bits of each index | scales[8]. */
const decodeIq2S: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at) / 4
  const run = runIn(IQ2_S())
  for (let k = 0; k < 32; k++) {
    const high = (bytes[at + 66 + (k >> 2)]! >> (2 * (k & 3))) & 3
    run.scale = d * (((bytes[at + 74 + (k >> 2)]! >> (2 * (k & 2))) & 15) + 0.5)
    run.signs = bytes[at + 34 + k]!
    choose(run, bytes[at + 2 + k]! | (high << 8))
    spread(run, out, to + 8 * k)
  }
}

/** d | qs[64] | 8 words of signs and scale; d·(s + ½)/2. */
const decodeIq3Xxs: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at) / 2
  const run = runIn(IQ3_XXS())
  for (let k = 0; k < 32; k++) {
    const word = signWord(bytes, at + 66 + 4 * (k >> 2))
    run.scale = d * ((word >>> 28) + 0.5)
    run.signs = EVEN_SIGNS[(word >>> (7 * (k & 3))) & 127]!
    run.first = 4 * bytes[at + 2 + 2 * k]!
    run.second = 4 * bytes[at + 3 + 2 * k]!
    spread(run, out, to + 8 * k)
  }
}

/** d | qs[64] | qh[8], the high bit of each index | signs[32] | scales[4]; d·(2s + 1). */
const decodeIq3S: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const run = runIn(IQ3_S())
  for (let k = 0; k < 32; k++) {
    const high = bytes[at + 66 + (k >> 2)]! >> (2 * (k & 3))
    run.scale = d * (2 * ((bytes[at + 106 + (k >> 3)]! >> (k & 4)) & 15) + 1)
    run.signs = bytes[at + 74 + k]!
    run.first = 4 * (bytes[at + 2 + 2 * k]! | ((high & 1) << 8))
    run.second = 4 * (bytes[at + 3 + 2 * k]! | ((high & 2) << 7))
    spread(run, out, to + 8 * k)
  }
}

/** IQ1 has no signs: points of −1, 0 and 1 are moved up or down together. */
function spreadShifted(run: Run, out: Float32Array, to: number): void {
  const { points, first, scale, signs } = run
  const shift = signs === 0 ? 0.125 : -0.125
  for (let j = 0; j < 8; j++) out[to + j] = scale * (points[first + j]! + shift)
}

/** d | qs[32] | 8 × (four times 3 high bits, 3 bits of scale, sign of the shift); d·(2s + 1). */
const decodeIq1S: BlockDecoder = (bytes, at, out, to) => {
  const d = half(bytes, at)
  const run = runIn(IQ1())
  for (let k = 0; k < 32; k++) {
    const word = pair(bytes, at + 34 + 2 * (k >> 2))
    run.scale = d * (2 * ((word >> 12) & 7) + 1)
    run.signs = word >> 15
    run.first = 8 * (bytes[at + 2 + k]! | (((word >> (3 * (k & 3))) & 7) << 8))
    spreadShifted(run, out, to + 8 * k)
  }
}

/** qs[32] | qh[16], a nibble of 3 high bits and the sign of the shift | four words of scales. */
const decodeIq1M: BlockDecoder = (bytes, at, out, to) => {
  const d = scatteredHalf(bytes, at + 48)
  const run = runIn(IQ1())
  for (let k = 0; k < 32; k++) {
    const high = bytes[at + 32 + (k >> 1)]! >> (4 * (k & 1))
    const scales = pair(bytes, at + 48 + 2 * (k >> 3))
    run.scale = d * (2 * ((scales >> (3 * ((k >> 1) & 3))) & 7) + 1)
    run.signs = high & 8
    run.first = 8 * (bytes[at + k]! | ((high & 7) << 8))
    spreadShifted(run, out, to + 8 * k)
  }
}

/** The binary16 in the highest nibbles of four words, the lowest nibble first. */
function scatteredHalf(bytes: Uint8Array, at: number): number {
  let bits = 0
  for (let word = 0; word < 4; word++) bits |= (bytes[at + 1 + 2 * word]! >> 4) << (4 * word)
  return halfTable()[bits]!
}

export const LATTICE_BLOCKS = {
  IQ2_XXS: decodeIq2Xxs,
  IQ2_XS: decodeIq2Xs,
  IQ2_S: decodeIq2S,
  IQ3_XXS: decodeIq3Xxs,
  IQ3_S: decodeIq3S,
  IQ1_S: decodeIq1S,
  IQ1_M: decodeIq1M,
} as const satisfies Partial<Record<BlockFormat, BlockDecoder>>
