import type { Plan } from '../plan/plan.ts'
import { isReducing, type Step } from '../plan/steps.ts'
import { compileRules } from '../sensitivity/leaf-model.ts'
import type { Assumptions } from './assumptions.ts'
import type { Design } from './design.ts'
import type { CutPair } from './pair.ts'
import { createFill, type Favour, type Quality, targetScore, type World } from './scenario.ts'

/** One part under one way to reduce its panel: the gap of two equal teams, round by round. */
export type ReducerRecord = {
  readonly part: string
  readonly rule: 'mean' | 'trimmed_mean' | 'median'
  readonly isPlan: boolean
  readonly gap: Float64Array
  /** The same when one panellist favours the second team. */
  readonly favoured: Float64Array
}

export type ReducerWatch = {
  readonly record: ReducerRecord
  readonly see: (round: number, world: Pick<World, 'noise' | 'ticket'>) => void
}

/** Watches of a panel part under mean, trimmed mean and median; none where that makes no sense. */
export function watchReducers(
  plan: Plan,
  design: Design,
  context: {
    readonly assumptions: Assumptions
    readonly pair: CutPair
    readonly quality: Quality
    readonly rounds: number
  },
): ReducerWatch[] {
  const { measure } = design.leaf
  const step = measure.steps.find((entry) => isReducing(entry) && entry.over === 'raters')
  const planned =
    'panel' in measure
      ? plan.panels.find((panel) => panel.id === measure.panel)?.planned
      : undefined
  if (!step || !planned || step.rule === 'weighted_mean' || (design.shape[0] ?? 0) < 3) return []
  const drop = step.rule === 'trimmed_mean' ? step.drop : 1
  const rules: { rule: ReducerRecord['rule']; step: Step; isPlan: boolean }[] = [
    // A sum is the mean times the size of the panel: the same rule at another scale.
    {
      rule: 'mean',
      step: { rule: 'mean', over: 'raters' },
      isPlan: step.rule === 'mean' || step.rule === 'sum',
    },
    {
      rule: 'trimmed_mean',
      step: { rule: 'trimmed_mean', over: 'raters', drop },
      isPlan: step.rule === 'trimmed_mean',
    },
    {
      rule: 'median',
      step: { rule: 'median', over: 'raters' },
      isPlan: step.rule === 'median',
    },
  ]
  const size = step.rule === 'sum' ? planned : 1
  return rules.map((own) => {
    const steps = measure.steps.map((entry) => (entry === step ? own.step : entry))
    const leaf = { ...design.leaf, measure: { ...measure, steps } }
    return watchReducer({ ...design, leaf, sumFactor: size }, own, context)
  })
}

function watchReducer(
  design: Design,
  own: { readonly rule: ReducerRecord['rule']; readonly isPlan: boolean },
  context: Parameters<typeof watchReducers>[2],
): ReducerWatch {
  const { assumptions, pair, quality, rounds } = context
  const { leaf, cells } = design
  const fill = createFill(design)
  const rules = compileRules(leaf, cells, {
    compared: new Set(cells.teams),
    targetOf: () => targetScore(design, assumptions),
  })
  const gap = new Float64Array(rounds).fill(Number.NaN)
  const favoured = new Float64Array(rounds).fill(Number.NaN)
  const panel = 'panel' in leaf.measure ? leaf.measure.panel : ''
  const favour: Favour = { panel, team: pair.other, share: assumptions.favour }
  const gapIn = (world: World): number => {
    const points = rules(fill(world))
    return points ? (points[pair.better] ?? 0) - (points[pair.other] ?? 0) : Number.NaN
  }
  return {
    record: { part: leaf.id, rule: own.rule, isPlan: own.isPlan, gap, favoured },
    see: (round, world) => {
      gap[round] = gapIn({ ...world, quality })
      favoured[round] = gapIn({ ...world, quality, favour })
    },
  }
}
