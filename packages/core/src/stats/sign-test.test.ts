import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, type Rng, randomPermutation } from '../base/rng.ts'
import { log10BinomialHalfTail } from './log-tails.ts'
import {
  type Alternative,
  mostDissenting,
  type SignTest,
  signTest,
  smallestDetectableMean,
} from './sign-test.ts'

function tested(c: ArrayLike<number>, alternative: Alternative = 'two-sided') {
  const result: SignTest = signTest(Float64Array.from(c), { alternative })
  if (result.kind !== 'tested') throw new Error(result.reason)
  return result
}

const statistics = fc.array(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
  { minLength: 1, maxLength: 60 },
)
const withASign = statistics.filter((c) => c.some((value) => value !== 0))

describe('the sign-flip test', () => {
  it('counts full agreement as 4 · 2^−N', () => {
    const c = Array.from({ length: 768 }, (_, i) => 0.1 + (i % 7) / 10)
    expect(tested(c).log10P).toBeCloseTo((2 - 768) * Math.log10(2), 9)
    expect(tested(c).direction).toBe('positive')
    expect(tested(c, 'positive').log10P).toBeCloseTo((1 - 768) * Math.log10(2), 9)
  })

  it('sees a model that was negated as a whole', () => {
    const c = new Array<number>(200).fill(-0.3)
    expect(tested(c).log10P).toBeCloseTo((2 - 200) * Math.log10(2), 10)
    expect(tested(c).direction).toBe('negative')
    expect(tested(c, 'positive').log10P).toBe(0)
    expect(tested(c, 'negative').log10P).toBeCloseTo((1 - 200) * Math.log10(2), 10)
  })

  it('prints twice the smaller of two p-values, each two-sided', () => {
    const c = [3, 1, -0.5, 2, 2.5, 0, 1.5, -1, 4, 2, 1, 1, 3, 2, 0]
    const result = tested(c)
    const sum = c.reduce((a, b) => a + b, 0)
    const squares = c.reduce((a, b) => a + b * b, 0)
    expect(result).toMatchObject({ n: 13, positive: 11, sum, sumOfSquares: squares })
    expect(10 ** result.log10PBinomial).toBeCloseTo(2 * 10 ** log10BinomialHalfTail(11, 13), 14)
    expect(10 ** result.log10PHoeffding).toBeCloseTo(2 * Math.exp((-sum * sum) / (2 * squares)), 14)
    const smaller = Math.min(result.log10PBinomial, result.log10PHoeffding)
    expect(result.log10P).toBeCloseTo(smaller + Math.log10(2), 14)
  })

  it('drops units without a sign and says so when none is left', () => {
    expect(tested([0, 1, -0, 2])).toMatchObject({ n: 2, positive: 2, meanCorrelation: 1.5 })
    expect(signTest(new Float64Array(5))).toMatchObject({ kind: 'inconclusive' })
    expect(signTest(new Float64Array(0))).toMatchObject({ kind: 'inconclusive' })
  })

  it('refuses statistics that are not finite', () => {
    expect(() => signTest(Float64Array.of(1, Number.NaN))).toThrow('statistic of unit 1')
    expect(() => signTest(Float64Array.of(Number.POSITIVE_INFINITY))).toThrow('unit 0')
  })

  it('does not change with the order of the units or the sign of all', () => {
    fc.assert(
      fc.property(withASign, fc.integer(), (c, seed) => {
        const order = randomPermutation(createRng(seed), c.length)
        const moved = Array.from(order, (i) => c[i]!)
        expect(tested(moved)).toEqual(tested(c))
        const negated = tested(c.map((value) => -value))
        expect(negated.log10P).toBe(tested(c).log10P)
        expect(negated.log10PHoeffding).toBe(tested(c).log10PHoeffding)
      }),
    )
  })

  it('does not change when every statistic is doubled', () => {
    fc.assert(
      fc.property(withASign, (c) => {
        expect(tested(c.map((value) => 2 * value)).log10P).toBe(tested(c).log10P)
      }),
    )
  })

  it('finds more when a negative statistic of a positive set turns positive', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.1, max: 9, noNaN: true }), { minLength: 2 }), (c) => {
        const oneAgainst = c.map((value, i) => (i === 0 ? -value : value))
        expect(tested(c).log10P).toBeLessThanOrEqual(tested(oneAgainst).log10P)
      }),
    )
  })

  it('keeps probabilities between 0 and 1', () => {
    fc.assert(
      fc.property(withASign, (c) => {
        for (const side of ['two-sided', 'positive', 'negative'] as const) {
          const result = tested(c, side)
          for (const p of [result.log10P, result.log10PBinomial, result.log10PHoeffding]) {
            expect(p).toBeLessThanOrEqual(0)
            expect(p).toBeGreaterThan(-1000)
          }
        }
      }),
    )
  })
})

const MAGNITUDES: Record<string, (rng: Rng) => number> = {
  equal: () => 1,
  'half-normal': (rng) => Math.abs(rng.nextNormal()),
  lognormal: (rng) => Math.exp(2 * rng.nextNormal()),
  Cauchy: (rng) => Math.abs(rng.nextNormal() / rng.nextNormal()),
}

