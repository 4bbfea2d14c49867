import type { Axis, AxisOutcome } from '../plan/conduct.ts'

/**
 * A way in which an act does not keep to the sealed plan. An act of the office itself with a
 * departure is refused; one that is retold from a publication is kept, with its departures.
 */
export type Departure =
  | { readonly code: 'no_gate' }
  | { readonly code: 'unknown_team'; readonly team: string }
  | { readonly code: 'unknown_axis'; readonly axis: Axis }
  | { readonly code: 'axis_missing'; readonly axis: Axis }
  | { readonly code: 'outcome_by_hand' }
  | { readonly code: 'not_asked' }
  | { readonly code: 'window_open'; readonly until: string }
  | { readonly code: 'window_without_end' }
  | { readonly code: 'reply_passed_over'; readonly sequence: number }
  | { readonly code: 'not_judged'; readonly axis: Axis; readonly what: string }
  | { readonly code: 'no_counted_ground'; readonly axis: Axis }
  | { readonly code: 'met_against_finding'; readonly axis: Axis; readonly what: string }
  | { readonly code: 'no_condition'; readonly axis: Axis }
  | { readonly code: 'no_votes' }
  | { readonly code: 'votes_without_rule' }
  | { readonly code: 'majority_unknown' }
  | { readonly code: 'voter_twice'; readonly voter: string }
  | { readonly code: 'voter_not_entitled'; readonly voter: string; readonly why: string }
  | {
      readonly code: 'quorum'
      readonly axis: Axis
      readonly voters: number
      readonly quorum: number
    }
  | {
      readonly code: 'vote_says_other'
      readonly axis: Axis
      readonly counted: AxisOutcome
      readonly stated: AxisOutcome
    }
  | { readonly code: 'wrong_deadline'; readonly until: string | null }
  | { readonly code: 'correction_unnamed'; readonly sequence: number }
  | { readonly code: 'corrects_nothing' }
  | { readonly code: 'no_such_entry'; readonly what: string }
  | { readonly code: 'teams_do_not_add_up'; readonly what: string }
  | { readonly code: 'gate_undecided'; readonly team: string }
  | { readonly code: 'score_open'; readonly team: string; readonly reason: string }
  | { readonly code: 'against_the_rules'; readonly team: string; readonly advances: boolean }
  | { readonly code: 'other_scoreboard' }
  | { readonly code: 'other_plan' }
  | { readonly code: 'no_reason'; readonly team: string }
  | { readonly code: 'no_decision' }
  | { readonly code: 'objection_unanswered'; readonly sequence: number }
  | { readonly code: 'objections_open'; readonly until: string }
  | { readonly code: 'no_recruitment_rule' }
  | { readonly code: 'too_many_places'; readonly places: number; readonly open: number }
  | { readonly code: 'term_missing'; readonly term: number }
  | {
      readonly code: 'unequal_window'
      readonly term: number
      readonly incumbentsDays: number
      readonly newcomerDays: number
    }

type Sentences = {
  readonly [code in Departure['code']]: (
    departure: Extract<Departure, { readonly code: code }>,
  ) => string
}

const SENTENCES: Sentences = {
  no_gate: () => 'the plan has no gate',
  unknown_team: (it) => `the plan has no team "${it.team}"`,
  unknown_axis: (it) => `the gate of the plan has no axis "${it.axis}"`,
  axis_missing: (it) => `the axis "${it.axis}" is not judged`,
  outcome_by_hand: () => 'whether a team is excluded follows from the axes; it cannot be stated',
  not_asked: () => 'the record does not say that the team was asked for its reply',
  window_open: (it) => `the team may reply until ${it.until}`,
  window_without_end: () =>
    'the plan gives the reply no number of days, and the team has not made a final reply',
  reply_passed_over: (it) => `the reply in entry ${it.sequence} is not answered as considered`,
  not_judged: (it) => `${it.axis}: no finding for ${it.what}, which the plan counts`,
  no_counted_ground: (it) =>
    `${it.axis}: no finding with evidence on a component and role that the plan counts`,
  met_against_finding: (it) => `${it.axis}: "met" although ${it.what} is not met`,
  no_condition: (it) => `${it.axis}: "conditional" without a condition`,
  no_votes: () => 'the plan decides by vote, and no vote is on record',
  votes_without_rule: () => 'the plan does not decide by vote; opinions belong under advice',
  majority_unknown: () => 'no majority was published, so votes cannot be turned into an outcome',
  voter_twice: (it) => `"${it.voter}" votes twice`,
  voter_not_entitled: (it) => `"${it.voter}" may not vote: ${it.why}`,
  quorum: (it) => `${it.axis}: ${it.voters} voted, ${it.quorum} are needed`,
  vote_says_other: (it) => `${it.axis}: the vote gives "${it.counted}", not "${it.stated}"`,
  wrong_deadline: (it) => `by the plan the deadline is ${it.until ?? 'not known'}`,
  correction_unnamed: (it) =>
    `entry ${it.sequence} is in force; a new one must say that it corrects it, and why`,
  corrects_nothing: () => 'it corrects an entry that is not in force',
  no_such_entry: (it) => `it refers to ${it.what}, which is not in the record`,
  teams_do_not_add_up: (it) => it.what,
  gate_undecided: (it) => `the gate is not decided for ${it.team}`,
  score_open: (it) => `${it.team}: ${it.reason}`,
  against_the_rules: (it) =>
    `by the sealed rules ${it.team} ${it.advances ? 'advances' : 'does not advance'}`,
  other_scoreboard: () => 'it names another scoreboard than the rows and the plan give',
  other_plan: () => 'it names another plan than the one in force',
  no_reason: (it) => `no reason is given for ${it.team}`,
  no_decision: () => 'no decision is on record',
  objection_unanswered: (it) => `the objection in entry ${it.sequence} has no answer`,
  objections_open: (it) => `objections may be filed until ${it.until}`,
  no_recruitment_rule: () => 'the plan has no rule for recruitment',
  too_many_places: (it) => `${it.places} places, and ${it.open} are open`,
  term_missing: (it) => `equal term ${it.term + 1} of the plan is not answered once`,
  unequal_window: (it) =>
    `equal term ${it.term + 1}: ${it.newcomerDays} days for the newcomer, ${it.incumbentsDays} for the others, and nobody agreed to it`,
}

/** The departure as an English sentence, for error messages. Pages have their own words. */
export function departureSentence(departure: Departure): string {
  const sentence = SENTENCES[departure.code] as (departure: Departure) => string
  return sentence(departure)
}
