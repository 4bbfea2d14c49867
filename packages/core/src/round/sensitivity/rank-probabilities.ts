import { type BootstrapCounts, intervalOfValues } from './bootstrap.ts'
import type { Evaluation, RoundModel } from './round-model.ts'
import type {
  Certainty,
  HeldFixed,
  Interval,
  PairCertainty,
  PartInterval,
  RankProbabilities,
} from './sensitivity.ts'
import type { Standing } from './standing.ts'
import { wordFor } from './words.ts'

/** A round, its official standing, and what the draws gave. */
export type Resampled = {
  readonly model: RoundModel
  readonly baseline: { readonly evaluation: Evaluation; readonly standing: Standing }
  readonly counts: BootstrapCounts
  readonly held: ReadonlyMap<string, HeldFixed>
  /** Whether some part was not drawn, or from too few, so that nothing is called clear. */
  readonly isCapped: boolean
  /** Teams that the gate excludes although they are ranked. */
  readonly excluded: ReadonlySet<string>
}

/** Indices of the teams from first to last; tied teams in the order of the plan. */
export function officialOrder(standing: Standing): number[] {
  return Array.from(standing.rank, (_, t) => t).sort(
    (a, b) => (standing.rank[a] ?? 0) - (standing.rank[b] ?? 0) || a - b,
  )
}

export function rankProbabilities(resampled: Resampled): RankProbabilities[] {
  const { model, baseline, counts } = resampled
  return officialOrder(baseline.standing).map((t): RankProbabilities => {
    const team = model.teams[t] ?? ''
    const share = (count: number | undefined) => (count ?? 0) / counts.used
    const advancesByScore = share(counts.byScore[t])
    const undecided = share(counts.undecided[t])
    const sides = [1 - advancesByScore - undecided, advancesByScore, undecided]
    return {
      team,
      ranks: Array.from(counts.rank[t] ?? [], share),
      advancesByScore,
      advances: resampled.excluded.has(team) ? 0 : advancesByScore,
      undecided,
      total: intervalOfValues(counts.totals[t] ?? new Float64Array()),
      words: wordOf(sides[baseline.standing.byScore[t] ?? 0] ?? 0, resampled),
    }
  })
}

/** Neighbours in the official order. */
export function pairCertainties(resampled: Resampled): PairCertainty[] {
  const { model, baseline, counts } = resampled
  const order = officialOrder(baseline.standing)
  const teams = model.teams.length
  return order.slice(1).map((behind, i): PairCertainty => {
    const ahead = order[i] ?? 0
    const wins = counts.ahead[ahead * teams + behind] ?? 0
    const losses = counts.ahead[behind * teams + ahead] ?? 0
    const totals = baseline.evaluation.total
    return {
      ahead: model.teams[ahead] ?? '',
      behind: model.teams[behind] ?? '',
      gap: (totals[ahead] ?? 0) - (totals[behind] ?? 0),
      gapInterval: gapInterval(counts, ahead, behind),
      probability: wins / counts.used,
      level: (counts.used - wins - losses) / counts.used,
      isCut: baseline.standing.byScore[ahead] !== baseline.standing.byScore[behind],
      words: wordOf(wins / counts.used, resampled),
    }
  })
}

function gapInterval(counts: BootstrapCounts, ahead: number, behind: number): Interval {
  const own = counts.totals[ahead] ?? new Float64Array()
  const other = counts.totals[behind] ?? new Float64Array()
  return intervalOfValues(own.map((value, i) => value - (other[i] ?? 0)))
}

/** Whether the same teams would have gone further. */
export function setCertainty(resampled: Resampled): Certainty {
  const { model, baseline, counts } = resampled
  if (baseline.standing.byScore.includes(2)) {
    return { kind: 'no_information', reason: 'decision_open' }
  }
  const probability = counts.sameSet / counts.used
  return {
    kind: 'measured',
    teams: model.teams.filter((_, t) => baseline.standing.byScore[t] === 1),
    probability,
    words: wordOf(probability, resampled),
    given: [...resampled.held.keys()],
  }
}

/** Intervals of the points of each team in each measured part. */
export function partIntervals(resampled: Resampled): PartInterval[] {
  const { model, counts, held } = resampled
  return [...counts.parts].flatMap(([part, values]) =>
    model.teams.map((team, t): PartInterval => {
      const reason = held.get(part)
      const points: Interval = reason
        ? { kind: 'no_information', reason }
        : intervalOfValues(values[t] ?? new Float64Array())
      return { part, team, points }
    }),
  )
}

const wordOf = (probability: number, { model, isCapped }: Resampled) =>
  wordFor(probability, model.plan.analysis, { isCapped })
