import type { Rng } from '../../base/rng.ts'
import type { Scale } from '../plan/measure.ts'
import type { Assumptions, PartAssumptions } from './assumptions.ts'
import type { Design } from './design.ts'

/** All that chance does to one part in one simulated round, as shares of the raw scale. */
export type PartNoise = {
  /** Added to the true quality, one entry per value of the full design. */
  readonly added: Float64Array
}

/**
 * Draws the noise of one part. The same numbers serve every scenario, so that scenarios differ by
 * what they change and not by luck.
 *   panel:      severity of the panellist + taste for the team + noise of the criterion
 *   items:      difficulty of the item (all teams alike) + the team on the item + the run
 *   item_means: the normal limit of the mean over n items of k runs
 *   figures:    the error of one figure
 */
export function drawNoise(design: Design, assumptions: Assumptions, rng: Rng): PartNoise {
  const own = assumptions.parts[design.leaf.id]
  const teams = design.cells.teams.length
  const size = design.shape.reduce((a, b) => a * b, teams)
  const added = new Float64Array(size)
  if (!own) return { added }
  if (design.kind === 'panel') addPanelNoise(added, { design, own, halo: assumptions.halo, rng })
  else if (design.kind === 'items') addItemNoise(added, { design, own, rng })
  else {
    const error = design.kind === 'figures' ? own.figureNoise : itemMeanError(design, own)
    for (let i = 0; i < size; i++) added[i] = error * rng.nextNormal()
  }
  return { added }
}

/** Standard error of a benchmark mean: item and run noise; difficulty moves all teams alike. */
function itemMeanError(design: Design, own: PartAssumptions): number {
  const { measure } = design.leaf
  const epochs = measure.rows === 'items' ? measure.epochs : 1
  return Math.sqrt((own.itemNoise ** 2 + own.runNoise ** 2 / epochs) / own.items)
}

function addPanelNoise(
  added: Float64Array,
  context: {
    readonly design: Design
    readonly own: PartAssumptions
    readonly halo: number
    readonly rng: Rng
  },
): void {
  const { design, own, halo, rng } = context
  const [raters = 1, criteria = 1] = design.shape
  const isRubric = design.dimensions.length > 1
  const noise = Math.hypot(own.noise, roundingNoise(design)) * design.noiseFactor
  const taste = isRubric ? noise * Math.sqrt(halo) : noise
  const each = isRubric ? noise * Math.sqrt(1 - halo) : 0
  const severity = Float64Array.from(
    { length: raters },
    () => own.severity * design.noiseFactor * rng.nextNormal(),
  )
  let i = 0
  for (const _team of design.cells.teams) {
    for (let j = 0; j < raters; j++) {
      const here = (severity[j] ?? 0) + taste * rng.nextNormal()
      for (let c = 0; c < criteria; c++) {
        added[i++] = here + (each === 0 ? 0 : each * rng.nextNormal())
      }
    }
  }
}

/** What whole steps add to the noise of one rating, where members stand for several and have none. */
function roundingNoise({ leaf, noiseFactor }: Design): number {
  const { measure } = leaf
  if (noiseFactor === 1 || measure.rows !== 'ratings') return 0
  const { min, max, step = 0 } = measure.scale
  return step / (max - min) / Math.sqrt(12)
}

/** Items differ in difficulty by as much as teams differ on an item. */
function addItemNoise(
  added: Float64Array,
  context: { readonly design: Design; readonly own: PartAssumptions; readonly rng: Rng },
): void {
  const { design, own, rng } = context
  const [benchmarks = 1, items = 1, epochs = 1] = design.shape
  // Fewer items than assumed are simulated one by one: their noise shrinks to match the mean.
  const factor = Math.sqrt(items / own.items)
  const difficulty = Float64Array.from(
    { length: benchmarks * items },
    () => own.itemNoise * factor * rng.nextNormal(),
  )
  let i = 0
  for (const _team of design.cells.teams) {
    for (let item = 0; item < difficulty.length; item++) {
      const here = (difficulty[item] ?? 0) + own.itemNoise * factor * rng.nextNormal()
      for (let e = 0; e < epochs; e++) added[i++] = here + own.runNoise * factor * rng.nextNormal()
    }
  }
}

/** Turns shares of a scale into values that the scale allows. */
export type ScaleFit = {
  readonly min: number
  readonly range: number
  readonly step: number | undefined
}

/** The raw scales of a part: one per criterion of a rubric, else one. */
export function scalesOf(design: Design): readonly ScaleFit[] {
  const { measure } = design.leaf
  const scales: readonly Scale[] =
    measure.rows === 'rubric' ? measure.criteria.map((entry) => entry.scale) : [measure.scale]
  // A member who stands for several does not tick boxes, and a mean over items has no steps.
  const isSingle = design.kind === 'panel' && design.noiseFactor === 1
  return scales.map((scale) => ({
    min: scale.min,
    range: scale.max - scale.min,
    step: isSingle ? scale.step : undefined,
  }))
}

/** A value on the scale: held within its ends and set to the nearest allowed step. */
export function onScale(share: number, scale: ScaleFit): number {
  const held = Math.min(1, Math.max(0, share))
  if (scale.step === undefined) return scale.min + scale.range * held
  return scale.min + scale.step * Math.round((scale.range * held) / scale.step)
}
