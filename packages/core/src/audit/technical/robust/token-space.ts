import type { Rng } from '../../../base/rng.ts'
import { centreColumns } from '../../../numeric/column-maps.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import { matchUnits, type UnitMatch } from '../aligned/match-rows.ts'
import type { RowSource } from '../aligned/row-source.ts'
import { unitProducts } from '../aligned/unit-products.ts'
import type { GatedMlp } from './mlps.ts'

/** What an MLP answers to the anchors, unit by unit: [units, anchors]. */
export type Answers = { readonly gate: RowMatrix; readonly up: RowMatrix }

/**
 * Every row has length one, and up answers are not centred over units: whoever negates or rescales
 * single units, or adds one that does nothing, chooses such lengths and means. One row a thousand
 * times longer than the others would otherwise decide how all of them are seen.
 */
export async function answersOf(
  mlp: GatedMlp,
  anchors: RowMatrix,
  engine: MatrixEngine,
): Promise<Answers | null> {
  const gate = await rowsBefore(mlp.gate, anchors, engine)
  const up = await rowsBefore(mlp.up, anchors, engine)
  if (!gate || !up) return null
  centreColumns(gate)
  return { gate, up }
}

/**
 * Matches gates and up rows apart from each other through their answers to the anchors: a rotation
 * of the residual stream turns rows and anchors alike and leaves the answers as they are, and
 * scale and sign of a unit leave |cosine| as it is. Kept are units that both matchings send to the
 * same place.
 */
export function agreeingUnits(
  own: Answers,
  other: Answers,
  options: { readonly rng: Rng; readonly engine: MatrixEngine },
): UnitMatch {
  const { rng, engine } = options
  const gate = matchUnits(own.gate, other.gate, { rng: rng.fork('gate'), by: 'cosine', engine })
  const up = matchUnits(own.up, other.up, { rng: rng.fork('up'), by: 'absolute-cosine', engine })
  return gate.map((to, from) => (to === up[from] ? to : -1))
}

/** The answers of each row, taken as of length one. */
async function rowsBefore(
  source: RowSource,
  anchors: RowMatrix,
  engine: MatrixEngine,
): Promise<RowMatrix | null> {
  if (source.columns !== anchors.columns) return null
  const columns = anchors.rows
  const answers = { data: new Float32Array(source.rows * columns), rows: source.rows, columns }
  await source.visit((piece, first) => {
    answers.data.set(unitProducts(piece, anchors, engine).data, first * columns)
  })
  return answers
}
