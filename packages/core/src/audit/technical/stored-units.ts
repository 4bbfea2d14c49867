import { both } from '../../base/both.ts'
import { assert } from '../../base/errors.ts'
import type { MatrixView } from '../../model/role.ts'
import { DTYPE_SIZE_BYTES, type TensorInfo } from '../../model/tensor.ts'
import type { RowMatrix } from '../../numeric/row-matrix.ts'
import type { RowMeasurer } from '../../numeric/row-measurer.ts'
import { BLOCK_ELEMENTS_MAX, type RowPairs, type StoredRows } from '../../numeric/row-pairs.ts'
import { type RowRange, type RowSource, storedRuns } from './read-rows.ts'
import type { SignUnits } from './sign-units.ts'
import { type SideSketch, SKETCH_UNITS, SketchedRows } from './unit-batch.ts'

/** Rows of one matrix that are measured as their file holds them. */
export type StoredSide = {
  readonly source: RowSource
  readonly tensor: TensorInfo
  readonly view: MatrixView
  readonly ranges: readonly RowRange[]
}

/** `members`: positions of each unit's rows among those that are read. */
export type StoredUnits = StoredSide & { readonly members: SignUnits['candidateMembers'] }

export type MeasuredUnits = {
  /** Of the rows in the order in which they are stored. */
  readonly pairs: RowPairs
  readonly candidate: SideSketch
  readonly reference: SideSketch
}

/**
 * Units measured on their rows as the files hold them, without decoding them first: the way of nearly
 * every sign test, and most of a comparison's work. Null where rows must be decoded to be measured: rows of the
 * two sides that do not stand in one order, rows stored apart or encoded, entries that are no number.
 */
export async function measureStored(
  measurer: RowMeasurer,
  sides: { readonly candidate: StoredUnits; readonly reference: StoredUnits },
): Promise<MeasuredUnits | null> {
  const { candidate, reference } = sides
  if (!isSameOrder(candidate.members, reference.members)) return null
  const sketches = [new UnitSketch(candidate), new UnitSketch(reference)] as const
  const pairs = await measureSpans(measurer, [candidate, reference], (rows, span) => {
    sketches[0].see(measurer, rows[0], span)
    sketches[1].see(measurer, rows[1], span)
  })
  return (
    pairs && {
      pairs,
      candidate: sketches[0].withSigns(pairs.signsA),
      reference: sketches[1].withSigns(pairs.signsB),
    }
  )
}

type SpanListener = (
  rows: readonly [StoredRows, StoredRows],
  span: RowRange,
  found: RowPairs,
) => void

/**
 * All rows of both sides, as many in each, span by span: read, measured, and shown to `see` while they are
 * there. Null where they cannot be measured as they are stored.
 */
export async function measureSpans(
  measurer: RowMeasurer,
  sides: readonly [StoredSide, StoredSide],
  see: SpanListener,
): Promise<RowPairs | null> {
  if (!sides.every(isStoredInRows)) return null
  const [a, b] = [new SideReader(sides[0]), new SideReader(sides[1])]
  const pairs = emptyPairs(a.rows)
  const { cols } = sides[0].view
  const step = Math.max(1, Math.floor(BLOCK_ELEMENTS_MAX / cols))
  for (let first = 0; first < a.rows; first += step) {
    const span = { first, count: Math.min(step, a.rows - first) }
    const rooms = [measurer.borrow(a.sizeOf(span)), measurer.borrow(b.sizeOf(span))] as const
    try {
      const rows = await both(a.read(span, rooms[0].bytes), b.read(span, rooms[1].bytes))
      const found = measurer.pairs(...rows)
      if (!found) return null
      setPairs(pairs, found, first)
      see(rows, span, found)
    } finally {
      for (const room of rooms) room.giveBack()
    }
  }
  for (const { source, tensor } of sides) {
    source.nonFinite?.noteFinite(tensor.name, a.rows * cols)
  }
  return pairs
}

