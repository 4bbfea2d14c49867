import {
  type AxisSize,
  type AxisTables,
  kurtosisOf,
  plainAxes,
  scalesOf,
} from '../../src/numeric/axes.ts'
import type { RowMatrix } from '../../src/numeric/row-matrix.ts'
import { BLOCK_ELEMENTS_MAX, type RowPairs, type StoredRows } from '../../src/numeric/row-pairs.ts'
import { instantiateIn, makeMemory, PAGE_BYTES } from '../wasm-kernel.ts'
import { type PairExports, putRows, writtenPairs } from './pair-exports.ts'

type Turn = (
  at: number,
  rows: number,
  columns: number,
  scales: number,
  sums: number,
  out: number,
  stride: number,
) => void

type AxisExports = {
  readonly bf16Columns: Turn
  readonly f32Columns: Turn
  readonly centre: (
    at: number,
    columns: number,
    rows: number,
    sums: number,
    moments: number,
  ) => void
}

/** Larger tables are gathered in plain arithmetic: a memory of WebAssembly ends at 4 GiB. */
const MEMORY_BYTES_MAX = 2 ** 30

/** Tables of axes in a memory of their own, with the bits of src/numeric/axes.ts. */
export function openAxes(size: AxisSize): AxisTables {
  const layout = layOut(size)
  if (layout.end > MEMORY_BYTES_MAX) return plainAxes(size)
  const tables = new KernelTables(size, layout)
  return {
    add: (table, rows, place) => tables.add(table, rows, place),
    measure: () => tables.measure(),
  }
}

type Layout = {
  readonly moments: number
  readonly scales: number
  readonly sums: readonly [number, number]
  readonly pairs: number
  readonly block: number
  readonly tables: readonly [number, number]
  readonly end: number
}

/** Byte offsets. The first page is the kernels' own. */
function layOut({ rows, columns }: AxisSize): Layout {
  const tableBytes = 4 * rows * columns
  const moments = PAGE_BYTES
  const scales = moments + 16
  const sums = scales + 8 * rows
  const pairs = sums + 16 * columns
  const block = roundUp(pairs + 26 * columns)
  const tables = roundUp(block + 4 * Math.max(BLOCK_ELEMENTS_MAX, columns))
  return {
    moments,
    scales,
    sums: [sums, sums + 8 * columns],
    pairs,
    block,
    tables: [tables, tables + tableBytes],
    end: tables + 2 * tableBytes,
  }
}

const roundUp = (bytes: number): number => Math.ceil(bytes / 16) * 16

class KernelTables {
  readonly #size: AxisSize
  readonly #layout: Layout
  readonly #buffer: ArrayBuffer
  readonly #axes: AxisExports
  readonly #pairs: PairExports

  constructor(size: AxisSize, layout: Layout) {
    this.#size = size
    this.#layout = layout
    const memory = makeMemory(layout.end)
    this.#buffer = memory.buffer
    this.#axes = instantiateIn<AxisExports>(memory, 'scaled-columns')
    this.#pairs = instantiateIn<PairExports>(memory, 'row-pairs')
  }

  add(
    table: 0 | 1,
    stored: StoredRows,
    place: { readonly first: number; readonly squares: Float64Array },
  ): void {
    const { rows, columns } = this.#size
    const { block, scales, sums, tables } = this.#layout
    putRows(this.#buffer, block, stored)
    const count = place.squares.length
    new Float64Array(this.#buffer, scales, count).set(scalesOf(place.squares))
    if (place.first === 0) new Float64Array(this.#buffer, sums[table], columns).fill(0)
    const turn = stored.dtype === 'BF16' ? this.#axes.bf16Columns : this.#axes.f32Columns
    const out = tables[table] + 4 * place.first
    turn(block, count, columns, scales, sums[table], out, 4 * rows)
  }

  measure(): ReturnType<AxisTables['measure']> {
    const kurtosis = [this.#centre(0), this.#centre(1)] as const
    return { tables: [this.#matrix(0), this.#matrix(1)], pairs: this.#measurePairs(), kurtosis }
  }

  #centre(table: 0 | 1): number {
    const { rows, columns } = this.#size
    const { moments, sums, tables } = this.#layout
    this.#axes.centre(tables[table], columns, rows, sums[table], moments)
    const [squares = 0, fourths = 0] = new Float64Array(this.#buffer, moments, 2)
    return kurtosisOf({ squares, fourths, entries: rows * columns })
  }

  #matrix(table: 0 | 1): RowMatrix {
    const { rows, columns } = this.#size
    const data = new Float32Array(this.#buffer, this.#layout.tables[table], rows * columns)
    return { data, rows: columns, columns: rows }
  }

  #measurePairs(): RowPairs {
    const { rows, columns } = this.#size
    const { pairs, tables } = this.#layout
    this.#pairs.f32Pairs(tables[0], tables[1], columns, rows, pairs)
    return writtenPairs(this.#buffer, pairs, columns)
  }
}
