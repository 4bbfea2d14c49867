import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../base/rng.ts'
import { intervalOf, sortedQuantile } from './percentile.ts'
import {
  meanReference,
  medianReference,
  repeated,
  trimmedMeanReference,
  weightedMeanReference,
} from './reference/weighted-groups.ts'
import { drawnOf, drawWeights, oneStratum, resamplable, strataOf } from './resample.ts'
import {
  type UnitGroups,
  weightedMean,
  weightedMedian,
  weightedSum,
  weightedTrimmedMean,
} from './weighted-groups.ts'

const oneGroup = (values: readonly number[]): UnitGroups => ({
  starts: Uint32Array.of(0, values.length),
  unit: Uint32Array.from(values, (_, i) => i),
  value: Float64Array.from(values),
})

describe('weighted rules', () => {
  const sample = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 1,
      maxLength: 12,
    })
    .map((pairs) => ({ values: pairs.map(([v]) => v), weights: pairs.map(([, w]) => w) }))

  it('treat a unit of weight k like k equal units', () => {
    fc.assert(
      fc.property(sample, fc.integer({ min: 1, max: 3 }), ({ values, weights }, drop) => {
        const list = repeated(values, weights)
        const out = new Float64Array(1)
        const given = Float64Array.from(weights)
        const groups = oneGroup(values)
        expect(weightedMean(groups)(given, out)).toBe(list.length > 0)
        if (list.length === 0) return
        expect(out[0]).toBeCloseTo(meanReference(list), 10)
        expect(weightedSum(groups)(given, out)).toBe(true)
        expect(out[0]).toBeCloseTo(meanReference(list) * list.length, 10)
        expect(weightedMedian(groups)(given, out)).toBe(true)
        expect(out[0]).toBeCloseTo(medianReference(list), 10)
        expect(weightedTrimmedMean(groups, drop)(given, out)).toBe(list.length > 2 * drop)
        if (list.length > 2 * drop) expect(out[0]).toBeCloseTo(trimmedMeanReference(list, drop), 10)
      }),
    )
  })

  it('keep groups apart and take each weight from its unit', () => {
    const groups: UnitGroups = {
      starts: Uint32Array.of(0, 2, 5),
      unit: Uint32Array.of(0, 2, 0, 1, 2),
      value: Float64Array.of(10, 20, 1, 2, 3),
    }
    const out = new Float64Array(2)
    expect(weightedMean(groups)(Float64Array.of(1, 5, 3), out)).toBe(true)
    expect([...out]).toEqual([17.5, (1 + 10 + 9) / 9])
    expect(weightedMean(groups)(Float64Array.of(0, 1, 0), out)).toBe(false)
  })
})

describe('the fast weighted mean', () => {
  it('equals the definition with gaps, repeated unit sets and zero weights', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const rng = createRng(seed)
        const units = 2 + rng.nextInt(9)
        const starts = [0]
        const unit: number[] = []
        for (let g = 0; g < 6; g++) {
          // Half of the groups have every unit, the others a random few.
          const whole = rng.nextInt(2) === 0
          for (let u = 0; u < units; u++) if (whole || rng.nextInt(2) === 0) unit.push(u)
          starts.push(unit.length)
        }
        const groups: UnitGroups = {
          starts: Uint32Array.from(starts),
          unit: Uint32Array.from(unit),
          value: Float64Array.from(unit, () => rng.nextNormal()),
        }
        const weights = Float64Array.from({ length: units }, () => rng.nextInt(3))
        const [fast, slow] = [new Float64Array(6), new Float64Array(6)]
        const answered = weightedMean(groups)(weights, fast)
        expect(answered).toBe(weightedMeanReference(groups)(weights, slow))
        if (!answered) return
        fast.forEach((value, g) => {
          expect(value).toBeCloseTo(slow[g] ?? Number.NaN, 12)
        })
      }),
    )
  })
})

