import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compare,
  equals,
  formatDecimal,
  formatFraction,
  parseDecimal,
  type Rational,
  rational,
  toNumber,
} from '../../base/rational.ts'
import type { ReducingStep, ScalingStep } from '../plan/steps.ts'
import { exactSum, isNone, type Result, reduceGroup } from './reduce.ts'
import { scaleAcross } from './scale.ts'

const q = (text: string | number): Rational => parseDecimal(String(text))!
const text = (result: Result | undefined): string =>
  !result ? 'nothing' : isNone(result) ? result.none : formatFraction(result)

const reduced = (
  step: Partial<ReducingStep> & { rule: string },
  values: (string | number)[],
  labels: string[] = [],
) => text(reduceGroup({ over: 'raters', ...step } as ReducingStep, values.map(q), labels))

const scaled = (
  step: ScalingStep,
  values: (string | number)[],
  targets: (string | number)[] = [],
) =>
  scaleAcross(step, {
    values: values.map(q),
    compared: values.map(() => true),
    targets: values.map((_, i) => (targets[i] === undefined ? undefined : q(targets[i]))),
  }).map(text)

describe('the conversions that the two stages of 2026 published', () => {
  // https://www.korea.kr/briefing/pressReleaseView.do?newsId=156739871 (annex 1) and
  // https://www.korea.kr/briefing/actuallyView.do?newsId=148970354
  it.each([
    [
      'B/A: 72 of 80 is 90 of 100',
      scaled({ rule: 'ratio_to_target', targets: 't', cap: 1 }, [72], [80]),
      '9/10',
    ],
    [
      'AAII × 25/100: 60 is 15 of 25',
      scaled({ rule: 'fraction_of_full_marks', full: 100 }, [60]),
      '3/5',
    ],
    [
      'mean × 15/5: 3.7 is 11.1 of 15',
      scaled({ rule: 'fraction_of_full_marks', full: 5 }, ['3.7']),
      '37/50',
    ],
  ])('%s', (_name, shares, expected) => {
    expect(shares).toEqual([expected])
  })

  it('give the points of the examples', () => {
    const points = (share: string, full: number) => {
      const [n = '0', d = '1'] = share.split('/')
      return formatDecimal(rational(BigInt(n) * BigInt(full), BigInt(d)), 2)
    }
    expect(points('3/5', 25)).toBe('15.00')
    expect(points('3/5', 15)).toBe('9.00')
    expect(points('37/50', 15)).toBe('11.10')
    expect(points('37/50', 10)).toBe('7.40')
  })

  it('best team = 25: sums of 200 and 180 are 25 and 22.5', () => {
    expect(scaled({ rule: 'best_team' }, [200, 180])).toEqual(['1', '9/10'])
  })

  it('trimmed expert mean: highest and lowest of ten are dropped', () => {
    const totals = [20, 25, 26, 27, 28, 29, 30, 31, 32, 35]
    expect(reduced({ rule: 'trimmed_mean', drop: 1 }, totals)).toBe('57/2')
  })
})

describe('reducing', () => {
  it.each([
    [{ rule: 'mean' }, ['0.1', '0.2'], '3/20'],
    [{ rule: 'mean' }, [1, 1, 0], '2/3'],
    [{ rule: 'sum' }, ['0.1', '0.2', '0.3'], '3/5'],
    [{ rule: 'median' }, [3, 1, 2], '2'],
    [{ rule: 'median' }, [4, 1, 3, 2], '5/2'],
    [{ rule: 'trimmed_mean', drop: 2 }, [1, 9, 2, 8, 5], '5'],
    [{ rule: 'trimmed_mean', drop: 1 }, [1, 2], '2 raters: dropping 1 at each end needs 3'],
    [{ rule: 'mean' }, [], 'no raters to reduce'],
  ] as const)('%o of %o is %s', (step, values, expected) => {
    expect(reduced(step, [...values])).toBe(expected)
  })

  it('weights by label, and says when a label has no weight', () => {
    const step = {
      rule: 'weighted_mean',
      over: 'benchmarks',
      weights: { a: 3, b: 1, c: 0 },
    } as const
    expect(reduced(step, [1, 0], ['a', 'b'])).toBe('3/4')
    expect(reduced(step, [1, 0], ['a', 'd'])).toBe('no weight for "d"')
    expect(reduced(step, [1], ['c'])).toBe('the benchmarks that are there have no weight')
  })

  it('never depends on the order, and sums exactly what a slow sum gives', () => {
    const values = fc.array(
      fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 30 })),
      { minLength: 3 },
    )
    fc.assert(
      fc.property(values, (pairs) => {
        const list = pairs.map(([n, d]) => rational(n, d))
        const common = list.reduce((d, value) => d * value.d, 1n)
        const slow = rational(
          list.reduce((n, v) => n + v.n * (common / v.d), 0n),
          common,
        )
        expect(equals(exactSum(list), slow)).toBe(true)
        for (const rule of ['mean', 'median', 'trimmed_mean'] as const) {
          const step = { rule, over: 'raters', drop: 1 } as ReducingStep
          expect(text(reduceGroup(step, list, []))).toBe(
            text(reduceGroup(step, [...list].reverse(), [])),
          )
        }
      }),
    )
  })
})

