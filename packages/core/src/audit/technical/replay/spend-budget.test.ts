import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spendBudget, takeShare } from './spend-budget.ts'

const jobs = fc.array(
  fc.record({ costBytes: fc.integer({ min: 0, max: 10_000 }), isDivisible: fc.boolean() }),
  { maxLength: 30 },
)

describe('a budget of bytes', () => {
  it('is never passed, and leaves nothing out that it can pay for', () => {
    fc.assert(
      fc.property(jobs, fc.integer({ min: 0, max: 50_000 }), (priced, budget) => {
        const shares = spendBudget(priced, budget)
        const spent = priced.reduce((sum, { costBytes }, at) => sum + costBytes * shares[at]!, 0)
        expect(spent).toBeLessThanOrEqual(budget + 1e-6)
        shares.forEach((share, at) => {
          expect(share).toBeGreaterThanOrEqual(0)
          expect(share).toBeLessThanOrEqual(1)
          if (!priced[at]!.isDivisible) expect([0, 1]).toContain(share)
        })
        const all = priced.reduce((sum, { costBytes }) => sum + costBytes, 0)
        if (all <= budget) expect(shares.every((share) => share === 1)).toBe(true)
      }),
    )
  })

  it('gives what cheap pieces leave to the dearer ones', () => {
    const priced = [90, 10, 100].map((costBytes) => ({ costBytes, isDivisible: true }))
    expect(spendBudget(priced, 100)).toEqual([0.5, 1, 0.45])
  })
})

describe('a share of a list', () => {
  it('keeps the order, takes the number that was asked for, and reaches to both ends', () => {
    const all = Array.from({ length: 1000 }, (_, at) => at)
    for (const share of [0.016, 0.1, 0.5, 0.999, 1]) {
      const some = takeShare(all, share)
      expect(some).toHaveLength(Math.floor(1000 * share))
      expect(some).toEqual([...new Set(some)].sort((x, y) => x - y))
      expect(some[0]).toBe(0)
      expect(some.at(-1)).toBeGreaterThan(900)
    }
  })

  it('is nothing where it would say nothing', () => {
    expect(takeShare([1, 2, 3], 0.9)).toEqual([])
    expect(takeShare([1, 2, 3], 1)).toEqual([1, 2, 3])
  })
})
