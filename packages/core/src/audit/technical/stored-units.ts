import type { MatrixView } from '../../model/role.ts'
import { DTYPE_SIZE_BYTES, type TensorInfo } from '../../model/tensor.ts'
import { decodeInto } from '../../numeric/decode.ts'
import {
  BLOCK_ELEMENTS_MAX,
  type RowMeasurer,
  type RowPairs,
  type StoredRows,
} from '../../numeric/row-pairs.ts'
import { type RowRange, type RowSource, storedRuns } from './read-rows.ts'
import type { SignUnits } from './sign-units.ts'
import { type SideSketch, SKETCH_UNITS, SketchedRows } from './unit-batch.ts'

/**
 * Units measured on their rows as the files hold them, without decoding them first: the way of nearly
 * every sign test, and most of a comparison's work.
 */
export type StoredSide = {
  readonly source: RowSource
  readonly tensor: TensorInfo
  readonly view: MatrixView
  readonly ranges: readonly RowRange[]
  readonly members: SignUnits['candidateMembers']
}

export type MeasuredUnits = {
  /** Of the rows in the order in which they are stored. */
  readonly pairs: RowPairs
  readonly candidate: SideSketch
  readonly reference: SideSketch
}

/**
 * Null where rows must be decoded to be measured: rows of the two sides that do not stand in one order, rows
 * stored apart or encoded, entries that are no number.
 */
export async function measureStored(
  measurer: RowMeasurer,
  sides: { readonly candidate: StoredSide; readonly reference: StoredSide },
): Promise<MeasuredUnits | null> {
  const { candidate, reference } = sides
  if (!isStoredInRows(candidate) || !isStoredInRows(reference)) return null
  if (!isSameOrder(candidate.members, reference.members)) return null
  const readers = [candidate, reference].map((side) => new SideReader(side)) as [
    SideReader,
    SideReader,
  ]
  const [a, b] = readers
  const pairs = emptyPairs(a.rows)
  const step = Math.max(1, Math.floor(BLOCK_ELEMENTS_MAX / candidate.view.cols))
  for (let first = 0; first < a.rows; first += step) {
    const span = { first, count: Math.min(step, a.rows - first) }
    const rooms = readers.map((reader) => measurer.borrow(reader.sizeOf(span)))
    try {
      const [x, y] = await Promise.all([
        a.read(span, rooms[0]?.bytes),
        b.read(span, rooms[1]?.bytes),
      ])
      const found = measurer.pairs(x, y)
      if (!found) return null
      addPairs(pairs, found, first)
      a.sketch(x, span)
      b.sketch(y, span)
    } finally {
      for (const room of rooms) room.giveBack()
    }
  }
  for (const { source, tensor, view } of [candidate, reference]) {
    source.nonFinite?.note(tensor.name, a.rows * view.cols, { count: 0, rows: new Set() })
  }
  return { pairs, candidate: a.sketched(pairs.signsA), reference: b.sketched(pairs.signsB) }
}

const isStoredInRows = ({ tensor, view }: StoredSide): boolean =>
  tensor.encoding === undefined &&
  (view.colStep === 1 || view.cols === 1) &&
  view.rowStep === view.cols &&
  view.cols <= BLOCK_ELEMENTS_MAX

const isSameOrder = (a: SignUnits['candidateMembers'], b: SignUnits['candidateMembers']): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((rows, unit) => {
      const others = b[unit] ?? []
      return rows.length === others.length && rows.every((row, i) => row === others[i])
    }))

function emptyPairs(rows: number): RowPairs {
  return {
    products: new Float64Array(rows),
    squaresA: new Float64Array(rows),
    squaresB: new Float64Array(rows),
    signsA: new Uint8Array(rows),
    signsB: new Uint8Array(rows),
  }
}

function addPairs(to: RowPairs, found: RowPairs, first: number): void {
  to.products.set(found.products, first)
  to.squaresA.set(found.squaresA, first)
  to.squaresB.set(found.squaresB, first)
  to.signsA.set(found.signsA, first)
  to.signsB.set(found.signsB, first)
}

/** Rows of one side, span by span, and the sketch that is kept of them. */
class SideReader {
  readonly #side: StoredSide
  readonly #runs: readonly RowRange[]
  readonly #sketch: SketchedRows
  /** By its first row, the unit whose beginning is kept. */
  readonly #kept: ReadonlyMap<number, number>
  readonly #rowBytes: number
  readonly rows: number

  constructor(side: StoredSide) {
    this.#side = side
    this.#runs = storedRuns(side.view, side.ranges)
    this.rows = this.#runs.reduce((sum, run) => sum + run.count, 0)
    this.#rowBytes = side.view.cols * DTYPE_SIZE_BYTES[side.tensor.dtype]
    this.#sketch = new SketchedRows(side.members.length, side.view.cols)
    this.#kept = new Map(
      side.members.slice(0, SKETCH_UNITS).map((unit, index) => [unit[0] ?? 0, index] as const),
    )
  }

  sizeOf = (span: RowRange): number => span.count * this.#rowBytes

  /** Rows [first, first + count) among those that are read, in `room` if it is given. */
  async read(span: RowRange, room: Uint8Array | undefined): Promise<StoredRows> {
    const { source, tensor, view } = this.#side
    const bytes = room ?? new Uint8Array(this.sizeOf(span))
    let filled = 0
    for (const run of runsWithin(this.#runs, span)) {
      const begin = view.offset * DTYPE_SIZE_BYTES[tensor.dtype] + run.first * this.#rowBytes
      const size = run.count * this.#rowBytes
      const place = bytes.subarray(filled, filled + size)
      const read = await source.readBytes(tensor, begin, begin + size, place)
      if (read.buffer !== place.buffer || read.byteOffset !== place.byteOffset) place.set(read)
      filled += size
    }
    return { bytes, dtype: tensor.dtype, columns: view.cols }
  }

  sketch(rows: StoredRows, span: RowRange): void {
    const values = new Float32Array(this.#sketch.columns)
    for (const [row, unit] of this.#kept) {
      if (row < span.first || row >= span.first + span.count) continue
      const begin = (row - span.first) * this.#rowBytes
      const size = values.length * DTYPE_SIZE_BYTES[rows.dtype]
      decodeInto(rows.bytes.subarray(begin, begin + size), rows.dtype, values)
      this.#sketch.set(unit, values)
    }
  }

  sketched(signs: Uint8Array): SideSketch {
    return this.#sketch.withSigns(
      Uint8Array.from(this.#side.members, (unit) => signs[unit[0] ?? 0] ?? 0),
    )
  }
}

function runsWithin(runs: readonly RowRange[], span: RowRange): RowRange[] {
  const within: RowRange[] = []
  let at = 0
  for (const { first, count } of runs) {
    const from = Math.max(at, span.first)
    const until = Math.min(at + count, span.first + span.count)
    if (from < until) within.push({ first: first + from - at, count: until - from })
    at += count
  }
  return within
}
