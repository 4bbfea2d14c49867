import type { Scale } from '../plan/measure.ts'
import { allParts, type Leaf, leavesOf, type Plan } from '../plan/plan.ts'
import { isReducing, type ScalingStep } from '../plan/steps.ts'
import type { Finding } from './judgement.ts'

/** What can be said about a plan by reading it, without simulation. */
export function findingsOfRules(plan: Plan): Finding[] {
  return [
    ...leavesOf(plan).flatMap((leaf) => [
      ...scalingFindings(leaf),
      ...panelRuleFindings(plan, leaf),
    ]),
    ...plan.panels.flatMap((panel) => panelFindings(plan, panel)),
    ...gateFindings(plan),
    ...conductFindings(plan),
  ]
}

function scalingFindings(leaf: Leaf): Finding[] {
  const part = leaf.id
  const step = leaf.measure.steps.find((entry): entry is ScalingStep => !isReducing(entry))
  switch (step?.rule) {
    case 'best_team':
      return [{ code: 'best_team_always_full', gravity: 'caution', part }]
    case 'min_max':
      return [{ code: 'full_range_always_used', gravity: 'serious', part }]
    case 'rank_points':
      return [{ code: 'distance_ignored', gravity: 'caution', part }]
    case 'z_score':
      return [{ code: 'spread_always_equal', gravity: 'caution', part }]
    case 'ratio_to_target':
      return step.cap === null ? [{ code: 'more_than_full_marks', gravity: 'caution', part }] : []
    case 'fraction_of_full_marks':
      return fixedScaleFindings(leaf, step)
    default:
      return []
  }
}

/** What the ends of the raw scale earn when full marks are a fixed raw value. */
function fixedScaleFindings(
  leaf: Leaf,
  step: Extract<ScalingStep, { rule: 'fraction_of_full_marks' }>,
): Finding[] {
  const ends = reducedEnds(leaf)
  if (!ends) return []
  const zero = step.zero ?? 0
  const share = (raw: number) => (raw - zero) / (step.full - zero)
  const [low, high] = [share(ends.min), share(ends.max)]
  const findings: Finding[] = []
  const part = leaf.id
  if (low > 0) {
    const points = leaf.points * low
    findings.push({ code: 'points_nobody_can_lose', gravity: 'caution', part, points })
  }
  if (high < 1) {
    const points = leaf.points * (1 - high)
    findings.push({ code: 'points_out_of_reach', gravity: 'caution', part, points })
  }
  if (high > 1) findings.push({ code: 'more_than_full_marks', gravity: 'serious', part })
  return findings
}

/** Lowest and highest value that the steps before the scaling can give; undefined: a sum of many. */
function reducedEnds({ measure }: Leaf): { min: number; max: number } | undefined {
  const scales: readonly Scale[] =
    measure.rows === 'rubric' ? measure.criteria.map((entry) => entry.scale) : [measure.scale]
  const before = measure.steps.slice(
    0,
    measure.steps.findIndex((step) => !isReducing(step)),
  )
  const sums = before.filter((step) => step.rule === 'sum')
  if (sums.some((step) => step.over !== 'criteria')) return undefined
  const ends = (pick: (scale: Scale) => number, joined: (...values: number[]) => number) =>
    sums.length > 0
      ? scales.reduce((sum, scale) => sum + pick(scale), 0)
      : joined(...scales.map(pick))
  return { min: ends((scale) => scale.min, Math.min), max: ends((scale) => scale.max, Math.max) }
}

function panelRuleFindings(plan: Plan, leaf: Leaf): Finding[] {
  const { measure } = leaf
  const part = leaf.id
  const findings: Finding[] = []
  if (measure.missing === null) findings.push({ code: 'no_missing_rule', gravity: 'caution', part })
  if (!('panel' in measure)) return findings
  const planned = plan.panels.find((panel) => panel.id === measure.panel)?.planned ?? 0
  for (const step of measure.steps) {
    if (!isReducing(step) || step.over !== 'raters') continue
    if (step.rule === 'trimmed_mean' && planned - 2 * step.drop < 3) {
      const left = Math.max(0, planned - 2 * step.drop)
      const gravity = left < 1 ? 'serious' : 'caution'
      findings.push({ code: 'few_left_after_trimming', gravity, part, left })
    }
    if (step.rule === 'sum' && measure.missing?.absent === 'exclude') {
      findings.push({ code: 'absence_costs_a_rating', gravity: 'serious', part })
    }
  }
  return findings
}

function panelFindings(plan: Plan, panel: Plan['panels'][number]): Finding[] {
  const { id, conflicts, blinding } = panel
  const rates = leavesOf(plan).some(({ measure }) => 'panel' in measure && measure.panel === id)
  if (!rates) return []
  const findings: Finding[] = []
  if (panel.planned < 2) findings.push({ code: 'one_panellist', gravity: 'serious', panel: id })
  if (!panel.quorum) findings.push({ code: 'no_quorum', gravity: 'caution', panel: id })
  if (!conflicts) findings.push({ code: 'no_conflict_rule', gravity: 'serious', panel: id })
  else if (conflicts.checked_by === null) {
    findings.push({ code: 'conflicts_unchecked', gravity: 'caution', panel: id })
  }
  if (!blinding) findings.push({ code: 'blinding_not_stated', gravity: 'caution', panel: id })
  else if (blinding.team_names === 'visible') {
    findings.push({ code: 'names_visible', gravity: 'serious', panel: id })
  }
  return findings
}

function gateFindings({ gate }: Plan): Finding[] {
  if (!gate) return []
  const findings: Finding[] = []
  if (!gate.reply?.before_decision) {
    findings.push({ code: 'no_reply_before_gate', gravity: 'serious' })
  }
  if (gate.evidence === null)
    findings.push({ code: 'gate_evidence_not_stated', gravity: 'serious' })
  const { decision } = gate
  if (decision.rule === 'vote' && (decision.quorum === null || decision.majority === null)) {
    findings.push({ code: 'gate_vote_open', gravity: 'serious' })
  }
  return findings
}

function conductFindings(plan: Plan): Finding[] {
  const findings: Finding[] = []
  if (plan.objections?.days == null) {
    findings.push({ code: 'no_objection_window', gravity: 'caution' })
  }
  if (plan.alternatives.length === 0) {
    findings.push({ code: 'no_alternatives_sealed', gravity: 'note' })
  }
  const bases = [plan, ...allParts(plan.parts), ...plan.panels, plan.rounding, plan.advancement]
  const count = [...bases, plan.gate, plan.recruitment, plan.objections, ...plan.disclosure]
    .flatMap((entry) => entry?.basis ?? [])
    .filter((basis) => basis.status === 'assumption').length
  if (count > 0) findings.push({ code: 'rests_on_assumptions', gravity: 'note', count })
  return findings
}
