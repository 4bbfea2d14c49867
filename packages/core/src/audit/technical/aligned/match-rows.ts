import { createRng, type Rng } from '../../../base/rng.ts'
import { unitRows } from '../../../numeric/column-maps.ts'
import type { Likeness } from '../../../numeric/likeness.ts'
import { type MatrixEngine, plainEngine } from '../../../numeric/matrix-engine.ts'
import { type RowMatrix, takeRows } from '../../../numeric/row-matrix.ts'
import { mutualNearest } from '../../../stats/fixed-points.ts'
import { mapRows, pullBack, type ResidualMap } from './residual-map.ts'
import { type RowSource, readWhole } from './row-source.ts'
import { unitProducts } from './unit-products.ts'
import { MATCH_COLUMNS_MAX, PROJECTED_COLUMNS } from './work.ts'

/** For each row of the candidate the row of the reference it is matched with, or −1; one to one. */
export type UnitMatch = Int32Array

/**
 * Mutual nearest rows, each of length one: a row made huge must not let all others count as dead.
 * Long rows are projected first.
 */
export function matchUnits(
  candidate: RowMatrix,
  reference: RowMatrix,
  options: { readonly rng: Rng; readonly by: Likeness; readonly engine?: MatrixEngine },
): UnitMatch {
  const engine = options.engine ?? plainEngine
  const [a, b] = [candidate, reference].map((matrix) => shortRows(unitRows(matrix), engine)) as [
    RowMatrix,
    RowMatrix,
  ]
  return mutualNearest(a, b, { rng: options.rng, distance: options.by, engine }).match
}

/**
 * Long rows projected on fixed random signs, which depend on the width alone: a linear map, so
 * negated rows stay negated, bit for bit.
 */
export function shortRows(matrix: RowMatrix, engine: MatrixEngine): RowMatrix {
  if (matrix.columns <= MATCH_COLUMNS_MAX) return matrix
  return engine.multiply(matrix, randomSigns(matrix.columns))
}

function randomSigns(columns: number): RowMatrix {
  const rng = createRng(`projection/${columns}`)
  const data = Float32Array.from({ length: PROJECTED_COLUMNS * columns }, () =>
    rng.nextUint32() & 1 ? 1 : -1,
  )
  return { data, rows: PROJECTED_COLUMNS, columns }
}

/** A residual map made ready: what rows of the candidate are matched by under it. */
export type Frame = {
  readonly map: ResidualMap
  /** Width of the rows that the map takes. */
  readonly width: number
  /** The random signs in the axes of these rows; null where mapped rows are short as they are. */
  readonly directions: RowMatrix | null
}

export function frameOf(
  map: ResidualMap,
  options: { readonly from: number; readonly to: number; readonly engine: MatrixEngine },
): Frame {
  const { from: width, to, engine } = options
  if (to <= MATCH_COLUMNS_MAX) return { map, width, directions: null }
  return { map, width, directions: pullBack(randomSigns(to), map, { width, engine }) }
}

/**
 * What the rows of a matrix are matched by in each frame, in one pass over the matrix; null for a
 * matrix that does not read the residual stream.
 */
export async function rowsInFrames(
  source: RowSource,
  job: { readonly frames: readonly Frame[]; readonly engine: MatrixEngine },
): Promise<RowMatrix[] | null> {
  const { frames, engine } = job
  if (frames.some(({ width }) => width !== source.columns)) return null
  if (frames.every(({ directions }) => directions === null)) {
    const whole = await readWhole(source)
    return frames.map(({ map }) => mapRows(whole, map, engine))
  }
  const out = frames.map(() => new Float32Array(source.rows * PROJECTED_COLUMNS))
  await source.visit((piece, first) => {
    frames.forEach(({ directions }, index) => {
      if (!directions) return
      const products = unitProducts(piece, directions, engine)
      out[index]?.set(products.data, first * PROJECTED_COLUMNS)
    })
  })
  return out.map((data) => ({ data, rows: source.rows, columns: PROJECTED_COLUMNS }))
}

/** The matched rows of both, in the candidate's order. */
export function matchedRows(
  candidate: RowMatrix,
  reference: RowMatrix,
  match: UnitMatch,
): readonly [RowMatrix, RowMatrix] {
  const own = matchedUnits(match)
  const other = own.map((i) => match[i] ?? 0)
  return [takeRows(candidate, own), takeRows(reference, other)]
}

/** Numbers of the matched rows of the candidate, ascending. */
export const matchedUnits = (match: UnitMatch): number[] =>
  Array.from(match.keys()).filter((i) => (match[i] ?? -1) >= 0)

export const matchedCount = (match: UnitMatch): number => matchedUnits(match).length
