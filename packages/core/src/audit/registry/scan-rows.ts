import { hamming, invalidRows, keyOf, rowCount, type Sketch } from './sketch.ts'

/** Over the rows that are valid in both: how many, Σh, Σh², and rows with h < 32 and h = 32. */
export type RowCounts = {
  readonly rows: number
  readonly sum: number
  readonly squares: number
  readonly below: number
  readonly equal: number
}

/** Layers that both have, one after the other. */
export const rowsOfBoth = (a: Sketch, b: Sketch): number =>
  Math.min(a.layers, b.layers) * a.rowsPerLayer

/** The plain loop that the kernel is held against; also what is used where there is no kernel. */
export function scanRows(a: Sketch, b: Sketch): RowCounts {
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

/** A sketch that is compared with many: one layout of the kernel per reference layout. */
export type SketchScanner = {
  /** References by position; sketches of other keys are skipped. Returns counts per reference. */
  readonly scan: (query: Sketch) => readonly (RowCounts | null)[]
}

/** The scanner without a kernel. */
export const plainScanner = (references: readonly Sketch[]): SketchScanner => ({
  scan: (query) =>
    references.map((reference) =>
      keyOf(reference) === keyOf(query) ? scanRows(query, reference) : null,
    ),
})

/**
 * Rows in the kernel's order: groups of 16, in each eight planes of 16 bytes, plane b holding byte
 * b of the 16 rows. Rows that do not fit into `target` are left out.
 */
export function packRows(sketch: Sketch, target: Uint8Array): void {
  const rows = Math.min(rowCount(sketch), target.length / 8)
  for (let row = 0; row < rows; row++) {
    const base = (row >> 4) * 128 + (row & 15)
    for (let byte = 0; byte < 8; byte++) {
      target[base + byte * 16] = sketch.bits[row * 8 + byte] ?? 0
    }
  }
}

/**
 * The kernel counts every row; rows that are invalid in either are taken out again. Invalid rows
 * hold zeros, so this costs one row each and leaves the scan itself without a branch.
 */
export function withoutInvalid(
  counts: Omit<RowCounts, 'rows'>,
  pair: {
    readonly query: Sketch
    readonly reference: Sketch
    readonly rows: number
    readonly invalid: Iterable<number>
  },
): RowCounts {
  const { query, reference, rows } = pair
  const left = { rows, ...counts }
  for (const row of pair.invalid) {
    if (row >= rows) continue
    const h = hamming(query.bits, row, reference.bits, row)
    left.rows--
    left.sum -= h
    left.squares -= h * h
    left.below -= Number(h < 32)
    left.equal -= Number(h === 32)
  }
  return left
}
