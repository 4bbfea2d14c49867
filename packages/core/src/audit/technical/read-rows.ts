import { AppError, assert } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { MatrixView } from '../../model/role.ts'
import { DTYPE_SIZE_BYTES, type TensorInfo } from '../../model/tensor.ts'
import { decodeInto } from '../../numeric/decode.ts'
import { readEncoded } from './read-encoded.ts'

/** Logical rows [first, first + count). */
export type RowRange = { readonly first: number; readonly count: number }

/** Largest span read in one piece when a matrix is stored with its rows apart. */
const SPAN_BYTES = 8 * 2 ** 20

/**
 * Reads logical rows of a view as float32, row-major, shape [Σ count, cols].
 * Rows that are stored one after the other are read in one piece; transposed matrices are read
 * in spans and gathered. Throws AppError UNREADABLE through the source.
 */
export async function readRows(
  source: TensorSource,
  tensor: TensorInfo,
  options: { readonly view: MatrixView; readonly ranges: readonly RowRange[] },
): Promise<Float32Array> {
  const { view, ranges } = options
  const total = ranges.reduce((sum, range) => sum + range.count, 0)
  const out = new Float32Array(total * view.cols)
  let written = 0
  for (const run of storedRuns(view, ranges)) {
    const target = out.subarray(written * view.cols, (written + run.count) * view.cols)
    await readRun({ source, tensor, view, target }, run)
    written += run.count
  }
  assert(written === total, 'row segments shorter than the view')
  refuseNonFinite(out, tensor)
  return out
}

/** A checkpoint with NaN or infinite weights cannot run, and would poison every sum. */
export function refuseNonFinite(values: Float32Array, tensor: TensorInfo): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value - value !== 0) {
      const place = tensor.storage.kind === 'file' ? `${tensor.storage.file}: ` : ''
      throw new AppError(
        'VALUE_INVALID',
        `${place}tensor ${tensor.name} holds ${Number.isNaN(value) ? 'NaN' : 'an infinite value'}`,
        { hint: 'weights must be finite numbers; export the checkpoint again' },
      )
    }
  }
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
  readonly source: TensorSource
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
  const bytes = await source.readBytes(tensor, begin, begin + run.count * view.cols * size)
  decodeInto(bytes, tensor.dtype, target)
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
