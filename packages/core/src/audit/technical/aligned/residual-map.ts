import type { Rng } from '../../../base/rng.ts'
import { pickColumns, transposeRows } from '../../../numeric/column-maps.ts'
import { cosine } from '../../../numeric/kernels.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import { nearestRotation } from '../../../numeric/nearest-rotation.ts'
import { type RowMatrix, rowOf, takeRows } from '../../../numeric/row-matrix.ts'
import { mutualNearest } from '../../../stats/fixed-points.ts'
import { type AxisFeatures, spreadOver } from './axis-features.ts'

export const MAP_KINDS = ['identity', 'signed_permutation', 'rotation'] as const
export type MapKind = (typeof MAP_KINDS)[number]

/**
 * From the residual axes of the candidate to those of the reference. Found from embeddings (for
 * encoders: from the patch embedding) alone, so that every family of signs but the residual one may
 * be tested behind it.
 */
export type ResidualMap =
  | { readonly kind: 'identity' }
  | {
      readonly kind: 'signed_permutation'
      /** For each axis of the reference the axis of the candidate, or −1; and its sign. */
      readonly source: Int32Array
      readonly sign: Int8Array
    }
  | {
      readonly kind: 'rotation'
      /** R: a row x of the candidate becomes xR; the shorter of its rows and columns are orthonormal. */
      readonly rotation: RowMatrix
      /** Rᵀ */
      readonly inverse: RowMatrix
    }

/** Rows of the candidate, written in the axes of the reference. */
export function mapRows(matrix: RowMatrix, map: ResidualMap, engine: MatrixEngine): RowMatrix {
  switch (map.kind) {
    case 'identity':
      return matrix
    case 'signed_permutation':
      return pickColumns(matrix, map)
    case 'rotation':
      return engine.multiply(matrix, map.inverse)
  }
}

/**
 * Directions of the reference written in the axes of the candidate: the product of a row with such
 * a direction is that of the mapped row with the direction itself, so that a whole matrix need not
 * be mapped to be projected. `width` is that of the candidate.
 */
export function pullBack(
  directions: RowMatrix,
  map: ResidualMap,
  options: { readonly width: number; readonly engine: MatrixEngine },
): RowMatrix {
  switch (map.kind) {
    case 'identity':
      return directions
    case 'signed_permutation': {
      const source = new Int32Array(options.width).fill(-1)
      const sign = new Int8Array(options.width)
      map.source.forEach((from, to) => {
        if (from < 0) return
        source[from] = to
        sign[from] = map.sign[to] ?? 0
      })
      return pickColumns(directions, { source, sign })
    }
    case 'rotation':
      return options.engine.multiply(directions, map.rotation)
  }
}

/** Observations through which axes are matched one by one: cosines of 0.2 stand out. */
export const OBSERVATIONS_MATCHED_MAX = 2048

/** Reorders, drops and negates axes: columns matched by the size of their cosine. */
export function signedPermutation(
  features: AxisFeatures,
  options: { readonly rng: Rng; readonly engine: MatrixEngine },
): ResidualMap {
  const { rows } = features.candidate
  const chosen = spreadOver(
    Array.from({ length: rows }, (_, row) => row),
    OBSERVATIONS_MATCHED_MAX,
  )
  const [a, b] = [features.candidate, features.reference].map((side) =>
    transposeRows(chosen.length < rows ? takeRows(side, chosen) : side),
  ) as [RowMatrix, RowMatrix]
  const { match } = mutualNearest(b, a, { ...options, distance: 'absolute-cosine' })
  const sign = new Int8Array(b.rows)
  match.forEach((from, to) => {
    if (from >= 0) sign[to] = (cosine(rowOf(a, from), rowOf(b, to)) ?? 0) < 0 ? -1 : 1
  })
  return { kind: 'signed_permutation', source: match, sign }
}

/**
 * The rotation that carries the candidate's features nearest to the reference's. Where one model has
 * fewer axes, mixed from some of the other's, the columns of the wider one are divided by their
 * variance: what its axes share would otherwise pull dropped axes in, the largest ones most.
 */
export function rotationMap(features: AxisFeatures, engine: MatrixEngine): ResidualMap | null {
  const { candidate, reference } = features
  const gap = candidate.columns - reference.columns
  const [own, other] = [candidate, reference].map(transposeRows) as [RowMatrix, RowMatrix]
  if (gap !== 0) evenOut(gap > 0 ? own : other)
  const cross = engine.multiply(own, other)
  const nearest = nearestRotation(gap < 0 ? transposeRows(cross) : cross, engine)
  if (!nearest) return null
  const [rotation, inverse] =
    gap < 0 ? [transposeRows(nearest), nearest] : [nearest, transposeRows(nearest)]
  return { kind: 'rotation', rotation, inverse }
}

/** Each row divided by its squared length, in place. */
function evenOut({ data, rows, columns }: RowMatrix): void {
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns)
    const square = row.reduce((sum, x) => sum + x * x, 0)
    row.set(row.map((x) => (square > 0 ? x / square : 0)))
  }
}
