import type { Digest } from '../../base/digest.ts'
import type { Assumptions } from './assumptions.ts'

export const JUDGEMENT_SCHEMA_VERSION = 'dokja.round-check/1'

/**
 * What simulated rounds say about a plan before anything is scored. Points are points of the stage.
 * Every probability holds under `assumptions` and for `rounds` simulated rounds only.
 */
export type PlanJudgement = {
  readonly schemaVersion: typeof JUDGEMENT_SCHEMA_VERSION
  readonly planDigest: Digest
  /** Always true: no row behind this document was measured. */
  readonly simulated: true
  readonly seed: string
  readonly rounds: number
  /** Largest standard error of a probability that comes from the number of rounds. */
  readonly monteCarloError: number
  readonly assumptions: Assumptions
  /** Most serious first. */
  readonly findings: readonly Finding[]
  readonly parts: readonly PartJudgement[]
  readonly topWeights: readonly SimulatedWeight[]
  readonly separation: Separation
  readonly field: Field
  readonly conflicts: readonly ConflictEffect[]
  readonly absences: readonly AbsenceEffect[]
  readonly reducers: readonly ReducerEffect[]
}

/** serious: mend before sealing · caution: know it before sealing · note: for the record. */
export type Gravity = 'serious' | 'caution' | 'note'

export type Finding = { readonly gravity: Gravity } & (
  | { readonly code: 'best_team_always_full'; readonly part: string }
  | { readonly code: 'full_range_always_used'; readonly part: string }
  | { readonly code: 'distance_ignored'; readonly part: string }
  | { readonly code: 'spread_always_equal'; readonly part: string }
  | {
      readonly code: 'points_nobody_can_lose'
      readonly part: string
      readonly points: number
    }
  | {
      readonly code: 'points_out_of_reach'
      readonly part: string
      readonly points: number
    }
  /** Under the assumptions, even the strongest 5 % of teams leave these points unused. */
  | {
      readonly code: 'top_never_reached'
      readonly part: string
      readonly points: number
    }
  | { readonly code: 'more_than_full_marks'; readonly part: string }
  | {
      readonly code: 'cap_hides_differences'
      readonly part: string
      readonly probability: number
    }
  | {
      readonly code: 'part_squeezed' | 'part_stretched'
      readonly part: string
      readonly nominal: number
      readonly effective: number
    }
  | { readonly code: 'mostly_chance'; readonly part: string; readonly reliability: number }
  | { readonly code: 'one_panellist'; readonly panel: string }
  | {
      readonly code: 'few_left_after_trimming'
      readonly part: string
      readonly left: number
    }
  | { readonly code: 'absence_costs_a_rating'; readonly part: string }
  | { readonly code: 'no_missing_rule'; readonly part: string }
  | { readonly code: 'no_quorum'; readonly panel: string }
  | { readonly code: 'no_conflict_rule'; readonly panel: string }
  | { readonly code: 'conflicts_unchecked'; readonly panel: string }
  | { readonly code: 'names_visible' | 'blinding_not_stated'; readonly panel: string }
  | { readonly code: 'ties_unbroken'; readonly probability: number }
  | { readonly code: 'ties_at_cut'; readonly probability: number }
  | { readonly code: 'no_reply_before_gate' | 'gate_evidence_not_stated' | 'gate_vote_open' }
  | { readonly code: 'no_objection_window' }
  | { readonly code: 'no_alternatives_sealed' }
  | { readonly code: 'rests_on_assumptions'; readonly count: number }
  | {
      readonly code: 'better_team_dropped'
      readonly gap: number
      readonly probability: number
    }
  | { readonly code: 'gap_not_told_apart'; readonly points: number }
  | {
      readonly code: 'one_panellist_tips'
      readonly panel: string
      readonly before: number
      readonly after: number
    }
  | { readonly code: 'rule_without_answer'; readonly share: number }
)

export type FindingCode = Finding['code']

export type SimulatedWeight = {
  readonly part: string
  /** Share of all points, and the mean share of the spread over simulated rounds. */
  readonly nominal: number
  readonly effective: number
  /** 5th and 95th percentile of the effective weight. */
  readonly low: number
  readonly high: number
}

export type PartJudgement = SimulatedWeight & {
  readonly points: number
  /** Points that the weakest 5 % and the strongest 5 % of simulated teams get. */
  readonly lowest: number
  readonly highest: number
  /** Squared correlation of true quality and points: what is left is chance. */
  readonly reliability: number
  /** P(two or more teams at the cap, or at full marks, together). */
  readonly severalAtTop: number
}

export type Separation = {
  /** A team truly better by `gap` points, the last to advance, against the first that does not. */
  readonly curve: readonly GapPoint[]
  /** Standard deviation of the observed gap between two equal teams. */
  readonly noise: number
  /** True gap that is told apart from none (two-sided, 5 %) with probability .8. */
  readonly detectable:
    | { readonly kind: 'found'; readonly points: number }
    | { readonly kind: 'beyond'; readonly points: number }
}

export type GapPoint = {
  readonly gap: number
  /** Mean observed gap. */
  readonly observed: number
  /** P(the better team ends behind or level), P(it does not advance although the other does). */
  readonly behind: number
  readonly dropped: number
  /** P(told apart from two equal teams). */
  readonly power: number
}

/** Simulated fields of teams with random true qualities. */
export type Field = {
  /** P(exactly the truly best teams advance), P(the truly best team is first). */
  readonly rightSet: number
  readonly rightFirst: number
  /** Mean number of teams that should have advanced and did not. */
  readonly wronglyDropped: number
  /** P(a tie across the cut that no tie rule breaks), P(equal totals across the cut). */
  readonly openAtCut: number
  readonly levelAtCut: number
}

/** One partial panellist, who adds `favour` of the scale to the weaker of two teams at the cut. */
export type ConflictEffect = {
  readonly panel: string
  /** Points by which the gap moves towards the favoured team. */
  readonly shift: number
  /** P(the team better by the reference gap is dropped), without and with it. */
  readonly before: number
  readonly after: number
}

/** One absent panellist. */
export type AbsenceEffect = {
  readonly panel: string
  readonly forAll: { readonly noiseBefore: number; readonly noiseAfter: number }
  readonly forOneTeam:
    | { readonly kind: 'refused' }
    | {
        readonly kind: 'counted'
        /** Mean points that the team loses (−) or gains (+). */
        readonly shift: number
        readonly noise: number
        readonly before: number
        readonly after: number
      }
}

/** The same part under another way to reduce the panel. */
export type ReducerEffect = {
  readonly part: string
  readonly rule: 'mean' | 'trimmed_mean' | 'median'
  readonly isPlan: boolean
  /** Standard deviation of the gap between two equal teams in this part. */
  readonly noise: number
  /** Points by which one partial panellist moves it. */
  readonly shift: number
}