describe('false positives under simulated fair signs', () => {
  it.each(Object.keys(MAGNITUDES))('stay below the level with %s sizes', (name) => {
    const rounds = 40_000
    const rng = createRng('sign null').fork(name)
    const levels = [0.2, 0.1, 0.05, 0.01, 1e-3]
    const keys = ['log10P', 'log10PBinomial', 'log10PHoeffding'] as const
    for (const side of ['two-sided', 'positive'] as const) {
      const hits = keys.map(() => levels.map(() => 0))
      for (let r = 0; r < rounds / 2; r++) {
        const n = 5 + rng.nextInt(30)
        const c = Float64Array.from({ length: n }, () =>
          rng.nextUint32() & 1 ? MAGNITUDES[name]!(rng) : -MAGNITUDES[name]!(rng),
        )
        const result = tested(c, side)
        keys.forEach((key, k) => {
          levels.forEach((level, l) => {
            if (result[key] <= Math.log10(level)) hits[k]![l]! += 1
          })
        })
      }
      hits.forEach((counts) => {
        counts.forEach((count, l) => {
          // The chance that a correct test shows more than this is below 1e-6 (binomial tail).
          const level = levels[l]!
          const most = (rounds / 2) * level + 5 * Math.sqrt((rounds / 2) * level) + 3
          expect(count).toBeLessThan(most)
        })
      })
    }
  })
})

describe('the smallest detectable mean', () => {
  it('is where the printed p-value meets the level', () => {
    const c = Float64Array.from({ length: 4096 }, (_, i) => Math.sin(1 + i * i))
    const figure = smallestDetectableMean(c, -9)
    if (figure.kind !== 'detectable') throw new Error('expected a figure')
    // Shift, then restore the root mean square, until mean = figure at the same rms.
    const rms = Math.sqrt(c.reduce((a, v) => a + v * v, 0) / c.length)
    const at = (mean: number) => {
      const own = c.reduce((a, v) => a + v, 0) / c.length
      const centred = c.map((v) => v - own)
      const spread = Math.sqrt(centred.reduce((a, v) => a + v * v, 0) / c.length)
      const scale = Math.sqrt(rms * rms - mean * mean) / spread
      return tested(centred.map((v) => v * scale + mean)).log10PHoeffding + Math.log10(2)
    }
    expect(at(figure.mean * 1.000001)).toBeLessThan(-9)
    expect(at(figure.mean * 0.999999)).toBeGreaterThan(-9)
    expect(figure.mean).toBeCloseTo(rms * Math.sqrt((2 * Math.log(4e9)) / 4096), 12)
  })

  it('promises only what the test keeps: a larger mean is never missed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 80 }),
        fc.double({ min: -8, max: -0.5, noNaN: true }),
        fc.double({ min: -0.2, max: 2, noNaN: true }),
        fc.constantFrom<Alternative>('two-sided', 'positive'),
        (noise, log10Alpha, shift, alternative) => {
          const c = Float64Array.from(noise, (value) => value + shift)
          fc.pre(c.some((value) => value !== 0))
          const figure = smallestDetectableMean(c, log10Alpha, { alternative })
          const result = tested(c, alternative)
          const mean =
            alternative === 'two-sided' ? Math.abs(result.meanCorrelation) : result.meanCorrelation
          if (figure.kind === 'undetectable') expect(result.log10P).toBeGreaterThan(log10Alpha)
          else if (mean > figure.mean * (1 + 1e-12)) {
            expect(result.log10P).toBeLessThanOrEqual(log10Alpha + 1e-12)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('does not exist where even full agreement is too little', () => {
    const few = new Float64Array(31).fill(0.5)
    expect(smallestDetectableMean(few, -9)).toEqual({
      kind: 'undetectable',
      n: 31,
      neededUnits: 32,
    })
    expect(tested(few).log10P).toBeGreaterThan(-9)
    expect(tested(new Float64Array(32).fill(0.5)).log10P).toBeLessThan(-9)
    expect(smallestDetectableMean(new Float64Array(32).fill(0.5), -9)).toEqual({
      kind: 'detectable',
      mean: 0.5,
    })
  })
})

describe('the most units that may disagree', () => {
  /** Nearly all of one sign, and sizes that range from equal ones to a few large ones. */
  const agreeing = fc
    .record({
      sizes: fc.array(fc.double({ noNaN: true, min: 0, max: 1 }), { minLength: 1, maxLength: 60 }),
      flips: fc.array(fc.nat(), { maxLength: 6 }),
      power: fc.constantFrom(0, 0.1, 1),
    })
    .map(({ sizes, flips, power }) => {
      const c = Float64Array.from(sizes, (size) => size ** power)
      for (const at of flips) c[at % c.length]! *= -1
      return c
    })

  it('are never outnumbered where the test reaches the level', () => {
    fc.assert(
      fc.property(agreeing, fc.nat({ max: 10 }), (c, more) => {
        const result = signTest(c)
        if (result.kind !== 'tested') return
        const dissenting = Math.min(result.positive, result.n - result.positive)
        expect(dissenting).toBeLessThanOrEqual(mostDissenting(c.length + more, result.log10P))
      }),
      { numRuns: 2000 },
    )
  })

  it('are few, and none where all units together are too few', () => {
    expect(mostDissenting(32, -6.08)).toBe(2)
    expect(mostDissenting(32, -9)).toBe(0)
    expect(mostDissenting(32, -9.1)).toBe(-1)
    expect(mostDissenting(4, 0)).toBe(2)
  })
})
