import { unitRows } from '../column-maps.ts'
import { argmax } from '../kernels.ts'
import type { Likeness } from '../likeness.ts'
import { type RowMatrix, rowOf } from '../row-matrix.ts'
import { productReference } from './matrix-engine.ts'

/** Arg-max of every row and of every column of the matrix of likenesses, each from its definition. */
export function nearestRowsReference(
  a: RowMatrix,
  b: RowMatrix,
  options: { readonly by: Likeness },
): { readonly ofA: number[]; readonly ofB: number[] } {
  const { by } = options
  const [x, y] = by === 'euclidean' ? [a, b] : [unitRows(a), unitRows(b)]
  const value = (i: number, j: number) => likeness(rowOf(x, i), rowOf(y, j), by)
  const rows = Array.from({ length: a.rows }, (_, i) => i)
  const columns = Array.from({ length: b.rows }, (_, j) => j)
  return {
    ofA: rows.map((i) => argmax(columns.map((j) => value(i, j))) ?? -1),
    ofB: columns.map((j) => argmax(rows.map((i) => value(i, j))) ?? -1),
  }
}

function likeness(x: Float32Array, y: Float32Array, by: Likeness): number {
  if (by === 'euclidean') return 2 * plainDot(x, y) - plainDot(x, x) - plainDot(y, y)
  const product = productReference(x, y)
  return by === 'cosine' ? product : Math.abs(product)
}

function plainDot(x: Float32Array, y: Float32Array): number {
  let sum = 0
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!
  return sum
}
