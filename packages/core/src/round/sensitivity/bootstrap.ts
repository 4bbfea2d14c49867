import type { Rng } from '../../base/rng.ts'
import { intervalOf } from '../../stats/percentile.ts'
import { drawWeights } from '../../stats/resample.ts'
import type { Evaluation, RoundModel } from './round-model.ts'
import type { Interval } from './sensitivity.ts'
import { type Standing, standingOf } from './standing.ts'

/** Draws kept for intervals; probabilities count all of them. */
const KEPT = 20_000
const COVERAGE = 0.95

/** Counts over all resampled rounds. Teams in the order of the model. */
export type BootstrapCounts = {
  readonly used: number
  readonly discarded: number
  /** rank[t][r]: draws in which team t has rank r + 1. */
  readonly rank: readonly Uint32Array[]
  readonly byScore: Uint32Array
  readonly undecided: Uint32Array
  /** ahead[a·teams + b]: draws in which a is ahead of b; a tie counts for neither. */
  readonly ahead: Uint32Array
  /** Draws in which the teams whose score advances are exactly those of the baseline. */
  readonly sameSet: number
  /** Per team, the totals of the first draws. */
  readonly totals: readonly Float64Array[]
  /** The same per part that rows feed. */
  readonly parts: ReadonlyMap<string, readonly Float64Array[]>
}

/**
 * Resamples every population once per draw, for all teams and parts at once, and runs the sealed
 * rules from the weighted units to the ranking. A draw in which a rule has no answer (a median of
 * nobody) is discarded and drawn again, at most as often as there are draws.
 */
export function bootstrapRound(
  model: RoundModel,
  baseline: Standing,
  options: { readonly rng: Rng; readonly draws: number },
): BootstrapCounts {
  const draw = createDraw(model, options.rng)
  const count = emptyCounts(model, options.draws)
  const tickets = options.rng.fork('lots')
  const ticket = new Float64Array(model.teams.length)
  let used = 0
  let discarded = 0
  let sameSet = 0
  while (used < options.draws && discarded <= options.draws) {
    const evaluation = model.evaluate(draw())
    if (!evaluation) {
      discarded++
      continue
    }
    for (let t = 0; t < ticket.length; t++) ticket[t] = tickets.nextUint32()
    const standing = standingOf(evaluation, model.plan, ticket)
    tally(count, { evaluation, standing, draw: used })
    if (standing.byScore.every((side, t) => side === baseline.byScore[t])) sameSet++
    used++
  }
  const cut = (all: readonly Float64Array[]) => all.map((values) => values.subarray(0, used))
  return {
    ...count,
    used,
    discarded,
    sameSet,
    totals: cut(count.totals),
    parts: new Map([...count.parts].map(([part, values]) => [part, cut(values)])),
  }
}

/** New weights of all populations on every call; each has its own stream, by its key. */
function createDraw(model: RoundModel, rng: Rng): () => ReadonlyMap<string, Float64Array> {
  const streams = [...model.populations.values()].map((population) => ({
    population,
    rng: rng.fork(population.key),
    weights: new Float64Array(population.labels.length),
    scratch: new Float64Array(population.sampled.members.length),
  }))
  const weights = new Map(streams.map((stream) => [stream.population.key, stream.weights]))
  return () => {
    for (const stream of streams) drawWeights(stream.population.sampled, stream.rng, stream)
    return weights
  }
}

type Counting = Omit<BootstrapCounts, 'used' | 'discarded' | 'sameSet'>

function emptyCounts(model: RoundModel, draws: number): Counting {
  const teams = model.teams.length
  const values = () => model.teams.map(() => new Float64Array(Math.min(draws, KEPT)))
  return {
    rank: model.teams.map(() => new Uint32Array(teams)),
    byScore: new Uint32Array(teams),
    undecided: new Uint32Array(teams),
    ahead: new Uint32Array(teams * teams),
    totals: values(),
    parts: new Map(model.leaves.map((leaf) => [leaf.part, values()])),
  }
}

function tally(
  count: Counting,
  result: { readonly evaluation: Evaluation; readonly standing: Standing; readonly draw: number },
): void {
  const { evaluation, standing, draw } = result
  const teams = standing.rank.length
  for (let t = 0; t < teams; t++) {
    const own = standing.rank[t] ?? 0
    const ranks = count.rank[t]
    if (ranks) ranks[own - 1] = (ranks[own - 1] ?? 0) + 1
    if (standing.byScore[t] === 1) count.byScore[t] = (count.byScore[t] ?? 0) + 1
    if (standing.byScore[t] === 2) count.undecided[t] = (count.undecided[t] ?? 0) + 1
    // Ranks are by total order, ties shared: a smaller rank is ahead.
    for (let other = 0; other < teams; other++) {
      const at = t * teams + other
      if (own < (standing.rank[other] ?? 0)) count.ahead[at] = (count.ahead[at] ?? 0) + 1
    }
    keep(count.totals[t], draw, evaluation.total[t])
  }
  for (const [part, kept] of count.parts) {
    const own = evaluation.parts.get(part)
    for (let t = 0; t < teams; t++) keep(kept[t], draw, own?.[t])
  }
}

function keep(values: Float64Array | undefined, draw: number, value: number | undefined): void {
  if (values && draw < values.length) values[draw] = value ?? 0
}

/** Percentile interval of what the draws gave; no width where they all gave the same. */
export function intervalOfValues(values: Float64Array): Interval {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  const error = Math.sqrt(squares / Math.max(1, values.length - 1))
  if (!(error > 1e-12 * Math.max(1, Math.abs(mean)))) {
    return { kind: 'no_information', reason: 'no_variation' }
  }
  return { kind: 'interval', ...intervalOf(values, COVERAGE), error, coverage: COVERAGE }
}
