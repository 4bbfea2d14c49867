import { describe, expect, it } from 'vitest'
import type { Measure } from '../plan/measure.ts'
import type { Plan } from '../plan/plan.ts'
import { scoreSimulated } from '../testing/score-simulated.ts'
import { type SimulationOptions, simulateRound } from '../testing/simulated-round.ts'
import { analyseRound } from './analyse-round.ts'
import type { Sensitivity } from './sensitivity.ts'

// All rounds here are simulated.

const SIZES = { teams: 4, benchmarks: 2, items: 40, epochs: 2, experts: 6, criteria: 3, users: 20 }

function analysed(options: Partial<SimulationOptions> = {}): Sensitivity & { plan: Plan } {
  const round = simulateRound({ seed: 'analysis', sizes: SIZES, ...options })
  const { plan, rows, scored } = scoreSimulated(round)
  return { plan, ...analyseRound({ plan, rows, scored, alternatives: [] }) }
}

const withMeasure = (part: number, change: (measure: Measure) => Measure) => (plan: Plan) => ({
  ...plan,
  parts: plan.parts.map((entry, i) =>
    i === part && entry.measure ? { ...entry, measure: change(entry.measure) } : entry,
  ),
})

describe('the analysis beside the decision', () => {
  it('gives the same answer for the same rows in any order, and another for another seed', () => {
    const round = simulateRound({ seed: 'order', sizes: SIZES })
    const turned = {
      ...round,
      files: [...round.files].reverse().map((file) => {
        const [header, ...lines] = new TextDecoder().decode(file.bytes).trim().split('\n')
        const text = [header, ...lines.reverse()].join('\n')
        return { ...file, bytes: new TextEncoder().encode(text) }
      }),
    }
    const [a, b] = [round, turned].map((own) => {
      const { plan, rows, scored } = scoreSimulated(own)
      return analyseRound({ plan, rows, scored, alternatives: [] })
    })
    expect(a).toEqual(b)
    const other = analysed({
      change: (plan) => ({ ...plan, analysis: { ...plan.analysis, seed: 'other' } }),
    })
    expect(other.rankProbabilities).not.toEqual(analysed().rankProbabilities)
  })

  it('has probabilities that add up', () => {
    const { rankProbabilities, pairs, draws } = analysed()
    for (const { ranks, advancesByScore, undecided } of rankProbabilities) {
      expect(ranks.reduce((x, y) => x + y, 0)).toBeCloseTo(1, 10)
      expect(advancesByScore + undecided).toBeLessThanOrEqual(1)
    }
    const expected = rankProbabilities.reduce((sum, team) => sum + team.advancesByScore, 0)
    expect(expected).toBeCloseTo(2, 10)
    expect(pairs.filter((pair) => pair.isCut)).toHaveLength(1)
    expect(draws).toMatchObject({ asked: 400, used: 400, discarded: 0, monteCarloError: 0.025 })
  })

  it('calls a wide gap clear and equal teams not separable', () => {
    const wide = analysed({ strength: (t) => 0.9 - 0.2 * t })
    expect(wide.pairs.map((pair) => pair.words)).toEqual(['clear', 'clear', 'clear'])
    expect(wide.advancingSet).toMatchObject({ kind: 'measured', words: 'clear', given: [] })
    const level = analysed({ strength: () => 0.7 })
    expect(level.pairs.map((pair) => pair.words)).toContain('not separable')
  })

  it('says that one panellist carries no information, and never gives a width of zero', () => {
    const one = analysed({ sizes: { ...SIZES, users: 1 }, strength: (t) => 0.9 - 0.2 * t })
    expect(one.notes).toContainEqual({ code: 'held_fixed', part: 'user', reason: 'one_unit' })
    expect(one.notes).toContainEqual({ code: 'capped_at_likely', points: 25 })
    const users = one.partIntervals.filter((entry) => entry.part === 'user')
    expect(users).toHaveLength(4)
    for (const { points } of users) {
      expect(points).toEqual({ kind: 'no_information', reason: 'one_unit' })
    }
    expect(one.pairs.map((pair) => pair.words)).not.toContain('clear')
    expect(one.panels.find((panel) => panel.part === 'user')?.severity).toEqual({
      kind: 'no_information',
      reason: 'one_rater',
    })
  })

  it('never calls a result clear when four panellists are behind a part', () => {
    const few = analysed({ sizes: { ...SIZES, users: 4 }, strength: (t) => 0.9 - 0.2 * t })
    expect(few.notes).toContainEqual({ code: 'few_units', part: 'user', units: 4 })
    expect(few.pairs.map((pair) => pair.words)).toEqual(['likely', 'likely', 'likely'])
  })

  it('says so when nothing at all can be resampled', () => {
    const sizes = { ...SIZES, benchmarks: 1, items: 1, experts: 1, users: 1 }
    const none = analysed({ sizes, strength: (t) => 0.9 - 0.2 * t })
    expect(none.rankProbabilities).toEqual([])
    expect(none.advancingSet).toEqual({ kind: 'no_information', reason: 'nothing_to_resample' })
    expect(none.notes).toContainEqual({
      code: 'no_rank_probabilities',
      reason: 'nothing_to_resample',
    })
    expect(none.weightSwaps.length).toBeGreaterThan(0)
  })

  it('tells that the best team has full marks in every draw, instead of an interval of no width', () => {
    const best = analysed({
      strength: (t) => (t === 0 ? 0.95 : 0.3),
      change: withMeasure(2, (measure) => ({
        ...measure,
        steps: [{ rule: 'sum', over: 'raters' }, { rule: 'best_team' }],
      })),
    })
    expect(best.partIntervals).toContainEqual({
      part: 'user',
      team: 'team-01',
      points: { kind: 'no_information', reason: 'no_variation' },
    })
  })

  it('keeps a team whose total is unknown from being given a probability', () => {
    const round = simulateRound({ seed: 'gap', sizes: SIZES })
    const files = round.files.filter((file) => file.name !== 'user')
    const { plan, rows, scored } = scoreSimulated({ ...round, files })
    const found = analyseRound({ plan, rows, scored, alternatives: [] })
    expect(found.rankProbabilities).toEqual([])
    expect(found.advancingSet).toEqual({ kind: 'no_information', reason: 'totals_unknown' })
    expect(found.panels.map((panel) => panel.part)).toEqual(['expert'])
  })
})

