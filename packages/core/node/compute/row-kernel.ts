import { assert } from '../../src/base/errors.ts'
import { DTYPE_SIZE_BYTES } from '../../src/model/tensor.ts'
import { decodeInto } from '../../src/numeric/decode.ts'
import type { Room } from '../../src/numeric/room-pool.ts'
import {
  BLOCK_ELEMENTS_MAX,
  plainMeasurer,
  type RowMeasurer,
  type RowPairs,
  type StoredRows,
} from '../../src/numeric/row-pairs.ts'
import {
  growTo,
  instantiateKernel,
  loadKernel,
  PAGE_BYTES,
  type WasmMemory,
} from '../wasm-kernel.ts'
import { ColumnKernel } from './column-kernel.ts'

type Pairs = (a: number, b: number, rows: number, columns: number, out: number) => number

type Starts = (
  rows: number,
  columns: number,
  places: number,
  count: number,
  kept: number,
  scratch: number,
  out: number,
) => void

type Exports = {
  readonly memory: WasmMemory
  readonly bf16Pairs: Pairs
  readonly f32Pairs: Pairs
  readonly bf16Starts: Starts
  readonly f32Starts: Starts
}

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
  let columns: ColumnKernel | null = null
  return {
    columns: (rows, wanted) => {
      columns ??= new ColumnKernel()
      return columns.columns(rows, wanted)
    },
    pairs: (a, b) => kernel().pairs(a, b),
    starts: (rows, places, kept) => kernel().starts(rows, places, kept),
    borrow: (sizeBytes) => kernel().borrow(sizeBytes),
  }
}

class RowKernel {
  readonly #exports: Exports
  readonly #out = PAGE_BYTES
  /** Two for blocks that come from elsewhere, then those to lend. */
  readonly #rooms: readonly Uint8Array[]
  readonly #free: Uint8Array[]

  constructor() {
    this.#exports = instantiateKernel<Exports>(loadKernel('row-pairs'))
    const { memory } = this.#exports
    const first = Math.ceil((this.#out + OUT_BYTES) / PAGE_BYTES) * PAGE_BYTES
    const size = first + (LENT_MAX + 2) * ROOM_BYTES
    growTo(memory, size)
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
    return this.#written(rows)
  }

  starts(rows: StoredRows, places: Int32Array, kept: number): Float32Array {
    const outBytes = SCRATCH_BYTES + 4 * places.length * (1 + kept)
    if (outBytes > OUT_BYTES || elementsOf(rows) > BLOCK_ELEMENTS_MAX) {
      return plainMeasurer.starts(rows, places, kept)
    }
    const dtype = rows.dtype === 'BF16' ? 'BF16' : 'F32'
    const run = dtype === 'BF16' ? this.#exports.bf16Starts : this.#exports.f32Starts
    const { buffer } = this.#exports.memory
    const placesAt = this.#out + SCRATCH_BYTES
    const startsAt = placesAt + 4 * places.length
    new Int32Array(buffer, placesAt, places.length).set(places)
    const at = this.#placeOf(rows, 0, dtype)
    run(at, rows.columns, placesAt, places.length, kept, this.#out, startsAt)
    return new Float32Array(buffer, startsAt, places.length * kept).slice()
  }

  /** Where the kernel finds a block: where it lies, or in the room kept for this side. */
  #placeOf(rows: StoredRows, side: 0 | 1, dtype: 'BF16' | 'F32'): number {
    const { bytes } = rows
    if (bytes.buffer === this.#exports.memory.buffer && rows.dtype === dtype) {
      return bytes.byteOffset
    }
    const room = this.#rooms[side] as Uint8Array
    if (rows.dtype === dtype) room.set(bytes)
    else {
      decodeInto(
        bytes,
        rows.dtype,
        new Float32Array(room.buffer, room.byteOffset, elementsOf(rows)),
      )
    }
    return room.byteOffset
  }

  #written(rows: number): RowPairs {
    const { buffer } = this.#exports.memory
    const numbers = (part: number) =>
      new Float64Array(buffer, this.#out + part * rows * 8, rows).slice()
    const signs = (part: number) =>
      new Uint8Array(buffer, this.#out + 24 * rows + part * rows, rows).slice()
    return {
      products: numbers(0),
      squaresA: numbers(1),
      squaresB: numbers(2),
      signsA: signs(0),
      signsB: signs(1),
    }
  }
}

const elementsOf = ({ bytes, dtype }: StoredRows): number => bytes.length / DTYPE_SIZE_BYTES[dtype]
