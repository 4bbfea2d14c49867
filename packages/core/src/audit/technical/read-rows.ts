import { AppError, assert } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { MatrixView } from '../../model/role.ts'
import { DTYPE_SIZE_BYTES, type TensorInfo } from '../../model/tensor.ts'
import { decodeInto } from '../../numeric/decode.ts'
import { isAllFinite } from '../../numeric/kernels.ts'
import type { RoomPool } from '../../numeric/room-pool.ts'
import { isNotFinite, type NonFiniteLog, storedRowLength } from './non-finite.ts'
import { readEncoded } from './read-encoded.ts'

/** Logical rows [first, first + count). */
export type RowRange = { readonly first: number; readonly count: number }

/** A source that keeps account of weights that are no numbers; without that they are refused. */
export type RowSource = TensorSource & {
  readonly nonFinite?: NonFiniteLog
  /** Lends room for bytes that are decoded at once, so that no new memory is taken for each read. */
  readonly rooms?: RoomPool
}

export type RowsWanted = {
  readonly view: MatrixView
  readonly ranges: readonly RowRange[]
  /** What becomes of NaN and infinities where they are accounted for. Default: zeros. */
  readonly nonFinite?: 'zero' | 'keep'
  /** Where the values are put, which may be longer; new memory without it. */
  readonly into?: Float32Array
}

/** Largest span read in one piece when a matrix is stored with its rows apart. */
const SPAN_BYTES = 8 * 2 ** 20

/**
 * Reads logical rows of a view as float32, row-major, shape [Σ count, cols].
 * Rows that are stored one after the other are read in one piece; transposed matrices are read
 * in spans and gathered.
 *
 * NaN and infinities become zeros and are noted, each by itself: zeros carry no sign and weigh
 * nothing in a product, and which values are finite does not change when units flip or move
 * (docs/methods/sign-flip-test.md). Throws AppError UNREADABLE through the source, VALUE_INVALID for
 * such values where the source keeps no account of them.
 */
export async function readRows(
  source: RowSource,
  tensor: TensorInfo,
  options: RowsWanted,
): Promise<Float32Array> {
  const { view, ranges } = options
  const total = ranges.reduce((sum, range) => sum + range.count, 0)
  const size = total * view.cols
  const out = options.into?.subarray(0, size) ?? new Float32Array(size)
  assert(out.length === size, () => `no room for ${size} values`)
  let written = 0
  for (const run of storedRuns(view, ranges)) {
    const target = out.subarray(written * view.cols, (written + run.count) * view.cols)
    await readRun({ source, tensor, view, target }, run)
    written += run.count
  }
  assert(written === total, 'row segments shorter than the view')
  settleNonFinite(out, { source, tensor, ...options })
  return out
}

/** Notes and zeroes what is no number, or refuses it where the source keeps no account. */
export function settleNonFinite(
  values: Float32Array,
  job: RowsWanted & { readonly source: RowSource; readonly tensor: TensorInfo },
): void {
  const { source, tensor, nonFinite = 'zero' } = job
  if (isAllFinite(values)) {
    source.nonFinite?.noteFinite(tensor.name, values.length)
    return
  }
  const rowOf = storedRowFinder(job)
  const rows = new Set<number>()
  let count = 0
  let last = -1
  for (let i = 0; i < values.length; i++) {
    if (!isNotFinite(values[i] as number)) continue
    const row = rowOf(i)
    if (!source.nonFinite) throw refusal(values[i] as number, tensor, row)
    count++
    if (row !== last) rows.add(row)
    last = row
    if (nonFinite === 'zero') values[i] = 0
  }
  source.nonFinite?.note(tensor.name, values.length, { count, rows })
}

/** From the place of a value among those read to the row of the tensor as it is stored. */
function storedRowFinder(job: RowsWanted & { readonly tensor: TensorInfo }) {
  const { view, ranges, tensor } = job
  const length = storedRowLength(tensor)
  let stored: readonly number[] | undefined
  return (at: number): number => {
    stored ??= storedRuns(view, ranges).flatMap(({ first, count }) =>
      Array.from({ length: count }, (_, i) => first + i),
    )
    const row = stored[Math.floor(at / view.cols)] ?? 0
    const element = view.offset + row * view.rowStep + (at % view.cols) * view.colStep
    return Math.floor(element / length)
  }
}

function refusal(value: number, tensor: TensorInfo, row: number): AppError {
  const place = tensor.storage.kind === 'file' ? `${tensor.storage.file}: ` : ''
  const what = Number.isNaN(value) ? 'NaN' : 'an infinite value'
  return new AppError(
    'VALUE_INVALID',
    `${place}tensor ${tensor.name} holds ${what} in row ${row}`,
    {
      hint: 'weights must be finite numbers; export the checkpoint again',
    },
  )
}

