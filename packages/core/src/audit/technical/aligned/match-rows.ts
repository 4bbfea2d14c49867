import { createRng, type Rng } from '../../../base/rng.ts'
import { rowProducts, unitRows } from '../../../numeric/column-maps.ts'
import type { Likeness } from '../../../numeric/likeness.ts'
import { type RowMatrix, takeRows } from '../../../numeric/row-matrix.ts'
import { mutualNearest } from '../../../stats/fixed-points.ts'
import { MATCH_COLUMNS_MAX, PROJECTED_COLUMNS } from './plan.ts'

/** For each row of the candidate the row of the reference it is matched with, or −1; one to one. */
export type UnitMatch = Int32Array

/**
 * Mutual nearest rows, each of length one: a row made huge must not let all others count as dead.
 * Long rows are projected on fixed random signs, which depend on the width alone: a linear map, so
 * negated rows stay negated.
 */
export function matchUnits(
  candidate: RowMatrix,
  reference: RowMatrix,
  options: { readonly rng: Rng; readonly by: Likeness },
): UnitMatch {
  const [a, b] = [candidate, reference].map((matrix) => shortened(unitRows(matrix)))
  if (!a || !b) return new Int32Array(candidate.rows).fill(-1)
  return mutualNearest(a, b, { rng: options.rng, distance: options.by }).match
}

function shortened(matrix: RowMatrix): RowMatrix {
  if (matrix.columns <= MATCH_COLUMNS_MAX) return matrix
  const rng = createRng(`projection/${matrix.columns}`)
  const data = Float32Array.from({ length: PROJECTED_COLUMNS * matrix.columns }, () =>
    rng.nextUint32() & 1 ? 1 : -1,
  )
  return rowProducts(matrix, { data, rows: PROJECTED_COLUMNS, columns: matrix.columns })
}

/** The matched rows of both, in the candidate's order. */
export function matchedRows(
  candidate: RowMatrix,
  reference: RowMatrix,
  match: UnitMatch,
): readonly [RowMatrix, RowMatrix] {
  const own = Array.from(match.keys()).filter((i) => (match[i] ?? -1) >= 0)
  const other = own.map((i) => match[i] ?? 0)
  return [takeRows(candidate, own), takeRows(reference, other)]
}

export const matchedCount = (match: UnitMatch): number =>
  match.reduce((count, to) => count + Number(to >= 0), 0)
