import { both } from '../../base/both.ts'
import { bf16Bits, roundToBf16Bits } from '../../numeric/bf16.ts'
import { decodeInto } from '../../numeric/decode.ts'
import type { Room } from '../../numeric/room-pool.ts'
import type { RowMeasurer } from '../../numeric/row-measurer.ts'
import { type RowRange, readRows, settleNonFinite } from './read-rows.ts'
import { isStoredInRows, readStored, type StoredSide } from './stored-units.ts'

/** One block of rows of either model; `giveBack` once it is no longer looked at. */
export type ContentBlock = {
  /** True only where it shows in the stored codes that the blocks have nothing to do with each other. */
  readonly isUnrelated: () => boolean
  /** True only where it shows in the stored codes that the blocks differ, and that neither is constant. */
  readonly isDifferent: () => boolean
  /** Values as float32, infinities and NaN included. */
  readonly values: () => readonly [Float32Array, Float32Array]
  readonly elements: number
  /** The first entries of either, of the first row alone, as bfloat16 codes: what a matrix is known by. */
  readonly starts: () => readonly [Uint16Array, Uint16Array]
  readonly giveBack: () => void
}

type Side = Omit<StoredSide, 'ranges'>

/** The same rows of both. What is no number is noted and kept: equal is what is stored alike. */
export async function readBlock(
  sides: readonly [Side, Side],
  range: RowRange,
  measurer: RowMeasurer,
): Promise<ContentBlock> {
  const [a, b] = [
    { ...sides[0], ranges: [range], nonFinite: 'keep' as const },
    { ...sides[1], ranges: [range], nonFinite: 'keep' as const },
  ]
  const kept = Math.min(START_ELEMENTS, a.view.cols)
  if (!isCoded(a) || !isCoded(b)) {
    const values = await Promise.all([
      readRows(a.source, a.tensor, a),
      readRows(b.source, b.tensor, b),
    ])
    const [{ length: elements }] = values
    return {
      isUnrelated: () => false,
      isDifferent: () => false,
      values: () => values,
      elements,
      starts: () => [bf16Start(values[0], kept), bf16Start(values[1], kept)],
      giveBack: () => {},
    }
  }
  const elements = range.count * a.view.cols
  const rooms = [measurer.borrow(2 * elements), measurer.borrow(2 * elements)] as const
  try {
    await both(readStored(a, rooms[0].bytes), readStored(b, rooms[1].bytes))
  } catch (error) {
    for (const room of rooms) room.giveBack()
    throw error
  }
  const decode = (side: typeof a, { bytes }: Room) => {
    const values = new Float32Array(elements)
    decodeInto(bytes, 'BF16', values)
    settleNonFinite(values, side)
    return values
  }
  const codes = [codesOf(rooms[0]), codesOf(rooms[1])] as const
  const noteFinite = () => {
    for (const { source, tensor } of [a, b]) source.nonFinite?.noteFinite(tensor.name, elements)
    return true
  }
  return {
    isUnrelated: () => areUnrelated(...codes, measurer) && noteFinite(),
    isDifferent: () => areDifferent(...codes, measurer) && noteFinite(),
    values: () => [decode(a, rooms[0]), decode(b, rooms[1])],
    elements,
    starts: () => [codeStart(codes[0], kept), codeStart(codes[1], kept)],
    giveBack: () => {
      for (const room of rooms) room.giveBack()
    },
  }
}

/** As `roundToBf16Bits` leaves them: one code for all that is no number. */
const codeStart = (codes: Uint16Array, count: number): Uint16Array =>
  codes.slice(0, count).map((code) => bf16Bits((code << 16) >>> 0))

/** The first `most` of these values, as bfloat16 codes. */
export function bf16Start(values: Float32Array, most: number): Uint16Array {
  const start = values.subarray(0, Math.min(values.length, most))
  const codes = new Uint16Array(start.length)
  roundToBf16Bits(start, codes)
  return codes
}

/** Entries of its first row by which a matrix is known. */
export const START_ELEMENTS = 64

const isCoded = (side: StoredSide): boolean => side.tensor.dtype === 'BF16' && isStoredInRows(side)

const codesOf = ({ bytes }: Room): Uint16Array =>
  new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)

/** Values looked at before a block is decoded: of unrelated blocks one in twenty is far enough apart. */
const LOOKED_AT = 256
const INFINITE = 0x7f80

type Sizes = Pick<RowMeasurer, 'largestCode'>

/**
 * True only where `encodingRelation` of the two blocks is sure to be 'none' and neither is constant nor
 * holds what is no number: a value of one and a value of the other lie further apart than half a step of any
 * grid that spans either block, by the bound of `gridRelation` with twice the largest value for the span.
 */
export function areUnrelated(a: Uint16Array, b: Uint16Array, measurer: Sizes): boolean {
  const [largestA, largestB] = [measurer.largestCode(a), measurer.largestCode(b)]
  if (largestA >= INFINITE || largestB >= INFINITE) return false
  const word = new Int32Array(1)
  const value = new Float32Array(word.buffer)
  const floatOf = (code: number): number => {
    word[0] = code << 16
    return value[0] as number
  }
  const reachA = floatOf(largestA) * REACH
  const reachB = floatOf(largestB) * REACH
  let isFarFromA = false
  let isFarFromB = false
  for (let i = 0; i < Math.min(a.length, LOOKED_AT); i++) {
    const x = floatOf(a[i] as number)
    const y = floatOf(b[i] as number)
    const apart = Math.abs(x - y)
    isFarFromA ||= apart > reachA + Math.abs(y) * STORED
    isFarFromB ||= apart > reachB + Math.abs(x) * STORED
    // A constant block is compared in full: what it holds is told by all of it.
    if (isFarFromA && isFarFromB) return a.some((code) => code !== a[0])
  }
  return false
}

/** True only where the blocks hold different values and neither is constant nor holds what is no number. */
export function areDifferent(a: Uint16Array, b: Uint16Array, measurer: Sizes): boolean {
  if ([a, b].some((codes) => measurer.largestCode(codes) >= INFINITE)) return false
  return a.some((code, i) => code !== b[i]) && a.some((code) => code !== a[0])
}

/** Half a step of the widest grid, and the blur of values near the largest. */
const REACH = 0.75 + 2 ** -7
/** Half a unit in the last place of a stored value. */
const STORED = 2 ** -8
