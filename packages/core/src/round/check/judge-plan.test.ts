import { describe, expect, it } from 'vitest'
import { toNumber } from '../../base/rational.ts'
import { createRng } from '../../base/rng.ts'
import type { Measure } from '../plan/measure.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { leavesOf, type Plan } from '../plan/plan.ts'
import type { Step } from '../plan/steps.ts'
import type { InputFile } from '../rows/table.ts'
import { scoreSimulated } from '../testing/score-simulated.ts'
import { type SimulatedSizes, simulateRound } from '../testing/simulated-round.ts'
import { completeAssumptions, DEFAULT_ASSUMPTIONS, parseAssumptions } from './assumptions.ts'
import { type Design, designOf } from './design.ts'
import { judgePlan } from './judge-plan.ts'
import type { FindingCode } from './judgement.ts'
import { drawNoise } from './noise.ts'
import { createFill, createRig } from './scenario.ts'

// Everything here is simulated.

const SIZES = { teams: 4, benchmarks: 2, items: 10, epochs: 2, experts: 6, criteria: 3, users: 30 }

function planOf(change?: (plan: Plan) => Plan, sizes: SimulatedSizes = SIZES): Plan {
  const { planText } = simulateRound({ seed: 'check', sizes, ...(change ? { change } : {}) })
  return parsePlan(planText, 'plan.yaml').plan
}

const withSteps =
  (part: number, steps: readonly Step[], more: Partial<Measure> = {}) =>
  (plan: Plan): Plan => ({
    ...plan,
    parts: plan.parts.map((entry, i) =>
      i === part
        ? {
            ...entry,
            measure: { ...(entry.measure as Measure), ...more, steps: [...steps] } as Measure,
          }
        : entry,
    ),
  })

/** Only the users, for 100 points, on a scale without steps: a case with closed forms. */
function usersOnly(steps: readonly Step[], users: number, more: Partial<Measure> = {}): Plan {
  const [user] = planOf(
    withSteps(2, steps, { scale: { min: 0, max: 1 }, ...more } as Partial<Measure>),
    {
      ...SIZES,
      users,
    },
  ).parts.slice(2)
  if (!user) throw new Error('no part')
  return planOf((plan) => ({
    ...plan,
    panels: plan.panels.map((panel) =>
      panel.id === 'users' ? { ...panel, planned: users } : panel,
    ),
    ties: null,
    parts: [{ ...user, points: 100 }],
  }))
}

const MEAN: readonly Step[] = [
  { rule: 'mean', over: 'raters' },
  { rule: 'fraction_of_full_marks', full: 1 },
]
const codes = (plan: Plan) =>
  judgePlan(plan, { rounds: 50 }).findings.map((finding) => finding.code)