describe('scaling', () => {
  it.each([
    [{ rule: 'fraction_of_full_marks', full: 5, zero: 1 }, [1, 3, 5], ['0', '1/2', '1']],
    [{ rule: 'min_max' }, [10, 20, 30], ['0', '1/2', '1']],
    [{ rule: 'rank_points', shares: [1, 0.6, 0.2] }, [7, 9, 7], ['2/5', '1', '2/5']],
    [
      {
        rule: 'anchors',
        anchors: [
          { raw: 0, share: 0 },
          { raw: 10, share: 0.5 },
          { raw: 20, share: 1 },
        ],
      },
      [-5, 5, 15, 25],
      ['0', '1/4', '3/4', '1'],
    ],
    [{ rule: 'as_points' }, [12], ['12']],
    [
      { rule: 'best_team' },
      [0, 0],
      ['the best team has no positive value', 'the best team has no positive value'],
    ],
    [
      { rule: 'min_max' },
      [3, 3],
      ['all teams have the same value', 'all teams have the same value'],
    ],
  ] as [ScalingStep, number[], string[]][])('%o of %o is %o', (step, values, expected) => {
    expect(scaled(step, values)).toEqual(expected)
  })

  it('caps a ratio only where the plan says so', () => {
    expect(scaled({ rule: 'ratio_to_target', targets: 't', cap: 1 }, [90], [80])).toEqual(['1'])
    expect(scaled({ rule: 'ratio_to_target', targets: 't', cap: null }, [90], [80])).toEqual([
      '9/8',
    ])
    expect(scaled({ rule: 'ratio_to_target', targets: 't', cap: 1 }, [90])).toEqual([
      'the target model has no score',
    ])
  })

  it('takes the z-score with the deviation of all teams, to the digits that the plan keeps', () => {
    const step: ScalingStep = { rule: 'z_score', centre: 0.5, per_deviation: 0.2, digits: 12 }
    const [low, mid, high] = scaled(step, [2, 4, 6])
    // SD of 2, 4, 6 as a population is sqrt(8/3) = 1.632993161855…
    expect(mid).toBe('1/2')
    const [n = '', d = ''] = high!.split('/')
    expect(Number(n) / Number(d)).toBeCloseTo(0.5 + (0.2 * 2) / Math.sqrt(8 / 3), 11)
    expect(low).not.toBe(high)
    expect(scaled(step, [3, 3])).toEqual(['1/2', '1/2'])
  })

  it('leaves all shares of a relative rule unknown when a compared team has no value', () => {
    const shares = scaleAcross(
      { rule: 'best_team' },
      { values: [q(3), { none: 'no rows' }], compared: [true, true], targets: [] },
    )
    expect(shares.map(text)).toEqual(
      Array(2).fill('best_team compares the teams, and one has no value: no rows'),
    )
    const without = scaleAcross(
      { rule: 'best_team' },
      { values: [q(3), { none: 'no rows' }], compared: [true, false], targets: [] },
    )
    expect(without.map(text)).toEqual(['1', 'no rows'])
  })

  it('keeps the order of the teams under every rule that can', () => {
    const rules: ScalingStep[] = [
      { rule: 'best_team' },
      { rule: 'min_max' },
      { rule: 'fraction_of_full_marks', full: 100 },
      { rule: 'rank_points', shares: [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3] },
      { rule: 'z_score', centre: 0.5, per_deviation: 0.1, digits: 20 },
    ]
    const field = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(field, fc.constantFrom(...rules), (values, step) => {
        const shares = scaleAcross(step, {
          values: values.map(q),
          compared: values.map(() => true),
          targets: [],
        }) as Rational[]
        values.forEach((a, i) => {
          values.forEach((b, j) => {
            if (a > b) expect(compare(shares[i]!, shares[j]!)).toBeGreaterThanOrEqual(0)
          })
        })
        for (const share of shares) expect(toNumber(share)).toBeLessThanOrEqual(1)
      }),
    )
  })
})
