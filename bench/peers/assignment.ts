import { assert } from '../../packages/core/src/base/errors.ts'

/**
 * The one-to-one choice of columns for rows that maximises the sum of the chosen entries of a
 * square matrix (row-major, finite). Shortest augmenting paths with dual prices, O(n³) at worst
 * (Jonker and Volgenant 1987; Crouse 2016 for the form without their initial reductions). Of equal
 * optima it returns one, so a caller that counts coincidences of indices shuffles the rows first.
 */
export function assignRows(gain: Float32Array, size: number): Int32Array {
  assert(gain.length === size * size, `${gain.length} entries for a square matrix of ${size} rows`)
  const state = priceColumns(gain, size)
  for (let row = 0; row < size; row++) {
    if (state.columnOf[row]! < 0) augment(gain, size, { row, state })
  }
  return state.columnOf
}

/** Prices with rowPrice[i] + columnPrice[j] ≥ gain[i, j], equal where i is assigned to j. */
type Duals = {
  readonly columnOf: Int32Array
  readonly rowOf: Int32Array
  readonly rowPrice: Float64Array
  readonly columnPrice: Float64Array
}

/** A feasible start: every row asks for its largest entry, and has it where nobody else does. */
function priceColumns(gain: Float32Array, size: number): Duals {
  const columnOf = new Int32Array(size).fill(-1)
  const rowOf = new Int32Array(size).fill(-1)
  const rowPrice = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    let best = 0
    for (let j = 1; j < size; j++) if (gain[i * size + j]! > gain[i * size + best]!) best = j
    rowPrice[i] = gain[i * size + best] ?? 0
    if (rowOf[best]! >= 0) continue
    rowOf[best] = i
    columnOf[i] = best
  }
  return { columnOf, rowOf, rowPrice, columnPrice: new Float64Array(size) }
}

function augment(
  gain: Float32Array,
  size: number,
  job: { readonly row: number; readonly state: Duals },
): void {
  const { columnOf, rowOf, rowPrice, columnPrice } = job.state
  const { reached, distance, from } = shortestPath(gain, size, job)
  const sink = reached.at(-1)!
  const length = distance[sink]!
  rowPrice[job.row]! -= length
  for (const column of reached) {
    const slack = length - distance[column]!
    columnPrice[column]! += slack
    if (column !== sink) rowPrice[rowOf[column]!]! -= slack
  }
  for (let column = sink, taker = -1; taker !== job.row; ) {
    taker = from[column]!
    const left = columnOf[taker]!
    rowOf[column] = taker
    columnOf[taker] = column
    column = left
  }
}

/** Dijkstra over reduced losses from a free row to the nearest free column, the last one reached. */
function shortestPath(
  gain: Float32Array,
  size: number,
  job: { readonly row: number; readonly state: Duals },
): { readonly reached: number[]; readonly distance: Float64Array; readonly from: Int32Array } {
  const { rowOf, rowPrice, columnPrice } = job.state
  const distance = new Float64Array(size).fill(Number.POSITIVE_INFINITY)
  const from = new Int32Array(size).fill(-1)
  const open = Int32Array.from({ length: size }, (_, j) => j)
  const reached: number[] = []
  let openCount = size
  let row = job.row
  let lowest = 0
  for (;;) {
    const base = lowest + rowPrice[row]!
    let nearest = -1
    lowest = Number.POSITIVE_INFINITY
    for (let k = 0; k < openCount; k++) {
      const j = open[k]!
      const through = base + columnPrice[j]! - gain[row * size + j]!
      if (through < distance[j]!) {
        distance[j] = through
        from[j] = row
      }
      if (distance[j]! < lowest || (distance[j] === lowest && rowOf[j]! < 0)) {
        nearest = k
        lowest = distance[j]!
      }
    }
    const column = open[nearest]!
    open[nearest] = open[--openCount]!
    reached.push(column)
    row = rowOf[column]!
    if (row < 0) return { reached, distance, from }
  }
}
