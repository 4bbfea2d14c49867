import { add, equals, fromNumber, ZERO } from '../../base/rational.ts'
import { lineageOf, planUnder } from './alternatives.ts'
import { checkScale, checkSteps, plain } from './check-steps.ts'
import type { Part } from './measure.ts'
import { allParts, isLeaf, leavesOf, type Plan } from './plan.ts'
import type { PlanFault } from './plan-fault.ts'
import { isReducing } from './steps.ts'
import type { Path } from './yaml-source.ts'

/** Everything that a well-formed plan can still get wrong, each at its path. */
export function checkPlan(plan: Plan): PlanFault[] {
  const own = [
    ...checkIds(plan),
    ...checkTree(plan),
    ...checkReferences(plan),
    ...checkAdvancement(plan),
  ]
  // A fault of the plan would be repeated by each of its variants.
  return [...own, ...checkAlternatives(plan, { variants: own.length === 0 })]
}

function checkIds(plan: Plan): PlanFault[] {
  const parts = partsWithPaths(plan.parts, ['parts'])
  return [
    ...duplicates(
      'team',
      plan.teams.map((team, i) => [team.id, ['teams', i, 'id']]),
    ),
    ...duplicates(
      'panel',
      plan.panels.map((panel, i) => [panel.id, ['panels', i, 'id']]),
    ),
    ...duplicates(
      'part',
      parts.map(([part, path]) => [part.id, [...path, 'id']]),
    ),
    ...duplicates(
      'alternative',
      plan.alternatives.map((a, i) => [a.id, ['alternatives', i, 'id']]),
    ),
    ...duplicates(
      'row source',
      parts.flatMap(([part, path]) => sourcesOf(part, path)),
    ),
    ...parts.flatMap(([part, path]) => checkLabels(part, path)),
    ...parts
      .filter(([part]) => part.id === 'total')
      .map(([, path]) => ({ path: [...path, 'id'], message: '"total" is the name of the sum' })),
  ]
}

function sourcesOf(part: Part, path: Path): [string, Path][] {
  if (!part.measure) return []
  const own: [string, Path] = [part.measure.source, [...path, 'measure', 'source']]
  const targets = part.measure.steps.flatMap((step, i): [string, Path][] =>
    step.rule === 'ratio_to_target'
      ? [[step.targets, [...path, 'measure', 'steps', i, 'targets']]]
      : [],
  )
  return [own, ...targets]
}

function checkLabels(part: Part, path: Path): PlanFault[] {
  const { measure } = part
  if (!measure) return []
  if (measure.rows === 'rubric') {
    const at = [...path, 'measure', 'criteria']
    return [
      ...duplicates(
        'criterion',
        measure.criteria.map((c, i) => [c.id, [...at, i, 'id']]),
      ),
      ...measure.criteria.flatMap((c, i) => checkScale(c.scale, [...at, i, 'scale'])),
    ]
  }
  const scale = checkScale(measure.scale, [...path, 'measure', 'scale'])
  if (measure.rows === 'ratings') return scale
  const at = [...path, 'measure', 'benchmarks']
  const names = (measure.benchmarks ?? []).map((b, i): [string, Path] => [b.id, [...at, i, 'id']])
  return [...scale, ...duplicates('benchmark', names)]
}

function duplicates(what: string, entries: readonly (readonly [string, Path])[]): PlanFault[] {
  const seen = new Set<string>()
  return entries.flatMap(([id, path]) => {
    if (!seen.has(id)) {
      seen.add(id)
      return []
    }
    return [{ path, message: `the ${what} "${id}" is there twice` }]
  })
}

function checkTree(plan: Plan): PlanFault[] {
  return [
    ...checkSum(plan.parts, plan.points, ['points'], 'the stage'),
    ...partsWithPaths(plan.parts, ['parts']).flatMap(([part, path]): PlanFault[] => {
      if (part.parts && part.measure) {
        return [
          { path: [...path, 'measure'], message: 'has parts and a measure; one of them must go' },
        ]
      }
      if (part.parts) return checkSum(part.parts, part.points, [...path, 'points'], `"${part.id}"`)
      if (isLeaf(part)) return checkSteps(part, path, plan.teams.length)
      return [{ path, message: `"${part.id}" has neither parts nor a measure` }]
    }),
  ]
}

function checkSum(parts: readonly Part[], points: number, path: Path, whose: string): PlanFault[] {
  const total = parts.map((part) => fromNumber(part.points)).reduce(add, ZERO)
  if (equals(total, fromNumber(points))) return []
  const terms = parts.map((part) => part.points).join(' + ')
  const message = `points do not add up: ${whose} has ${points}, its parts have ${terms} = ${plain(total)}`
  return [{ path, message }]
}

