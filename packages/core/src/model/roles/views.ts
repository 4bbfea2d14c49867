import type { MatrixView } from '../role.ts'
import { elementCount } from '../tensor.ts'

export type Segment = { readonly first: number; readonly count: number }

const whole = (rows: number): readonly Segment[] => [{ first: 0, count: rows }]

/** All elements as one column: biases, norm weights, tokens of rank 1. */
export function vectorView(shape: readonly number[]): MatrixView {
  const rows = elementCount(shape)
  return { rows, cols: 1, offset: 0, rowStep: 1, colStep: 1, segments: whole(rows) }
}

/** Stored [rows, …]: row-major, every axis but the first is a column. */
export function rowMajorView(shape: readonly number[]): MatrixView {
  const [rows = 1, ...rest] = shape
  const cols = elementCount(rest)
  return { rows, cols, offset: 0, rowStep: cols, colStep: 1, segments: whole(rows) }
}

/** Stored [in, out]: logical rows are the outputs. */
export function transposedView(inputs: number, outputs: number): MatrixView {
  return {
    rows: outputs,
    cols: inputs,
    offset: 0,
    rowStep: 1,
    colStep: outputs,
    segments: whole(outputs),
  }
}

/** Axes of length 1 in front and behind carry no information: [1, 1, d] is a vector. */
export function squeezedView(shape: readonly number[]): MatrixView {
  const squeezed = shape.filter((size) => size !== 1)
  return squeezed.length <= 1 ? vectorView(shape) : rowMajorView(squeezed)
}

/** Rows of `view` in the order of `segments`, which count logical rows of `view`. */
export function selectRows(view: MatrixView, segments: readonly Segment[]): MatrixView {
  const [only] = view.segments
  const first = view.segments.length === 1 && only !== undefined ? only.first : 0
  const merged: { first: number; count: number }[] = []
  for (const { first: start, count } of segments) {
    const last = merged.at(-1)
    if (last !== undefined && last.first + last.count === first + start) last.count += count
    else if (count > 0) merged.push({ first: first + start, count })
  }
  const rows = merged.reduce((sum, segment) => sum + segment.count, 0)
  return { ...view, rows, segments: merged }
}

/** Every `step`-th row from `start`: gate and up rows that take turns. */
export function everyNthRow(view: MatrixView, start: number, step: number): MatrixView {
  const rows = Math.floor(view.rows / step)
  return {
    ...view,
    rows,
    offset: view.offset + start * view.rowStep,
    rowStep: view.rowStep * step,
    segments: whole(rows),
  }
}

/** One matrix of a stored [count, a, b] stack. */
export function stackedView(
  shape: readonly number[],
  index: number,
  stored: 'out_in' | 'in_out',
): MatrixView {
  const [, a = 1, b = 1] = shape
  const base = stored === 'out_in' ? rowMajorView([a, b]) : transposedView(a, b)
  return { ...base, offset: index * a * b }
}

/** Element index in storage of logical row i, column j. The definition, used by the tests. */
export function storedIndex(view: MatrixView, row: number, col: number): number {
  let left = row
  for (const { first, count } of view.segments) {
    if (left < count) return view.offset + (first + left) * view.rowStep + col * view.colStep
    left -= count
  }
  return -1
}
