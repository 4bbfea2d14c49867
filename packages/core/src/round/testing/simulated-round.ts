import { createRng, type Rng } from '../../base/rng.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { PLAN_SCHEMA_VERSION, type Plan } from '../plan/plan.ts'
import type { InputFile } from '../rows/table.ts'

/** Sizes of a SIMULATED round. Nothing in it was measured on any model. */
export type SimulatedSizes = {
  readonly teams: number
  readonly benchmarks: number
  /** Items per benchmark, and runs of every item. */
  readonly items: number
  readonly epochs: number
  readonly experts: number
  readonly criteria: number
  readonly users: number
}

export type SimulationOptions = {
  readonly seed: string
  readonly sizes: SimulatedSizes
  /** Share of full marks that team t deserves everywhere; by default .75 falling to .65. */
  readonly strength?: (t: number) => number
  readonly draws?: number
  /** Changes the plan before it is parsed, such as another rule. */
  readonly change?: (plan: Plan) => Plan
}

export type SimulatedRound = { readonly planText: string; readonly files: readonly InputFile[] }

/**
 * A simulated round with a benchmark (40), an expert (35) and a user part (25): team strengths as
 * given, difficulties, severities and noise drawn from the seed.
 */
export function simulateRound(options: SimulationOptions): SimulatedRound {
  const { sizes, seed } = options
  const plan = simulatedPlan(options)
  const planText = `# SIMULATED, seed ${seed}: no such round took place.\n${JSON.stringify(plan, null, 1)}\n`
  parsePlan(planText, 'simulated plan')
  const strength =
    options.strength ?? ((t: number) => 0.75 - (0.1 * t) / Math.max(1, sizes.teams - 1))
  const context = { sizes, rng: createRng(seed), strength }
  return {
    planText,
    files: [
      csv('rows', 'benchmark', 'team,benchmark,item,epoch,score', itemRows(context)),
      csv('rows', 'expert', 'panellist,team,criterion,score', expertRows(context)),
      csv('rows', 'user', 'panellist,team,score', userRows(context)),
      csv('panel', 'experts', 'panellist,group', members('expert', sizes.experts)),
      csv('panel', 'users', 'panellist,group', members('user', sizes.users)),
    ],
  }
}

type Context = {
  readonly sizes: SimulatedSizes
  readonly rng: Rng
  readonly strength: (t: number) => number
}

const range = (length: number) => Array.from({ length }, (_, i) => i)
const teamId = (t: number) => `team-${String(t + 1).padStart(2, '0')}`
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

/** Full marks of a criterion: the 35 points of the experts in whole numbers, the rest on the last. */
function criterionFull(sizes: SimulatedSizes, c: number): number {
  const each = Math.floor(35 / sizes.criteria)
  return c + 1 < sizes.criteria ? each : 35 - each * (sizes.criteria - 1)
}

function csv(role: InputFile['role'], name: string, header: string, lines: readonly string[]) {
  const folder = role === 'rows' ? 'rows' : 'panels'
  const bytes = new TextEncoder().encode(`${header}\n${lines.join('\n')}\n`)
  return { role, name, path: `${folder}/${name}.csv`, bytes }
}

function itemRows({ sizes, rng, strength }: Context): string[] {
  const stream = rng.fork('items')
  const lines: string[] = []
  for (const b of range(sizes.benchmarks)) {
    for (const i of range(sizes.items)) {
      const difficulty = 0.15 * stream.nextNormal()
      for (const t of range(sizes.teams)) {
        const chance = clamp(strength(t) + difficulty, 0.02, 0.98)
        for (const e of range(sizes.epochs)) {
          const score = stream.nextFloat() < chance ? 1 : 0
          lines.push(`${teamId(t)},set-${b + 1},item-${i + 1},${e + 1},${score}`)
        }
      }
    }
  }
  return lines
}

function expertRows({ sizes, rng, strength }: Context): string[] {
  const stream = rng.fork('experts')
  return range(sizes.experts).flatMap((j) => {
    const severity = 0.08 * stream.nextNormal()
    return range(sizes.teams).flatMap((t) =>
      range(sizes.criteria).map((c) => {
        const share = clamp(strength(t) + severity + 0.08 * stream.nextNormal(), 0, 1)
        const score = Math.round(share * criterionFull(sizes, c) * 10) / 10
        return `expert-${j + 1},${teamId(t)},c${c + 1},${score}`
      }),
    )
  })
}

