import { dot, normSquared } from '../../../numeric/kernels.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import { type RowMatrix, rowOf } from '../../../numeric/row-matrix.ts'
import { spreadOver } from './axis-features.ts'
import { matchedUnits, type UnitMatch } from './match-rows.ts'
import { mapRows, type ResidualMap } from './residual-map.ts'
import type { RowSource } from './row-source.ts'
import { UNITS_COMPARED_MAX } from './work.ts'

/** Rows of matched units, in the axes of the reference, side by side. */
export type ComparedRows = {
  /** Their numbers in the candidate, ascending. */
  readonly units: readonly number[]
  readonly own: RowMatrix
  readonly other: RowMatrix
}

/**
 * Of many matched units evenly spaced ones are read. Which, the match and their number decide, not
 * the signs of these rows, so tests of these signs stay exact; and 2,048 coins are more than enough.
 */
export async function comparedRows(
  pair: { readonly own: RowSource; readonly other: RowSource; readonly match: UnitMatch },
  options: { readonly map: ResidualMap; readonly engine: MatrixEngine },
): Promise<ComparedRows> {
  const units = spreadOver(matchedUnits(pair.match), UNITS_COMPARED_MAX)
  const own = mapRows(await pair.own.take(units), options.map, options.engine)
  const other = await pair.other.take(units.map((unit) => pair.match[unit] ?? 0))
  return { units, own, other }
}

/**
 * For each unit of the candidate the sign of the correlation of the two rows and the ratio of their
 * lengths; 0 where none were compared. The ratio rather than the regression slope: noise in both
 * rows shrinks a slope, and a replay with shrunk scales would blow up the down projection.
 */
export function unitScales({ units, own, other }: ComparedRows, count: number): Float64Array {
  const scales = new Float64Array(count)
  units.forEach((unit, at) => {
    const [x, y] = [rowOf(own, at), rowOf(other, at)]
    const size = normSquared(x)
    if (size > 0) scales[unit] = Math.sign(dot(x, y)) * Math.sqrt(normSquared(y) / size)
  })
  return scales
}
