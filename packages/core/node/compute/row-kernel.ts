import { assert } from '../../src/base/errors.ts'
import { DTYPE_SIZE_BYTES } from '../../src/model/tensor.ts'
import type { Room } from '../../src/numeric/room-pool.ts'
import type { RowMatrix } from '../../src/numeric/row-matrix.ts'
import { plainMeasurer, type RowMeasurer } from '../../src/numeric/row-measurer.ts'
import { BLOCK_ELEMENTS_MAX, type RowPairs, type StoredRows } from '../../src/numeric/row-pairs.ts'
import { instantiateIn, makeMemory, PAGE_BYTES } from '../wasm-kernel.ts'
import { openAxes } from './axis-kernel.ts'
import { type PairExports, putDecoded, putRows, writtenPairs } from './pair-exports.ts'

type SizeExports = { readonly largestCode: (at: number, count: number) => number }

/** One block as the widest format that the kernel reads. */
const ROOM_BYTES = BLOCK_ELEMENTS_MAX * 4
/** Blocks that are being read at once: two sides of four pairs. */
const LENT_MAX = 8
/** Three float64 and two bytes a row; blocks of more rows than this are measured in plain arithmetic. */
const ROWS_MAX = 2 ** 16
const SCRATCH_BYTES = 32
const OUT_BYTES = ROWS_MAX * (3 * 8 + 2)

/**
 * Stored rows measured by WebAssembly. Files are read straight into its memory, which never grows once it
 * is made: what lies there is not copied. Pages of it that nothing touches take no memory.
 */
export function openRowMeasurer(): RowMeasurer {
  let made: RowKernel | null = null
  const kernel = (): RowKernel => {
    made ??= new RowKernel()
    return made
  }
  return {
    axes: openAxes,
    blockDots: (a, b) => kernel().blockDots(a, b),
    pairs: (a, b) => kernel().pairs(a, b),
    starts: (rows, places, kept) => kernel().starts(rows, places, kept),
    largestCode: (codes) => kernel().largestCode(codes),
    borrow: (sizeBytes) => kernel().borrow(sizeBytes),
  }
}

class RowKernel {
  readonly #exports: PairExports
  readonly #sizes: SizeExports
  readonly #buffer: ArrayBuffer
  readonly #out = PAGE_BYTES
  /** Two for blocks that come from elsewhere, then those to lend. */
  readonly #rooms: readonly Uint8Array[]
  readonly #free: Uint8Array[]

  constructor() {
    const first = Math.ceil((this.#out + OUT_BYTES) / PAGE_BYTES) * PAGE_BYTES
    const size = first + (LENT_MAX + 2) * ROOM_BYTES
    const memory = makeMemory(size)
    this.#buffer = memory.buffer
    this.#exports = instantiateIn<PairExports>(memory, 'row-pairs')
    this.#sizes = instantiateIn<SizeExports>(memory, 'code-sizes')
    this.#rooms = Array.from(
      { length: LENT_MAX + 2 },
      (_, k) => new Uint8Array(memory.buffer, first + k * ROOM_BYTES, ROOM_BYTES),
    )
    this.#free = this.#rooms.slice(2).reverse()
  }

  borrow(sizeBytes: number): Room {
    const room = sizeBytes <= ROOM_BYTES ? this.#free.pop() : undefined
    if (!room) return plainMeasurer.borrow(sizeBytes)
    return { bytes: room.subarray(0, sizeBytes), giveBack: () => this.#free.push(room) }
  }

  pairs(a: StoredRows, b: StoredRows): RowPairs | null {
    const elements = elementsOf(a)
    const rows = elements / a.columns
    assert(elements === elementsOf(b) && a.columns === b.columns, 'blocks of different shapes')
    if (rows > ROWS_MAX || elements > BLOCK_ELEMENTS_MAX) return plainMeasurer.pairs(a, b)
    const isBf16 = a.dtype === 'BF16' && b.dtype === 'BF16'
    const run = isBf16 ? this.#exports.bf16Pairs : this.#exports.f32Pairs
    const dtype = isBf16 ? 'BF16' : 'F32'
    const [x, y] = [this.#placeOf(a, 0, dtype), this.#placeOf(b, 1, dtype)]
    if (run(x, y, rows, a.columns, this.#out) === 0) return null
    return writtenPairs(this.#buffer, this.#out, rows)
  }

  starts(rows: StoredRows, places: Int32Array, kept: number): Float32Array {
    const outBytes = SCRATCH_BYTES + 4 * places.length * (1 + kept)
    if (outBytes > OUT_BYTES || elementsOf(rows) > BLOCK_ELEMENTS_MAX) {
      return plainMeasurer.starts(rows, places, kept)
    }
    const dtype = rows.dtype === 'BF16' ? 'BF16' : 'F32'
    const run = dtype === 'BF16' ? this.#exports.bf16Starts : this.#exports.f32Starts
    const buffer = this.#buffer
    const placesAt = this.#out + SCRATCH_BYTES
    const startsAt = placesAt + 4 * places.length
    new Int32Array(buffer, placesAt, places.length).set(places)
    const at = this.#placeOf(rows, 0, dtype)
    run(at, rows.columns, placesAt, places.length, kept, this.#out, startsAt)
    return new Float32Array(buffer, startsAt, places.length * kept).slice()
  }

  blockDots(a: RowMatrix, b: RowMatrix): Float64Array {
    const { rows, columns } = a
    const blockBytes = 4 * rows * columns
    if (rows === 0 || columns % 8 !== 0 || blockBytes > ROOM_BYTES) {
      return plainMeasurer.blockDots(a, b)
    }
    const most = Math.min(Math.floor(ROOM_BYTES / blockBytes), Math.floor(OUT_BYTES / 8 / rows))
    const [own, other] = this.#rooms as [Uint8Array, Uint8Array]
    own.set(bytesOf(a.data))
    const out = new Float64Array(b.rows)
    for (let first = 0; first < b.rows; first += most * rows) {
      const end = Math.min(b.rows, first + most * rows)
      other.set(bytesOf(b.data.subarray(first * columns, end * columns)))
      const blocks = (end - first) / rows
      this.#exports.blockDots(own.byteOffset, other.byteOffset, rows, columns, blocks, this.#out)
      out.set(new Float64Array(this.#buffer, this.#out, end - first), first)
    }
    return out
  }

  largestCode(codes: Uint16Array): number {
    if (codes.buffer === this.#buffer)
      return this.#sizes.largestCode(codes.byteOffset, codes.length)
    return plainMeasurer.largestCode(codes)
  }

  /** Where the kernel finds a block: where it lies, or in the room kept for this side. */
  #placeOf(rows: StoredRows, side: 0 | 1, dtype: 'BF16' | 'F32'): number {
    const { bytes } = rows
    if (bytes.buffer === this.#buffer && rows.dtype === dtype) {
      return bytes.byteOffset
    }
    const room = this.#rooms[side] as Uint8Array
    if (dtype === 'F32') putDecoded(this.#buffer, room.byteOffset, rows)
    else putRows(this.#buffer, room.byteOffset, rows)
    return room.byteOffset
  }
}

const elementsOf = ({ bytes, dtype }: StoredRows): number => bytes.length / DTYPE_SIZE_BYTES[dtype]

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
