import { compare, fromNumber } from '../../base/rational.ts'
import type { Advancement } from '../plan/conduct.ts'
import { rangeOf, type Standing } from './rank.ts'
import type { Amount, Answer, GateState } from './scoreboard.ts'

const yes: Answer<boolean> = { kind: 'known', value: true }
const no: Answer<boolean> = { kind: 'known', value: false }
const open = (reason: string): Answer<boolean> => ({ kind: 'open', reason })

/** Whether the score alone takes a team further, before the gate is asked. */
export function advancesByScore(
  standing: Standing,
  total: Amount,
  context: { readonly rule: Advancement['rule']; readonly ranked: number },
): Answer<boolean> {
  const { rule, ranked } = context
  if (rule.rule === 'threshold') {
    const range = rangeOf(total)
    const bar = fromNumber(rule.points)
    if (range && compare(range.least, bar) >= 0) return yes
    if (range && compare(range.most, bar) < 0) return no
    return open(`the total is not known well enough to compare with ${rule.points}`)
  }
  const places = rule.rule === 'top' ? rule.n : Math.max(0, ranked - rule.n)
  if (standing.ahead >= places) return no
  if (standing.ahead + standing.tied + standing.open < places) return yes
  if (standing.open === 0) {
    return open(`tied for the last of ${places} places, and the plan does not say who goes first`)
  }
  return open('the totals that were published leave it open')
}

/** Joins what the score says with what the gate says. Exclusion needs no score. */
export function joinWithGate(byScore: Answer<boolean>, gate: GateState): Answer<boolean> {
  if (gate.outcome === 'excluded') return no
  if (byScore.kind === 'known' && !byScore.value) return no
  if (gate.outcome === 'undecided') return open('the gate has not been decided for this team')
  return byScore
}

/** Places of the next stage that nobody has; open while any answer is. */
export function openPlaces(
  advances: readonly Answer<boolean>[],
  places: number | null,
): Answer<number> {
  if (places === null) {
    return { kind: 'open', reason: 'the plan does not say how many teams the next stage has' }
  }
  let through = 0
  for (const answer of advances) {
    if (answer.kind === 'open') return { kind: 'open', reason: answer.reason }
    if (answer.value) through += 1
  }
  return { kind: 'known', value: Math.max(0, places - through) }
}
