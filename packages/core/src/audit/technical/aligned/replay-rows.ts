import { dot, normSquared } from '../../../numeric/kernels.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import { type RowMatrix, rowOf } from '../../../numeric/row-matrix.ts'
import { mapRows, type ResidualMap } from './residual-map.ts'
import { type RowSource, takeColumns } from './row-source.ts'

/** A row of the candidate, what it is multiplied by, and the row of the reference it should give. */
export type ReplayPair = { readonly own: number; readonly other: number; readonly factor: number }

/** Vectors along the residual stream, by number: rows of a matrix that reads it, columns of one that writes. */
export type VectorTaker = {
  readonly width: number
  readonly take: (chosen: readonly number[]) => Promise<RowMatrix>
}

export const rowTaker = ({ columns, take }: Pick<RowSource, 'columns' | 'take'>): VectorTaker => ({
  width: columns,
  take,
})

export const columnTaker = (source: RowSource): VectorTaker => ({
  width: source.rows,
  take: (chosen) => takeColumns(source, chosen),
})

/** Products of the transformed vectors x of the candidate with the vectors y of the reference. */
export type ReplaySums = {
  readonly xy: number
  readonly xx: number
  readonly yy: number
  /** Numbers of the reference that were compared. */
  readonly values: number
}

/** How residual axes correspond, and how many each model has. */
export type AxisMap = {
  readonly map: ResidualMap
  readonly width: { readonly candidate: number; readonly reference: number }
}

/** Values of either side that are held at once. */
const PIECE_VALUES = 2 ** 24

/**
 * Sums over all pairs, in their order; nothing but memory depends on the size of the pieces. A side
 * that does not fit the map gives sums of nothing.
 */
export async function replayRows(
  job: {
    readonly own: VectorTaker
    readonly other: VectorTaker
    readonly pairs: readonly ReplayPair[]
  },
  options: AxisMap & { readonly engine: MatrixEngine },
): Promise<ReplaySums> {
  const { own, other, pairs } = job
  const { map, width, engine } = options
  const sums = { xy: 0, xx: 0, yy: 0, values: 0 }
  if (own.width !== width.candidate || other.width !== width.reference) return sums
  const step = Math.max(1, Math.floor(PIECE_VALUES / Math.max(1, own.width, other.width)))
  for (let first = 0; first < pairs.length; first += step) {
    const piece = pairs.slice(first, first + step)
    const taken = await own.take(piece.map((pair) => pair.own))
    const mapped = mapRows(taken, map, engine)
    const there = await other.take(piece.map((pair) => pair.other))
    piece.forEach(({ factor }, at) => {
      const [x, y] = [rowOf(mapped, at), rowOf(there, at)]
      sums.xy += factor * dot(x, y)
      sums.xx += factor ** 2 * normSquared(x)
      sums.yy += normSquared(y)
      sums.values += y.length
    })
  }
  return sums
}

export type ReplayFigures = { readonly correlation: number | null; readonly error: number | null }

/** One λ > 0 for all vectors of these sums; 0 where none helps. */
export const lambdaOf = ({ xy, xx }: ReplaySums): number => (xx > 0 && xy > 0 ? xy / xx : 0)

/**
 * Over several matrices: correlation of all their vectors, and the relative error ‖Y − λT(X)‖/‖Y‖ with a
 * λ for each matrix. Null where there is nothing but zeros.
 */
export function figuresOf(matrices: readonly ReplaySums[]): ReplayFigures {
  let [xy, xx, yy, left] = [0, 0, 0, 0]
  for (const sums of matrices) {
    xy += sums.xy
    xx += sums.xx
    yy += sums.yy
    left += sums.yy - lambdaOf(sums) * sums.xy
  }
  if (!(xx > 0 && yy > 0)) return { correlation: null, error: null }
  return { correlation: xy / Math.sqrt(xx * yy), error: Math.sqrt(Math.max(0, left) / yy) }
}
