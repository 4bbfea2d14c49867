import type { DISCLOSURES } from '../plan/conduct.ts'
import type { Plan } from '../plan/plan.ts'

export type DisclosureWord = (typeof DISCLOSURES)[number]

/** Who a view is for. The office sees everything; its view is never published. */
export type Audience =
  | { readonly kind: 'public' }
  | { readonly kind: 'team'; readonly team: string }
  | { readonly kind: 'panel' }
  | { readonly kind: 'office' }

/** What an audience may see, by the sealed plan. */
export type Rights = {
  /** The words of the plan that apply, in the order of the plan. */
  readonly words: readonly DisclosureWord[]
  readonly sees: (word: DisclosureWord) => boolean
  /** Scores of a team in the parts. */
  readonly scoresOf: (team: string) => boolean
  readonly totalOf: (team: string) => boolean
  readonly rankOf: (team: string) => boolean
  readonly advancementOf: (team: string) => boolean
  readonly gateOutcomeOf: (team: string) => boolean
  /** Findings, evidence, reply, votes and dissent at the gate. */
  readonly gateEvidenceOf: (team: string) => boolean
  readonly tracesOf: (team: string) => boolean
}

/**
 * The rights of an audience: what its own line of the plan shows, and what the public sees anyway.
 * `own_scores` and, for a team, `gate_evidence` mean the team's own; a team that is told its scores
 * is also told whether it goes on.
 */
export function rightsOf(plan: Plan, audience: Audience): Rights {
  const everything = audience.kind === 'office'
  const wordsOf = (kind: string) =>
    plan.disclosure.filter((entry) => entry.audience === kind).flatMap((entry) => entry.shows)
  const open = new Set(wordsOf('public'))
  const words = new Set([...open, ...wordsOf(audience.kind)])
  const own = audience.kind === 'team' ? audience.team : undefined
  const sees = (word: DisclosureWord) => everything || words.has(word)
  const ownScores = (team: string) => team === own && words.has('own_scores')
  const scoresOf = (team: string) => sees('all_scores') || ownScores(team)
  const gateEvidenceOf = (team: string) =>
    everything || open.has('gate_evidence') || (sees('gate_evidence') && (!own || team === own))
  return {
    words: [...words],
    sees,
    scoresOf,
    totalOf: (team) => sees('totals') || scoresOf(team),
    rankOf: () => sees('ranks'),
    advancementOf: (team) => sees('advancement') || ownScores(team),
    gateOutcomeOf: (team) => sees('gate_outcomes') || gateEvidenceOf(team),
    gateEvidenceOf,
    tracesOf: (team) => sees('traces') && scoresOf(team),
  }
}
