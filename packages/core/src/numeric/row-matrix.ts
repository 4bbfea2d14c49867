import { assert } from '../base/errors.ts'

/** Rows laid end to end: entry (i, k) is `data[i * columns + k]`. */
export type RowMatrix = {
  readonly data: Float32Array
  readonly rows: number
  readonly columns: number
}

export function rowMatrix(data: Float32Array, columns: number): RowMatrix {
  assert(
    columns > 0 && data.length % columns === 0,
    () => `${data.length} entries, ${columns} columns`,
  )
  return { data, rows: data.length / columns, columns }
}

/** A view of row i, without copying. */
export function rowOf(matrix: RowMatrix, i: number): Float32Array {
  assert(i >= 0 && i < matrix.rows, () => `row ${i} of ${matrix.rows}`)
  return matrix.data.subarray(i * matrix.columns, (i + 1) * matrix.columns)
}

/** The rows `order[0], order[1], …` as a new matrix. */
export function takeRows(matrix: RowMatrix, order: ArrayLike<number>): RowMatrix {
  const { columns } = matrix
  const data = new Float32Array(order.length * columns)
  for (let i = 0; i < order.length; i++) data.set(rowOf(matrix, order[i]!), i * columns)
  return { data, rows: order.length, columns }
}
