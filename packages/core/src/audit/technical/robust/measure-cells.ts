import { createRng } from '../../../base/rng.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import type { Anchors } from '../aligned/axis-features.ts'
import type { ModelPart } from '../aligned/folded-layers.ts'
import { matchedCount, type UnitMatch } from '../aligned/match-rows.ts'
import type { MeasureContext } from '../measure-context.ts'
import type { AgreementRow } from './agreement.ts'
import { type CellPlan, type GatedMlp, type MlpPlace, readGated } from './mlps.ts'
import { type Answers, agreeingUnits, answersOf } from './token-space.ts'

/** One MLP of the candidate, and the MLP of the reference with which most units agree. */
export type BestPlace = {
  readonly own: MlpPlace & GatedMlp
  readonly other: MlpPlace & GatedMlp
  readonly match: UnitMatch
  readonly agreeing: number
  readonly row: AgreementRow
}

/**
 * Holds MLPs of the candidate against those of the reference, and keeps the match of the best place
 * of each. Among equals the own place comes first, then the first.
 */
export async function measureCells(
  context: MeasureContext,
  sides: { readonly own: ModelPart; readonly other: ModelPart },
  job: {
    readonly cells: CellPlan
    readonly anchors: Anchors
    /** Told after each MLP of the candidate. */
    readonly onPlace: () => void
  },
): Promise<BestPlace[]> {
  const { cells, anchors } = job
  const others = await answeringPlaces(context, cells.other, {
    part: sides.other,
    anchors: anchors.reference,
  })
  const found: BestPlace[] = []
  for (const [at, place] of cells.own.entries()) {
    const side = { part: sides.own, anchors: anchors.candidate }
    const [own] = await answeringPlaces(context, [place], side)
    const choice = cells.isOwnOnly ? others.filter((other) => other.at === at) : others
    const best = own && bestOf(context, { ...own, at }, choice)
    if (best) found.push(best)
    job.onPlace()
  }
  return found
}

type Answering = {
  readonly place: MlpPlace
  readonly mlp: GatedMlp
  readonly answers: Answers
  /** Its number among the places. */
  readonly at: number
}

async function answeringPlaces(
  { engine }: MeasureContext,
  places: readonly MlpPlace[],
  side: { readonly part: ModelPart; readonly anchors: RowMatrix },
): Promise<Answering[]> {
  const all: Answering[] = []
  for (const [at, place] of places.entries()) {
    const mlp = await readGated(side.part, place)
    const answers = mlp && (await answersOf(mlp, side.anchors, engine))
    if (answers) all.push({ place, mlp, answers, at })
  }
  return all
}

function bestOf(
  { seed, engine }: MeasureContext,
  own: Answering,
  others: readonly Answering[],
): BestPlace | null {
  let best: { readonly other: Answering; readonly match: UnitMatch } | null = null
  let most = -1
  const counts = others.map((other) => {
    const rng = createRng(seed).fork(`robust/${own.at}/${other.at}`)
    const match = agreeingUnits(own.answers, other.answers, { rng, engine })
    const count = matchedCount(match)
    if (count > most || (count === most && other.at === own.at)) {
      best = { other, match }
      most = count
    }
    return count
  })
  if (!best) return null
  const { other, match } = best as { other: Answering; match: UnitMatch }
  const units = Math.min(own.place.units, other.place.units)
  return {
    own: { ...own.place, ...own.mlp },
    other: { ...other.place, ...other.mlp },
    match,
    agreeing: most,
    row: { units, counts },
  }
}
