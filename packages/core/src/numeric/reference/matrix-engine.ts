import { type RowMatrix, rowOf } from '../row-matrix.ts'

/** The definition in matrix-engine.ts, one pair of rows at a time. */
export function productReference(x: Float32Array, y: Float32Array): number {
  let total = 0
  for (let first = 0; first < x.length; first += 256) {
    let block = 0
    for (let k = first; k < Math.min(first + 256, x.length); k++) {
      block = Math.fround(block + Math.fround(x[k]! * y[k]!))
    }
    total = Math.fround(total + block)
  }
  return total
}

export function multiplyReference(a: RowMatrix, b: RowMatrix): RowMatrix {
  const data = new Float32Array(a.rows * b.rows)
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      data[i * b.rows + j] = productReference(rowOf(a, i), rowOf(b, j))
    }
  }
  return { data, rows: a.rows, columns: b.rows }
}
