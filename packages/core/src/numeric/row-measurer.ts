import { DTYPE_SIZE_BYTES } from '../base/dtype.ts'
import { assert } from '../base/errors.ts'
import { type AxisSize, type AxisTables, plainAxes } from './axes.ts'
import { decodeInto } from './decode.ts'
import { isAllFinite, rowDots } from './kernels.ts'
import type { Room } from './room-pool.ts'
import { type RowMatrix, rowMatrix } from './row-matrix.ts'
import { decoded, plainPairs, type RowPairs, type StoredRows, setUnitRow } from './row-pairs.ts'

/** Measures stored rows where they are; engines give the same bits. */
export type RowMeasurer = {
  /**
   * What the sign tests ask of two blocks of as many rows, of BLOCK_ELEMENTS_MAX elements at most; null
   * where an entry is NaN or infinite.
   */
  readonly pairs: (a: StoredRows, b: StoredRows) => RowPairs | null
  /** Tables of this many rows and columns, to be filled with finite rows. */
  readonly axes: (size: AxisSize) => AxisTables
  /** Products of the rows of `a` with those of every block of as many rows of `b`: [blocks, rows], by `dot`. */
  readonly blockDots: (a: RowMatrix, b: RowMatrix) => Float64Array
  /**
   * The first `kept` entries of the rows number `places` of a block of finite entries, each scaled to unit
   * length (a product of two is their cosine), end to end; zeros where they are all zero.
   */
  readonly starts: (rows: StoredRows, places: Int32Array, kept: number) => Float32Array
  /** The largest of 16-bit codes without their signs: of a float format, that of the largest value in size. */
  readonly largestCode: (codes: Uint16Array) => number
  /** Room for stored rows, which are measured without a copy when they lie there. */
  readonly borrow: (sizeBytes: number) => Room
}

/** In plain arithmetic: the twin that the kernel is tested against. */
export const plainMeasurer: RowMeasurer = {
  pairs: (a, b) => {
    const [x, y] = [decoded(a), decoded(b)]
    assert(x.length === y.length && a.columns === b.columns, 'blocks of different shapes')
    if (!isAllFinite(x) || !isAllFinite(y)) return null
    return plainPairs(rowMatrix(x, a.columns), rowMatrix(y, b.columns))
  },
  axes: plainAxes,
  blockDots: (a, b) => {
    const out = new Float64Array(b.rows)
    const { columns } = a
    for (let first = 0; first < b.rows; first += a.rows) {
      const block = b.data.subarray(first * columns, (first + a.rows) * columns)
      out.set(rowDots(a, rowMatrix(block, columns)), first)
    }
    return out
  },
  starts: ({ bytes, dtype, columns }, places, kept) => {
    const out = new Float32Array(places.length * kept)
    const start = new Float32Array(kept)
    const size = DTYPE_SIZE_BYTES[dtype]
    places.forEach((row, i) => {
      const from = row * columns * size
      decodeInto(bytes.subarray(from, from + kept * size), dtype, start)
      setUnitRow(out.subarray(i * kept, (i + 1) * kept), start)
    })
    return out
  },
  largestCode: (codes) => codes.reduce((most, code) => Math.max(most, code & 0x7fff), 0),
  borrow: (sizeBytes) => ({ bytes: new Uint8Array(sizeBytes), giveBack: () => {} }),
}
