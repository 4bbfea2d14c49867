/**
 * How sure the result is. It stands beside the decision and never changes it. What cannot be
 * computed is absent from its list and named in `notes`; no number stands in for it.
 */
export type Sensitivity = {
  /** The same rows under each sealed alternative rule. */
  readonly alternatives: readonly AlternativeResult[]
  readonly weightSwaps: readonly WeightSwap[]
  /** Teams in the order of the official ranking. */
  readonly rankProbabilities: readonly RankProbabilities[]
  /** Neighbours in the official ranking, from the top. */
  readonly pairs: readonly PairCertainty[]
  readonly advancingSet: Certainty
  readonly partIntervals: readonly PartInterval[]
  readonly effectiveWeights: readonly EffectiveWeight[]
  readonly weightSpace: readonly WeightSpace[]
  readonly leaveOneOut: readonly LeaveOneOut[]
  readonly panels: readonly PanelStatistics[]
  readonly draws: DrawCount
  readonly notes: readonly SensitivityNote[]
}

export type CertaintyWord = 'clear' | 'likely' | 'not separable'

export type AlternativeResult = {
  /** Id of the alternative in the plan. */
  readonly rule: string
  readonly ranking: readonly string[]
  readonly advances: readonly string[]
  /** Teams of which it is not known whether they advance, officially or under this rule. */
  readonly open: readonly string[]
  /** Team, printed total; null where it is not known. */
  readonly totals: Readonly<Record<string, string | null>>
  /** Who advances under the official rule and not under this one, and the other way round. */
  readonly leaves: readonly string[]
  readonly enters: readonly string[]
  /** Whether another set of teams would advance, as far as `open` allows to say. */
  readonly changesDecision: boolean
}

/**
 * The smallest change of points after which `overtakes` and `passed` are level. `others`: the part
 * changes by `points` (negative: loses) and all other parts share that in proportion to their
 * points. `between`: `points` move from one part to the other. `none`: no change of that kind does
 * it while every part keeps between 0 and all points.
 */
export type WeightSwap = {
  readonly overtakes: Contestant
  readonly passed: Contestant
  /** first_place: against the leader; cut: between one whose score advances and one that does not. */
  readonly at: 'first_place' | 'cut'
  /** Whether the parts are the groups at the top of the plan or the measured parts. */
  readonly level: 'top' | 'measured'
} & (
  | { readonly kind: 'others'; readonly part: string; readonly points: number }
  | {
      readonly kind: 'between'
      readonly from: string
      readonly to: string
      readonly points: number
    }
  | { readonly kind: 'none' }
)

/** A team, or the number of points that the plan asks for. */
export type Contestant =
  | { readonly kind: 'team'; readonly team: string }
  | { readonly kind: 'threshold'; readonly points: number }

export type RankProbabilities = {
  readonly team: string
  /** P(rank 1), P(rank 2), …; tied teams share the better rank. */
  readonly ranks: readonly number[]
  /** P(the score alone takes the team further), before the gate is asked. */
  readonly advancesByScore: number
  /** P(advances by the sealed rule, given the gate as decided). */
  readonly advances: number
  /** P(tied across the cut, which no tie rule of the plan breaks). */
  readonly undecided: number
  readonly total: Interval
  /** Of the side of the cut on which the score puts the team. */
  readonly words: CertaintyWord
}

export type Interval =
  | {
      readonly kind: 'interval'
      readonly low: number
      readonly high: number
      /** Standard deviation over the draws, which allows for few units. */
      readonly error: number
      readonly coverage: number
    }
  | { readonly kind: 'no_information'; readonly reason: HeldFixed }

/** Whether `ahead` would still be ahead of `behind` had others been asked. */
export type PairCertainty = {
  readonly ahead: string
  readonly behind: string
  readonly gap: number
  readonly gapInterval: Interval
  /** P(ahead of), P(level with). */
  readonly probability: number
  readonly level: number
  readonly isCut: boolean
  readonly words: CertaintyWord
}

export type Certainty =
  | {
      readonly kind: 'measured'
      readonly teams: readonly string[]
      /** P(exactly these teams advance). */
      readonly probability: number
      readonly words: CertaintyWord
      /** Parts that could not be resampled: the probability is given that they are as they are. */
      readonly given: readonly string[]
    }
  | { readonly kind: 'no_information'; readonly reason: CertaintyGap }

export type CertaintyGap =
  /** Nobody's total, or not every competing team's, is known. */
  | 'totals_unknown'
  /** No part has rows that could be resampled. */
  | 'nothing_to_resample'
  /** The official answer waits for data, for the gate or for a tie rule. */
  | 'decision_open'