describe('a part of which only the scores were published', () => {
  it('is held fixed at its printed figure, named, and has no interval', () => {
    const round = simulateRound({ seed: 'printed', sizes: SIZES })
    const lines = [1, 2, 3, 4].map((t) => `user,score,team-0${t},${18 - t}.5,printed`)
    const facts = {
      role: 'facts' as const,
      name: 'published',
      path: 'facts/published.csv',
      bytes: new TextEncoder().encode(`part,statistic,teams,value,source\n${lines.join('\n')}\n`),
    }
    const files = [...round.files.filter((file) => file.name !== 'user'), facts]
    const { plan, rows, scored } = scoreSimulated({ ...round, files })
    const found = analyseRound({ plan, rows, scored, alternatives: [] })
    expect(found.notes).toContainEqual({ code: 'held_fixed', part: 'user', reason: 'no_rows' })
    expect(found.notes).toContainEqual({ code: 'capped_at_likely', points: 25 })
    expect(found.rankProbabilities).toHaveLength(4)
    expect(found.partIntervals.map((entry) => entry.part)).not.toContain('user')
    expect(found.advancingSet).toMatchObject({ kind: 'measured', given: ['user'] })
    expect(found.pairs.map((pair) => pair.words)).not.toContain('clear')
  })
})

describe('leaving one out', () => {
  it('equals scoring the rows again without them, exactly', () => {
    const options = { seed: 'without', sizes: SIZES, strength: () => 0.7 }
    const round = simulateRound(options)
    const found = analysed(options)
    const without = (kind: string, label: string) => {
      const files = round.files.map((file) => {
        const [header, ...lines] = new TextDecoder().decode(file.bytes).trim().split('\n')
        const left = lines.filter((line) => {
          const [first, , third] = line.split(',')
          return kind === 'panellist' ? first !== label : third !== label
        })
        return { ...file, bytes: new TextEncoder().encode([header, ...left].join('\n')) }
      })
      return scoreSimulated({ ...round, files }).scored.board.ranking
    }
    const experts = found.leaveOneOut.find((e) => e.kind === 'panellist' && e.of === 'experts')
    const users = found.leaveOneOut.find((e) => e.kind === 'panellist' && e.of === 'users')
    expect(experts?.tried).toBe(6)
    expect(users?.tried).toBe(20)
    const official = scoreSimulated(round).scored.board.ranking
    let changed = 0
    for (const [entry, prefix, count] of [
      [experts, 'expert', 6],
      [users, 'user', 20],
    ] as const) {
      for (let j = 1; j <= count; j++) {
        const label = `${prefix}-${j}`
        const ranking = without('panellist', label)
        const listed = entry?.cases.find((own) => own.label === label)
        expect(listed?.ranking ?? official).toEqual(ranking)
        if (listed) changed++
      }
      expect(entry?.changeRanking).toBe(entry?.cases.length)
    }
    expect(changed).toBeGreaterThan(0)
  })

  it('tries every part, benchmark, criterion and group', () => {
    const tried = analysed().leaveOneOut.map(({ kind, of, tried: count }) => [kind, of, count])
    expect(tried).toEqual([
      ['part', 'stage', 3],
      ['benchmark', 'benchmark', 2],
      ['criterion', 'expert', 3],
      ['panellist', 'experts', 6],
      ['group', 'experts', 3],
      ['panellist', 'users', 20],
      ['group', 'users', 3],
    ])
  })

  it('lets a part keep its points when a benchmark or a criterion of a sum is left out', () => {
    const options = { seed: 'labels', sizes: { ...SIZES, benchmarks: 3 }, strength: () => 0.7 }
    const found = analysed(options)
    const official = scoreSimulated(simulateRound(options)).scored.board.ranking
    let changed = 0
    for (const label of ['c1', 'c2', 'c3', 'set-1', 'set-2', 'set-3']) {
      const listed = found.leaveOneOut
        .flatMap((entry) => entry.cases)
        .find((entry) => entry.label === label)
      expect(listed?.ranking ?? official).toEqual(rankingWithoutLabel(label, options))
      if (listed) changed++
    }
    expect(changed).toBeGreaterThan(0)
  })
})

