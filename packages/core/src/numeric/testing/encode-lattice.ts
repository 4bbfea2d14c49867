import { CODEBOOKS, type Codebook, codebookPoints } from '../dequantise/lattice-codebooks.ts'
import { halfValue } from '../float-tables.ts'
import { type Encoder, halfBits, over } from './put-bits.ts'

/** What a format lets a quantiser choose. */
type Freedom = {
  readonly codebook: Codebook
  /** Elements that share a scale, and what its codes multiply the block's scale by. */
  readonly scaleWidth: 16 | 32
  readonly multiples: readonly number[]
  /** Any signs, or an even number of negative ones among eight; IQ1 has a shift instead. */
  readonly signs: 'free' | 'even' | 'shift'
  /** Elements that share a shift. */
  readonly shiftWidth?: 8 | 32
}

/** Codes of a block, in the order of its elements. */
type Codes = {
  readonly halfBits: number
  readonly scales: readonly number[]
  readonly points: number[]
  /** For each run of eight. */
  readonly signs: number[]
  /** For each run of eight: 1 where the shift is negative. */
  readonly shifts: number[]
}

/**
 * The nearest point of the codebook, found by trying all of them, at the scale that makes its points as
 * long as the weights on average. llama.cpp searches scales as well, which changes codes only.
 */
function quantise(x: Float32Array, freedom: Freedom): Codes {
  const { codebook, scaleWidth, multiples } = freedom
  const table = tableOf(codebook)
  const wanted = cut(x, scaleWidth).map((part) => rootMeanSquare(part) / table.rootMeanSquare)
  const bits = halfBits(Math.max(...wanted) / multiples.at(-1)!)
  const d = halfValue(bits)
  const scales = wanted.map((unit) => nearestOf(multiples, over(unit, d)))
  const codes: Codes = { halfBits: bits, scales, points: [], signs: [], shifts: [] }
  const inUnits = x.map((v, i) => over(v, d * multiples[scales[Math.floor(i / scaleWidth)]!]!))
  for (const target of cut(inUnits, freedom.shiftWidth ?? 8)) {
    if (freedom.signs === 'shift') addShifted(codes, target, table)
    else addSigned(codes, target, { table, isEven: freedom.signs === 'even' })
  }
  return codes
}

type Table = ReturnType<typeof tableOf>

function addSigned(
  codes: Codes,
  target: Float32Array,
  { table, isEven }: { readonly table: Table; readonly isEven: boolean },
): void {
  const sizes = target.map(Math.abs)
  const negative: number[] = Array.from(target, (v) => (v < 0 ? 1 : 0))
  if (isEven && negative.filter(Boolean).length % 2 === 1) {
    const least = sizes.indexOf(Math.min(...sizes))
    negative[least] = 1 - negative[least]!
    sizes[least] = -sizes[least]!
  }
  for (const part of cut(sizes, table.axes)) codes.points.push(nearestPoint(table, part).index)
  codes.signs.push(negative.reduce((sum, bit, j) => sum + bit * 2 ** j, 0))
}

/** The better of both shifts for all of `target`. */
function addShifted(codes: Codes, target: Float32Array, table: Table): void {
  const [up, down] = [1 / 8, -1 / 8].map((shift) => {
    const shifted = target.map((v) => v - shift)
    const found = cut(shifted, 8).map((part) => nearestPoint(table, part))
    return { found, error: found.reduce((sum, { error }) => sum + error, 0) }
  })
  const isDown = down!.error < up!.error
  for (const { index } of (isDown ? down! : up!).found) {
    codes.points.push(index)
    codes.shifts.push(isDown ? 1 : 0)
  }
}

const cut = (x: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: x.length / width }, (_, n) => x.subarray(n * width, (n + 1) * width))

const rootMeanSquare = (x: ArrayLike<number>): number =>
  Math.sqrt(Array.from(x).reduce((sum, v) => sum + v * v, 0) / x.length)

function nearestOf(levels: readonly number[], value: number): number {
  const distances = levels.map((level) => Math.abs(level - value))
  return distances.indexOf(Math.min(...distances))
}

function nearestPoint(table: Table, target: Float32Array): { index: number; error: number } {
  const { axes, points, squares, levels, byPoint } = table
  // Nothing is nearer than every coordinate's own nearest level, where that is a member.
  const rounded = Array.from(target, (v) => levels[nearestOf(levels, v)]!)
  const member = byPoint.get(rounded.join())
  if (member !== undefined) {
    return { index: member, error: rounded.reduce((sum, v, j) => sum + (v - target[j]!) ** 2, 0) }
  }
  let index = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < squares.length; i++) {
    let dot = 0
    for (let j = 0; j < axes; j++) dot += target[j]! * points[i * axes + j]!
    const error = squares[i]! - 2 * dot
    if (error < least) {
      least = error
      index = i
    }
  }
  return { index, error: least + target.reduce((sum, v) => sum + v * v, 0) }
}

const tables = new Map<Codebook, ReturnType<typeof listed>>()

function tableOf(codebook: Codebook): ReturnType<typeof listed> {
  const table = tables.get(codebook) ?? listed(codebook)
  tables.set(codebook, table)
  return table
}

function listed(codebook: Codebook) {
  const { axes, entries, levels } = codebook
  const points = codebookPoints(codebook)
  const each = Array.from({ length: entries }, (_, i) => [
    ...points.subarray(i * axes, (i + 1) * axes),
  ])
  const squares = Float64Array.from(each, (point) => point.reduce((sum, v) => sum + v * v, 0))
  const byPoint = new Map(each.map((point, index) => [point.join(), index]))
  return { axes, levels, points, squares, byPoint, rootMeanSquare: rootMeanSquare(points) }
}

