import { CODEBOOKS, type Codebook, DIGITS } from '../dequantise/lattice-codebooks.ts'
import { halfValue } from '../float-tables.ts'
import { bits, half } from './block-bits.ts'

export type LatticeFormat = 'IQ2_XXS' | 'IQ2_XS' | 'IQ2_S' | 'IQ3_XXS' | 'IQ3_S' | 'IQ1_S' | 'IQ1_M'

/** Element i of a block of 256, from the fields that its layout lists in order. */
export function latticeElement(format: LatticeFormat, block: Uint8Array, i: number): number {
  const run = Math.floor(i / 8)
  const sub16 = Math.floor(i / 16)
  const sub32 = Math.floor(i / 32)
  const [in8, in32] = [i % 8, run % 4]
  const d = half(block, 0)
  switch (format) {
    case 'IQ2_XXS': {
      const from = 16 + 64 * sub32
      const point = pointOf(CODEBOOKS.IQ2_XXS, bits(block, from + 8 * in32, 8))
      const sign = signOfSeven(bits(block, from + 32 + 7 * in32, 7), in8)
      return d * (bits(block, from + 60, 4) + 0.5) * 0.25 * sign * point[in8]!
    }
    case 'IQ2_XS': {
      const point = pointOf(CODEBOOKS.IQ2_XS, bits(block, 16 + 16 * run, 9))
      const sign = signOfSeven(bits(block, 16 + 16 * run + 9, 7), in8)
      return d * (bits(block, 528 + 4 * sub16, 4) + 0.5) * 0.25 * sign * point[in8]!
    }
    case 'IQ2_S': {
      const index = bits(block, 16 + 8 * run, 8) + 256 * bits(block, 528 + 2 * run, 2)
      const sign = bits(block, 272 + i, 1) === 1 ? -1 : 1
      const scale = bits(block, 592 + 4 * sub16, 4) + 0.5
      return d * scale * 0.25 * sign * pointOf(CODEBOOKS.IQ2_S, index)[in8]!
    }
    case 'IQ3_XXS': {
      const point = pointOf(CODEBOOKS.IQ3_XXS, block[2 + Math.floor(i / 4)]!)
      const from = 528 + 32 * sub32
      const sign = signOfSeven(bits(block, from + 7 * in32, 7), in8)
      return d * (bits(block, from + 28, 4) + 0.5) * 0.5 * sign * point[i % 4]!
    }
    case 'IQ3_S': {
      const four = Math.floor(i / 4)
      const index = block[2 + four]! + 256 * bits(block, 528 + four, 1)
      const sign = bits(block, 592 + i, 1) === 1 ? -1 : 1
      const scale = 1 + 2 * bits(block, 848 + 4 * sub32, 4)
      return d * scale * sign * pointOf(CODEBOOKS.IQ3_S, index)[i % 4]!
    }
    case 'IQ1_S': {
      const word = 272 + 16 * sub32
      const index = bits(block, 16 + 8 * run, 8) + 256 * bits(block, word + 3 * in32, 3)
      const shift = bits(block, word + 15, 1) === 1 ? -1 / 8 : 1 / 8
      const scale = 2 * bits(block, word + 12, 3) + 1
      return d * scale * (pointOf(CODEBOOKS.IQ1, index)[in8]! + shift)
    }
    case 'IQ1_M': {
      const index = block[run]! + 256 * bits(block, 256 + 4 * run, 3)
      const shift = bits(block, 256 + 4 * run + 3, 1) === 1 ? -1 / 8 : 1 / 8
      const scale = 2 * bits(block, 384 + 16 * Math.floor(i / 64) + 3 * (sub16 % 4), 3) + 1
      return scattered(block) * scale * (pointOf(CODEBOOKS.IQ1, index)[in8]! + shift)
    }
  }
}

/** Of eight signs seven are stored; the number of negative ones is even. */
function signOfSeven(code: number, element: number): 1 | -1 {
  const stored = Array.from({ length: 7 }, (_, j) => Math.floor(code / 2 ** j) % 2)
  const negative = stored.reduce((sum, bit) => sum + bit, 0)
  const all = [...stored, negative % 2]
  return all[element] === 1 ? -1 : 1
}

/** The highest nibbles of the four words of scales, lowest first. */
const scattered = (block: Uint8Array): number =>
  halfValue([0, 1, 2, 3].reduce((sum, w) => sum + bits(block, 396 + 16 * w, 4) * 16 ** w, 0))

const listed = new Map<Codebook, readonly (readonly number[])[]>()

function pointOf(codebook: Codebook, index: number): readonly number[] {
  let points = listed.get(codebook)
  if (points === undefined) {
    points = list(codebook)
    listed.set(codebook, points)
  }
  return points[index]!
}

/** Grows all tuples axis by axis, the last axis slowest, and keeps those that are marked. */
function list({ axes, levels, isEven, members }: Codebook): readonly (readonly number[])[] {
  let box: readonly (readonly number[])[] = [[]]
  for (let axis = 0; axis < axes; axis++) {
    box = levels.flatMap((_, level) => box.map((tuple) => [...tuple, level]))
  }
  const sum = (tuple: readonly number[]) => tuple.reduce((total, level) => total + level, 0)
  const marks = [...members].flatMap((digit) => {
    const value = DIGITS.indexOf(digit)
    return [1, 2, 4, 8, 16, 32].map((bit) => Math.floor(value / bit) % 2)
  })
  return box
    .filter((tuple) => !isEven || sum(tuple) % 2 === 0)
    .filter((_, place) => marks[place] === 1)
    .map((tuple) => tuple.map((level) => levels[level]!))
}
