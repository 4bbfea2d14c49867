import { isValid } from './directions.ts'
import { rowDistance, type SketchRun, unpackSketch } from './packed-sketches.ts'
import { hamming, invalidRows, type SketchRows, type SketchShape } from './sketch.ts'

/** Over the rows that are valid in both: how many, Σh, Σh², and rows with h < 32 and h = 32. */
export type RowCounts = {
  readonly rows: number
  readonly sum: number
  readonly squares: number
  readonly below: number
  readonly equal: number
}

/** Layers that both have, one after the other. */
export const rowsOfBoth = (a: SketchShape, b: SketchShape): number =>
  Math.min(a.layers, b.layers) * a.rowsPerLayer

/** The plain loop that the kernel is held against; also what is used where there is no kernel. */
export function scanRows(a: SketchRows, b: SketchRows): RowCounts {
  const counts = { rows: 0, sum: 0, squares: 0, below: 0, equal: 0 }
  const invalid = new Set([...invalidRows(a), ...invalidRows(b)])
  for (let row = 0; row < rowsOfBoth(a, b); row++) {
    if (invalid.has(row)) continue
    const h = hamming(a.bits, row, b.bits, row)
    counts.rows++
    counts.sum += h
    counts.squares += h * h
    counts.below += Number(h < 32)
    counts.equal += Number(h === 32)
  }
  return counts
}

/** S = Σc and Q = Σc² of c = 64 − 2h; n and positive count the rows with a sign. */
export function statisticsOf(counts: RowCounts): {
  readonly sum: number
  readonly squares: number
  readonly n: number
  readonly positive: number
} {
  const { rows, sum, squares, below, equal } = counts
  return {
    sum: 64 * rows - 2 * sum,
    squares: 4096 * rows - 256 * sum + 4 * squares,
    n: rows - equal,
    positive: below,
  }
}

/**
 * Takes in the sketches of one run; what comes back counts a query of their key against each of
 * them, in their order, until the next run is taken in.
 */
export type RunScanner = (run: SketchRun) => (query: SketchRows) => readonly RowCounts[]

/** The scanner without a kernel. */
export const plainScanner: RunScanner = (run) => {
  const sketches = run.owners.map((_, at) => unpackSketch(run, at))
  return (query) => sketches.map((sketch) => scanRows(query, sketch))
}

/**
 * The kernel counts every row; rows that are invalid in either are taken out again. Invalid rows
 * hold zeros, so this costs one row each and leaves the scan itself without a branch.
 */
export function withoutInvalid(
  counts: Omit<RowCounts, 'rows'>,
  pair: {
    readonly query: SketchRows
    readonly run: SketchRun
    readonly at: number
    /** Rows that are invalid in the query, and in sketch `at` of the run. */
    readonly invalid: readonly [readonly number[], readonly number[]]
  },
): RowCounts {
  const { query, run, at, invalid } = pair
  const left = { rows: rowsOfBoth(query, run.shape), ...counts }
  const bound = left.rows
  for (const [side, rows] of invalid.entries()) {
    for (const row of rows) {
      const isCounted = side === 1 && !isValid(query.valid, row)
      if (row >= bound || isCounted) continue
      const h = rowDistance(query.bits, row, run, at)
      left.rows--
      left.sum -= h
      left.squares -= h * h
      left.below -= Number(h < 32)
      left.equal -= Number(h === 32)
    }
  }
  return left
}
