import type { RowMatrix } from './row-matrix.ts'
import { decoded, plainPairs, type RowPairs, type StoredRows } from './row-pairs.ts'

/**
 * Rows of two tables, each scaled to unit length, gathered as columns: what the residual axes of two models
 * are compared by. Engines give the same bits, but for the kurtosis.
 */
export type AxisTables = {
  /** Rows from number `first` on of table 0 or 1, with their squares; `first` 0 begins that table anew. */
  readonly add: (
    table: 0 | 1,
    rows: StoredRows,
    place: { readonly first: number; readonly squares: Float64Array },
  ) => void
  /** Once all rows are there. */
  readonly measure: () => MeasuredAxes
}

export type MeasuredAxes = {
  /**
   * [columns, rows], each column less its mean: what all rows share says little. Odd like the column itself.
   */
  readonly tables: readonly [RowMatrix, RowMatrix]
  /** Column j of one with column j of the other. */
  readonly pairs: RowPairs
  /** Of all entries of either, E x⁴ / (E x²)²: 3 for normal numbers, 0 where all are zero. */
  readonly kurtosis: readonly [number, number]
}

export type AxisSize = { readonly rows: number; readonly columns: number }

/** In plain arithmetic: the twin that the kernel is tested against. */
export function plainAxes(size: AxisSize): AxisTables {
  const tables = [new Table(size), new Table(size)] as const
  return {
    add: (table, rows, place) => tables[table].add(rows, place),
    measure: () => {
      const kurtosis = [tables[0].centre(), tables[1].centre()] as const
      const matrices = [tables[0].matrix, tables[1].matrix] as const
      return { tables: matrices, pairs: plainPairs(matrices[0], matrices[1]), kurtosis }
    },
  }
}

export const scalesOf = (squares: Float64Array): Float64Array =>
  squares.map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0))

export const kurtosisOf = (moments: {
  readonly squares: number
  readonly fourths: number
  readonly entries: number
}): number => {
  const { squares, fourths, entries } = moments
  return squares > 0 ? (fourths * entries) / squares ** 2 : 0
}

class Table {
  readonly #sums: Float64Array
  readonly matrix: RowMatrix

  constructor({ rows, columns }: AxisSize) {
    this.#sums = new Float64Array(columns)
    this.matrix = { data: new Float32Array(rows * columns), rows: columns, columns: rows }
  }

  add(stored: StoredRows, place: { readonly first: number; readonly squares: Float64Array }): void {
    const { data, rows: columns, columns: length } = this.matrix
    const scales = scalesOf(place.squares)
    const values = decoded(stored)
    if (place.first === 0) this.#sums.fill(0)
    // In tiles, which stay in the nearest cache.
    for (let top = 0; top < scales.length; top += TILE_ROWS) {
      const bottom = Math.min(top + TILE_ROWS, scales.length)
      for (let k = 0; k < columns; k++) {
        let sum = this.#sums[k] as number
        for (let i = top, to = k * length + place.first + top; i < bottom; i++, to++) {
          data[to] = (values[i * columns + k] as number) * (scales[i] as number)
          sum += data[to] as number
        }
        this.#sums[k] = sum
      }
    }
  }

  /** Takes the means out; the kurtosis of what is left. */
  centre(): number {
    const { data, columns: length } = this.matrix
    let [squares, fourths] = [0, 0]
    this.#sums.forEach((sum, k) => {
      const mean = sum / length
      for (let at = k * length; at < (k + 1) * length; at++) {
        const value = (data[at] as number) - mean
        data[at] = value
        squares += value ** 2
        fourths += value ** 2 * value ** 2
      }
    })
    return kurtosisOf({ squares, fourths, entries: data.length })
  }
}

const TILE_ROWS = 16
