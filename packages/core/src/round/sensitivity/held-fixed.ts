import { resamplable } from '../../stats/resample.ts'
import { leavesOf } from '../plan/plan.ts'
import type { RoundModel } from './round-model.ts'
import { FEWEST_FOR_CLEAR, type HeldFixed, type SensitivityNote } from './sensitivity.ts'

/** Parts that are the same in every draw, with the reason. */
export function partsHeldFixed(model: RoundModel): ReadonlyMap<string, HeldFixed> {
  const held = new Map<string, HeldFixed>()
  for (const leaf of leavesOf(model.plan)) {
    const own = model.leaves.find((entry) => entry.part === leaf.id)
    if (!own) held.set(leaf.id, 'no_rows')
    else if (own.population === undefined) held.set(leaf.id, 'one_figure')
    else if (!strataOfPopulation(model, own.population).any) held.set(leaf.id, 'one_unit')
  }
  return held
}

const strataOfPopulation = (model: RoundModel, key: string) => {
  const population = model.populations.get(key)
  return population ? resamplable(population.sampled) : { any: false, fixedStrata: 0 }
}

const clustersOf = (model: RoundModel, key: string): number =>
  model.populations.get(key)?.sampled.members.length ?? 0

/**
 * What a reader of probabilities must know about the parts behind them. As soon as
 * `capped_at_likely` is among the notes, nothing may be called clear.
 */
export function heldFixedNotes(
  model: RoundModel,
  held: ReadonlyMap<string, HeldFixed>,
): SensitivityNote[] {
  const notes: SensitivityNote[] = []
  let points = 0
  for (const leaf of leavesOf(model.plan)) {
    const reason = held.get(leaf.id)
    if (reason) {
      notes.push({ code: 'held_fixed', part: leaf.id, reason })
      points += leaf.points
      continue
    }
    const own = model.leaves.find((entry) => entry.part === leaf.id)
    const { fixedStrata } = strataOfPopulation(model, own?.population ?? '')
    const units = clustersOf(model, own?.population ?? '')
    if (units < FEWEST_FOR_CLEAR) {
      notes.push({ code: 'few_units', part: leaf.id, units })
      points += leaf.points
    }
    if (fixedStrata > 0) {
      notes.push({ code: 'some_strata_fixed', part: leaf.id, strata: fixedStrata })
    }
  }
  if (points > 0) notes.push({ code: 'capped_at_likely', points })
  return notes
}
