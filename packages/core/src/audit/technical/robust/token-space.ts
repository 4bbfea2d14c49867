import type { Rng } from '../../../base/rng.ts'
import { centreColumns } from '../../../numeric/column-maps.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import type { Anchors } from '../aligned/axis-features.ts'
import type { Block } from '../aligned/blocks.ts'
import { matchUnits, type UnitMatch } from '../aligned/match-rows.ts'
import type { RowSource } from '../aligned/row-source.ts'
import { unitProducts } from '../aligned/unit-products.ts'

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
export async function agreeingUnits(
  pair: { readonly candidate: Block; readonly reference: Block },
  anchors: Anchors,
  options: { readonly rng: Rng; readonly engine: MatrixEngine },
): Promise<UnitMatch | null> {
  const { candidate: a, reference: b } = pair
  const { rng, engine } = options
  const match = async (kind: 'gate' | 'up') => {
    const own = await answersOf(a[kind], anchors.candidate, engine)
    const other = await answersOf(b[kind], anchors.reference, engine)
    if (!own || !other) return null
    if (kind === 'gate') for (const answers of [own, other]) centreColumns(answers)
    const by = kind === 'gate' ? 'cosine' : 'absolute-cosine'
    return matchUnits(own, other, { rng: rng.fork(kind), by, engine })
  }
  const gate = await match('gate')
  const up = gate && (await match('up'))
  return up && gate.map((to, from) => (to === up[from] ? to : -1))
}

/** The answers of each row, taken as of length one, to the anchors: [rows, anchors]. */
async function answersOf(
  source: RowSource | null,
  anchors: RowMatrix,
  engine: MatrixEngine,
): Promise<RowMatrix | null> {
  if (!source || source.columns !== anchors.columns) return null
  const columns = anchors.rows
  const answers = { data: new Float32Array(source.rows * columns), rows: source.rows, columns }
  await source.visit((piece, first) => {
    answers.data.set(unitProducts(piece, anchors, engine).data, first * columns)
  })
  return answers
}
