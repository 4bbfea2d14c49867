import { assert } from '../base/errors.ts'
import type { RowMatrix } from './row-matrix.ts'

/**
 * Column maps of float32 rows. Each is linear in the row and adds in an order that does not depend
 * on the values, so a negated row comes out exactly negated.
 */

/** Column k times factors[k], in place: a norm weight folded into the matrix that reads its output. */
export function scaleColumns(matrix: RowMatrix, factors: ArrayLike<number>): void {
  assert(factors.length === matrix.columns, `${factors.length} factors, ${matrix.columns} columns`)
  const { data, rows, columns } = matrix
  for (let i = 0, at = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++, at++) data[at] = data[at]! * factors[k]!
  }
}

/** Column j of the result is ±column source[j]; zero where source[j] is −1. */
export function pickColumns(
  matrix: RowMatrix,
  map: { readonly source: ArrayLike<number>; readonly sign: ArrayLike<number> },
): RowMatrix {
  const columns = map.source.length
  const data = new Float32Array(matrix.rows * columns)
  for (let i = 0; i < matrix.rows; i++) {
    const row = i * matrix.columns
    for (let j = 0; j < columns; j++) {
      const from = map.source[j]!
      if (from >= 0) data[i * columns + j] = map.sign[j]! * matrix.data[row + from]!
    }
  }
  return { data, rows: matrix.rows, columns }
}

/** Square by square, so that what is read and what is written both stay in the nearest cache. */
export function transposeRows({ data, rows, columns }: RowMatrix): RowMatrix {
  const out = new Float32Array(data.length)
  for (let top = 0; top < rows; top += SQUARE) {
    const bottom = Math.min(rows, top + SQUARE)
    for (let first = 0; first < columns; first += SQUARE) {
      const end = Math.min(columns, first + SQUARE)
      for (let k = first; k < end; k++) {
        for (let i = top; i < bottom; i++) out[k * rows + i] = data[i * columns + k]!
      }
    }
  }
  return { data: out, rows: columns, columns: rows }
}

const SQUARE = 32

/** Each column minus its mean over the rows, in place. */
export function centreColumns({ data, rows, columns }: RowMatrix): void {
  const means = new Float64Array(columns)
  for (let i = 0, at = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++, at++) means[k]! += data[at]!
  }
  for (let k = 0; k < columns; k++) means[k]! /= Math.max(1, rows)
  for (let i = 0, at = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++, at++) data[at]! -= means[k]!
  }
}

/** Each row divided by its length; zero rows stay zero. */
export function unitRows(matrix: RowMatrix): RowMatrix {
  const { rows, columns } = matrix
  const data = new Float32Array(matrix.data.length)
  for (let i = 0; i < rows; i++) {
    let squares = 0
    for (let k = 0; k < columns; k++) squares += matrix.data[i * columns + k]! ** 2
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
    for (let k = 0; k < columns; k++) data[i * columns + k] = matrix.data[i * columns + k]! * scale
  }
  return { data, rows, columns }
}