describe('the judgement of a plan', () => {
  it('depends on the plan, the assumptions, the seed and the rounds only, and says that it is simulated', () => {
    const plan = planOf()
    const [a, b] = [judgePlan(plan, { rounds: 60 }), judgePlan(plan, { rounds: 60 })]
    expect(a).toEqual(b)
    expect(a.simulated).toBe(true)
    expect(judgePlan(plan, { rounds: 60, seed: 'other' }).separation).not.toEqual(a.separation)
    expect(a.assumptions.parts['user']?.noise).toBe(DEFAULT_ASSUMPTIONS.user_noise)
    expect(a.assumptions.parts['expert']?.noise).toBe(DEFAULT_ASSUMPTIONS.expert_noise)
  })

  it('finds the noise of a mean, and the gap that can be told apart, as the textbook does', () => {
    // SD of the gap of two means of 50: 100·.2·√(2/50) = 4; detectable (1.96 + .8416)·4 = 11.2.
    const found = judgePlan(usersOnly(MEAN, 50), {
      rounds: 4000,
      assumptions: { user_noise: 0.2, level: 0.5 },
    })
    expect(found.separation.noise).toBeGreaterThan(3.88)
    expect(found.separation.noise).toBeLessThan(4.12)
    expect(found.separation.detectable.kind).toBe('found')
    expect(found.separation.detectable.points).toBeGreaterThan(10.6)
    expect(found.separation.detectable.points).toBeLessThan(11.8)
    // P(behind) at a true gap of 4 points: Φ(−1) = .159.
    const four = found.separation.curve.find((point) => point.gap === 4)
    expect(four?.behind).toBeGreaterThan(0.14)
    expect(four?.behind).toBeLessThan(0.18)
  })

  it('finds what one partial panellist moves: favour over the size of the panel', () => {
    const found = judgePlan(usersOnly(MEAN, 20), {
      rounds: 400,
      assumptions: { favour: 0.2, level: 0.5, severity: 0.02, user_noise: 0.05 },
    })
    expect(found.conflicts).toHaveLength(1)
    expect(found.conflicts[0]?.shift).toBeCloseTo((100 * 0.2) / 20, 6)
  })

  it('finds the same for a panel that stand-ins simulate', () => {
    const found = judgePlan(usersOnly(MEAN, 2500), {
      rounds: 1500,
      assumptions: { favour: 0.2, level: 0.5 },
    })
    expect(found.conflicts[0]?.shift).toBeCloseTo((100 * 0.2) / 2500, 6)
    // 100·.2·√(2/2500) = .566
    expect(found.separation.noise).toBeGreaterThan(0.53)
    expect(found.separation.noise).toBeLessThan(0.6)
    expect(found.absences).toEqual([])
  })

  it('finds that trimming takes power from a partial panellist and adds noise', () => {
    const { reducers } = judgePlan(planOf(), { rounds: 600, assumptions: { favour: 0.5 } })
    const of = (rule: string) => reducers.find((r) => r.part === 'expert' && r.rule === rule)
    expect(of('trimmed_mean')?.isPlan).toBe(true)
    expect(of('trimmed_mean')?.shift).toBeLessThan(of('mean')?.shift ?? 0)
    expect(of('trimmed_mean')?.noise).toBeGreaterThan(of('mean')?.noise ?? 1)
  })

  it('finds that an absent member of a sum costs the team a rating', () => {
    const steps: readonly Step[] = [{ rule: 'sum', over: 'raters' }, { rule: 'best_team' }]
    const missing = { not_scored: 'exclude', absent: 'exclude', least_coverage: 0 } as const
    const plan = usersOnly(steps, 20, { missing })
    const found = judgePlan(plan, { rounds: 300, assumptions: { level: 0.5, severity: 0 } })
    const [absence] = found.absences
    // Full marks fall by about 1/20 for a team near the top; the gap of the pair shrinks by that.
    expect(absence?.forOneTeam.kind).toBe('counted')
    if (absence?.forOneTeam.kind === 'counted') {
      expect(absence.forOneTeam.shift).toBeLessThan(-3)
      expect(absence.forOneTeam.after).toBeGreaterThan(absence.forOneTeam.before)
    }
    expect(found.findings.map((finding) => finding.code)).toContain('absence_costs_a_rating')
    const refused = judgePlan(usersOnly(MEAN, 20), { rounds: 50 }).absences[0]
    expect(refused?.forOneTeam).toEqual({ kind: 'refused' })
  })

  it('finds the effective weight of a squeezed part in closed form', () => {
    // No noise, equal spread, full correlation: weights are nominal, but the users' scale 1 to 5
    // with full marks 5 and no zero uses four fifths of its points.
    const noiseless = {
      severity: 0,
      expert_noise: 0,
      user_noise: 0,
      item_noise: 0,
      run_noise: 0,
      quality_correlation: 1,
    }
    const continuous = withSteps(
      2,
      [MEAN[0] as Step, { rule: 'fraction_of_full_marks', full: 5 }],
      {
        scale: { min: 1, max: 5 },
      } as Partial<Measure>,
    )
    const found = judgePlan(planOf(continuous), { rounds: 200, assumptions: noiseless })
    const total = 40 + 35 + 20
    expect(found.topWeights.map((weight) => weight.effective)).toEqual([
      expect.closeTo(40 / total, 8),
      expect.closeTo(35 / total, 8),
      expect.closeTo(20 / total, 8),
    ])
    expect(found.field).toMatchObject({ rightSet: 1, rightFirst: 1, wronglyDropped: 0 })
    for (const part of found.parts) expect(part.reliability).toBeCloseTo(1, 8)
  })

  it('names rules that carry no information or squeeze a part', () => {
    const user = (...steps: readonly Step[]) => codes(planOf(withSteps(2, steps)))
    const mean = { rule: 'mean', over: 'raters' } as const
    expect(user(mean, { rule: 'best_team' })).toContain('best_team_always_full')
    expect(user(mean, { rule: 'min_max' })).toContain('full_range_always_used')
    expect(user(mean, { rule: 'rank_points', shares: [1, 0.5, 0.2, 0] })).toContain(
      'distance_ignored',
    )
    expect(user(mean, { rule: 'z_score', centre: 0.5, per_deviation: 0.2, digits: 9 })).toContain(
      'spread_always_equal',
    )
    expect(user(mean, { rule: 'fraction_of_full_marks', full: 10 })).toContain(
      'points_out_of_reach',
    )
    expect(user(mean, { rule: 'fraction_of_full_marks', full: 4 })).toContain(
      'more_than_full_marks',
    )
    const whole = judgePlan(planOf(), { rounds: 50 }).findings
    expect(whole).toContainEqual({
      code: 'points_nobody_can_lose',
      gravity: 'caution',
      part: 'user',
      points: 5,
    })
  })

  it('names a scale that nobody reaches, and a cap that several reach', () => {
    const low = judgePlan(planOf(), {
      rounds: 100,
      assumptions: { parts: { benchmark: { level: 0.3 } } },
    })
    const finding = low.findings.find((entry) => entry.code === 'top_never_reached')
    expect(finding).toMatchObject({ part: 'benchmark' })
    const capped = planOf(
      withSteps(0, [
        { rule: 'mean', over: 'epochs' },
        { rule: 'mean', over: 'items' },
        { rule: 'ratio_to_target', targets: 'targets', cap: 1 },
        { rule: 'mean', over: 'benchmarks' },
      ]),
    )
    const ahead = judgePlan(capped, { rounds: 100, assumptions: { target_ratio: 1.2 } })
    expect(ahead.findings.map((entry) => entry.code)).toContain('cap_hides_differences')
    const below = judgePlan(capped, { rounds: 100, assumptions: { target_ratio: 0.8 } })
    expect(below.findings.map((entry) => entry.code)).not.toContain('cap_hides_differences')
  })

  it('names rules about people that are not stated', () => {
    const found: readonly FindingCode[] = codes(
      planOf((plan) => ({
        ...plan,
        ties: null,
        panels: plan.panels.map((panel) =>
          panel.id === 'users'
            ? {
                ...panel,
                planned: 1,
                quorum: { least: 1 },
                conflicts: { declared: true, checked_by: null, effect: 'recused_from_team' },
                blinding: { team_names: 'visible' },
              }
            : panel,
        ),
      })),
    )
    for (const code of [
      'one_panellist',
      'conflicts_unchecked',
      'names_visible',
      'no_conflict_rule',
      'no_quorum',
      'blinding_not_stated',
      'no_missing_rule',
      'ties_unbroken',
      'no_objection_window',
      'no_alternatives_sealed',
    ] as const) {
      expect(found).toContain(code)
    }
  })

  it('orders findings from serious to note', () => {
    const order = ['serious', 'caution', 'note']
    const places = judgePlan(planOf(), { rounds: 50 }).findings.map((f) => order.indexOf(f.gravity))
    expect(places).toEqual([...places].sort())
  })
})