describe('resampling weights', () => {
  it.each([5, 1000, 20_000])('draw every one of %i members equally often', (size) => {
    const weights = new Float64Array(size)
    const sum = new Float64Array(size)
    const rng = createRng(`uniform ${size}`)
    const draws = Math.ceil(200_000 / size)
    for (let d = 0; d < draws; d++) {
      drawWeights(oneStratum(size), rng, { weights, scratch: new Float64Array(0) })
      for (let u = 0; u < size; u++) sum[u] = (sum[u] ?? 0) + (weights[u] ?? 0)
    }
    // Counts are multinomial: Pearson's statistic has mean size − 1 and variance 2(size − 1).
    const drawn = drawnOf(size)
    const expected = (draws * drawn) / size
    const statistic = sum.reduce(
      (total, own) => total + ((own * drawn) / size - expected) ** 2 / expected,
      0,
    )
    const degrees = size - 1
    expect(Math.abs(statistic - degrees)).toBeLessThan(5 * Math.sqrt(2 * degrees))
  })

  it('add up to the size of each stratum and keep a single unit as it is', () => {
    const sampled = strataOf(Uint32Array.of(0, 1, 0, 2, 0, 1))
    const weights = new Float64Array(6)
    const rng = createRng(7)
    for (let i = 0; i < 50; i++) {
      drawWeights(sampled, rng, { weights, scratch: new Float64Array(0) })
      expect((weights[0] ?? 0) + (weights[2] ?? 0) + (weights[4] ?? 0)).toBeCloseTo(3, 12)
      expect((weights[1] ?? 0) + (weights[5] ?? 0)).toBeCloseTo(2, 12)
      expect(weights[3]).toBe(1)
    }
    expect(resamplable(sampled)).toEqual({ any: true, fixedStrata: 1 })
    expect(resamplable(oneStratum(1))).toEqual({ any: false, fixedStrata: 1 })
  })

  it("give a mean the variance of Student's t, also for a panel of ten", () => {
    const values = [21, 25, 26, 26.5, 27, 28, 28.5, 30, 31, 34]
    const mean = meanReference(values)
    // s²/n times ν/(ν − 2) for ν = 9 degrees of freedom.
    const wanted = ((values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (10 * 9)) * 9) / 7
    const sampled = oneStratum(10)
    const weights = new Float64Array(10)
    const reduce = weightedMean(oneGroup(values))
    const rng = createRng('ten')
    let squares = 0
    for (let i = 0; i < 40_000; i++) {
      drawWeights(sampled, rng, { weights, scratch: new Float64Array(0) })
      const out = new Float64Array(1)
      reduce(weights, out)
      squares += ((out[0] ?? 0) - mean) ** 2
    }
    expect(squares / 40_000 / wanted).toBeGreaterThan(0.97)
    expect(squares / 40_000 / wanted).toBeLessThan(1.03)
  })

  it('draw three fewer than there are, and at least one', () => {
    expect([2, 3, 4, 5, 10, 1000].map(drawnOf)).toEqual([1, 1, 1, 2, 7, 997])
  })

  it('are the same multiples of n/(n−3) however the units are numbered', () => {
    const weights = new Float64Array(10)
    drawWeights(oneStratum(10), createRng(3), { weights, scratch: new Float64Array(0) })
    for (const weight of weights) expect((weight * 7) / 10).toBeCloseTo(Math.round(weight * 0.7), 9)
  })

  it('depend on the seed only', () => {
    const draw = (seed: string) => {
      const weights = new Float64Array(9)
      drawWeights(oneStratum(9), createRng(seed), { weights, scratch: new Float64Array(0) })
      return [...weights]
    }
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
  })
})

describe('percentiles', () => {
  it('interpolate between order statistics', () => {
    // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .9, 1]) = 1, 1.75, 3, 6.8, 8
    const sorted = Float64Array.of(1, 2, 4, 8)
    const found = [0, 0.25, 0.5, 0.9, 1].map((q) => sortedQuantile(sorted, q))
    ;[1, 1.75, 3, 6.8, 8].forEach((wanted, i) => {
      expect(found[i]).toBeCloseTo(wanted, 12)
    })
  })

  it('leave the stated share inside, whatever the order', () => {
    const { low, high } = intervalOf(Float64Array.of(8, 1, 4, 2), 0.5)
    expect([low, high]).toEqual([1.75, 5])
  })
})
