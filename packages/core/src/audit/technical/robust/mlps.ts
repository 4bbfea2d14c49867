import { ANCHORS_MAX } from '../aligned/axis-features.ts'
import { foldedSource, type ModelPart, type Place, roleAt } from '../aligned/folded-layers.ts'
import type { AlignedPlan } from '../aligned/plan.ts'
import type { RowSource } from '../aligned/row-source.ts'

/** A gated MLP, dense or one expert of a mixture. */
export type MlpPlace = Place & { readonly units: number; readonly width: number }

/** Every gated MLP of the part, layer by layer. */
export function mlpPlaces(part: ModelPart): MlpPlace[] {
  const ups = part.roles.filter(({ kind, part: what }) => kind === 'up' && what === 'weight')
  return ups
    .flatMap((up): MlpPlace[] => {
      if (up.layer === null) return []
      const place = { layer: up.layer, expert: up.expert }
      const gate = roleAt(part, 'gate', place)
      const isWhole = roleAt(part, 'up', place) === up && gate?.view.rows === up.view.rows
      return isWhole ? [{ ...place, units: up.view.rows, width: up.view.cols }] : []
    })
    .sort((a, b) => a.layer - b.layer || (a.expert ?? -1) - (b.expert ?? -1))
}

export type GatedMlp = { readonly gate: RowSource; readonly up: RowSource }

export async function readGated(part: ModelPart, place: Place): Promise<GatedMlp | null> {
  const gate = await foldedSource(part, 'gate', place)
  const up = await foldedSource(part, 'up', place)
  return gate && up && { gate, up }
}

/** Which MLPs of the candidate are held against which of the reference, by number. */
export type CellPlan = {
  readonly own: readonly MlpPlace[]
  readonly other: readonly MlpPlace[]
  readonly isOwnOnly: boolean
  /** Some layers were left out for the work they are. */
  readonly isPartial: boolean
}

/** Answers of the reference are held for all of its MLPs. */
const HELD_MAX_BYTES = 5e8

/**
 * Every MLP against every other where that is within the work that the plan leaves, else those of
 * the planned layers, else each of these at its own place. From shapes alone; null: not even that.
 */
export function planCells(
  sides: { readonly own: readonly MlpPlace[]; readonly other: readonly MlpPlace[] },
  plan: Pick<AlignedPlan, 'candidateLayers' | 'referenceLayers' | 'robust'>,
): CellPlan | null {
  const planned = {
    own: sides.own.filter(({ layer }) => plan.candidateLayers.includes(layer)),
    other: sides.other.filter(({ layer }) => plan.referenceLayers.includes(layer)),
  }
  const whole = { ...sides, isPartial: false }
  const some = { ...planned, isPartial: true }
  const choices: CellPlan[] = [
    ...(plan.robust.isComplete ? [{ ...whole, isOwnOnly: false }] : []),
    { ...some, isOwnOnly: false },
    { ...some, isOwnOnly: true },
  ]
  return choices.find((cells) => cells.own.length > 0 && isWithin(cells, plan.robust.work)) ?? null
}

const isWithin = (cells: CellPlan, work: number): boolean =>
  cellWork(cells) <= work && 8 * ANCHORS_MAX * unitsOf(cells.other) <= HELD_MAX_BYTES

/** Multiplications: two matrices of each MLP times the anchors, and answers times answers. */
function cellWork({ own, other, isOwnOnly }: CellPlan): number {
  const elements = [...own, ...other].reduce((sum, { units, width }) => sum + units * width, 0)
  const pairs = isOwnOnly
    ? own.reduce((sum, { units }, at) => sum + units * (other[at]?.units ?? 0), 0)
    : unitsOf(own) * unitsOf(other)
  return 2 * ANCHORS_MAX * (elements + pairs)
}

const unitsOf = (places: readonly MlpPlace[]): number =>
  places.reduce((sum, { units }) => sum + units, 0)
