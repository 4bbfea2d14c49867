import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lnBinomialCoefficient, lnGamma } from './log-gamma.ts'
import {
  log10BinomialHalfTail,
  log10BinomialTail,
  log10ChiSquareTail,
  log10Complement,
  log10NormalTail,
  log10PoissonTail,
  log10StudentTail,
} from './log-tails.ts'

const casesOf = <T>(name: string): (T & { log10P: string })[] =>
  JSON.parse(
    readFileSync(new URL(`../../../../testdata/vectors/${name}.json`, import.meta.url), 'utf8'),
  ).cases

/** Ten digits of p, plus what a float64 of that size cannot hold. */
function expectTail(found: number, expected: string): void {
  const wanted = Number(expected)
  const allowed = (4e-11 + 1e-15 * Math.abs(wanted) * Math.LN10) / Math.LN10
  // p close to 1: the relative error of log10 p itself is what counts.
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(Math.min(allowed, Math.abs(wanted) * 1e-9))
}

describe('tails against 60-digit arithmetic', () => {
  it.each(casesOf<{ atLeast: number; trials: number; probability: number }>('binomial-tail'))(
    'binomial $atLeast of $trials at $probability',
    ({ atLeast, trials, probability, log10P }) => {
      expectTail(log10BinomialTail(atLeast, trials, probability), log10P)
    },
  )

  it.each(casesOf<{ atLeast: number; mean: number }>('poisson-tail'))(
    'Poisson $atLeast with mean $mean',
    ({ atLeast, mean, log10P }) => expectTail(log10PoissonTail(atLeast, mean), log10P),
  )

  it.each(casesOf<{ x: number; degrees: number }>('chi-square-tail'))(
    'chi-square $x with $degrees degrees',
    ({ x, degrees, log10P }) => expectTail(log10ChiSquareTail(x, degrees), log10P),
  )

  it.each(casesOf<{ z: number }>('normal-tail'))('normal $z', ({ z, log10P }) =>
    expectTail(log10NormalTail(z), log10P),
  )

  it.each(casesOf<{ t: number; degrees: number }>('student-tail'))(
    "Student's t $t with $degrees degrees",
    ({ t, degrees, log10P }) => expectTail(log10StudentTail(t, degrees), log10P),
  )

  it.each(casesOf<{ x: number; lnGamma: string }>('log-gamma'))(
    'logarithm of the gamma function at $x',
    (row) => {
      const wanted = Number(row.lnGamma)
      expect(Math.abs(lnGamma(row.x) - wanted)).toBeLessThan(2e-15 * Math.max(1, Math.abs(wanted)))
    },
  )
})

describe('tails', () => {
  it('are certain at nothing and impossible beyond everything', () => {
    expect(log10BinomialHalfTail(0, 10)).toBe(0)
    expect(log10BinomialHalfTail(-3, 0)).toBe(0)
    expect(log10BinomialHalfTail(11, 10)).toBe(Number.NEGATIVE_INFINITY)
    expect(log10PoissonTail(0, 2)).toBe(0)
    expect(log10ChiSquareTail(0, 3)).toBe(0)
  })

  it('fall with every further success and agree with counting', () => {
    const n = 31
    let weight = 0
    for (let k = n; k >= 0; k--) {
      weight += Math.round(Math.exp(lnBinomialCoefficient(n, k)))
      expect(10 ** log10BinomialHalfTail(k, n)).toBeCloseTo(weight / 2 ** n, 14)
      expect(log10BinomialHalfTail(k + 1, n)).toBeLessThan(log10BinomialHalfTail(k, n))
    }
    expect(weight).toBe(2 ** n)
  })

  it('reach far below the smallest float64 without losing digits', () => {
    const n = 400_000
    expect(log10BinomialHalfTail(n, n)).toBeCloseTo(-n * Math.log10(2), 9)
    expect(log10NormalTail(700)).toBeLessThan(-100_000)
    expect(log10PoissonTail(40_000, 1)).toBeLessThan(-160_000)
  })

  it('take milliseconds for ten million coins', () => {
    const started = performance.now()
    for (const k of [5_000_000, 5_000_500, 5_003_000, 7_000_000]) log10BinomialHalfTail(k, 1e7)
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('complement without losing the small part', () => {
    expect(log10Complement(-20)).toBeCloseTo(-1e-20 / Math.LN10, 30)
    expect(log10Complement(Math.log10(0.75))).toBeCloseTo(Math.log10(0.25), 14)
  })
})
