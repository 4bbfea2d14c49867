import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { simulateRound } from '../testing/simulated-round.ts'
import { EVERYBODY_ONCE, type RoundModel } from './round-model.ts'
import { standingOf } from './standing.ts'
import { weightSpace } from './weight-space.ts'

const SIZES = { teams: 2, benchmarks: 1, items: 2, epochs: 1, experts: 3, criteria: 1, users: 2 }

/** Two teams with these shares of the benchmark (40), expert (35) and user part (25). */
function explored(shares: readonly [readonly number[], readonly number[]]) {
  const { planText } = simulateRound({ seed: 'space', sizes: SIZES, draws: 10_000 })
  const { plan } = parsePlan(planText, 'plan.yaml')
  const parts = new Map(
    plan.parts.map((part, k) => [
      part.id,
      Float64Array.from(shares, (own) => part.points * (own[k] ?? 0)),
    ]),
  )
  const total = Float64Array.from(shares, (_, t) =>
    [...parts.values()].reduce((sum, own) => sum + (own[t] ?? 0), 0),
  )
  const evaluation = { total, parts }
  const model: RoundModel = {
    plan,
    teams: ['team-01', 'team-02'],
    populations: new Map(),
    leaves: [],
    evaluate: () => evaluation,
  }
  expect(model.evaluate(EVERYBODY_ONCE)).toBe(evaluation)
  const standing = standingOf(evaluation, plan, new Uint32Array(2))
  const [any, near] = weightSpace(model, { evaluation, standing, rng: createRng('space') })
  if (!any || !near) throw new Error('no space')
  return { any, near }
}

describe('the space of weights', () => {
  it('is all on the side of a team that is ahead everywhere', () => {
    const { any, near } = explored([
      [0.8, 0.8, 0.8],
      [0.7, 0.7, 0.7],
    ])
    expect(any).toMatchObject({ sameSet: 1, draws: 10_000 })
    expect(near.teams).toEqual([
      { team: 'team-01', first: 1, advancesByScore: 1 },
      { team: 'team-02', first: 0, advancesByScore: 0 },
    ])
  })

  it('has the volume that geometry gives', () => {
    // The first team is ahead by .1 in part 1 and behind by .1 in part 2: ahead iff w1 > w2, which
    // is half of the simplex.
    const { any, near } = explored([
      [0.8, 0.7, 0.7],
      [0.7, 0.8, 0.7],
    ])
    expect(any.teams[0]?.first).toBeGreaterThan(0.485)
    expect(any.teams[0]?.first).toBeLessThan(0.515)
    // w1 uniform on 32..48, w2 on 28..42: w2 > w1 is a triangle of sides 42−32 = 10 of 16 × 14.
    const wanted = 1 - 50 / (16 * 14)
    expect(Math.abs((near.teams[0]?.first ?? 0) - wanted)).toBeLessThan(0.015)
  })
})
