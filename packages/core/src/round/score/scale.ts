import {
  add,
  compare,
  divide,
  fromNumber,
  least,
  most,
  multiply,
  ONE,
  type Rational,
  rational,
  squareRoot,
  subtract,
  ZERO,
} from '../../base/rational.ts'
import type { ScalingStep } from '../plan/steps.ts'
import { exactSum, isNone, type Result } from './reduce.ts'

/** Values of the teams at one place of the tree, such as one benchmark, or the whole part. */
export type Comparison = {
  readonly values: readonly Result[]
  /** Which of them a relative rule compares. */
  readonly compared: readonly boolean[]
  /** Score of the target model for each, for ratio_to_target. */
  readonly targets: readonly (Rational | undefined)[]
}

/** Shares of full marks (for as_points: points), one per value. */
export function scaleAcross(step: ScalingStep, comparison: Comparison): Result[] {
  const { values } = comparison
  switch (step.rule) {
    case 'as_points':
      return [...values]
    case 'fraction_of_full_marks': {
      const zero = fromNumber(step.zero ?? 0)
      const span = subtract(fromNumber(step.full), zero)
      return each(values, (value) => divide(subtract(value, zero), span))
    }
    case 'ratio_to_target':
      return values.map((value, i) => ratio(value, comparison.targets[i], step.cap))
    case 'anchors':
      return each(values, (value) => interpolate(value, step.anchors))
    default:
      return relative(step, comparison)
  }
}

type RelativeStep = Extract<
  ScalingStep,
  { rule: 'best_team' | 'min_max' | 'rank_points' | 'z_score' }
>

/** Rules that need every compared team: one unknown value leaves all shares unknown. */
function relative(step: RelativeStep, { values, compared }: Comparison): Result[] {
  const field: Rational[] = []
  for (const [i, value] of values.entries()) {
    if (!compared[i]) continue
    if (isNone(value)) {
      const none = `${step.rule} compares the teams, and one has no value: ${value.none}`
      return values.map(() => ({ none }))
    }
    field.push(value)
  }
  if (field.length === 0) return values.map(() => ({ none: 'no team to compare with' }))
  const share = shareRule(step, field)
  return each(values, share)
}

function shareRule(step: RelativeStep, field: readonly Rational[]): (value: Rational) => Result {
  const highest = field.reduce(most)
  const lowest = field.reduce(least)
  switch (step.rule) {
    case 'best_team':
      if (highest.n <= 0n) return () => ({ none: 'the best team has no positive value' })
      return (value) => divide(value, highest)
    case 'min_max': {
      const span = subtract(highest, lowest)
      if (span.n === 0n) return () => ({ none: 'all teams have the same value' })
      return (value) => divide(subtract(value, lowest), span)
    }
    case 'rank_points':
      return (value) => rankShare(value, field, step.shares)
    case 'z_score':
      return zScore(field, step)
  }
}

/** The mean of the shares of all ranks that the teams tied at this value occupy. */
function rankShare(value: Rational, field: readonly Rational[], shares: readonly number[]): Result {
  const ahead = field.filter((other) => compare(other, value) > 0).length
  const tied = Math.max(1, field.filter((other) => compare(other, value) === 0).length)
  const own = shares.slice(ahead, ahead + tied).map(fromNumber)
  if (own.length < tied) return { none: `no share for rank ${ahead + tied}` }
  return divide(exactSum(own), rational(tied))
}

/** Population standard deviation of the field: the teams are all there are, not a sample. */
function zScore(
  field: readonly Rational[],
  step: Extract<ScalingStep, { rule: 'z_score' }>,
): (value: Rational) => Result {
  const count = rational(field.length)
  const mean = divide(exactSum(field), count)
  const squares = field.map((value) => {
    const difference = subtract(value, mean)
    return multiply(difference, difference)
  })
  const deviation = squareRoot(divide(exactSum(squares), count), step.digits)
  const centre = fromNumber(step.centre)
  const slope = fromNumber(step.per_deviation)
  if (deviation.n === 0n) return () => centre
  return (value) => {
    const z = divide(subtract(value, mean), deviation)
    return most(ZERO, least(ONE, add(centre, multiply(slope, z))))
  }
}

function ratio(value: Result, target: Rational | undefined, cap: number | null): Result {
  if (isNone(value)) return value
  if (!target) return { none: 'the target model has no score' }
  if (target.n <= 0n) return { none: 'the score of the target model is not positive' }
  const share = divide(value, target)
  return cap === null ? share : least(share, fromNumber(cap))
}

function interpolate(
  value: Rational,
  anchors: Extract<ScalingStep, { rule: 'anchors' }>['anchors'],
): Rational {
  const points = anchors.map((anchor) => ({
    raw: fromNumber(anchor.raw),
    share: fromNumber(anchor.share),
  }))
  const above = points.findIndex((point) => compare(point.raw, value) > 0)
  if (above === -1) return points[points.length - 1]?.share ?? ZERO
  const upper = points[above]
  const lower = points[above - 1]
  if (!upper) return ZERO
  if (!lower) return upper.share
  const slope = divide(subtract(upper.share, lower.share), subtract(upper.raw, lower.raw))
  return add(lower.share, multiply(slope, subtract(value, lower.raw)))
}

const each = (values: readonly Result[], rule: (value: Rational) => Result): Result[] =>
  values.map((value) => (isNone(value) ? value : rule(value)))
