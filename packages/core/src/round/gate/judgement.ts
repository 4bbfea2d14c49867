import type { Departure } from '../docket/departures.ts'
import type { Axis, AxisOutcome, Gate } from '../plan/conduct.ts'
import type { AxisJudgement, Finding, GateDecided } from './gate-bodies.ts'

export const ANY_COMPONENT = 'any'

/** Whether the sealed plan counts this component in this role. */
export const isCounted = (gate: Gate, finding: Pick<Finding, 'component' | 'role'>): boolean =>
  gate.counts.some(
    (entry) =>
      (entry.component === ANY_COMPONENT || entry.component === finding.component) &&
      entry.roles.includes(finding.role),
  )

/** What the plan counts and no finding is about, as `component/role`. */
export function notJudged(gate: Gate, findings: readonly Finding[]): string[] {
  return gate.counts.flatMap(({ component, roles }) =>
    roles
      .filter(
        (role) =>
          !findings.some(
            (finding) =>
              finding.role === role &&
              (component === ANY_COMPONENT || component === finding.component),
          ),
      )
      .map((role) => `${component}/${role}`),
  )
}

/** Excluded, passed, or not yet known: by the axes of the plan, or as a publication stated it. */
export function gateOutcome(
  gate: Gate | null,
  decision: Pick<GateDecided, 'axes' | 'published'>,
): 'passes' | 'excluded' | 'undecided' {
  const axes = gate?.axes ?? []
  const outcomeOf = (axis: Axis) => decision.axes[axis]?.outcome
  const excluded = axes.some((axis) => {
    const outcome = outcomeOf(axis.id)
    return outcome !== undefined && axis.excludes.includes(outcome)
  })
  if (excluded) return 'excluded'
  if (axes.every((axis) => outcomeOf(axis.id) !== undefined)) return 'passes'
  return decision.published ?? 'undecided'
}

/** Whether the judgement of each axis is complete and rests on what the plan counts. */
export function judgementDepartures(gate: Gate, decision: GateDecided): Departure[] {
  const planned = new Set<Axis>(gate.axes.map((axis) => axis.id))
  const judged = Object.keys(decision.axes) as Axis[]
  return [
    ...judged
      .filter((axis) => !planned.has(axis))
      .map((axis): Departure => ({ code: 'unknown_axis', axis })),
    ...gate.axes.flatMap(({ id }): Departure[] => {
      const judgement = decision.axes[id]
      return judgement ? axisDepartures(gate, id, judgement) : [{ code: 'axis_missing', axis: id }]
    }),
    ...(decision.published === null || decision.retold !== null
      ? []
      : [{ code: 'outcome_by_hand' } as const]),
  ]
}

/**
 * "Not met" and "not determinable" need a ground: a finding of that outcome, with evidence, on
 * what the plan counts. "Met" and "conditional" need everything judged that the plan counts.
 */
function axisDepartures(gate: Gate, axis: Axis, judgement: AxisJudgement): Departure[] {
  const { outcome, findings } = judgement
  const counted = findings.filter((finding) => isCounted(gate, finding))
  if (outcome === 'not_met' || outcome === 'not_determinable') {
    return hasGround(counted, outcome) ? [] : [{ code: 'no_counted_ground', axis }]
  }
  const missing = notJudged(gate, findings).map(
    (what): Departure => ({ code: 'not_judged', axis, what }),
  )
  if (outcome === 'conditional') {
    return judgement.conditions.length > 0 ? missing : [...missing, { code: 'no_condition', axis }]
  }
  // A panel may vote against a finding; an authority would contradict itself.
  const isVoted = gate.decision.rule === 'vote'
  const against = isVoted ? [] : counted.filter((finding) => finding.outcome === 'not_met')
  return [
    ...missing,
    ...against.map(
      ({ component, role }): Departure => ({
        code: 'met_against_finding',
        axis,
        what: `${component}/${role}`,
      }),
    ),
  ]
}

function hasGround(counted: readonly Finding[], outcome: AxisOutcome): boolean {
  // What cannot be determined lacks evidence by its nature; the finding says which.
  return counted.some(
    (finding) =>
      finding.outcome === outcome &&
      (outcome === 'not_determinable' || finding.evidence.length > 0),
  )
}
