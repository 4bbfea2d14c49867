import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, randomPermutation } from '../base/rng.ts'
import { fisherCombine } from './fisher.ts'
import { bonferroniAdjust, holmAdjust } from './holm.ts'

const casesOf = <T>(name: string): T[] =>
  JSON.parse(
    readFileSync(new URL(`../../../../testdata/vectors/${name}.json`, import.meta.url), 'utf8'),
  ).cases
const logPs = fc.array(fc.double({ min: -400, max: 0, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
})

describe("Holm's adjustment", () => {
  it.each(casesOf<{ p: number[]; adjusted: number[] }>('holm'))('of $p', ({ p, adjusted }) => {
    const found = holmAdjust(p.map(Math.log10)).map((log10P) => 10 ** log10P)
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(adjusted[i]!, 14)
    })
  })

  it('keeps the order of the p-values, is never smaller than p nor larger than Bonferroni', () => {
    fc.assert(
      fc.property(logPs, (ps) => {
        const adjusted = holmAdjust(ps)
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p)
          expect(adjusted[i]).toBeLessThanOrEqual(bonferroniAdjust(p, ps.length))
          ps.forEach((q, j) => {
            if (p <= q) expect(adjusted[i]!).toBeLessThanOrEqual(adjusted[j]!)
          })
        })
      }),
    )
  })

  it('does not depend on the order in which hypotheses are listed', () => {
    fc.assert(
      fc.property(logPs, fc.integer(), (ps, seed) => {
        const order = Array.from(randomPermutation(createRng(seed), ps.length))
        const adjusted = holmAdjust(ps)
        expect(holmAdjust(order.map((i) => ps[i]!))).toEqual(order.map((i) => adjusted[i]!))
      }),
    )
  })

  it('holds the family-wise level on simulated dependent nulls', () => {
    const rng = createRng('holm')
    const rounds = 20_000
    let wrong = 0
    for (let r = 0; r < rounds; r++) {
      const together = rng.nextFloat()
      const ps = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? together : 1 - together))
      if (holmAdjust(ps.map(Math.log10)).some((p) => p <= Math.log10(0.05))) wrong++
    }
    expect(wrong / rounds).toBeLessThan(0.05 + 5 * Math.sqrt(0.05 / rounds))
  })

  it('refuses what is not a p-value', () => {
    expect(() => holmAdjust([0.1])).toThrow()
    expect(() => holmAdjust([Number.NaN])).toThrow()
    expect(holmAdjust([])).toEqual([])
  })
})

describe("Fisher's combination", () => {
  it.each(casesOf<{ p: number[]; log10P: string }>('fisher'))('of $p', ({ p, log10P }) => {
    expect(fisherCombine(p.map(Math.log10))).toBeCloseTo(Number(log10P), 9)
  })

  it('is the Poisson sum that even degrees allow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -12, max: 0, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (ps) => {
          const half = -Math.LN10 * ps.reduce((a, b) => a + b, 0)
          let term = Math.exp(-half)
          let sum = term
          for (let j = 1; j < ps.length; j++) {
            term *= half / j
            sum += term
          }
          expect(fisherCombine(ps)).toBeCloseTo(Math.log10(sum), 9)
        },
      ),
    )
  })

  it('of one p-value is that value, of none is one', () => {
    expect(fisherCombine([-37.25])).toBeCloseTo(-37.25, 12)
    expect(fisherCombine([])).toBe(0)
    expect(fisherCombine([-120_000, -3])).toBeLessThan(-119_000)
  })
})
