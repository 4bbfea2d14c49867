import { AppError } from '../../base/errors.ts'
import { createRng } from '../../base/rng.ts'
import { sortedQuantile } from '../../stats/percentile.ts'
import { planDigestOf } from '../plan/parse-plan.ts'
import { leavesOf, type Plan } from '../plan/plan.ts'
import { type Assumptions, completeAssumptions, type GivenAssumptions } from './assumptions.ts'
import type { FieldRecord } from './field.ts'
import {
  type AbsenceEffect,
  type ConflictEffect,
  type Field,
  type Finding,
  type GapPoint,
  JUDGEMENT_SCHEMA_VERSION,
  type PartJudgement,
  type PlanJudgement,
  type ReducerEffect,
  type Separation,
  type SimulatedWeight,
} from './judgement.ts'
import type { PairRecord } from './pair.ts'
import { findingsOfRules } from './rule-findings.ts'
import { GAPS, type PanelRecord, type Simulation, simulatePlan } from './simulate.ts'
import { findingsOfSimulation } from './simulated-findings.ts'

export const DEFAULT_ROUNDS = 2000

/** Two-sided level at which two teams count as told apart, and the power asked for. */
const LEVEL = 0.05
const POWER = 0.8

/**
 * Judges a plan before it is sealed:
 *   1. what can be read off its rules;
 *   2. simulated rounds under stated assumptions: what each part really weighs, what gap can be told
 *      apart, how often the better team is dropped, what one partial or absent panellist does, and
 *      what trimming buys;
 *   3. findings, most serious first.
 * The seed decides every draw. Throws AppError PLAN_INVALID when no simulated round has an answer.
 */
export function judgePlan(
  plan: Plan,
  options: {
    readonly assumptions?: GivenAssumptions
    readonly seed?: string
    readonly rounds?: number
  } = {},
): PlanJudgement {
  const assumptions = completeAssumptions(plan, options.assumptions ?? {})
  const seed = options.seed ?? plan.analysis.seed
  const rounds = options.rounds ?? DEFAULT_ROUNDS
  const rng = createRng(seed).fork('plan check')
  const simulation = simulatePlan(plan, assumptions, { rng, rounds })
  if (!simulation || simulation.field.answered === 0) {
    throw new AppError('PLAN_INVALID', 'no simulated round has an answer under this plan', {
      hint: 'a rule such as a trimmed mean leaves nobody: look at panel sizes and steps',
    })
  }
  const results = summarise(plan, assumptions, simulation)
  const findings = [...findingsOfRules(plan), ...findingsOfSimulation(plan, results)]
  const { dropped: _, unanswered: __, ...shown } = results
  return {
    schemaVersion: JUDGEMENT_SCHEMA_VERSION,
    planDigest: planDigestOf(plan),
    simulated: true,
    seed,
    rounds,
    monteCarloError: 0.5 / Math.sqrt(rounds),
    findings: byGravity(findings),
    ...shown,
  }
}

function byGravity(findings: readonly Finding[]): Finding[] {
  const order = ['serious', 'caution', 'note']
  return [...findings].sort((a, b) => order.indexOf(a.gravity) - order.indexOf(b.gravity))
}

function summarise(plan: Plan, assumptions: Assumptions, simulation: Simulation) {
  const { field, reference, panels, reducers, rounds } = simulation
  return {
    assumptions,
    parts: leavesOf(plan).map((leaf) => partJudgement(plan, leaf.id, field)),
    topWeights: plan.parts.map((part) => weightOf(part.id, part.points / plan.points, field)),
    separation: separationOf(simulation),
    field: fieldOf(field),
    conflicts: panels.map((panel) => conflictEffect(panel, reference)),
    absences: panels.flatMap((panel) => absenceEffect(panel, reference)),
    reducers: reducers.map(
      (entry): ReducerEffect => ({
        part: entry.part,
        rule: entry.rule,
        isPlan: entry.isPlan,
        noise: deviation(entry.gap),
        shift: mean(entry.gap) - mean(entry.favoured),
      }),
    ),
    dropped: shareOf(reference.dropped),
    unanswered: 1 - field.answered / rounds,
  }
}

function weightOf(part: string, nominal: number, field: FieldRecord): SimulatedWeight {
  const values = (field.weights.get(part) ?? new Float64Array()).slice(0, field.answered).sort()
  return {
    part,
    nominal,
    effective: mean(values),
    low: sortedQuantile(values, 0.05),
    high: sortedQuantile(values, 0.95),
  }
}

