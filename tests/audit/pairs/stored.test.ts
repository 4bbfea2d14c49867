import { beforeAll, describe, expect, it, vi } from 'vitest'
import { scoreOf } from '../../../packages/core/src/audit/technical/robust/agreement.ts'
import { SIMULATED_COHORT } from '../../../packages/core/src/audit/technical/robust/cohorts.ts'
import { calibrationModels, disjointPairs } from './calibration-set.ts'
import {
  expectEvenRanks,
  expectFairSigns,
  expectHonestRanks,
  expectSilence,
  expectSuperuniform,
  robustOutsideCohort,
  testsByName,
} from './null-checks.ts'
import { bodyOf, countLooks, type Looked, lookAtAll } from './second-look.ts'

// 840 pairs of independent trained transformers as they are stored, through all tiers. Pairs of one
// pairing share no model; pairs of different pairings do, so each pairing is judged by itself.

vi.mock('../../../packages/core/src/audit/technical/decide-component.ts', { spy: true })

const GATED = [1, 2, 3, 5]
const PLAIN = [1, 2, 3, 5, 6, 10]

/** Scores of the robust tier, in the order of the pairs. */
const scoresAt = new Map<number, readonly number[]>()

describe.each(GATED)('210 gated models against those %i places on', (shift) => {
  let looked: Looked[] = []
  beforeAll(async () => {
    looked = await lookAtAll(disjointPairs(await calibrationModels('swiglu'), shift))
    scoresAt.set(
      shift,
      looked.map((entry) => bodyOf(entry).robust!.score),
    )
  }, 240_000)

  it('were looked at a second time, every one, and none is accused', () => {
    expect(looked).toHaveLength(210)
    // Two families under three maps; 2 × 2 layers under three maps.
    expect(countLooks(looked)).toEqual({
      aligned: 210 * 6,
      cells: 210 * 12,
      experts: 0,
      robust: 210,
    })
    expectSilence(looked)
  })

  it('p-values behind an alignment are never too small, and signs are fair coins', () => {
    const named = testsByName(looked)
    expect(named.size).toBe(6 + 12)
    for (const [name, results] of named) {
      expect(results, name).toHaveLength(210)
      expectSuperuniform(name, results)
      expectFairSigns(name, results)
    }
  })

  it('scores of the robust tier rank evenly among the cohort', () => {
    const robust = robustOutsideCohort(looked)
    expect(robust).toHaveLength(60)
    expectHonestRanks(`shift ${shift}`, robust)
    expectEvenRanks(`shift ${shift}`, robust)
  })
})

it('the shipped cohort is the scores of the first 150 neighbours', () => {
  const scores = scoresAt.get(1)!.slice(0, 150)
  expect(scores).toEqual(SIMULATED_COHORT.pairs.map(scoreOf))
})

describe.each(PLAIN)('30 plain models against those %i places on', (shift) => {
  it('are aligned by their values, and none is accused', async () => {
    const looked = await lookAtAll(disjointPairs(await calibrationModels('gelu'), shift))
    expect(countLooks(looked)).toEqual({ aligned: 30 * 3, cells: 30 * 12, experts: 0, robust: 0 })
    expectSilence(looked)
    for (const [name, results] of testsByName(looked)) expectSuperuniform(name, results)
  }, 60_000)
})
