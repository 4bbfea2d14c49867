import type { Role } from '../../../model/role.ts'
import { ANCHORS_MAX } from '../aligned/axis-features.ts'
import { foldedSource, type ModelPart, type Place } from '../aligned/folded-layers.ts'
import { type AlignedPlan, spread } from '../aligned/plan.ts'
import type { RowSource } from '../aligned/row-source.ts'

/** A gated MLP, dense or one expert of a mixture. */
export type MlpPlace = Place & { readonly units: number; readonly width: number }

/** Every gated MLP of the part, layer by layer. */
export function mlpPlaces(part: ModelPart): MlpPlace[] {
  const gates = new Map(
    part.roles
      .filter((role) => role.kind === 'gate' && isPlainWeight(role))
      .map((role) => [placeKey(role), role.view.rows]),
  )
  return part.roles
    .filter((role) => role.kind === 'up' && isPlainWeight(role))
    .filter((role) => role.layer !== null && gates.get(placeKey(role)) === role.view.rows)
    .map(({ layer, expert, view }) => ({
      layer: layer ?? 0,
      expert,
      units: view.rows,
      width: view.cols,
    }))
    .sort((a, b) => a.layer - b.layer || (a.expert ?? -1) - (b.expert ?? -1))
}

const isPlainWeight = ({ part, slot }: Role): boolean =>
  part === 'weight' && !slot.includes('cross')
const placeKey = ({ layer, expert }: Role): string => `${layer}/${expert}`

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
 * Every MLP against every other where that is within the work that is allowed, else evenly spaced ones
 * of the candidate against all of the reference, else those of the planned layers, else each of these
 * at its own place. From shapes alone; null: not even that.
 */
export function planCells(
  sides: Pick<CellPlan, 'own' | 'other'>,
  plan: Pick<AlignedPlan, 'candidateLayers' | 'referenceLayers' | 'robust'>,
): CellPlan | null {
  const planned = {
    own: sides.own.filter(({ layer }) => plan.candidateLayers.includes(layer)),
    other: sides.other.filter(({ layer }) => plan.referenceLayers.includes(layer)),
    isPartial: true,
  }
  const choices: CellPlan[] = [
    ...(plan.robust.isComplete ? candidatesAgainstAll(sides) : []),
    { ...planned, isOwnOnly: false },
    { ...planned, isOwnOnly: true },
  ]
  return choices.find((cells) => cells.own.length > 0 && isWithin(cells, plan.robust.work)) ?? null
}

/** The fewest MLPs of the candidate on which anything could rest, and more. */
const CANDIDATES_MIN = 2

function candidatesAgainstAll({ own, other }: Pick<CellPlan, 'own' | 'other'>): CellPlan[] {
  const counts = [own.length]
  for (let count = own.length >> 1; count >= CANDIDATES_MIN; count >>= 1) counts.push(count)
  return counts.map((count) => ({
    own: spread(own, count),
    other,
    isOwnOnly: false,
    isPartial: false,
  }))
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
