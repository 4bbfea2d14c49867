import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatDecimal,
  parseDecimal,
  type Rational,
  rational,
  toNumber,
} from '../../base/rational.ts'
import type { Plan } from '../plan/plan.ts'
import type { Fact, FactStatistic } from '../rows/facts.ts'
import { knowledgeOf } from './knowledge.ts'
import { maximise, startSimplex } from './simplex.ts'

/** A plan of parts with these points, two levels deep where a part is a list; rules do not matter. */
function planOf(
  teams: readonly string[],
  parts: Record<string, number | Record<string, number>>,
): Plan {
  const leaf = (id: string, points: number) => ({
    id,
    name: id,
    points,
    measure: {
      rows: 'ratings',
      by: 'x',
      source: id,
      panel: 'p',
      scale: { min: 0, max: 10 },
      missing: null,
      steps: [
        { rule: 'mean', over: 'raters' },
        { rule: 'fraction_of_full_marks', full: 10 },
      ],
    },
  })
  return {
    teams: teams.map((id) => ({ id, name: id })),
    parts: Object.entries(parts).map(([id, points]) =>
      typeof points === 'number'
        ? leaf(id, points)
        : {
            id,
            name: id,
            points: Object.values(points).reduce((a, b) => a + b, 0),
            parts: Object.entries(points).map(([inner, own]) => leaf(inner, own)),
          },
    ),
    rounding: {
      mode: 'half_up',
      carried: { leaf: null, group: null, total: null },
      printed: { score: 1, total: 1 },
    },
  } as unknown as Plan
}

let line = 1
const fact = (
  part: string,
  statistic: FactStatistic,
  value: string | undefined,
  teams: string[] = [],
): Fact => ({
  part,
  statistic,
  value: value === undefined ? undefined : parseDecimal(value),
  digits: value?.split('.')[1]?.length ?? 0,
  teams,
  source: 'test',
  file: 'facts/test.csv',
  line: line++,
})
const nothing = () => undefined
const range = (bounds: { least: Rational; most: Rational } | undefined) =>
  bounds ? [formatDecimal(bounds.least, 3), formatDecimal(bounds.most, 3)] : 'unbounded'