/** The same rows and a plan that never had this criterion or benchmark. */
function rankingWithoutLabel(label: string, options: SimulationOptions): readonly string[] {
  const whole = simulateRound(options)
  const smaller = (measure: Measure): Measure => {
    if (measure.rows === 'items' && measure.benchmarks) {
      return { ...measure, benchmarks: measure.benchmarks.filter(({ id }) => id !== label) }
    }
    if (measure.rows !== 'rubric') return measure
    const criteria = measure.criteria.filter(({ id }) => id !== label)
    const full = criteria.reduce((sum, { scale }) => sum + scale.max, 0)
    const steps = measure.steps.map((step) =>
      step.rule === 'as_points' ? ({ rule: 'fraction_of_full_marks', full } as const) : step,
    )
    return { ...measure, criteria, steps }
  }
  const { planText } = simulateRound({
    ...options,
    change: (plan) => ({
      ...plan,
      parts: plan.parts.map((part) =>
        part.measure ? { ...part, measure: smaller(part.measure) } : part,
      ),
    }),
  })
  const files = whole.files.map((file) => {
    const lines = new TextDecoder().decode(file.bytes).trim().split('\n')
    const left = lines.filter((line) => !line.split(',').includes(label))
    return { ...file, bytes: new TextEncoder().encode(left.join('\n')) }
  })
  return scoreSimulated({ planText, files }).scored.board.ranking
}

describe('a change of points', () => {
  it('that is named brings the two level, and half of it does not', () => {
    const { plan, rows, scored } = scoreSimulated(
      simulateRound({ seed: 'swap', sizes: SIZES, strength: () => 0.7 }),
    )
    const { weightSwaps } = analyseRound({ plan, rows, scored, alternatives: [] })
    const totals = (points: ReadonlyMap<string, number>) =>
      new Map(
        scored.board.teams.map(({ team, parts }) => [
          team,
          parts.reduce((sum, part) => {
            const full = plan.parts.find((entry) => entry.id === part.part)?.points ?? 1
            const value = part.amount.kind === 'exact' ? part.amount.value : { n: 0n, d: 1n }
            return sum + ((points.get(part.part) ?? 0) * Number(value.n)) / Number(value.d) / full
          }, 0),
        ]),
      )
    const nominal = new Map(plan.parts.map((part) => [part.id, part.points]))
    let checked = 0
    for (const swap of weightSwaps) {
      if (swap.kind === 'none') continue
      const changed = (share: number) => {
        const points = new Map(nominal)
        const t = share * swap.points
        if (swap.kind === 'between') {
          points.set(swap.from, (nominal.get(swap.from) ?? 0) - t)
          points.set(swap.to, (nominal.get(swap.to) ?? 0) + t)
          return totals(points)
        }
        const own = nominal.get(swap.part) ?? 0
        for (const [id, value] of nominal) {
          points.set(id, id === swap.part ? own + t : (value * (100 - own - t)) / (100 - own))
        }
        return totals(points)
      }
      const name = (side: typeof swap.passed) => (side.kind === 'team' ? side.team : '')
      const gapAt = (share: number) => {
        const own = changed(share)
        return (own.get(name(swap.passed)) ?? 0) - (own.get(name(swap.overtakes)) ?? 0)
      }
      expect(gapAt(1)).toBeCloseTo(0, 8)
      expect(gapAt(0.5)).toBeGreaterThan(0)
      expect(gapAt(1.01)).toBeLessThan(0)
      checked++
    }
    expect(checked).toBeGreaterThan(4)
  })
})
