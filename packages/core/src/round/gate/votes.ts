import { compare, fromNumber, rational } from '../../base/rational.ts'
import type { Departure } from '../docket/departures.ts'
import type { Axis, AxisOutcome, Gate } from '../plan/conduct.ts'
import type { Roster } from '../rows/table.ts'
import type { Ballot, VOTES } from './gate-bodies.ts'

export type Vote = (typeof VOTES)[number]
export type Tally = Readonly<Record<Vote, number>>
type VoteRule = Extract<Gate['decision'], { rule: 'vote' }>

/** Who may vote on a team; the reason when a voter may not. Undefined: the panel is not known. */
export type VoterCheck = (voter: string) => string | undefined

export function tallyOf(axis: Axis, votes: readonly Ballot[]): Tally {
  const tally = { met: 0, conditional: 0, not_met: 0, not_determinable: 0, abstain: 0 }
  for (const ballot of votes) tally[ballot.axes[axis] ?? 'abstain'] += 1
  return tally
}

/**
 * What a vote decides. The plan names the share that votes for "not met" must exceed; the same
 * share then is asked of "not met or conditional", and of "not determinable"; what is left is
 * "met". Abstentions count neither way.
 */
export function votedOutcome(tally: Tally, majority: number): AxisOutcome {
  const cast = tally.met + tally.conditional + tally.not_met + tally.not_determinable
  const exceeds = (votes: number) =>
    cast > 0 && compare(rational(votes, cast), fromNumber(majority)) > 0
  if (exceeds(tally.not_met)) return 'not_met'
  if (exceeds(tally.not_met + tally.conditional)) return 'conditional'
  if (cast === 0 || exceeds(tally.not_determinable)) return 'not_determinable'
  return 'met'
}

/** Everything about the votes that does not keep to the rule of the plan. */
export function voteDepartures(
  rule: Gate['decision'],
  votes: readonly Ballot[] | null,
  context: {
    readonly axes: readonly Axis[]
    readonly outcomes: Partial<Record<Axis, AxisOutcome>>
    readonly mayVote: VoterCheck | undefined
  },
): Departure[] {
  if (rule.rule === 'authority') return votes === null ? [] : [{ code: 'votes_without_rule' }]
  if (votes === null || votes.length === 0) return [{ code: 'no_votes' }]
  return [
    ...voterDepartures(votes, context.mayVote),
    ...context.axes.flatMap((axis) => axisDepartures(rule, axis, { votes, ...context })),
    ...(rule.majority === null ? [{ code: 'majority_unknown' } as const] : []),
  ]
}

function voterDepartures(votes: readonly Ballot[], mayVote: VoterCheck | undefined): Departure[] {
  const seen = new Set<string>()
  return votes.flatMap(({ voter }): Departure[] => {
    if (seen.has(voter)) return [{ code: 'voter_twice', voter }]
    seen.add(voter)
    const why = mayVote?.(voter)
    return why === undefined ? [] : [{ code: 'voter_not_entitled', voter, why }]
  })
}

function axisDepartures(
  rule: VoteRule,
  axis: Axis,
  context: {
    readonly votes: readonly Ballot[]
    readonly outcomes: Partial<Record<Axis, AxisOutcome>>
  },
): Departure[] {
  const tally = tallyOf(axis, context.votes)
  const voters = context.votes.length - tally.abstain
  const found: Departure[] = []
  if (rule.quorum !== null && voters < rule.quorum) {
    found.push({ code: 'quorum', axis, voters, quorum: rule.quorum })
  }
  const stated = context.outcomes[axis]
  if (rule.majority !== null && stated !== undefined) {
    const counted = votedOutcome(tally, rule.majority)
    if (counted !== stated) found.push({ code: 'vote_says_other', axis, counted, stated })
  }
  return found
}

/** Who may vote on a team by the roster of the panel: there, and without a conflict with it. */
export function voterCheck(
  gate: Gate | null,
  rosters: ReadonlyMap<string, Roster>,
): ((team: string) => VoterCheck) | undefined {
  if (gate?.decision.rule !== 'vote') return undefined
  const roster = rosters.get(gate.decision.panel)
  if (!roster) return undefined
  const panellists = new Map(roster.panellists.map((panellist) => [panellist.id, panellist]))
  return (team) => (voter) => {
    const panellist = panellists.get(voter)
    if (!panellist) return `not on the panel "${roster.panel}"`
    if (!panellist.attended) return 'did not attend'
    return panellist.conflicts.includes(team) ? 'has a conflict of interest' : undefined
  }
}
