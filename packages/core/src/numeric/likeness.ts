import { unitRows } from './column-maps.ts'
import type { MatrixEngine, NearestRows } from './matrix-engine.ts'
import { nearestByDistance } from './nearest-by-distance.ts'
import type { RowMatrix } from './row-matrix.ts'

/**
 * Likeness of two rows:
 *
 * - cosine: the product of the rows, each first divided by its length (float32, MatrixEngine);
 * - absolute-cosine: its absolute value;
 * - euclidean: minus the squared distance (float64, nearest-by-distance.ts).
 *
 * It depends on the two rows only, never on their place: permuting rows permutes all likenesses
 * exactly, and negating a row negates its cosines exactly. A zero row has cosine 0 with every row.
 */
export type Likeness = 'cosine' | 'absolute-cosine' | 'euclidean'

/**
 * The most alike rows in both directions, without storing all likenesses. The first of equal values
 * wins: **callers that count coincidences of indices must shuffle rows first**, since this
 * preference leans towards the identity.
 */
export function nearestRows(
  a: RowMatrix,
  b: RowMatrix,
  options: { readonly by: Likeness; readonly engine: MatrixEngine },
): NearestRows {
  if (options.by === 'euclidean') return nearestByDistance(a, b)
  const order = options.by === 'absolute-cosine' ? 'absolute' : 'signed'
  return options.engine.nearest(unitRows(a), unitRows(b), order)
}
