import type { ReducingStep, ScalingStep } from '../plan/steps.ts'

/**
 * The rules of the plan in double precision, for the thousands of resampled rounds of the
 * statistics. The exact fractions of `score/` decide; a test holds the two against each other.
 */

/** Values closer than this share of their size count as equal, as exact fractions would be. */
const RELATIVE_TOLERANCE = 1e-11

export const isLevel = (a: number, b: number): boolean =>
  Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b))

/** One group of a reducing step without weights; undefined where the rule has no answer. */
export function reduceValues(
  step: ReducingStep,
  values: Float64Array,
  labels: (i: number) => string,
): number | undefined {
  const n = values.length
  if (n === 0) return undefined
  switch (step.rule) {
    case 'sum':
      return total(values)
    case 'mean':
      return total(values) / n
    case 'median': {
      const sorted = values.slice().sort()
      return ((sorted[(n - 1) >> 1] ?? 0) + (sorted[n >> 1] ?? 0)) / 2
    }
    case 'trimmed_mean': {
      const kept = n - 2 * step.drop
      return kept < 1
        ? undefined
        : total(
            values
              .slice()
              .sort()
              .subarray(step.drop, step.drop + kept),
          ) / kept
    }
    case 'weighted_mean': {
      let sum = 0
      let weights = 0
      for (let i = 0; i < n; i++) {
        const weight = step.weights[labels(i)] ?? 0
        sum += weight * (values[i] ?? 0)
        weights += weight
      }
      return weights > 0 ? sum / weights : undefined
    }
  }
}

function total(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/** Teams at one place of the tree: positions in the array of values. */
export type Cohort = {
  readonly nodes: Uint32Array
  /** Per node, whether a relative rule compares its team. */
  readonly compared: readonly boolean[]
  /** Per node, the score of its target model. */
  readonly targets: readonly (number | undefined)[]
}

/** Scales the nodes of one cohort in place; false where the rule has no answer. */
export function scaleCohort(step: ScalingStep, cohort: Cohort, values: Float64Array): boolean {
  const { nodes } = cohort
  switch (step.rule) {
    case 'as_points':
      return true
    case 'fraction_of_full_marks': {
      const zero = step.zero ?? 0
      for (const node of nodes) values[node] = ((values[node] ?? 0) - zero) / (step.full - zero)
      return true
    }
    case 'anchors':
      for (const node of nodes) values[node] = interpolate(values[node] ?? 0, step.anchors)
      return true
    case 'ratio_to_target':
      for (let i = 0; i < nodes.length; i++) {
        const target = cohort.targets[i]
        const node = nodes[i] ?? 0
        if (target === undefined || target <= 0) return false
        const share = (values[node] ?? 0) / target
        values[node] = step.cap === null ? share : Math.min(step.cap, share)
      }
      return true
    default:
      return scaleRelative(step, cohort, values)
  }
}

function interpolate(
  value: number,
  anchors: Extract<ScalingStep, { rule: 'anchors' }>['anchors'],
): number {
  const above = anchors.findIndex((anchor) => anchor.raw > value)
  const upper = anchors[above]
  const lower = anchors[above - 1]
  if (!upper) return anchors[anchors.length - 1]?.share ?? 0
  if (!lower) return upper.share
  return lower.share + ((upper.share - lower.share) / (upper.raw - lower.raw)) * (value - lower.raw)
}

type RelativeStep = Extract<
  ScalingStep,
  { rule: 'best_team' | 'min_max' | 'rank_points' | 'z_score' }
>

function scaleRelative(step: RelativeStep, cohort: Cohort, values: Float64Array): boolean {
  const field: number[] = []
  cohort.nodes.forEach((node, i) => {
    if (cohort.compared[i]) field.push(values[node] ?? 0)
  })
  const share = field.length === 0 ? undefined : relativeShare(step, field)
  if (!share) return false
  for (const node of cohort.nodes) {
    const scaled = share(values[node] ?? 0)
    if (scaled === undefined) return false
    values[node] = scaled
  }
  return true
}

function relativeShare(
  step: RelativeStep,
  field: readonly number[],
): ((value: number) => number | undefined) | undefined {
  const highest = Math.max(...field)
  const lowest = Math.min(...field)
  switch (step.rule) {
    case 'best_team':
      return highest > 0 ? (value) => value / highest : undefined
    case 'min_max':
      return isLevel(highest, lowest) ? undefined : (value) => (value - lowest) / (highest - lowest)
    case 'rank_points':
      return (value) => rankShare(value, field, step.shares)
    case 'z_score': {
      const mean = field.reduce((a, b) => a + b, 0) / field.length
      const variance = field.reduce((sum, x) => sum + (x - mean) ** 2, 0) / field.length
      if (isLevel(highest, lowest)) return () => step.centre
      const slope = step.per_deviation / Math.sqrt(variance)
      return (value) => Math.min(1, Math.max(0, step.centre + slope * (value - mean)))
    }
  }
}

function rankShare(
  value: number,
  field: readonly number[],
  shares: readonly number[],
): number | undefined {
  const ahead = field.filter((other) => other > value && !isLevel(other, value)).length
  const tied = Math.max(1, field.filter((other) => isLevel(other, value)).length)
  const own = shares.slice(ahead, ahead + tied)
  return own.length < tied ? undefined : own.reduce((a, b) => a + b, 0) / tied
}
