import type { Rng } from '../../base/rng.ts'
import type { Evaluation, RoundModel } from './round-model.ts'
import type { WeightSpace } from './sensitivity.ts'
import { type Standing, standingOf } from './standing.ts'

const NEAR = 0.2
const MOST_DRAWS = 10_000

/**
 * Rank acceptability (Lahdelma and Salminen 2001, SMAA-2): how much of the space of weights gives
 * the same result, with the shares of full marks as they are. Sealed rounding is not applied again.
 */
export function weightSpace(
  model: RoundModel,
  official: { readonly evaluation: Evaluation; readonly standing: Standing; readonly rng: Rng },
): WeightSpace[] {
  const parts = model.plan.parts
  if (parts.length < 2) return []
  const draws = Math.min(model.plan.analysis.draws, MOST_DRAWS)
  const shares = parts.map((part) =>
    (official.evaluation.parts.get(part.id) ?? new Float64Array()).map((x) => x / part.points),
  )
  const nominal = parts.map((part) => part.points)
  const any = official.rng.fork('any')
  const near = official.rng.fork('near')
  // Exponential variables brought to sum 1 are uniform on the simplex.
  const drawAny = () => nominal.map(() => -Math.log(1 - any.nextFloat()))
  const drawNear = () => nominal.map((w) => w * (1 + NEAR * (2 * near.nextFloat() - 1)))
  return [
    explore('any', drawAny, { model, shares, draws, official: official.standing }),
    explore('near', drawNear, { model, shares, draws, official: official.standing }),
  ]
}

function explore(
  range: WeightSpace['range'],
  draw: () => number[],
  context: {
    readonly model: RoundModel
    readonly shares: readonly Float64Array[]
    readonly draws: number
    readonly official: Standing
  },
): WeightSpace {
  const { model, shares, draws, official } = context
  const first = new Uint32Array(model.teams.length)
  const advances = new Uint32Array(model.teams.length)
  let sameSet = 0
  for (let d = 0; d < draws; d++) {
    const weights = draw()
    const sum = weights.reduce((a, b) => a + b, 0)
    const total = Float64Array.from(model.teams, (_, t) =>
      shares.reduce(
        (own, share, k) => own + ((weights[k] ?? 0) / sum) * model.plan.points * (share[t] ?? 0),
        0,
      ),
    )
    const standing = standingOf({ total, parts: new Map() }, model.plan, new Uint32Array())
    standing.rank.forEach((rank, t) => {
      if (rank === 1) first[t] = (first[t] ?? 0) + 1
      if (standing.byScore[t] === 1) advances[t] = (advances[t] ?? 0) + 1
    })
    if (standing.byScore.every((side, t) => side === official.byScore[t])) sameSet++
  }
  return {
    range,
    sameSet: sameSet / draws,
    teams: model.teams.map((team, t) => ({
      team,
      first: (first[t] ?? 0) / draws,
      advancesByScore: (advances[t] ?? 0) / draws,
    })),
    draws,
  }
}