function checkReferences(plan: Plan): PlanFault[] {
  const faults: PlanFault[] = []
  const panels = new Set(plan.panels.map((panel) => panel.id))
  const partIds = new Set(allParts(plan.parts).map((part) => part.id))
  for (const [part, path] of partsWithPaths(plan.parts, ['parts'])) {
    const measure = part.measure
    if (!measure) continue
    const judged = measure.rows === 'rubric' || measure.rows === 'ratings'
    if (judged && !panels.has(measure.panel)) {
      faults.push({ path: [...path, 'measure', 'panel'], message: `no panel "${measure.panel}"` })
    }
    if (!judged && measure.missing?.absent === 'exclude_panellist') {
      const at = [...path, 'measure', 'missing', 'absent']
      faults.push({ path: at, message: 'exclude_panellist, but nobody rates here' })
    }
  }
  plan.ties?.forEach((tie, i) => {
    if (tie.rule === 'higher_part' && !partIds.has(tie.part)) {
      faults.push({ path: ['ties', i, 'part'], message: `no part "${tie.part}"` })
    }
  })
  const decision = plan.gate?.decision
  if (decision?.rule === 'vote' && !panels.has(decision.panel)) {
    faults.push({ path: ['gate', 'decision', 'panel'], message: `no panel "${decision.panel}"` })
  }
  const axes = plan.gate?.axes.map((axis, i): [string, Path] => [
    axis.id,
    ['gate', 'axes', i, 'id'],
  ])
  faults.push(...duplicates('axis', axes ?? []))
  if (plan.analysis.likely > plan.analysis.clear) {
    faults.push({ path: ['analysis', 'likely'], message: '"likely" begins above "clear"' })
  }
  return faults
}

function checkAdvancement(plan: Plan): PlanFault[] {
  const { rule } = plan.advancement
  const teams = plan.teams.length
  if (rule.rule === 'top' && rule.n > teams) {
    return [{ path: ['advancement', 'rule', 'n'], message: `top ${rule.n} of ${teams} teams` }]
  }
  if (rule.rule === 'drop_lowest' && rule.n >= teams) {
    const message = `drops ${rule.n} of ${teams} teams: nobody is left`
    return [{ path: ['advancement', 'rule', 'n'], message }]
  }
  if (rule.rule === 'threshold' && rule.points > plan.points) {
    const message = `${rule.points} points of ${plan.points} cannot be reached`
    return [{ path: ['advancement', 'rule', 'points'], message }]
  }
  return []
}

function checkAlternatives(plan: Plan, options: { readonly variants: boolean }): PlanFault[] {
  const partIds = new Set(allParts(plan.parts).map((part) => part.id))
  const leafIds = new Set(leavesOf(plan).map((leaf) => leaf.id))
  return plan.alternatives.flatMap((alternative, i): PlanFault[] => {
    const path: Path = ['alternatives', i]
    const lineage = lineageOf(alternative, plan.alternatives)
    if (lineage.kind === 'unknown') {
      return [{ path: [...path, 'extends'], message: `no alternative "${lineage.id}"` }]
    }
    if (lineage.kind === 'cycle') {
      const message = `a cycle: ${lineage.ids.join(' extends ')}`
      return [{ path: [...path, 'extends'], message }]
    }
    const faults = (alternative.parts ?? []).flatMap((change, j): PlanFault[] => {
      const at = [...path, 'parts', j]
      if (!partIds.has(change.part)) {
        return [{ path: [...at, 'part'], message: `no part "${change.part}"` }]
      }
      if (change.steps && !leafIds.has(change.part)) {
        return [
          { path: [...at, 'steps'], message: `"${change.part}" is not measured, its parts are` },
        ]
      }
      return newTargets(plan, change, at)
    })
    if (faults.length > 0 || !options.variants) return faults
    const effective = planUnder(plan, alternative)
    return [...checkTree(effective), ...checkAdvancement(effective)].map((fault) => ({
      path,
      message: `under "${alternative.id}", ${fault.message}`,
    }))
  })
}

/** An alternative may use the targets that the part itself names, not a source of its own. */
function newTargets(
  plan: Plan,
  change: NonNullable<Plan['alternatives'][number]['parts']>[number],
  path: Path,
): PlanFault[] {
  const known = leavesOf(plan).flatMap((leaf) => leaf.measure.steps)
  return (change.steps ?? []).flatMap((step, i): PlanFault[] => {
    if (isReducing(step) || step.rule !== 'ratio_to_target') return []
    if (known.some((own) => own.rule === 'ratio_to_target' && own.targets === step.targets))
      return []
    const message = `"${step.targets}" is not a target source of the plan itself`
    return [{ path: [...path, 'steps', i, 'targets'], message }]
  })
}

function partsWithPaths(parts: readonly Part[], path: Path): [Part, Path][] {
  return parts.flatMap((part, i): [Part, Path][] => {
    const at = [...path, i]
    return [[part, at], ...partsWithPaths(part.parts ?? [], [...at, 'parts'])]
  })
}
