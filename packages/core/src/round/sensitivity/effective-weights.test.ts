import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectiveWeights } from './effective-weights.ts'

const part = (id: string, full: number, points: readonly number[]) => ({
  id,
  full,
  points: Float64Array.from(points),
})

describe('effective weights', () => {
  it('are the spread of each part over the spread of all', () => {
    // SDs 2, 1 and 0: nominal 40 : 35 : 25 becomes 2/3 : 1/3 : 0.
    const found = effectiveWeights(
      [part('a', 40, [30, 34]), part('b', 35, [27, 25]), part('c', 25, [20, 20])],
      'top',
    )
    expect(found.map((entry) => entry.nominal)).toEqual([0.4, 0.35, 0.25])
    expect(found.map((entry) => entry.effective)).toEqual([2 / 3, 1 / 3, 0])
    // Total 77 against 79: the deviations are −2 + 1 = −1, so the shares are 2, −1 and 0.
    expect(found.map((entry) => entry.varianceShare)).toEqual([2, -1, 0])
  })

  it('do not exist where all teams are level', () => {
    const found = effectiveWeights([part('a', 60, [30, 30]), part('b', 40, [20, 20])], 'measured')
    expect(found.map((entry) => entry.effective)).toEqual([undefined, undefined])
  })

  it('add up to 1, and so do the shares of variance', () => {
    const points = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), {
      minLength: 3,
      maxLength: 3,
    })
    fc.assert(
      fc.property(points, points, (a, b) => {
        const found = effectiveWeights([part('a', 50, a), part('b', 50, b)], 'top')
        for (const key of ['effective', 'varianceShare'] as const) {
          const sum = found.reduce((total, entry) => total + (entry[key] ?? 0.5), 0)
          expect(sum).toBeCloseTo(1, 6)
        }
      }),
    )
  })
})