/** Why a part stayed as it is in every draw. */
export type HeldFixed =
  /** Only aggregates were published. */
  | 'no_rows'
  /** One figure per team and benchmark: no items and no panellists to draw from. */
  | 'one_figure'
  /** A single item or a single panellist. */
  | 'one_unit'
  /** Every draw gave the same points: equal ratings, or a rule such as full marks for the best. */
  | 'no_variation'

export type PartInterval = {
  readonly part: string
  readonly team: string
  readonly points: Interval
}

export type EffectiveWeight = {
  readonly part: string
  readonly level: 'top' | 'measured'
  /** Share of all points. */
  readonly nominal: number
  /** w·SD of the shares over Σ of the same; absent where all teams have equal scores everywhere. */
  readonly effective: number | undefined
  /** Covariance of the part with the total over the variance of the total; may be negative. */
  readonly varianceShare: number | undefined
}

/**
 * The result under random points of the uppermost parts, scores as they are. `any`: every division
 * of the points is equally likely; `near`: each part's points vary by up to a fifth and are then
 * brought to the same sum.
 */
export type WeightSpace = {
  readonly range: 'any' | 'near'
  /** P(exactly the same teams advance by score). */
  readonly sameSet: number
  readonly teams: readonly {
    readonly team: string
    readonly first: number
    readonly advancesByScore: number
  }[]
  readonly draws: number
}

export type LeaveOneOut = {
  readonly kind: 'part' | 'benchmark' | 'criterion' | 'panellist' | 'group'
  /** The measured part; of panellists and groups the panel. */
  readonly of: string
  readonly tried: number
  /** How many of them change the order of the teams, and how many change who advances. */
  readonly changeRanking: number
  readonly changeAdvancing: number
  /** Those that change something; who advances first, then by name; at most `LEFT_OUT_LISTED`. */
  readonly cases: readonly LeftOut[]
}

export type LeftOut = {
  readonly label: string
  readonly ranking: readonly string[]
  readonly leaves: readonly string[]
  readonly enters: readonly string[]
}

export type PanelStatistics = {
  readonly part: string
  readonly panel: string
  readonly panellists: number
  readonly agreement: readonly PanelAgreement[]
  readonly severity: PanelSeverity
}

export type PanelAgreement = {
  /** A criterion of the rubric; undefined: all criteria of a panellist together, or the rating. */
  readonly criterion: string | undefined
  readonly result:
    | {
        readonly kind: 'measured'
        readonly level: 'ordinal' | 'interval'
        readonly alpha: number
        readonly interval: { readonly low: number; readonly high: number } | undefined
        readonly teams: number
        readonly ratings: number
        /** Krippendorff's customary floor for even tentative conclusions is .667. */
        readonly isTentative: boolean
      }
    | { readonly kind: 'no_information'; readonly reason: string }
}

export type PanelSeverity =
  | {
      readonly kind: 'estimated'
      /** SD of the panellists' effects and of what is left, in raw units. */
      readonly spread: number
      readonly residual: number | undefined
      /** The most generous and the strictest; at most `SEVERITY_LISTED`. */
      readonly panellists: readonly {
        readonly panellist: string
        readonly effect: number
        readonly error: number | undefined
      }[]
      /** Ranking of the teams on this part when the effects are taken out, and as measured. */
      readonly adjusted: readonly string[]
    }
  | { readonly kind: 'no_information'; readonly reason: string }

export type DrawCount = {
  readonly asked: number
  readonly used: number
  /** Draws in which a rule had no answer, such as a median of nobody. */
  readonly discarded: number
  /** Largest standard error of a probability that comes from the number of draws. */
  readonly monteCarloError: number | undefined
  readonly seed: string
}

/** What the reader must know; sentences for these codes live in `render`. */
export type SensitivityNote =
  | { readonly code: 'held_fixed'; readonly part: string; readonly reason: HeldFixed }
  | { readonly code: 'some_strata_fixed'; readonly part: string; readonly strata: number }
  /** Fewer units than `FEWEST_FOR_CLEAR` are behind this part. */
  | { readonly code: 'few_units'; readonly part: string; readonly units: number }
  /** Points that nothing or too little was drawn for; nothing is called clear. */
  | { readonly code: 'capped_at_likely'; readonly points: number }
  | { readonly code: 'gate_undecided_taken_as_passed'; readonly team: string }
  | { readonly code: 'no_rank_probabilities'; readonly reason: CertaintyGap }
  | { readonly code: 'draws_discarded'; readonly share: number }
  | { readonly code: 'panellists_too_many_to_leave_out'; readonly panel: string }
  | { readonly code: 'swap_before_rounding' }

/**
 * With fewer panellists than this, two equal teams are told apart by chance far more often than
 * the plan's word "clear" allows: all of three agree in one case of four.
 */
export const FEWEST_FOR_CLEAR = 5
export const LEFT_OUT_LISTED = 50
export const SEVERITY_LISTED = 20
