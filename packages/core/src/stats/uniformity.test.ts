import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createRng } from '../base/rng.ts'
import { pearson, ranks, spearman } from './correlation.ts'
import { binomialGoodnessOfFit, kolmogorovSmirnov } from './uniformity.ts'

const casesOf = <T>(name: string): T[] =>
  JSON.parse(
    readFileSync(new URL(`../../../../testdata/vectors/${name}.json`, import.meta.url), 'utf8'),
  ).cases

describe('the Kolmogorov–Smirnov test', () => {
  const cases = casesOf<{ p: number[]; statistic: number; pValue: number }>('kolmogorov-smirnov')
  it.each(cases.map((row) => ({ ...row, n: row.p.length })))(
    'agrees with SciPy on $n values, p = $pValue',
    ({ p, statistic, pValue }) => {
      const found = kolmogorovSmirnov(p)
      expect(found.statistic).toBeCloseTo(statistic, 14)
      const tolerance = p.length <= 2000 || pValue < 1e-3 ? 1e-7 : 0.01
      expect(Math.abs(10 ** found.log10P / pValue - 1)).toBeLessThan(tolerance)
    },
  )

  it('is itself uniform on simulated uniform numbers and rejects others', () => {
    const rng = createRng('ks')
    const ps = Array.from({ length: 300 }, () => {
      const draws = Array.from({ length: 40 }, () => rng.nextFloat())
      return 10 ** kolmogorovSmirnov(draws).log10P
    })
    expect(kolmogorovSmirnov(ps).log10P).toBeGreaterThan(-4)
    const small = Array.from({ length: 300 }, () => rng.nextFloat() ** 2)
    expect(kolmogorovSmirnov(small).log10P).toBeLessThan(-10)
  })
})

describe('the test of binomial counts', () => {
  const [fair, biased, wide] = casesOf<{ trials: number; counts: number[] }>('binomial-counts')

  it('accepts fair counts and rejects biased ones', () => {
    const law = { trials: fair!.trials, probability: 0.5 }
    expect(binomialGoodnessOfFit(fair!.counts, law)!.log10P).toBeGreaterThan(-4)
    expect(binomialGoodnessOfFit(biased!.counts, law)!.log10P).toBeLessThan(-9)
    const many = binomialGoodnessOfFit(wide!.counts, { trials: 768, probability: 0.5 })!
    expect(many.degrees).toBeGreaterThan(30)
    expect(many.log10P).toBeGreaterThan(-4)
  })

  it('expects all draws somewhere and needs two cells', () => {
    expect(binomialGoodnessOfFit([3, 4], { trials: 8, probability: 0.5 })).toBeUndefined()
    expect(() => binomialGoodnessOfFit([9], { trials: 8, probability: 0.5 })).toThrow('count 9')
  })
})

describe('correlations', () => {
  it.each(
    casesOf<{ x: number[]; y: number[]; pearson: number; spearman: number }>('correlation').map(
      (row) => ({ ...row, n: row.x.length }),
    ),
  )('agree with SciPy on $n values', ({ x, y, pearson: r, spearman: rho }) => {
    expect(pearson(x, y)).toBeCloseTo(r, 11)
    expect(spearman(x, y)).toBeCloseTo(rho, 12)
    expect(
      pearson(
        x.map((value) => -value),
        y,
      ),
    ).toBe(-pearson(x, y)!)
  })

  it('do not exist for constants and short sequences', () => {
    expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBeUndefined()
    expect(spearman([2, 2], [1, 2])).toBeUndefined()
    expect(pearson([1], [1])).toBeUndefined()
    expect(pearson([], [])).toBeUndefined()
  })

  it('share ranks among equal values', () => {
    expect(Array.from(ranks([5, 1, 5, -2]))).toEqual([3.5, 2, 3.5, 1])
    expect(() => ranks([1, Number.NaN])).toThrow('NaN')
  })
})
