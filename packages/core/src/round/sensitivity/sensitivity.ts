/**
 * How sure the result is. It stands beside the decision and never changes it; every list is
 * empty when what it needs (raw rows, more than one part) is not there, and `notes` says so.
 */
export type Sensitivity = {
  /** The same rows under each sealed alternative rule. */
  readonly alternatives: readonly AlternativeResult[]
  readonly weightSwaps: readonly WeightSwap[]
  readonly rankProbabilities: readonly RankProbabilities[]
  readonly notes: readonly string[]
}

export type AlternativeResult = {
  /** Id of the alternative in the plan. */
  readonly rule: string
  readonly ranking: readonly string[]
  readonly advances: readonly string[]
  /** Team, printed total; null where it is not known. */
  readonly totals: Readonly<Record<string, string | null>>
  /** Whether another set of teams would advance. */
  readonly changesDecision: boolean
}

/** Moving `points` from one part to another lets `overtakes` pass `passed`. */
export type WeightSwap = {
  readonly overtakes: string
  readonly passed: string
  readonly from: string
  readonly to: string
  readonly points: number
}

export type RankProbabilities = {
  readonly team: string
  /** P(rank 1), P(rank 2), … */
  readonly ranks: readonly number[]
  /** P(advances by the sealed rule). */
  readonly advances: number
  readonly words: 'clear' | 'likely' | 'not separable'
}