function partJudgement(plan: Plan, part: string, field: FieldRecord): PartJudgement {
  const full = leavesOf(plan).find((leaf) => leaf.id === part)?.points ?? 0
  const teams = plan.teams.length
  const used = field.answered * teams
  const points = (field.points.get(part) ?? new Float64Array()).slice(0, used)
  const quality = (field.quality.get(part) ?? new Float64Array()).slice(0, used)
  const reliability = withinCorrelation(points, quality, teams) ** 2
  const severalAtTop = shareOf(
    Uint8Array.from({ length: field.answered }, (_, round) =>
      severalAt(full, points.subarray(round * teams, (round + 1) * teams)) ? 1 : 0,
    ),
  )
  const sorted = points.sort()
  return {
    ...weightOf(part, full / plan.points, field),
    points: full,
    lowest: sortedQuantile(sorted, 0.05),
    highest: sortedQuantile(sorted, 0.95),
    reliability,
    severalAtTop,
  }
}

const severalAt = (full: number, points: Float64Array): boolean =>
  points.filter((own) => own >= full * (1 - 1e-9)).length >= 2

/** Correlation of deviations from the mean of each round: what orders the teams of one round. */
function withinCorrelation(a: Float64Array, b: Float64Array, teams: number): number {
  let [aa, bb, ab] = [0, 0, 0]
  for (let from = 0; from < a.length; from += teams) {
    const meanA = mean(a.subarray(from, from + teams))
    const meanB = mean(b.subarray(from, from + teams))
    for (let i = from; i < from + teams; i++) {
      const [x, y] = [(a[i] ?? 0) - meanA, (b[i] ?? 0) - meanB]
      aa += x * x
      bb += y * y
      ab += x * y
    }
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}

function separationOf({ curve }: Simulation): Separation {
  const level = curve[0]?.gap.filter((gap) => !Number.isNaN(gap)) ?? new Float64Array()
  const sizes = level.map(Math.abs).sort()
  const bar = sizes.length > 0 ? sortedQuantile(sizes, 1 - LEVEL) : Number.POSITIVE_INFINITY
  const points = curve.map((record, g): GapPoint => {
    const known = record.gap.filter((gap) => !Number.isNaN(gap))
    return {
      gap: GAPS[g] ?? 0,
      observed: mean(known),
      behind: shareOf(record.behind),
      dropped: shareOf(record.dropped),
      power: known.filter((gap) => gap > bar).length / Math.max(1, known.length),
    }
  })
  return { curve: points, noise: deviation(level), detectable: detectableGap(points) }
}

/** Where the power first reaches 80 %, on straight lines between the gaps that were simulated. */
function detectableGap(points: readonly GapPoint[]): Separation['detectable'] {
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [points[i - 1], points[i]]
    if (!before || !after || after.power < POWER) continue
    const part = (POWER - before.power) / (after.power - before.power)
    return { kind: 'found', points: before.gap + part * (after.gap - before.gap) }
  }
  return { kind: 'beyond', points: points[points.length - 1]?.gap ?? 0 }
}

function fieldOf(field: FieldRecord): Field {
  const share = (count: number) => count / field.answered
  return {
    rightSet: share(field.rightSet),
    rightFirst: share(field.rightFirst),
    wronglyDropped: share(field.wronglyDropped),
    openAtCut: share(field.openAtCut),
    levelAtCut: share(field.levelAtCut),
  }
}

const conflictEffect = (panel: PanelRecord, reference: PairRecord): ConflictEffect => ({
  panel: panel.panel,
  shift: mean(reference.gap) - mean(panel.favoured.gap),
  before: shareOf(reference.dropped),
  after: shareOf(panel.favoured.dropped),
})

function absenceEffect(panel: PanelRecord, reference: PairRecord): AbsenceEffect[] {
  const { absentForAll, absentForOne } = panel
  if (!absentForAll) return []
  return [
    {
      panel: panel.panel,
      forAll: { noiseBefore: deviation(reference.gap), noiseAfter: deviation(absentForAll.gap) },
      forOneTeam: absentForOne
        ? {
            kind: 'counted',
            shift: mean(absentForOne.gap) - mean(reference.gap),
            noise: deviation(absentForOne.gap),
            before: shareOf(reference.dropped),
            after: shareOf(absentForOne.dropped),
          }
        : { kind: 'refused' },
    },
  ]
}

/** Rounds without an answer carry NaN and are left out. */
function mean(values: Float64Array): number {
  let [sum, count] = [0, 0]
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += value
    count++
  }
  return count > 0 ? sum / count : 0
}

function deviation(values: Float64Array): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
}

const shareOf = (flags: Uint8Array): number =>
  flags.reduce((sum, flag) => sum + flag, 0) / Math.max(1, flags.length)