/** A field of `count` bits from bit `first` on; the next of its kind lies `step` bits further. */
type Field = { readonly first: number; readonly count: number; readonly step?: number }

/** Bit 0 is the lowest bit of byte 0. */
function put(block: Uint8Array, { first, count }: Field, value: number): void {
  for (let k = 0; k < count; k++) {
    const at = first + k
    block[at >> 3]! |= ((value >> k) & 1) << (at & 7)
  }
}

function putAll(block: Uint8Array, field: Field, values: readonly number[]): void {
  const { first, count, step = count } = field
  values.forEach((value, n) => {
    put(block, { first: first + n * step, count }, value)
  })
}

/** Four neighbours at a time: those of 32 elements. */
function putFours(block: Uint8Array, field: Field & { readonly each: number }, values: number[]) {
  for (let n = 0; n < 8; n++) {
    const first = field.first + n * field.each
    putAll(block, { ...field, first }, values.slice(4 * n, 4 * n + 4))
  }
}

const high = (points: readonly number[]): number[] => points.map((point) => point >> 8)
const SCALE_OF_BLOCK: Field = { first: 0, count: 16 }
const QUARTERS = Array.from({ length: 16 }, (_, s) => (s + 0.5) / 4)
const HALVES = QUARTERS.map((multiple) => 2 * multiple)
const ODD_TO_15 = Array.from({ length: 8 }, (_, s) => 2 * s + 1)
const ODD_TO_31 = Array.from({ length: 16 }, (_, s) => 2 * s + 1)

const encoder =
  (freedom: Freedom, write: (block: Uint8Array, codes: Codes) => void): Encoder =>
  (x, block) =>
    write(block, quantise(x, freedom))

export const LATTICE_ENCODERS = {
  IQ2_XXS: encoder(
    { codebook: CODEBOOKS.IQ2_XXS, scaleWidth: 32, multiples: QUARTERS, signs: 'even' },
    (block, { halfBits: d, points, signs, scales }) => {
      put(block, SCALE_OF_BLOCK, d)
      putFours(block, { first: 16, count: 8, each: 64 }, points)
      putFours(block, { first: 48, count: 7, each: 64 }, signs)
      putAll(block, { first: 76, count: 4, step: 64 }, scales)
    },
  ),
  IQ2_XS: encoder(
    { codebook: CODEBOOKS.IQ2_XS, scaleWidth: 16, multiples: QUARTERS, signs: 'even' },
    (block, { halfBits: d, points, signs, scales }) => {
      put(block, SCALE_OF_BLOCK, d)
      putAll(block, { first: 16, count: 9, step: 16 }, points)
      putAll(block, { first: 25, count: 7, step: 16 }, signs)
      putAll(block, { first: 528, count: 4 }, scales)
    },
  ),
  IQ2_S: encoder(
    { codebook: CODEBOOKS.IQ2_S, scaleWidth: 16, multiples: QUARTERS, signs: 'free' },
    (block, { halfBits: d, points, signs, scales }) => {
      put(block, SCALE_OF_BLOCK, d)
      putAll(block, { first: 16, count: 8 }, points)
      putAll(block, { first: 272, count: 8 }, signs)
      putAll(block, { first: 528, count: 2 }, high(points))
      putAll(block, { first: 592, count: 4 }, scales)
    },
  ),
  IQ3_XXS: encoder(
    { codebook: CODEBOOKS.IQ3_XXS, scaleWidth: 32, multiples: HALVES, signs: 'even' },
    (block, { halfBits: d, points, signs, scales }) => {
      put(block, SCALE_OF_BLOCK, d)
      putAll(block, { first: 16, count: 8 }, points)
      putFours(block, { first: 528, count: 7, each: 32 }, signs)
      putAll(block, { first: 556, count: 4, step: 32 }, scales)
    },
  ),
  IQ3_S: encoder(
    { codebook: CODEBOOKS.IQ3_S, scaleWidth: 32, multiples: ODD_TO_31, signs: 'free' },
    (block, { halfBits: d, points, signs, scales }) => {
      put(block, SCALE_OF_BLOCK, d)
      putAll(block, { first: 16, count: 8 }, points)
      putAll(block, { first: 528, count: 1 }, high(points))
      putAll(block, { first: 592, count: 8 }, signs)
      putAll(block, { first: 848, count: 4 }, scales)
    },
  ),
  IQ1_S: encoder(
    {
      ...{ codebook: CODEBOOKS.IQ1, scaleWidth: 32, multiples: ODD_TO_15 },
      ...{ signs: 'shift', shiftWidth: 32 },
    },
    (block, { halfBits: d, points, shifts, scales }) => {
      put(block, SCALE_OF_BLOCK, d)
      putAll(block, { first: 16, count: 8 }, points)
      putFours(block, { first: 272, count: 3, each: 16 }, high(points))
      putAll(block, { first: 284, count: 3, step: 16 }, scales)
      putFours(block, { first: 287, count: 1, step: 0, each: 16 }, shifts)
    },
  ),
  IQ1_M: encoder(
    {
      ...{ codebook: CODEBOOKS.IQ1, scaleWidth: 16, multiples: ODD_TO_15 },
      ...{ signs: 'shift', shiftWidth: 8 },
    },
    (block, { halfBits: d, points, shifts, scales }) => {
      putAll(block, { first: 0, count: 8 }, points)
      putAll(block, { first: 256, count: 3, step: 4 }, high(points))
      putAll(block, { first: 259, count: 1, step: 4 }, shifts)
      for (let word = 0; word < 4; word++) {
        const first = 384 + 16 * word
        putAll(block, { first, count: 3 }, scales.slice(4 * word, 4 * word + 4))
        put(block, { first: first + 12, count: 4 }, d >> (4 * word))
      }
    },
  ),
} as const satisfies Record<string, Encoder>