/** The same of rows that were decoded already. All entries are finite. */
export function measureMatrices(
  measurer: RowMeasurer,
  [a, b]: readonly [RowMatrix, RowMatrix],
  see: SpanListener = () => {},
): RowPairs {
  const { rows, columns } = a
  const pairs = emptyPairs(rows)
  const step = Math.max(1, Math.floor(BLOCK_ELEMENTS_MAX / columns))
  const part = ({ data }: RowMatrix, { first, count }: RowRange): StoredRows => ({
    bytes: new Uint8Array(data.buffer, data.byteOffset + 4 * first * columns, 4 * count * columns),
    dtype: 'F32',
    columns,
  })
  for (let first = 0; first < rows; first += step) {
    const span = { first, count: Math.min(step, rows - first) }
    const both = [part(a, span), part(b, span)] as const
    const found = measurer.pairs(...both)
    assert(found !== null, 'rows to be measured are not finite')
    setPairs(pairs, found, first)
    see(both, span, found)
  }
  return pairs
}

/** Rows end to end and unencoded: their bytes are theirs alone. */
export const isStoredInRows = ({ tensor, view }: StoredSide): boolean =>
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

function setPairs(to: RowPairs, found: RowPairs, first: number): void {
  to.products.set(found.products, first)
  to.squaresA.set(found.squaresA, first)
  to.squaresB.set(found.squaresB, first)
  to.signsA.set(found.signsA, first)
  to.signsB.set(found.signsB, first)
}

/** All rows of one side as they are stored, into `bytes`, which are as many. */
export async function readStored(side: StoredSide, bytes: Uint8Array): Promise<void> {
  const reader = new SideReader(side)
  await reader.read({ first: 0, count: reader.rows }, bytes)
}

/** Rows of one side, span by span. */
class SideReader {
  readonly #side: StoredSide
  readonly #runs: readonly RowRange[]
  readonly #rowBytes: number
  readonly rows: number

  constructor(side: StoredSide) {
    this.#side = side
    this.#runs = storedRuns(side.view, side.ranges)
    this.#rowBytes = side.view.cols * DTYPE_SIZE_BYTES[side.tensor.dtype]
    this.rows = this.#runs.reduce((sum, run) => sum + run.count, 0)
  }

  sizeOf = (span: RowRange): number => span.count * this.#rowBytes

  /** Rows [first, first + count) among those that are read, put into `bytes`. */
  async read(span: RowRange, bytes: Uint8Array): Promise<StoredRows> {
    const { source, tensor, view } = this.#side
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
}

/** The sketch of one side's units, as their rows come by. */
class UnitSketch {
  readonly #members: StoredUnits['members']
  readonly #sketch: SketchedRows
  /** By its first row, the unit whose beginning is kept. */
  readonly #kept: ReadonlyMap<number, number>

  constructor({ members, view }: StoredUnits) {
    this.#members = members
    this.#sketch = new SketchedRows(members.length, view.cols)
    this.#kept = new Map(
      members.slice(0, SKETCH_UNITS).map((unit, index) => [unit[0] ?? 0, index] as const),
    )
  }

  see(measurer: RowMeasurer, rows: StoredRows, { first, count }: RowRange): void {
    const here = [...this.#kept].filter(([row]) => row >= first && row < first + count)
    const kept = this.#sketch.columns
    const places = Int32Array.from(here, ([row]) => row - first)
    const starts = measurer.starts(rows, places, kept)
    here.forEach(([, unit], i) => {
      this.#sketch.keep(unit, starts.subarray(i * kept, (i + 1) * kept))
    })
  }

  /** `signs`: of every row. */
  withSigns(signs: Uint8Array): SideSketch {
    return this.#sketch.withSigns(
      Uint8Array.from(this.#members, (unit) => signs[unit[0] ?? 0] ?? 0),
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