describe('a simulated round', () => {
  it('is scored by the rig exactly as its rows are by the sealed rules', () => {
    const items: readonly Step[] = [
      { rule: 'mean', over: 'epochs' },
      { rule: 'median', over: 'items' },
      { rule: 'mean', over: 'benchmarks' },
      { rule: 'best_team' },
    ]
    const plan = planOf(withSteps(0, items))
    const assumptions = completeAssumptions(plan, { items: 7 })
    const designs = leavesOf(plan).map((leaf) => designOf(plan, leaf, assumptions))
    const rig = createRig(plan, designs, assumptions)
    for (const seed of ['a', 'b', 'c']) {
      const rng = createRng(seed)
      const noise = new Map(
        designs.map((design) => [design.leaf.id, drawNoise(design, assumptions, rng)]),
      )
      const world = {
        noise,
        quality: (_: string, t: number) => 0.7 - 0.05 * t,
        ticket: [0, 0, 0, 0],
      }
      const found = rig?.run(world)
      const files = designs.map((design) => rowsOf(plan, design, createFill(design)(world)))
      const panels = simulateRound({ seed: 'check', sizes: SIZES }).files.slice(3)
      const { scored } = scoreSimulated({
        planText: JSON.stringify(plan),
        files: [...files, ...panels],
      })
      scored.board.teams.forEach(({ total }, t) => {
        const exact = total.kind === 'exact' ? toNumber(total.value) : Number.NaN
        expect(found?.evaluation.total[t]).toBeCloseTo(exact, 6)
      })
    }
  })
})

