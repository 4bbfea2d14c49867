import { argmax, normSquared } from '../kernels.ts'
import type { Likeness } from '../likeness.ts'
import { type RowMatrix, rowOf } from '../row-matrix.ts'

/** The definition of likeness, one pair of rows at a time. */
export function likenessReference(x: Float32Array, y: Float32Array, by: Likeness): number {
  const sum = plainDot(x, y)
  if (by === 'euclidean') return 2 * sum - plainDot(x, x) - plainDot(y, y)
  const cosine = sum * inverseNorm(x) * inverseNorm(y)
  return by === 'cosine' ? cosine : Math.abs(cosine)
}

export function cosineMatrixReference(a: RowMatrix, b: RowMatrix): RowMatrix {
  const data = new Float32Array(a.rows * b.rows)
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      data[i * b.rows + j] = likenessReference(rowOf(a, i), rowOf(b, j), 'cosine')
    }
  }
  return { data, rows: a.rows, columns: b.rows }
}

function plainDot(x: Float32Array, y: Float32Array): number {
  let sum = 0
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!
  return sum
}

const inverseNorm = (row: Float32Array): number => {
  const square = normSquared(row)
  return square > 0 ? 1 / Math.sqrt(square) : 0
}

/** Arg-max of every row and of every column of the matrix of likenesses. */
export function nearestRowsReference(
  a: RowMatrix,
  b: RowMatrix,
  options: { readonly by: Likeness },
): { readonly ofA: number[]; readonly ofB: number[] } {
  const value = (i: number, j: number) => likenessReference(rowOf(a, i), rowOf(b, j), options.by)
  const rows = Array.from({ length: a.rows }, (_, i) => i)
  const columns = Array.from({ length: b.rows }, (_, j) => j)
  return {
    ofA: rows.map((i) => argmax(columns.map((j) => value(i, j))) ?? -1),
    ofB: columns.map((j) => argmax(rows.map((i) => value(i, j))) ?? -1),
  }
}
