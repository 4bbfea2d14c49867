import type { Point } from './check-links.ts'
import { type Finding, finding } from './finding.ts'
import type { TrainingRecord } from './record.ts'
import { isDecoupled, type RateSums } from './schedule.ts'
import {
  type Kind,
  measureTrajectory,
  productOfSteps,
  slopeOnStart,
  stepRms,
  type Trajectory,
} from './trajectory.ts'

/** Bounds that come from honest runs; docs/methods/training-evidence.md lists what was measured. */
export const BOUNDS = {
  /** The start decays by exp(−Σηλ); training adds to it, so it is found at that or above. */
  slopeBelow: 0.15,
  /** Loose: training amplifies the start, and too much of it is no forger's mark. */
  slopeAbove: 1,
  /** Below this predicted share the slope says nothing: a forger can plant it cheaply. */
  slopeInformative: 0.25,
  /** Median cosine of consecutive updates; a straight line has 1. */
  cosineMedianMax: 0.9,
  /** Root mean square of an update over the sum of the rates. */
  stepRatioMin: 0.001,
} as const

/** Stored weights are rounded: two roundings of half a unit of bfloat16 at most. */
const ROUNDING = 2 ** -8

export async function checkTrajectory(
  record: TrainingRecord,
  points: readonly Point[],
  sums: RateSums | null,
): Promise<readonly Finding[]> {
  const sources = points.map((point) => point.source)
  const matrices = await measureTrajectory(sources, 'matrices')
  const vectors = await measureTrajectory(sources, 'vectors')
  const path = { points, matrices, vectors }
  const isFromStart = points[0]?.step === 0
  return [
    ...(isFromStart ? checkSlope(record, path, sums) : []),
    ...checkDirections(record, path),
    ...checkStepSizes(record, path, sums),
  ]
}

type Path = {
  readonly points: readonly Point[]
  readonly matrices: Trajectory
  readonly vectors: Trajectory
}

/** How much of step 0 is in every later checkpoint, against what the declared decay leaves. */
function checkSlope(
  record: TrainingRecord,
  { points, matrices }: Path,
  sums: RateSums | null,
): Finding[] {
  if (!sums) return [finding('slope', 'schedule_unknown')]
  if (!isDecoupled(record)) {
    const values = { optimiser: record.optimiser.name }
    return [finding('slope', 'slope_decay_unknown', { values })]
  }
  let checked: Finding['values'] | null = null
  let predicted = 1
  for (const [i, point] of points.entries()) {
    const found = slopeOnStart(matrices, i)
    if (i === 0 || found === null) continue
    predicted = sums.decayFactor(0, point.step)
    if (predicted < BOUNDS.slopeInformative) break
    const values = { step: point.step, found, predicted }
    const isNear = found >= predicted - BOUNDS.slopeBelow && found <= predicted + BOUNDS.slopeAbove
    if (!isNear) return [finding('slope', 'slope_off', { tier: 'empirical', values })]
    checked = values
  }
  if (!checked) return [finding('slope', 'slope_silent', { values: { predicted } })]
  return [finding('slope', 'slope_matches', { tier: 'empirical', values: checked })]
}

/** Steps between checkpoints after which momentum no longer makes honest updates parallel. */
const momentumSteps = (beta1: number | undefined): number => Math.ceil(2 / (1 - (beta1 ?? 0.9)))

/**
 * Do consecutive updates turn, as real ones do, or do they lie on a line? Checkpoints closer than
 * momentum reaches are passed over: honest single steps have cosines of 0.9 and more.
 */
function checkDirections(record: TrainingRecord, { points, matrices }: Path): Finding[] {
  const kept = apart(points, momentumSteps(record.optimiser.beta1))
  const cosines: number[] = []
  for (let i = 2; i < kept.length; i++) {
    const [a, b, c] = [kept[i - 2] ?? 0, kept[i - 1] ?? 0, kept[i] ?? 0]
    const scale =
      productOfSteps(matrices, [b, a], [b, a]) * productOfSteps(matrices, [c, b], [c, b])
    if (scale > 0) cosines.push(productOfSteps(matrices, [b, a], [c, b]) / Math.sqrt(scale))
  }
  if (cosines.length === 0) {
    return [finding('directions', 'updates_too_few', { values: { updates: kept.length - 1 } })]
  }
  const sorted = [...cosines].sort((x, y) => x - y)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const values = { median, largest: sorted.at(-1) ?? 0 }
  const code = median > BOUNDS.cosineMedianMax ? 'updates_collinear' : 'updates_turn'
  return [finding('directions', code, { tier: 'empirical', values })]
}

/** Places of the points from the first on, each at least `steps` after the one kept before it. */
function apart(points: readonly Point[], steps: number): number[] {
  const kept: number[] = []
  for (const [i, point] of points.entries()) {
    const last = points[kept.at(-1) ?? 0]
    if (kept.length === 0 || point.step - (last?.step ?? 0) >= steps) kept.push(i)
  }
  return kept
}

/**
 * Adam moves a weight by at most its rate in one step (Kingma and Ba 2015, section 2.1: times
 * (1−β1)/√(1−β2) where that exceeds 1), decay by at most rate·λ·|weight|. So no checkpoint can be
 * farther from the one before than the schedule allows: an algebraic bound, not a statistical one.
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
    if (rate > 0 && ratio < least) {
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
  const size = Math.max(rmsOf(trajectory, at - 1), rmsOf(trajectory, at))
  const decays = record.optimiser.decays
  const isDecayed = decays === 'all' || (decays === 'matrices' && kind === 'matrices')
  // Between the two the weights cannot have been larger than they were plus what they moved.
  const decay = isDecayed ? record.optimiser.weightDecay * rate * (size + factor * rate) : 0
  const bound = factor * rate + decay + ROUNDING * size
  if (rms <= bound) return null
  const values = { from: step.from, to: step.to, rms, bound, kind }
  return finding('step_sizes', 'step_too_large', { tier: 'exact', values })
}

const rmsOf = ({ gram, elements }: Trajectory, i: number): number =>
  Math.sqrt((gram[i]?.[i] ?? 0) / Math.max(1, elements))

/** Largest move of one weight in one step, in units of the rate; null where none is known. */
function largestMove(optimiser: TrainingRecord['optimiser']): number | null {
  const { name, beta1, beta2 } = optimiser
  if (name === 'lion') return 1
  if (name !== 'adam' && name !== 'adamw') return null
  if (beta1 === undefined || beta2 === undefined) return null
  return Math.max(1, (1 - beta1) / Math.sqrt(1 - beta2))
}