function userRows({ sizes, rng, strength }: Context): string[] {
  const stream = rng.fork('users')
  return range(sizes.users).flatMap((j) => {
    const severity = 0.1 * stream.nextNormal()
    return range(sizes.teams).map((t) => {
      const share = strength(t) + severity + 0.2 * stream.nextNormal()
      return `user-${j + 1},${teamId(t)},${Math.round(clamp(1 + 4 * share, 1, 5))}`
    })
  })
}

const GROUPS = ['industry', 'academia', 'research']
const members = (kind: string, count: number) =>
  range(count).map((j) => `${kind}-${j + 1},${GROUPS[j % GROUPS.length]}`)

function simulatedPlan({ sizes, seed, draws = 400, change = (plan) => plan }: SimulationOptions) {
  const panel = (id: string, kind: 'expert' | 'public', planned: number) => ({
    id,
    name: id,
    kind,
    planned,
    selection: 'Simulated',
    quorum: null,
    conflicts: null,
    blinding: null,
    session: null,
  })
  return change({
    schemaVersion: PLAN_SCHEMA_VERSION,
    programme: { id: 'simulated', name: 'Simulated', owner: 'Nobody' },
    stage: { id: 'stage', name: 'Stage', scoring_starts: null, scoring_ends: null },
    teams: range(sizes.teams).map((t) => ({ id: teamId(t), name: `Team ${t + 1}` })),
    panels: [panel('experts', 'expert', sizes.experts), panel('users', 'public', sizes.users)],
    points: 100,
    parts: [benchmarkPart(sizes), expertPart(sizes), userPart()],
    rounding: {
      mode: 'half_up',
      carried: { leaf: null, group: null, total: null },
      printed: { score: 2, total: 2 },
    },
    ties: [{ rule: 'higher_part', part: 'expert' }],
    gate: null,
    advancement: {
      gate: 'after_ranking',
      relative_to: 'all_teams',
      rule: { rule: 'top', n: Math.max(1, Math.floor(sizes.teams / 2)) },
      next_stage_places: null,
    },
    recruitment: null,
    disclosure: [],
    objections: null,
    alternatives: [],
    analysis: { seed, draws, clear: 0.975, likely: 0.8 },
  })
}

function benchmarkPart(sizes: SimulatedSizes): Plan['parts'][number] {
  return {
    id: 'benchmark',
    name: 'Benchmark',
    points: 40,
    measure: {
      rows: 'items',
      by: 'Nobody',
      source: 'benchmark',
      scale: { min: 0, max: 1 },
      benchmarks: range(sizes.benchmarks).map((b) => ({ id: `set-${b + 1}` })),
      sets_per_team: 'same',
      epochs: sizes.epochs,
      missing: null,
      steps: [
        { rule: 'mean', over: 'epochs' },
        { rule: 'mean', over: 'items' },
        { rule: 'mean', over: 'benchmarks' },
        { rule: 'fraction_of_full_marks', full: 1 },
      ],
    },
  }
}

function expertPart(sizes: SimulatedSizes): Plan['parts'][number] {
  return {
    id: 'expert',
    name: 'Experts',
    points: 35,
    measure: {
      rows: 'rubric',
      by: 'Nobody',
      source: 'expert',
      panel: 'experts',
      criteria: range(sizes.criteria).map((c) => ({
        id: `c${c + 1}`,
        name: `Criterion ${c + 1}`,
        scale: { min: 0, max: criterionFull(sizes, c) },
      })),
      missing: null,
      steps: [
        { rule: 'sum', over: 'criteria' },
        sizes.experts > 2
          ? { rule: 'trimmed_mean', over: 'raters', drop: 1 }
          : { rule: 'mean', over: 'raters' },
        { rule: 'as_points' },
      ],
    },
  }
}

function userPart(): Plan['parts'][number] {
  return {
    id: 'user',
    name: 'Users',
    points: 25,
    measure: {
      rows: 'ratings',
      by: 'Nobody',
      source: 'user',
      panel: 'users',
      scale: { min: 1, max: 5, step: 1 },
      missing: null,
      steps: [
        { rule: 'mean', over: 'raters' },
        { rule: 'fraction_of_full_marks', full: 5 },
      ],
    },
  }
}
