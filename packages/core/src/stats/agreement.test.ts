import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../base/rng.ts'
import {
  type AgreementLevel,
  alphaInterval,
  krippendorffAlpha,
  type RatedUnits,
} from './agreement.ts'
import { alphaReference } from './reference/agreement.ts'

const LEVELS: readonly AgreementLevel[] = ['nominal', 'ordinal', 'interval', 'ratio']

function rated(units: readonly (readonly number[])[]): RatedUnits {
  const starts = [0]
  for (const unit of units) starts.push((starts.at(-1) ?? 0) + unit.length)
  return { starts: Uint32Array.from(starts), values: Float64Array.from(units.flat()) }
}

const alphaOf = (units: readonly (readonly number[])[], level: AgreementLevel) => {
  const found = krippendorffAlpha(rated(units), level)
  return found.kind === 'measured' ? found.alpha : found.reason
}

/** Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): 4 observers, 12 units. */
const PUBLISHED =
  '1 1 . 1|2 2 3 2|3 3 3 3|3 3 3 3|2 2 2 2|1 2 3 4|4 4 4 4|1 1 2 1|2 2 2 2|. 5 5 5|. . 1 1|. . 3 .'
    .split('|')
    .map((unit) =>
      unit
        .split(' ')
        .filter((x) => x !== '.')
        .map(Number),
    )

describe("Krippendorff's alpha", () => {
  it.each([
    ['nominal', 0.743421],
    ['ordinal', 0.815388],
    ['interval', 0.849107],
    ['ratio', 0.797403],
  ] as const)('gives the published %s value of the 4 by 12 example', (level, wanted) => {
    expect(alphaOf(PUBLISHED, level)).toBeCloseTo(wanted, 6)
  })

  it('equals the pairwise definition at every level, with missing ratings', () => {
    const unit = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 0, maxLength: 6 })
    fc.assert(
      fc.property(fc.array(unit, { minLength: 2, maxLength: 8 }), (units) => {
        for (const level of LEVELS) {
          const found = krippendorffAlpha(rated(units), level)
          if (found.kind !== 'measured') continue
          expect(found.alpha).toBeCloseTo(alphaReference(rated(units), level), 10)
        }
      }),
    )
  })

  it('is 1 for panels that always agree and does not depend on the order of raters or units', () => {
    for (const level of LEVELS) {
      expect(
        alphaOf(
          [
            [1, 1, 1],
            [4, 4],
            [2, 2, 2, 2],
          ],
          level,
        ),
      ).toBe(1)
      const shuffled = PUBLISHED.map((unit) => [...unit].reverse()).reverse()
      expect(alphaOf(shuffled, level)).toBeCloseTo(alphaOf(PUBLISHED, level) as number, 12)
    }
  })

  it('does not change with the unit of measure at the interval level', () => {
    const scaled = PUBLISHED.map((unit) => unit.map((x) => 40 - 7.5 * x))
    expect(alphaOf(scaled, 'interval')).toBeCloseTo(0.849107, 6)
  })

  it('is about 0 for ratings drawn without regard to the unit', () => {
    const rng = createRng('chance')
    const units = Array.from({ length: 400 }, () =>
      Array.from({ length: 5 }, () => 1 + rng.nextInt(5)),
    )
    for (const level of LEVELS) expect(Math.abs(alphaOf(units, level) as number)).toBeLessThan(0.05)
  })

  it('says that there is no information instead of a number', () => {
    expect(alphaOf([[1, 2], [3]], 'ordinal')).toBe('fewer_than_two_units')
    expect(
      alphaOf(
        [
          [2, 2],
          [2, 2],
        ],
        'interval',
      ),
    ).toBe('no_variation')
    expect(
      alphaOf(
        Array.from({ length: 600 }, (_, u) => [u, u + 0.5]),
        'ordinal',
      ),
    ).toBe('too_many_values')
  })
})

describe('the interval of alpha', () => {
  it('covers the value of the population in about the stated share of panels', () => {
    // Simulated: a rating is the unit's level plus independent noise of the same variance, so
    // that α at the interval level tends to the intraclass correlation 1/2.
    const rng = createRng('coverage')
    const rounds = 200
    let covered = 0
    for (let round = 0; round < rounds; round++) {
      const units = Array.from({ length: 60 }, () => {
        const level = rng.nextNormal()
        return Array.from({ length: 4 }, () => level + rng.nextNormal())
      })
      const found = alphaInterval(rated(units), 'interval', {
        rng: rng.fork(`${round}`),
        draws: 300,
        coverage: 0.9,
      })
      if (found && found.low <= 0.5 && found.high >= 0.5) covered++
    }
    expect(covered / rounds).toBeGreaterThan(0.82)
    expect(covered / rounds).toBeLessThan(0.96)
  })

  it('does not exist where alpha does not', () => {
    const options = { rng: createRng(1), draws: 20, coverage: 0.95 }
    expect(alphaInterval(rated([[1, 2], [3]]), 'nominal', options)).toBeUndefined()
  })
})
