import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../base/rng.ts'
import { type PanelRatings, panelEffects } from './panel-effects.ts'
import { panelEffectsReference } from './reference/panel-effects.ts'

type Row = readonly [team: number, rater: number, criterion: number, value: number]

function ratingsOf(rows: readonly Row[]): PanelRatings {
  const column = (k: 0 | 1 | 2) => Uint32Array.from(rows, (row) => row[k])
  const size = (k: 0 | 1 | 2) => Math.max(...rows.map((row) => row[k])) + 1
  return {
    teams: size(0),
    raters: size(1),
    criteria: size(2),
    team: column(0),
    rater: column(1),
    criterion: column(2),
    value: Float64Array.from(rows, (row) => row[3]),
  }
}

function crossed(value: (t: number, j: number, c: number) => number, sizes = [4, 6, 3]): Row[] {
  const [teams = 0, raters = 0, criteria = 0] = sizes
  const rows: Row[] = []
  for (let t = 0; t < teams; t++) {
    for (let j = 0; j < raters; j++) {
      for (let c = 0; c < criteria; c++) rows.push([t, j, c, value(t, j, c)])
    }
  }
  return rows
}

const estimated = (rows: readonly Row[]) => {
  const found = panelEffects(ratingsOf(rows))
  if (found.kind !== 'estimated') throw new Error(found.reason)
  return found
}

describe('panel effects', () => {
  it('recovers additive effects exactly when there is no noise', () => {
    const generous = [0.5, -1.5, 1, 0.25, -0.5, 0.25]
    const found = estimated(crossed((t, j, c) => 10 + 2 * t + (generous[j] ?? 0) - 3 * c))
    generous.forEach((effect, j) => {
      expect(found.rater[j]).toBeCloseTo(effect, 10)
    })
    expect(found.mean).toBeCloseTo(10, 10)
    expect(found.residual).toBeCloseTo(0, 6)
  })

  it('is row mean minus grand mean, with the classical error, in a complete crossed design', () => {
    const rng = createRng('crossed')
    const rows = crossed(() => rng.nextNormal())
    const found = estimated(rows)
    const grand = rows.reduce((sum, row) => sum + row[3], 0) / rows.length
    for (let j = 0; j < 6; j++) {
      const own = rows.filter((row) => row[1] === j)
      const mean = own.reduce((sum, row) => sum + row[3], 0) / own.length
      expect(found.rater[j]).toBeCloseTo(mean - grand, 10)
      // σ²·(1/n_j)·(1 − 1/J) with n_j = 12 ratings and J = 6 raters.
      const error = (found.residual ?? 0) * Math.sqrt((1 / 12) * (1 - 1 / 6))
      expect(found.raterError?.[j]).toBeCloseTo(error, 10)
    }
    expect(found.degreesOfFreedom).toBe(72 - (1 + 3 + 5 + 2))
  })

  it('equals brute-force least squares with gaps in the design', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const rng = createRng(seed)
        // The first rater and the first team stay complete, so that everything is connected.
        const rows = crossed(() => 5 * rng.nextFloat()).filter(
          ([t, j]) => t === 0 || j === 0 || rng.nextFloat() < 0.6,
        )
        const found = estimated(rows)
        const wanted = panelEffectsReference(ratingsOf(rows))
        expect(found.mean).toBeCloseTo(wanted.mean, 8)
        wanted.team.forEach((effect, t) => {
          expect(found.team[t]).toBeCloseTo(effect, 8)
        })
        wanted.rater.forEach((effect, j) => {
          expect(found.rater[j]).toBeCloseTo(effect, 8)
          expect(found.raterError?.[j]).toBeCloseTo(wanted.raterError[j] ?? 0, 8)
        })
        wanted.criterion.forEach((effect, c) => {
          expect(found.criterion[c]).toBeCloseTo(effect, 8)
        })
      }),
      { numRuns: 40 },
    )
  })

  it('corrects a strict rater who saw only the weaker teams', () => {
    // Simulated: rater 5 rates teams 0 and 1 only, and is as generous as everybody.
    const rows = crossed((t) => 3 * t, [4, 6, 1]).filter(([t, j]) => j !== 5 || t < 2)
    const found = estimated(rows)
    for (const effect of found.rater) expect(effect).toBeCloseTo(0, 10)
  })

  it('has errors that cover the true effect in the stated share of panels', () => {
    const rng = createRng('error coverage')
    let covered = 0
    for (let round = 0; round < 400; round++) {
      const found = estimated(
        crossed((_, j) => (j === 0 ? 0.5 : -0.1) + rng.nextNormal(), [5, 6, 4]),
      )
      // Sum-to-zero: 0.5 − mean(0.5, −0.1 × 5) = 0.5; t with 109 degrees of freedom.
      if (Math.abs((found.rater[0] ?? 0) - 0.5) < 1.982 * (found.raterError?.[0] ?? 0)) covered++
    }
    expect(covered / 400).toBeGreaterThan(0.92)
    expect(covered / 400).toBeLessThan(0.98)
  })

  it('says so where raters cannot be compared', () => {
    expect(panelEffects(ratingsOf(crossed(() => 1, [3, 1, 2])))).toEqual({
      kind: 'no_information',
      reason: 'one_rater',
    })
    expect(panelEffects(ratingsOf(crossed(() => 1, [1, 3, 2])))).toEqual({
      kind: 'no_information',
      reason: 'one_team',
    })
    // Two halves of the panel that rate different teams.
    const apart = crossed((t, j) => t + j, [4, 6, 1]).filter(([t, j]) => t < 2 === j < 3)
    expect(panelEffects(ratingsOf(apart))).toEqual({
      kind: 'no_information',
      reason: 'not_connected',
    })
  })
})
