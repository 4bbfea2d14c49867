import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import { oneStratum } from '../../stats/resample.ts'
import { weightedMean } from '../../stats/weighted-groups.ts'
import type { Plan } from '../plan/plan.ts'
import { scoreSimulated } from '../testing/score-simulated.ts'
import { simulateRound } from '../testing/simulated-round.ts'
import { bootstrapRound, intervalOfValues } from './bootstrap.ts'
import { pairCertainties, rankProbabilities } from './rank-probabilities.ts'
import type { RoundModel } from './round-model.ts'
import { standingOf } from './standing.ts'

// All ratings here are simulated.

const { plan: PLAN } = scoreSimulated(
  simulateRound({
    seed: 'bootstrap',
    sizes: { teams: 2, benchmarks: 1, items: 1, epochs: 1, experts: 1, criteria: 1, users: 1 },
    change: (plan) => ({ ...plan, ties: null }),
  }),
)

/** A round of one part: the mean of one panel that rates every team. */
function panelModel(ratings: readonly (readonly number[])[], plan: Plan = PLAN): RoundModel {
  const teams = ratings.map((_, t) => `team-0${t + 1}`)
  const size = ratings[0]?.length ?? 0
  const labels = Array.from({ length: size }, (_, j) => `user-${j}`)
  const reduce = weightedMean({
    starts: Uint32Array.from(ratings.concat([[]]), (_, t) => t * size),
    unit: Uint32Array.from(ratings.flat(), (_, i) => i % size),
    value: Float64Array.from(ratings.flat()),
  })
  const key = 'panel users'
  const ones = new Float64Array(size).fill(1)
  const population = { key, labels, place: new Map(), sampled: oneStratum(size) }
  return {
    plan,
    teams,
    populations: new Map([[key, population]]),
    leaves: [],
    evaluate: (weights) => {
      const total = new Float64Array(teams.length)
      reduce(weights.get(key) ?? ones, total)
      return { total, parts: new Map() }
    },
  }
}

function resampled(model: RoundModel, options: { seed: string; draws: number }) {
  const evaluation = model.evaluate(new Map())
  if (!evaluation) throw new Error('no evaluation')
  const standing = standingOf(evaluation, model.plan, new Uint32Array(model.teams.length))
  const counts = bootstrapRound(model, standing, {
    rng: createRng(options.seed),
    draws: options.draws,
  })
  const baseline = { evaluation, standing }
  return { model, baseline, counts, held: new Map(), isCapped: false, excluded: new Set<string>() }
}

describe('rank probabilities', () => {
  it('agree with the enumeration of all draws of a small panel', () => {
    const ratings = [
      [5, 3, 4, 2, 4],
      [4, 4, 3, 3, 4],
      [3, 5, 3, 3, 2],
    ]
    // Of five panellists two are drawn: 25 equally likely draws.
    const exact = ratings.map(() => [0, 0, 0])
    for (let a = 0; a < 5; a++) {
      for (let b = 0; b < 5; b++) {
        const totals = ratings.map((own) => (own[a] ?? 0) + (own[b] ?? 0))
        totals.forEach((total, t) => {
          const rank = totals.filter((other) => other > total).length
          const row = exact[t] ?? []
          row[rank] = (row[rank] ?? 0) + 1 / 25
        })
      }
    }
    const draws = 40_000
    const found = rankProbabilities(resampled(panelModel(ratings), { seed: 'exact', draws }))
    for (const { team, ranks } of found) {
      const wanted = exact[Number(team.slice(-1)) - 1] ?? []
      // Four standard errors of a share of 40,000 draws: .01.
      ranks.forEach((share, r) => {
        expect(Math.abs(share - (wanted[r] ?? 0))).toBeLessThan(0.01)
      })
    }
  })

  it('count a tie for neither side', () => {
    const same = [3, 4, 5, 2, 4, 3]
    const [pair] = pairCertainties(resampled(panelModel([same, same]), { seed: 'tie', draws: 50 }))
    expect(pair).toMatchObject({ probability: 0, level: 1, words: 'not separable', gap: 0 })
    expect(pair?.gapInterval).toEqual({ kind: 'no_information', reason: 'no_variation' })
  })

  it('call two equal teams clearly apart in about one case of twenty, with a panel of ten', () => {
    // Simulated: severity and noise of the same size; .975 on either side allows 5 %.
    const rng = createRng('equal teams')
    const rounds = 600
    let clear = 0
    for (let round = 0; round < rounds; round++) {
      const severity = Array.from({ length: 10 }, () => rng.nextNormal())
      const ratings = [0, 1].map(() => severity.map((own) => own + rng.nextNormal()))
      const [pair] = pairCertainties(
        resampled(panelModel(ratings), { seed: `equal ${round}`, draws: 400 }),
      )
      if (pair?.words === 'clear') clear++
    }
    expect(clear / rounds).toBeGreaterThan(0.03)
    expect(clear / rounds).toBeLessThan(0.085)
  })

  it('mean what they say when true differences vary', () => {
    // Simulated: the true gap is drawn from a wide law; among cases called p, a share near p is right.
    const rng = createRng('calibration')
    const bins = [0, 0, 0, 0].map(() => ({ said: 0, right: 0, cases: 0 }))
    for (let round = 0; round < 1500; round++) {
      const gap = 1.5 * rng.nextNormal()
      const severity = Array.from({ length: 12 }, () => rng.nextNormal())
      const ratings = [gap, 0].map((level) => severity.map((own) => level + own + rng.nextNormal()))
      const { counts } = resampled(panelModel(ratings), { seed: `wide ${round}`, draws: 150 })
      const said = (counts.ahead[1] ?? 0) / counts.used
      const [sure, right] = said >= 0.5 ? [said, gap > 0] : [1 - said, gap <= 0]
      const bin = bins[sure < 0.7 ? 0 : sure < 0.85 ? 1 : sure < 0.975 ? 2 : 3]
      if (!bin) continue
      bin.said += sure
      bin.right += Number(right)
      bin.cases++
    }
    for (const { said, right, cases } of bins) {
      expect(cases).toBeGreaterThan(60)
      const error = Math.sqrt(0.25 / cases)
      expect(Math.abs(right - said) / cases).toBeLessThan(3.5 * error)
    }
  })
})

describe('the interval of a total', () => {
  it('covers the true mean in the stated share of panels of ten', () => {
    const rng = createRng('coverage')
    const rounds = 700
    let covered = 0
    for (let round = 0; round < rounds; round++) {
      const ratings = [Array.from({ length: 10 }, () => rng.nextNormal()), new Array(10).fill(0)]
      const { counts } = resampled(panelModel(ratings), { seed: `cover ${round}`, draws: 300 })
      const found = intervalOfValues(counts.totals[0] ?? new Float64Array())
      if (found.kind === 'interval' && found.low <= 0 && found.high >= 0) covered++
    }
    // 95 % is stated; of 700 panels the share itself has a standard error of .8 %.
    expect(covered / rounds).toBeGreaterThan(0.92)
    expect(covered / rounds).toBeLessThan(0.975)
  })
})
