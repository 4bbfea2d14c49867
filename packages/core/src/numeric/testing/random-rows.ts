import { createRng } from '../../base/rng.ts'
import { type RowMatrix, rowMatrix } from '../row-matrix.ts'

/** Rows from a coarse grid, so that ties, duplicates and zero rows occur. */
export function gridRows(seed: number | string, rows: number, columns: number): RowMatrix {
  const rng = createRng(seed)
  return rowMatrix(
    Float32Array.from({ length: rows * columns }, () => rng.nextInt(3) - 1),
    columns,
  )
}

export function normalRows(seed: number | string, rows: number, columns: number): RowMatrix {
  const rng = createRng(seed)
  return rowMatrix(
    Float32Array.from({ length: rows * columns }, () => rng.nextNormal()),
    columns,
  )
}
