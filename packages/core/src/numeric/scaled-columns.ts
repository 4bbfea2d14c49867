/** Rows times a factor each, turned round into columns. */
export type ColumnsWanted = {
  readonly columns: number
  /** A factor for each row. */
  readonly scales: Float64Array
  /** Every entry of the result is added to the sum of its column, in ascending rows. */
  readonly sums: Float64Array
}

/** [columns, rows], where `values` is [rows, columns]. In tiles, which stay in the nearest cache. */
export function scaledColumns(values: Float32Array, wanted: ColumnsWanted): Float32Array {
  const { columns, scales, sums } = wanted
  const rows = values.length / columns
  const out = new Float32Array(values.length)
  for (let top = 0; top < rows; top += TILE_ROWS) {
    const bottom = Math.min(top + TILE_ROWS, rows)
    for (let first = 0; first < columns; first += TILE_COLUMNS) {
      const end = Math.min(first + TILE_COLUMNS, columns)
      for (let k = first; k < end; k++) {
        let sum = sums[k] as number
        for (let i = top, to = k * rows + top; i < bottom; i++, to++) {
          out[to] = (values[i * columns + k] as number) * (scales[i] as number)
          sum += out[to] as number
        }
        sums[k] = sum
      }
    }
  }
  return out
}

const TILE_ROWS = 16
const TILE_COLUMNS = 64
