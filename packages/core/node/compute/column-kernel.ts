import { DTYPE_SIZE_BYTES } from '../../src/model/tensor.ts'
import { decodeInto } from '../../src/numeric/decode.ts'
import { BLOCK_ELEMENTS_MAX, plainMeasurer, type StoredRows } from '../../src/numeric/row-pairs.ts'
import type { ColumnsWanted } from '../../src/numeric/scaled-columns.ts'
import {
  growTo,
  instantiateKernel,
  loadKernel,
  PAGE_BYTES,
  type WasmMemory,
} from '../wasm-kernel.ts'

type Columns = (
  at: number,
  rows: number,
  columns: number,
  scales: number,
  sums: number,
  out: number,
) => void

type Exports = {
  readonly memory: WasmMemory
  readonly bf16Columns: Columns
  readonly f32Columns: Columns
}

/** Rows or columns beyond this are turned in plain arithmetic. */
const SIDE_MAX = 2 ** 16
const BLOCK_BYTES = BLOCK_ELEMENTS_MAX * 4

/** Scaled columns made by WebAssembly, with the bits of src/numeric/scaled-columns.ts. */
export class ColumnKernel {
  readonly #exports: Exports
  readonly #scales: Float64Array
  readonly #sums: Float64Array
  readonly #values: Uint8Array
  readonly #out: Float32Array

  constructor() {
    this.#exports = instantiateKernel<Exports>(loadKernel('scaled-columns'))
    const { memory } = this.#exports
    const size = PAGE_BYTES + 2 * SIDE_MAX * 8 + 2 * BLOCK_BYTES
    growTo(memory, size)
    const { buffer } = memory
    this.#scales = new Float64Array(buffer, PAGE_BYTES, SIDE_MAX)
    this.#sums = new Float64Array(buffer, this.#scales.byteOffset + SIDE_MAX * 8, SIDE_MAX)
    const values = this.#sums.byteOffset + SIDE_MAX * 8
    this.#values = new Uint8Array(buffer, values, BLOCK_BYTES)
    this.#out = new Float32Array(buffer, values + BLOCK_BYTES, BLOCK_ELEMENTS_MAX)
  }

  columns(stored: StoredRows, wanted: ColumnsWanted): Float32Array {
    const { bytes, dtype, columns } = stored
    const elements = bytes.length / DTYPE_SIZE_BYTES[dtype]
    const rows = elements / columns
    if (elements > BLOCK_ELEMENTS_MAX || Math.max(rows, columns) > SIDE_MAX) {
      return plainMeasurer.columns(stored, wanted)
    }
    const { buffer } = this.#exports.memory
    const isKept = dtype === 'BF16' || dtype === 'F32'
    if (isKept) this.#values.set(bytes)
    else decodeInto(bytes, dtype, new Float32Array(buffer, this.#values.byteOffset, elements))
    this.#scales.set(wanted.scales)
    this.#sums.set(wanted.sums)
    const run = dtype === 'BF16' ? this.#exports.bf16Columns : this.#exports.f32Columns
    run(
      this.#values.byteOffset,
      rows,
      columns,
      this.#scales.byteOffset,
      this.#sums.byteOffset,
      this.#out.byteOffset,
    )
    wanted.sums.set(this.#sums.subarray(0, columns))
    return this.#out.subarray(0, elements)
  }
}
