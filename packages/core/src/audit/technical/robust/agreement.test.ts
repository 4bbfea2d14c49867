import { describe, expect, it } from 'vitest'
import { createRng } from '../../../base/rng.ts'
import { cutTo, scoreOf, standingOut, unitsOutOf } from './agreement.ts'
import { SIMULATED_COHORT, TOWER_COHORT } from './cohorts.ts'
import { conformalLog10P, rankAmong, rankingsOf } from './conformal.ts'

describe('how far the best place stands out', () => {
  it('is its gap to the second best', () => {
    expect(standingOut({ units: 96, counts: [1, 4, 3] })).toBe(1)
    expect(standingOut({ units: 96, counts: [5] })).toBe(5)
    expect(standingOut({ units: 96, counts: [2, 2] })).toBe(0)
  })

  it('does not shrink where a layer stands twice in the reference, or two stand in one', () => {
    expect(standingOut({ units: 100, counts: [98, 97, 0] })).toBe(88)
    expect(standingOut({ units: 100, counts: [50, 50] })).toBe(40)
  })

  it('is a share of all units', () => {
    const rows = [
      { units: 100, counts: [90, 10] },
      { units: 50, counts: [1, 1] },
    ]
    expect(scoreOf(rows)).toBeCloseTo(80 / 150, 12)
    expect(scoreOf([])).toBe(0)
  })
})

describe('a cohort', () => {
  const pair = [
    { units: 48, counts: [1, 0] },
    { units: 48, counts: [2, 3] },
  ]

  it('is cut to the shape of the suspect', () => {
    expect(cutTo(pair, { rows: 2, columns: 2, isOwnOnly: false })).toEqual(pair)
    expect(cutTo(pair, { rows: 1, columns: 1, isOwnOnly: false })).toEqual([
      { units: 48, counts: [3] },
    ])
    expect(cutTo(pair, { rows: 9, columns: 9, isOwnOnly: true })).toEqual([
      { units: 48, counts: [1] },
      { units: 48, counts: [3] },
    ])
  })

  it('is drawn from once more where the suspect has more places', () => {
    const own = { rows: 2, columns: 2, isOwnOnly: false }
    expect(rankingsOf(SIMULATED_COHORT, own)).toEqual([SIMULATED_COHORT.pairs])
    for (const shape of [
      { rows: 8, columns: 8, isOwnOnly: false },
      { rows: 8, columns: 1, isOwnOnly: true },
    ]) {
      const rankings = rankingsOf(SIMULATED_COHORT, shape)
      expect(rankings.map((pairs) => pairs.length)).toEqual([150, 1500])
      expect(rankings[1]![0]!.map(({ counts }) => counts.length)).toEqual(
        Array.from({ length: 8 }, () => shape.columns),
      )
      expect(rankingsOf(SIMULATED_COHORT, shape)).toEqual(rankings)
    }
  })

  it('must be beaten by the share of units and by their number', () => {
    const shape = { rows: 1, columns: 1, isOwnOnly: false }
    const one = (units: number, count: number) => [{ units, counts: [count] }]
    const cohort = { name: '', isSimulated: true, pairs: [one(50, 0), one(50, 2), one(50, 4)] }
    const rank = (units: number, count: number) => rankAmong(one(units, count), cohort, shape)
    expect(rank(50, 5)).toEqual({ log10P: Math.log10(1 / 4), isAtFloor: true })
    // Three of ten are a large share and few units; 40 of 1,000 are many units and a small share.
    expect(rank(10, 3)).toEqual({ log10P: Math.log10(2 / 4), isAtFloor: false })
    expect(rank(1000, 40)).toEqual({ log10P: Math.log10(3 / 4), isAtFloor: false })
  })
})

/**
 * Ranks of suspects with many layers, each count drawn from the cells of half a cohort and ranked in
 * the other half. Ranking the best place itself, not its gap to the next, is what must not be done.
 */
describe.each([
  ['bodies', SIMULATED_COHORT],
  ['towers', TOWER_COHORT],
] as const)('suspects deeper than the cohort of %s', (name, { pairs }) => {
  const cohort = { name, isSimulated: true, pairs: pairs.slice(0, 75) }
  const cells = pairs.slice(75).flatMap((rows) => rows.flatMap(({ counts }) => counts))
  const suspects = (rows: number, columns: number) => {
    const rng = createRng(`${name}/${rows}/${columns}`)
    const count = () => cells[rng.nextInt(cells.length)]!
    return Array.from({ length: 400 }, () =>
      Array.from({ length: rows }, () => ({
        units: 48,
        counts: Array.from({ length: columns }, count),
      })),
    )
  }

  it.each([
    [2, 8],
    [4, 4],
    [8, 8],
    [16, 2],
    [16, 16],
  ])('with %i layers against %i are not ranked too high', (rows, columns) => {
    const shape = { rows, columns, isOwnOnly: false }
    const among = rankingsOf(cohort, shape).map((pairs) => pairs.map(unitsOutOf))
    expect(among).toHaveLength(2)
    const log10Ps = suspects(rows, columns).map((suspect) =>
      Math.max(...among.map((scores) => conformalLog10P(unitsOutOf(suspect), scores))),
    )
    // Twice the level: a cohort of 75 is a sample itself.
    for (const level of [0.1, 0.05, 0.02]) {
      const share = log10Ps.filter((p) => p <= Math.log10(level)).length / log10Ps.length
      expect(share, `p ≤ ${level}`).toBeLessThanOrEqual(level + 4 * Math.sqrt(level / 400) + level)
    }
  })

  it('would be, by the best place alone', () => {
    const best = (rows: readonly { readonly counts: readonly number[] }[]) =>
      rows.reduce((sum, { counts }) => sum + Math.max(...counts), 0) / rows.length
    const ranked = cohort.pairs.map(best)
    const above = suspects(16, 16).filter(
      (suspect) => conformalLog10P(best(suspect), ranked) <= Math.log10(0.1),
    )
    expect(above.length / 400).toBeGreaterThan(0.9)
  })
})
