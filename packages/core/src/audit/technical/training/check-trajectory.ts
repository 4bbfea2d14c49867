import { checkDirections } from './check-directions.ts'
import { type Finding, finding } from './finding.ts'
import { type Path, sizeOf } from './path.ts'
import type { TrainingRecord } from './record.ts'
import { decayPerRate, type RateSums } from './schedule.ts'
import { type Kind, slopeOnStart, stepRms, type Trajectory } from './trajectory.ts'

/** Bounds that come from honest runs; docs/methods/training-evidence.md lists what was measured. */
export const BOUNDS = {
  /** The start decays by exp(−Σηλ); training mostly adds to it, but long training at high rates takes a fifth. */
  slopeShareMin: 0.5,
  /** Loose: training amplifies the start, and too much of it is no forger's mark. */
  slopeAbove: 1,
  /** Below this predicted share the slope says nothing: a forger can plant it cheaply. */
  slopeInformative: 0.25,
  /** Root mean square of an update over the sum of the rates. */
  stepRatioMin: 0.001,
} as const

/** Stored weights are rounded: two roundings of half a unit of bfloat16 at most. */
const ROUNDING = 2 ** -8

export function checkTrajectory(
  record: TrainingRecord,
  path: Path,
  sums: RateSums | null,
): readonly Finding[] {
  const isFromStart = path.points[0]?.step === 0
  return [
    ...(isFromStart ? checkSlope(record, path, sums) : []),
    ...checkDirections(path),
    ...checkStepSizes(record, path, sums),
  ]
}

/** How much of step 0 is in every later checkpoint, against what the declared decay leaves. */
function checkSlope(
  record: TrainingRecord,
  { points, matrices }: Path,
  sums: RateSums | null,
): Finding[] {
  if (!sums) return [finding('slope', 'schedule_unknown')]
  if (decayPerRate(record.optimiser) === null) {
    const values = { optimiser: record.optimiser.name }
    return [finding('slope', 'slope_decay_unknown', { values })]
  }
  let checked: Finding['values'] | null = null
  let predicted = 1
  for (const [i, point] of points.entries()) {
    const found = slopeOnStart(matrices, i)
    if (i === 0 || found === null) continue
    predicted = sums.decayFactor(0, point.step) ?? 1
    if (predicted < BOUNDS.slopeInformative) break
    const values = { step: point.step, found, predicted }
    const isNear =
      found >= predicted * BOUNDS.slopeShareMin && found <= predicted + BOUNDS.slopeAbove
    if (!isNear) return [finding('slope', 'slope_off', { tier: 'empirical', values })]
    checked = values
  }
  if (!checked) return [finding('slope', 'slope_silent', { values: { predicted } })]
  return [finding('slope', 'slope_matches', { tier: 'empirical', values: checked })]
}

/**
 * Adam moves a weight by at most c times its rate in one step (`largestMove`), decay by at most
 * rate·λ·|weight|. So no checkpoint can be farther from the one before than the schedule allows: an
 * algebraic bound, not a statistical one.
 */
function checkStepSizes(record: TrainingRecord, path: Path, sums: RateSums | null): Finding[] {
  if (!sums) return [finding('step_sizes', 'schedule_unknown')]
  const factor = largestMove(record.optimiser)
  if (factor === null) {
    const values = { optimiser: record.optimiser.name }
    return [finding('step_sizes', 'step_bound_unknown', { values })]
  }
  const ratios: number[] = []
  for (const [i, point] of path.points.entries()) {
    const before = path.points[i - 1]
    if (!before) continue
    const rate = sums.rateSum(before.step, point.step)
    for (const kind of ['matrices', 'vectors'] as const) {
      const step = { from: before.step, to: point.step, at: i, rate, factor }
      const fault = tooLarge(record, path[kind], { ...step, kind })
      if (fault) return [fault]
    }
    ratios.push(rate > 0 ? stepRms(path.matrices, i - 1, i) / rate : 0)
    const least = BOUNDS.stepRatioMin
    const ratio = ratios.at(-1) ?? 0
    // What rounding can swallow is no contradiction: weights trained in bfloat16 lose small steps.
    const hidden = 2 * path.matrices.rounding * sizeOf(path.matrices, i)
    const isVisible = least * rate > hidden
    if (isVisible && ratio < least) {
      const values = { from: before.step, to: point.step, ratio, least }
      return [finding('step_sizes', 'step_too_small', { tier: 'empirical', values })]
    }
  }
  if (ratios.length === 0) return []
  const values = { largest: Math.max(...ratios), smallest: Math.min(...ratios) }
  return [finding('step_sizes', 'steps_fit_rate', { tier: 'exact', values })]
}

function tooLarge(
  record: TrainingRecord,
  trajectory: Trajectory,
  step: {
    readonly from: number
    readonly to: number
    readonly at: number
    readonly rate: number
    readonly factor: number
    readonly kind: Kind
  },
): Finding | null {
  const { at, rate, factor, kind } = step
  if (trajectory.elements === 0) return null
  const rms = stepRms(trajectory, at - 1, at)
  const size = Math.max(sizeOf(trajectory, at - 1), sizeOf(trajectory, at))
  const decays = record.optimiser.decays
  const isDecayed = decays === 'all' || (decays === 'matrices' && kind === 'matrices')
  // Between the two the weights cannot have been larger than they were plus what they moved.
  const decay = isDecayed ? record.optimiser.weightDecay * rate * (size + factor * rate) : 0
  const bound = factor * rate + decay + ROUNDING * size
  if (rms <= bound) return null
  const values = { from: step.from, to: step.to, rms, bound, kind }
  return finding('step_sizes', 'step_too_large', { tier: 'exact', values })
}

/** Steps after which the bound of Adam no longer changes in its third digit, whatever its betas. */
const BOUND_STEPS = 20_000

/** Largest move of one weight in one step, in units of the rate; null where none is known. */
export function largestMove(optimiser: TrainingRecord['optimiser']): number | null {
  const { name, beta1, beta2 } = optimiser
  if (name === 'lion') return 1
  if (name !== 'adam' && name !== 'adamw') return null
  if (beta1 === undefined || beta2 === undefined || beta1 ** 2 >= beta2) return null
  // Cauchy and Schwarz over the gradients of t steps, with the corrections for their number.
  const share = beta1 ** 2 / beta2
  const limit = (1 - beta1) ** 2 / ((1 - beta2) * (1 - share))
  let largest = limit
  for (let t = 1; t <= BOUND_STEPS; t++) {
    const corrected = (1 - beta2 ** t) / (1 - beta1 ** t) ** 2
    largest = Math.max(largest, limit * (1 - share ** t) * corrected)
  }
  return Math.sqrt(largest)
}
