import {
  add,
  compare,
  fromNumber,
  multiply,
  type Rational,
  rational,
  ZERO,
} from '../../base/rational.ts'
import type { ReducingStep } from '../plan/steps.ts'

/** A value, or the reason why there is none. */
export type Result = Rational | { readonly none: string }

export const isNone = (result: Result): result is { readonly none: string } => 'none' in result

/** Reduces one group. `labels` names its members, for weights. */
export function reduceGroup(
  step: ReducingStep,
  values: readonly Rational[],
  labels: readonly string[],
): Result {
  if (values.length === 0) return { none: `no ${step.over} to reduce` }
  switch (step.rule) {
    case 'sum':
      return exactSum(values)
    case 'mean':
      return over(exactSum(values), values.length)
    case 'median':
      return median(values)
    case 'trimmed_mean':
      return trimmedMean(values, step)
    case 'weighted_mean':
      return weightedMean(values, labels, step)
  }
}

/** Sums with one big-integer addition per value while denominators agree. */
export function exactSum(values: readonly Rational[]): Rational {
  const perDenominator = new Map<bigint, bigint>()
  let denominator = values[0]?.d ?? 1n
  let running = 0n
  for (const value of values) {
    if (value.d !== denominator) {
      perDenominator.set(denominator, (perDenominator.get(denominator) ?? 0n) + running)
      denominator = value.d
      running = 0n
    }
    running += value.n
  }
  perDenominator.set(denominator, (perDenominator.get(denominator) ?? 0n) + running)
  let total = ZERO
  for (const [d, n] of perDenominator) total = add(total, rational(n, d))
  return total
}

const over = (sum: Rational, count: number): Rational => rational(sum.n, sum.d * BigInt(count))

const ascending = (values: readonly Rational[]) => [...values].sort(compare)

function median(values: readonly Rational[]): Rational {
  const sorted = ascending(values)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? ZERO
  if (sorted.length % 2 === 1) return upper
  return over(add(sorted[half - 1] ?? ZERO, upper), 2)
}

function trimmedMean(
  values: readonly Rational[],
  step: Extract<ReducingStep, { rule: 'trimmed_mean' }>,
): Result {
  const kept = values.length - 2 * step.drop
  if (kept < 1) {
    const needed = 2 * step.drop + 1
    return {
      none: `${values.length} ${step.over}: dropping ${step.drop} at each end needs ${needed}`,
    }
  }
  return over(exactSum(ascending(values).slice(step.drop, step.drop + kept)), kept)
}

function weightedMean(
  values: readonly Rational[],
  labels: readonly string[],
  step: Extract<ReducingStep, { rule: 'weighted_mean' }>,
): Result {
  let total = ZERO
  let weights = ZERO
  for (const [i, value] of values.entries()) {
    const weight = step.weights[labels[i] ?? '']
    if (weight === undefined) return { none: `no weight for "${labels[i]}"` }
    total = add(total, multiply(value, fromNumber(weight)))
    weights = add(weights, fromNumber(weight))
  }
  if (weights.n === 0n) return { none: `the ${step.over} that are there have no weight` }
  return rational(total.n * weights.d, total.d * weights.n)
}
