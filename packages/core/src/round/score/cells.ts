import type { Dimension } from '../plan/steps.ts'
import type { RowTable } from '../rows/table.ts'

/**
 * The cells of one measured part as a tree laid out in flat arrays: below each team the labels of
 * the dimension reduced last, below each of those the next, down to one cell per row. All
 * arithmetic of the steps is a walk over contiguous groups, exact or in doubles.
 */
export type LeafCells = {
  readonly part: string
  /** Plan index of each team that has cells; `levels[0].starts` has one group per entry. */
  readonly teams: readonly string[]
  /** Outermost first; the last level holds the cells. */
  readonly levels: readonly Level[]
  /** Cell c is worth units[c] / 10^digits. */
  readonly digits: number
  readonly units: readonly bigint[]
  readonly values: Float64Array
  /** Row of `table` behind each cell; −1 where the plan's missing-data rule put a zero. */
  readonly row: Int32Array
  readonly table: RowTable
}

export type Level = {
  readonly dimension: Dimension
  /** Group g of the level above (or team g) owns nodes starts[g] to starts[g + 1] − 1. */
  readonly starts: Uint32Array
  /** Index into `labels` of each node. Item labels are unique across benchmarks. */
  readonly label: Uint32Array
  readonly labels: readonly string[]
}
