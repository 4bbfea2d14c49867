import type { Rng } from '../../../base/rng.ts'
import { centreColumns, rowProducts, unitRows } from '../../../numeric/column-maps.ts'
import { type RowMatrix, takeRows } from '../../../numeric/row-matrix.ts'
import { matchUnits, type UnitMatch } from '../aligned/match-rows.ts'
import type { Block } from '../aligned/measure-aligned.ts'
import type { AxisFeatures } from '../aligned/residual-map.ts'

/** Tokens through which units are looked at. */
const ANCHORS_MAX = 512
const ANCHORS_MIN = 16

export type Anchors = { readonly candidate: RowMatrix; readonly reference: RowMatrix }

/** Evenly spaced tokens in common, each a unit vector in the axes of its own model. */
export function anchorsOf(features: AxisFeatures): Anchors | null {
  const { rows } = features.candidate
  if (rows < ANCHORS_MIN) return null
  const count = Math.min(rows, ANCHORS_MAX)
  const chosen = Array.from({ length: count }, (_, k) => Math.floor((k * rows) / count))
  return {
    candidate: takeRows(features.candidate, chosen),
    reference: takeRows(features.reference, chosen),
  }
}

/**
 * Matches gates and up rows apart from each other through their answers to the anchors: a rotation
 * of the residual stream turns rows and embeddings alike and leaves the answers as they are, and
 * scale and sign of a unit leave |cosine| as it is. Kept are units that both matchings send to the
 * same place.
 *
 * Every row has length one, and up answers are not centred over units: whoever negates or rescales
 * single units, or adds one that does nothing, chooses such lengths and means. One row a thousand
 * times longer than the others would otherwise decide how all of them are seen.
 */
export function agreeingUnits(
  pair: { readonly candidate: Block; readonly reference: Block },
  anchors: Anchors,
  rng: Rng,
): UnitMatch | null {
  const { candidate: a, reference: b } = pair
  if (!a.gate || !b.gate || !a.up || !b.up) return null
  const answers = (matrix: RowMatrix, side: RowMatrix) => rowProducts(unitRows(matrix), side)
  const centred = (matrix: RowMatrix, side: RowMatrix) => centreColumns(answers(matrix, side))
  const gate = matchUnits(centred(a.gate, anchors.candidate), centred(b.gate, anchors.reference), {
    rng: rng.fork('gate'),
    by: 'cosine',
  })
  const up = matchUnits(answers(a.up, anchors.candidate), answers(b.up, anchors.reference), {
    rng: rng.fork('up'),
    by: 'absolute-cosine',
  })
  return gate.map((to, from) => (to === up[from] ? to : -1))
}
