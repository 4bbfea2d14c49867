import { leavesOf, type Plan } from '../plan/plan.ts'
import type { Assumptions } from './assumptions.ts'
import type {
  AbsenceEffect,
  ConflictEffect,
  Field,
  Finding,
  PartJudgement,
  Separation,
} from './judgement.ts'

/** Thresholds of the findings that rest on simulation. */
export const BOUNDS = {
  /** Effective over nominal weight outside of these is a finding. */
  squeezed: 0.6,
  stretched: 1.6,
  /** Below this share of true differences a part is mostly chance. */
  reliable: 0.5,
  /** P(better team dropped) at the reference gap. */
  droppedSerious: 0.2,
  droppedCaution: 0.05,
  /** Change of that probability by one partial panellist. */
  tipped: 0.1,
  ties: 0.01,
  /** P(several teams at the top of a part together). */
  together: 0.05,
  /** Share of the points of a part that the strongest teams reach. */
  reached: 0.6,
} as const

export function findingsOfSimulation(
  plan: Plan,
  results: {
    readonly assumptions: Assumptions
    readonly parts: readonly PartJudgement[]
    readonly separation: Separation
    readonly field: Field
    readonly conflicts: readonly ConflictEffect[]
    readonly absences: readonly AbsenceEffect[]
    readonly dropped: number
    readonly unanswered: number
  },
): Finding[] {
  const { assumptions, separation, dropped, unanswered } = results
  const findings: Finding[] = results.parts.flatMap((entry) => partFindings(plan, entry))
  const gap = assumptions.referenceGap
  if (dropped >= BOUNDS.droppedCaution) {
    const gravity = dropped >= BOUNDS.droppedSerious ? 'serious' : 'caution'
    findings.push({ code: 'better_team_dropped', gravity, gap, probability: dropped })
  }
  const { detectable } = separation
  if (detectable.points > gap) {
    findings.push({ code: 'gap_not_told_apart', gravity: 'caution', points: detectable.points })
  }
  findings.push(...results.conflicts.flatMap(conflictFindings), ...tieFindings(plan, results.field))
  if (unanswered > 0) {
    findings.push({ code: 'rule_without_answer', gravity: 'serious', share: unanswered })
  }
  return findings
}

/** Rules under which the points of a team do not depend on the other teams. */
const FIXED_SCALES = ['as_points', 'fraction_of_full_marks', 'anchors']

function partFindings(plan: Plan, entry: PartJudgement): Finding[] {
  const { part, nominal, effective, reliability, severalAtTop, points, highest } = entry
  const ratio = effective / nominal
  const findings: Finding[] = []
  if (ratio < BOUNDS.squeezed) {
    findings.push({ code: 'part_squeezed', gravity: 'caution', part, nominal, effective })
  }
  if (ratio > BOUNDS.stretched) {
    findings.push({ code: 'part_stretched', gravity: 'caution', part, nominal, effective })
  }
  if (reliability < BOUNDS.reliable) {
    findings.push({ code: 'mostly_chance', gravity: 'caution', part, reliability })
  }
  if (severalAtTop > BOUNDS.together) {
    const probability = severalAtTop
    findings.push({ code: 'cap_hides_differences', gravity: 'caution', part, probability })
  }
  const leaf = leavesOf(plan).find(({ id }) => id === part)
  const isFixed = leaf?.measure.steps.some(({ rule }) => FIXED_SCALES.includes(rule)) ?? false
  if (isFixed && highest < BOUNDS.reached * points) {
    const unused = points - highest
    findings.push({ code: 'top_never_reached', gravity: 'caution', part, points: unused })
  }
  return findings
}

const conflictFindings = ({ panel, before, after }: ConflictEffect): Finding[] =>
  after - before >= BOUNDS.tipped
    ? [{ code: 'one_panellist_tips', gravity: 'serious', panel, before, after }]
    : []

function tieFindings(plan: Plan, field: Field): Finding[] {
  const findings: Finding[] = []
  if (plan.ties === null) {
    const gravity = field.openAtCut >= BOUNDS.ties ? 'serious' : 'caution'
    findings.push({ code: 'ties_unbroken', gravity, probability: field.openAtCut })
  } else if (field.levelAtCut >= BOUNDS.ties) {
    findings.push({ code: 'ties_at_cut', gravity: 'caution', probability: field.levelAtCut })
  }
  return findings
}