describe('published aggregates', () => {
  it('bound a score that was never published, and name the figures that prove it', () => {
    const plan = planOf(['a', 'b', 'c'], { x: 10 })
    const mean = fact('x', 'mean', '6.0')
    const best = fact('x', 'best', '8.0', ['a'])
    const knowledge = knowledgeOf(plan, [mean, best], nothing)
    // 3 × 5.95 − 8.05 − 8.05 = 1.75 at least; at most 8.05, since a is the best.
    expect(range(knowledge.boundsOf('b', 'x'))).toEqual(['1.750', '8.050'])
    expect(knowledge.boundsOf('b', 'x')?.because).toEqual(expect.arrayContaining([mean, best]))
    expect(range(knowledge.boundsOf('a', 'x'))).toEqual(['7.950', '8.050'])
    expect(knowledge.scoreOf('a', 'x')).toEqual({ value: rational(8), digits: 1 })
    expect(knowledge.scoreOf('b', 'x')).toBeUndefined()
  })

  it('add up over parts, and use scores that rows have settled', () => {
    const plan = planOf(['a', 'b'], { g: { x: 10, y: 20 }, z: 5 })
    const knowledge = knowledgeOf(plan, [fact('g', 'score', '25', ['a'])], (team, leaf) =>
      team === 'a' && leaf === 'x' ? rational(9) : undefined,
    )
    expect(range(knowledge.boundsOf('a', 'y'))).toEqual(['15.500', '16.500'])
    expect(range(knowledge.boundsOf('a', 'total'))).toEqual(['24.500', '30.500'])
    expect(range(knowledge.boundsOf('b', 'total'))).toEqual(['0.000', '35.000'])
  })

  it('are found to contradict each other, with the figures that do', () => {
    const plan = planOf(['a', 'b'], { x: 10, y: 10 })
    const high = fact('x', 'mean', '6.0')
    const low = fact('x', 'best', '5.0', ['a'])
    const harmless = fact('y', 'mean', '5')
    const knowledge = knowledgeOf(plan, [harmless, high, low], nothing)
    expect(knowledge.contradiction()).toEqual(expect.arrayContaining([high, low]))
    expect(knowledge.contradiction()).not.toContain(harmless)
    expect(knowledge.boundsOf('a', 'x')).toBeUndefined()
    expect(
      knowledgeOf(
        plan,
        [fact('x', 'mean', '6'), fact('x', 'best', '6', ['a'])],
        nothing,
      ).contradiction(),
    ).toBeUndefined()
  })

  it('keep the precision that was printed: 6.0 says more than 6', () => {
    const plan = planOf(['a', 'b'], { x: 10 })
    const width = (value: string) => {
      const bounds = knowledgeOf(plan, [fact('x', 'score', value, ['a'])], nothing).boundsOf(
        'a',
        'x',
      )
      return bounds ? toNumber(bounds.most) - toNumber(bounds.least) : 0
    }
    expect(width('6')).toBeCloseTo(1, 12)
    expect(width('6.00')).toBeCloseTo(0.01, 12)
  })

  it('never exclude the scores that they were computed from', () => {
    const score = fc.integer({ min: 0, max: 1000 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(score, score, score), { minLength: 2, maxLength: 6 }),
        fc.subarray(['best', 'mean', 'gap', 'group', 'total', 'one'], { minLength: 1 }),
        (hundredths, published) => {
          const teams = hundredths.map((_, i) => `t${i}`)
          const plan = planOf(teams, { g: { x: 10, y: 10 }, z: 10 })
          const values = hundredths.map(([x, y, z]) => ({
            x: x / 100,
            y: y / 100,
            z: z / 100,
            g: (x + y) / 100,
            total: (x + y + z) / 100,
          }))
          const list = (key: keyof (typeof values)[number]) => values.map((v) => v[key])
          const mean = (key: keyof (typeof values)[number]) =>
            list(key).reduce((a, b) => a + b, 0) / values.length
          const highest = Math.max(...list('x'))
          const holders = teams.filter((_, i) => values[i]?.x === highest)
          const all: Record<string, Fact> = {
            best: fact('x', 'best', highest.toFixed(1), holders),
            mean: fact('y', 'mean', mean('y').toFixed(2)),
            gap: fact('z', 'gap', (Math.max(...list('z')) - Math.min(...list('z'))).toFixed(1)),
            group: fact('g', 'mean', mean('g').toFixed(1)),
            total: fact('total', 'mean', mean('total').toFixed(0)),
            one: fact('total', 'score', (values[0]?.total ?? 0).toFixed(1), ['t0']),
          }
          const knowledge = knowledgeOf(
            plan,
            published.map((name) => all[name]!),
            nothing,
          )
          expect(knowledge.contradiction()).toBeUndefined()
          teams.forEach((team, i) => {
            for (const part of ['x', 'y', 'z', 'g', 'total'] as const) {
              const bounds = knowledge.boundsOf(team, part)
              expect(bounds, `${team} ${part}`).toBeDefined()
              // toFixed rounds the binary double, which may stand a hair beside a half.
              expect(toNumber(bounds!.least)).toBeLessThanOrEqual(values[i]![part] + 1e-9)
              expect(toNumber(bounds!.most)).toBeGreaterThanOrEqual(values[i]![part] - 1e-9)
            }
          })
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('the simplex method', () => {
  it('solves a textbook program (Cormen et al., 29.3: maximum 28)', () => {
    const rows = [
      [1, 1, 3],
      [2, 2, 5],
      [4, 1, 2],
    ].map((row) => Float64Array.from(row))
    const bounds = Float64Array.from([30, 24, 36])
    const start = startSimplex(rows, bounds)
    expect(start.kind).toBe('feasible')
    if (start.kind !== 'feasible') return
    const found = maximise(start.dictionary, Float64Array.from([3, 1, 2]))
    expect(found.kind).toBe('optimal')
    if (found.kind !== 'optimal') return
    const price = found.multipliers.reduce((sum, y, i) => sum + y * bounds[i]!, 0)
    expect(price).toBeCloseTo(28, 9)
  })

  it('says when nothing is feasible, and when there is no bound', () => {
    const infeasible = startSimplex(
      [Float64Array.from([1]), Float64Array.from([-1])],
      Float64Array.from([1, -2]),
    )
    expect(infeasible.kind).toBe('infeasible')
    const open = startSimplex([Float64Array.from([-1])], Float64Array.from([-1]))
    expect(open.kind === 'feasible' && maximise(open.dictionary, Float64Array.from([1])).kind).toBe(
      'unbounded',
    )
  })
})