/** Stored row numbers of the logical ranges, joined where they follow each other. */
export function storedRuns(view: MatrixView, ranges: readonly RowRange[]): RowRange[] {
  const runs: { first: number; count: number }[] = []
  for (const range of ranges) {
    let logical = 0
    for (const segment of view.segments) {
      const from = Math.max(range.first, logical)
      const until = Math.min(range.first + range.count, logical + segment.count)
      if (from < until) {
        const first = segment.first + (from - logical)
        const last = runs.at(-1)
        if (last && last.first + last.count === first) last.count += until - from
        else runs.push({ first, count: until - from })
      }
      logical += segment.count
    }
  }
  return runs
}

type Job = {
  readonly source: RowSource
  readonly tensor: TensorInfo
  readonly view: MatrixView
  readonly target: Float32Array
}

async function readRun(job: Job, run: RowRange): Promise<void> {
  const { view } = job
  if (view.colStep === 1 || view.cols === 1) {
    if (view.rowStep === view.cols) return readContiguous(job, run)
    return readSpacedRows(job, run)
  }
  return readGathered(job, run)
}

async function readContiguous(job: Job, run: RowRange): Promise<void> {
  const { source, tensor, view, target } = job
  const firstElement = view.offset + run.first * view.rowStep
  if (tensor.encoding !== undefined) {
    const range = { first: firstElement, end: firstElement + run.count * view.cols }
    target.set(await readEncoded(source, tensor, range))
    return
  }
  const size = DTYPE_SIZE_BYTES[tensor.dtype]
  const begin = firstElement * size
  const room = source.rooms?.borrow(target.length * size)
  try {
    const end = begin + target.length * size
    decodeInto(await source.readBytes(tensor, begin, end, room?.bytes), tensor.dtype, target)
  } finally {
    room?.giveBack()
  }
}

async function readSpacedRows(job: Job, run: RowRange): Promise<void> {
  const { source, tensor, view, target } = job
  const size = DTYPE_SIZE_BYTES[tensor.dtype]
  const perSpan = Math.max(1, Math.floor(SPAN_BYTES / (view.rowStep * size)))
  for (let done = 0; done < run.count; done += perSpan) {
    const count = Math.min(perSpan, run.count - done)
    const firstElement = view.offset + (run.first + done) * view.rowStep
    const elements = (count - 1) * view.rowStep + view.cols
    if (tensor.encoding !== undefined) {
      const range = { first: firstElement, end: firstElement + elements }
      const values = await readEncoded(source, tensor, range)
      for (let i = 0; i < count; i++) {
        const at = i * view.rowStep
        target.set(values.subarray(at, at + view.cols), (done + i) * view.cols)
      }
      continue
    }
    const begin = firstElement * size
    const bytes = await source.readBytes(tensor, begin, begin + elements * size)
    for (let i = 0; i < count; i++) {
      const at = i * view.rowStep * size
      const row = bytes.subarray(at, at + view.cols * size)
      const to = (done + i) * view.cols
      decodeInto(row, tensor.dtype, target.subarray(to, to + view.cols))
    }
  }
}

async function readGathered(job: Job, run: RowRange): Promise<void> {
  const { tensor, view, target } = job
  const size = DTYPE_SIZE_BYTES[tensor.dtype]
  const width = (run.count - 1) * view.rowStep + 1
  const perSpan = Math.max(1, Math.floor(SPAN_BYTES / (view.colStep * size)))
  for (let done = 0; done < view.cols; done += perSpan) {
    const count = Math.min(perSpan, view.cols - done)
    const firstElement = view.offset + run.first * view.rowStep + done * view.colStep
    const length = (count - 1) * view.colStep + width
    const values = await readElements(job, firstElement, length)
    for (let j = 0; j < count; j++) {
      const base = j * view.colStep
      for (let i = 0; i < run.count; i++) {
        target[i * view.cols + done + j] = values[base + i * view.rowStep] ?? 0
      }
    }
  }
}

async function readElements(
  { source, tensor }: Job,
  first: number,
  count: number,
): Promise<Float32Array> {
  if (tensor.encoding !== undefined) {
    return readEncoded(source, tensor, { first, end: first + count })
  }
  const size = DTYPE_SIZE_BYTES[tensor.dtype]
  const bytes = await source.readBytes(tensor, first * size, (first + count) * size)
  const values = new Float32Array(count)
  decodeInto(bytes, tensor.dtype, values)
  return values
}
