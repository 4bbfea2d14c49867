import { assert } from '../base/errors.ts'
import { rowNormsSquared } from './kernels.ts'
import { cosineMatrix } from './likeness.ts'
import type { SquareMatrix } from './polar.ts'
import type { RowMatrix } from './row-matrix.ts'

/**
 * Column maps of float32 rows. Each is linear in the row and adds in an order that does not depend
 * on the values, so a negated row comes out exactly negated.
 */

/** Column k times factors[k]: a norm weight folded into the matrix that reads its output. */
export function scaleColumns(matrix: RowMatrix, factors: ArrayLike<number>): RowMatrix {
  assert(factors.length === matrix.columns, `${factors.length} factors, ${matrix.columns} columns`)
  const { rows, columns } = matrix
  const data = new Float32Array(matrix.data.length)
  for (let i = 0; i < rows; i++) {
    for (let k = 0, at = i * columns; k < columns; k++, at++) {
      data[at] = matrix.data[at]! * factors[k]!
    }
  }
  return { data, rows, columns }
}

/** Column j of the result is ±column source[j]; zero where source[j] is −1. */
export function pickColumns(
  matrix: RowMatrix,
  map: { readonly source: ArrayLike<number>; readonly sign: ArrayLike<number> },
): RowMatrix {
  const columns = map.source.length
  const data = new Float32Array(matrix.rows * columns)
  for (let j = 0; j < columns; j++) {
    const from = map.source[j]!
    if (from < 0) continue
    const sign = map.sign[j]!
    for (let i = 0; i < matrix.rows; i++) {
      data[i * columns + j] = sign * matrix.data[i * matrix.columns + from]!
    }
  }
  return { data, rows: matrix.rows, columns }
}

/** Rows times a square matrix. */
export function rotateColumns(matrix: RowMatrix, rotation: SquareMatrix): RowMatrix {
  assert(matrix.columns === rotation.size, 'rows as long as the matrix is wide')
  const { rows, columns } = matrix
  const data = new Float32Array(rows * columns)
  const sums = new Float64Array(columns)
  for (let i = 0; i < rows; i++) {
    sums.fill(0)
    for (let k = 0; k < columns; k++) {
      const x = matrix.data[i * columns + k]!
      const row = rotation.data.subarray(k * columns, (k + 1) * columns)
      for (let j = 0; j < columns; j++) sums[j]! += x * row[j]!
    }
    data.set(sums, i * columns)
  }
  return { data, rows, columns }
}

/**
 * A·Bᵀ for rows of equal length: [A.rows, B.rows]. Computed from cosines (rounded to float32) and
 * row lengths, so relative errors are about 1e-7 of |a_i|·|b_j|.
 */
export function rowProducts(a: RowMatrix, b: RowMatrix): RowMatrix {
  const products = cosineMatrix(a, b)
  const [lengthsA, lengthsB] = [a, b].map((matrix) => rowNormsSquared(matrix).map(Math.sqrt))
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0, at = i * b.rows; j < b.rows; j++, at++) {
      products.data[at]! *= lengthsA![i]! * lengthsB![j]!
    }
  }
  return products
}

export function transposeRows({ data, rows, columns }: RowMatrix): RowMatrix {
  const out = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) out[k * rows + i] = data[i * columns + k]!
  }
  return { data: out, rows: columns, columns: rows }
}

/** Each column minus its mean over the rows. */
export function centreColumns(matrix: RowMatrix): RowMatrix {
  const { rows, columns } = matrix
  const data = matrix.data.slice()
  for (let k = 0; k < columns; k++) {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += data[i * columns + k]!
    const mean = sum / Math.max(1, rows)
    for (let i = 0; i < rows; i++) data[i * columns + k]! -= mean
  }
  return { data, rows, columns }
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

/** AᵀB of two matrices with the same rows and equally many columns, float64. */
export function crossProduct(a: RowMatrix, b: RowMatrix): SquareMatrix {
  assert(a.rows === b.rows && a.columns === b.columns, 'matrices of one shape')
  const size = a.columns
  const data = new Float64Array(size * size)
  for (let t = 0; t < a.rows; t++) {
    const right = b.data.subarray(t * size, (t + 1) * size)
    for (let i = 0; i < size; i++) {
      const x = a.data[t * size + i]!
      const out = data.subarray(i * size, (i + 1) * size)
      for (let j = 0; j < size; j++) out[j]! += x * right[j]!
    }
  }
  return { data, size }
}