/** The simulated values of one part as a row file. */
function rowsOf(plan: Plan, design: Design, values: Float64Array): InputFile {
  const { leaf, shape, source } = design
  const perTeam = shape.reduce((a, b) => a * b, 1)
  const lines = Array.from(values, (value, c) => {
    const at = source[c] ?? 0
    const team = plan.teams[Math.floor(at / perTeam)]?.id
    const rest = at % perTeam
    const [, b = 1, e = 1] = shape
    const score = value.toFixed(9)
    if (leaf.measure.rows === 'items') {
      const [set, item, epoch] = [Math.floor(rest / (b * e)), Math.floor(rest / e) % b, rest % e]
      return `${team},set-${set + 1},item-${item},${epoch + 1},${score}`
    }
    if (leaf.measure.rows === 'rubric') {
      return `expert-${Math.floor(rest / b) + 1},${team},c${(rest % b) + 1},${score}`
    }
    return `user-${rest + 1},${team},${score}`
  })
  const header = {
    items: 'team,benchmark,item,epoch,score',
    rubric: 'panellist,team,criterion,score',
    ratings: 'panellist,team,score',
    values: '',
  }[leaf.measure.rows]
  const bytes = new TextEncoder().encode(`${header}\n${lines.join('\n')}\n`)
  return { role: 'rows', name: leaf.measure.source, path: `rows/${leaf.measure.source}.csv`, bytes }
}

describe('assumptions', () => {
  it('may differ by part, and keep their defaults elsewhere', () => {
    const plan = planOf()
    const given = parseAssumptions(
      'user_noise: 0.3\nparts:\n  user: { severity: 0.05 }\n',
      'a.yaml',
      plan,
    )
    const { parts } = completeAssumptions(plan, given)
    expect(parts['user']).toMatchObject({ noise: 0.3, severity: 0.05 })
    expect(parts['expert']).toMatchObject({ noise: 0.1, severity: 0.1 })
  })

  it('are refused at their line when unknown, out of range or about no part', () => {
    const plan = planOf()
    const faults = (text: string) => {
      try {
        parseAssumptions(text, 'a.yaml', plan)
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    expect(faults('levle: 0.5\n')).toContain('a.yaml:1:1 levle: unknown key "levle"')
    expect(faults('level: 1\nseverity: 2\n')).toContain('a.yaml:2:11 severity: 2 is too large')
    expect(faults('parts:\n  bench: { level: 0.5 }\n')).toContain('no measured part "bench"')
  })
})
