import { add, equals, formatDecimal, fromNumber, type Rational, ZERO } from '../../base/rational.ts'
import { DIMENSIONS_OF, type Measure, type Scale } from './measure.ts'
import type { Leaf } from './plan.ts'
import type { PlanFault } from './plan-fault.ts'
import { type Dimension, isReducing, type ReducingStep, type ScalingStep } from './steps.ts'
import type { Path } from './yaml-source.ts'

/** Where the walk through the steps stands. */
type Progress = {
  readonly left: Set<Dimension>
  /** Largest possible value so far, where the scale and the steps determine it. */
  full: Rational | undefined
  unit: 'raw' | 'share' | 'points'
}

/** Whether the steps of a measured part lead from its rows to one share of full marks per team. */
export function checkSteps(leaf: Leaf, path: Path, teamCount: number): PlanFault[] {
  const { measure } = leaf
  const faults: PlanFault[] = []
  const progress: Progress = {
    left: new Set(DIMENSIONS_OF[measure.rows]),
    full: measure.rows === 'rubric' ? undefined : fromNumber(measure.scale.max),
    unit: 'raw',
  }
  for (const [i, step] of measure.steps.entries()) {
    const at = [...path, 'measure', 'steps', i]
    const say = (message: string, ...more: (string | number)[]) =>
      faults.push({ path: [...at, ...more], message })
    if (isReducing(step)) reduce(step, { measure, progress, say })
    else scale(step, { leaf, progress, say, teamCount })
  }
  const steps = [...path, 'measure', 'steps']
  if (progress.left.size > 0) {
    const left = [...progress.left].join(', ')
    faults.push({ path: steps, message: `nothing reduces: ${left}; add a step over each` })
  }
  if (progress.unit === 'raw') {
    faults.push({ path: steps, message: 'no scaling step: raw values never become points' })
  }
  return faults
}

type Say = (message: string, ...more: (string | number)[]) => void

function reduce(
  step: ReducingStep,
  context: { readonly measure: Measure; readonly progress: Progress; readonly say: Say },
): void {
  const { measure, progress, say } = context
  if (!progress.left.delete(step.over)) {
    const own: readonly Dimension[] = DIMENSIONS_OF[measure.rows]
    if (own.includes(step.over)) say(`${step.over} has been reduced already`, 'over')
    else
      say(
        `rows of kind "${measure.rows}" have no ${step.over}; they have ${own.join(', ')}`,
        'over',
      )
  }
  if (step.rule === 'sum') {
    if (progress.unit === 'share') say('a sum of shares would exceed full marks; use mean')
    progress.full = step.over === 'criteria' ? criteriaTotal(measure) : undefined
  } else if (step.over === 'criteria') progress.full = undefined
  if (step.rule === 'weighted_mean') checkWeights(step, measure, say)
}

function criteriaTotal(measure: Measure): Rational | undefined {
  if (measure.rows !== 'rubric') return undefined
  return measure.criteria.map((c) => fromNumber(c.scale.max)).reduce(add, ZERO)
}

function checkWeights(
  step: Extract<ReducingStep, { rule: 'weighted_mean' }>,
  measure: Measure,
  say: Say,
): void {
  const names = Object.keys(step.weights)
  if (!Object.values(step.weights).some((weight) => weight > 0))
    say('no weight is above 0', 'weights')
  const known = labelsOf(step.over, measure)
  if (!known) return
  for (const name of names) {
    if (!known.includes(name))
      say(`"${name}" is not one of the ${step.over} of this part`, 'weights', name)
  }
  const missing = known.filter((label) => !names.includes(label))
  if (missing.length > 0) say(`no weight for ${missing.join(', ')}`, 'weights')
}

function labelsOf(dimension: Dimension, measure: Measure): readonly string[] | undefined {
  if (dimension === 'criteria' && measure.rows === 'rubric')
    return measure.criteria.map((c) => c.id)
  if (dimension === 'benchmarks' && (measure.rows === 'items' || measure.rows === 'values')) {
    return measure.benchmarks?.map((benchmark) => benchmark.id)
  }
  return undefined
}

function scale(
  step: ScalingStep,
  context: {
    readonly leaf: Leaf
    readonly progress: Progress
    readonly say: Say
    readonly teamCount: number
  },
): void {
  const { leaf, progress, say } = context
  if (progress.unit !== 'raw') say('a second scaling step; a part has exactly one')
  progress.unit = step.rule === 'as_points' ? 'points' : 'share'
  if (step.rule === 'as_points') {
    const points = fromNumber(leaf.points)
    if (!progress.full)
      say('as_points needs a scale whose full marks are known; use fraction_of_full_marks')
    else if (!equals(progress.full, points)) {
      say(`full marks are ${plain(progress.full)}, but the part has ${plain(points)} points`)
    }
  } else if (step.rule === 'fraction_of_full_marks') {
    if (step.full === (step.zero ?? 0)) say('full and zero are the same raw value', 'full')
  } else if (step.rule === 'ratio_to_target') {
    if ([...progress.left].some((dimension) => dimension !== 'benchmarks')) {
      say('a target has one score per benchmark: reduce everything but benchmarks first')
    }
  } else if (step.rule === 'rank_points') {
    if (step.shares.length < context.teamCount) {
      say(`${step.shares.length} shares for ${context.teamCount} teams`, 'shares')
    }
  } else if (step.rule === 'anchors') {
    step.anchors.forEach((anchor, i) => {
      const before = step.anchors[i - 1]
      if (before && before.raw >= anchor.raw) say('raw values must rise', 'anchors', i, 'raw')
    })
  }
}

/** Whether a raw scale makes sense at all. */
export function checkScale(scale: Scale, path: Path): PlanFault[] {
  const faults: PlanFault[] = []
  if (scale.min >= scale.max)
    faults.push({ path: [...path, 'min'], message: 'min is not below max' })
  if (scale.step !== undefined) {
    const span = subtractExact(scale.max, scale.min)
    const step = fromNumber(scale.step)
    if ((span.n * step.d) % (span.d * step.n) !== 0n) {
      const message = `steps of ${scale.step} from ${scale.min} never reach ${scale.max}`
      faults.push({ path: [...path, 'step'], message })
    }
  }
  scale.labels?.forEach((label, i) => {
    if (label.value < scale.min || label.value > scale.max) {
      faults.push({ path: [...path, 'labels', i, 'value'], message: 'outside of the scale' })
    }
  })
  return faults
}

const subtractExact = (a: number, b: number) => add(fromNumber(a), fromNumber(-b))

/** A rational as short decimal text for a message. */
export const plain = (value: Rational) => formatDecimal(value, 12).replace(/\.?0+$/, '')
