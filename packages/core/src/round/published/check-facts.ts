import {
  compare,
  divide,
  formatDecimal,
  least,
  most,
  type Rational,
  rational,
  subtract,
  sum,
} from '../../base/rational.ts'
import type { Fact } from '../rows/facts.ts'
import type { PartScore, TeamScore } from '../score/scoreboard.ts'
import { agrees } from './knowledge.ts'

/** A published figure beside what the rows give. */
export type FactCheck = {
  readonly fact: Fact
  /** `not_checkable`: rows do not give the scores that the figure is about. */
  readonly verdict: 'agrees' | 'contradicts' | 'not_checkable'
  /** What the rows give, at the printed precision; for `best` with its holders. */
  readonly computed: string | null
}

/** Compares every published figure with the scores that were computed from rows. */
export function checkFacts(facts: readonly Fact[], teams: readonly TeamScore[]): FactCheck[] {
  return facts.map((fact) => {
    const scores = teams.map((team) => ({ team: team.team, value: exactScore(team, fact.part) }))
    const needed =
      fact.statistic === 'score' ? scores.filter((s) => fact.teams.includes(s.team)) : scores
    const known = needed.flatMap(({ team, value }) => (value ? [{ team, value }] : []))
    if (known.length < needed.length || known.length === 0) {
      return { fact, verdict: 'not_checkable', computed: null }
    }
    return { fact, ...compareFact(fact, known) }
  })
}

type Known = { readonly team: string; readonly value: Rational }

function compareFact(fact: Fact, scores: readonly Known[]): Omit<FactCheck, 'fact'> {
  const values = scores.map((score) => score.value)
  const highest = values.reduce(most)
  const lowest = values.reduce(least)
  const said = (value: Rational, holds = true): Omit<FactCheck, 'fact'> => ({
    verdict: agrees(fact, value) && holds ? 'agrees' : 'contradicts',
    computed: formatDecimal(value, fact.digits),
  })
  switch (fact.statistic) {
    case 'score':
    case 'mean':
      return said(divide(sum(values), rational(values.length)))
    case 'gap':
      return said(subtract(highest, lowest))
    case 'best': {
      const holders = scores.filter((score) => agrees(fact, score.value)).map((score) => score.team)
      const same = fact.teams.length === 0 || fact.teams.every((team) => holders.includes(team))
      const result = said(highest, same)
      return { ...result, computed: `${result.computed} (${holders.join(', ')})` }
    }
    case 'ahead': {
      const front = scores.filter((score) => fact.teams.includes(score.team))
      const back = scores.filter((score) => !fact.teams.includes(score.team))
      const holds = front.every((a) => back.every((b) => compare(a.value, b.value) > 0))
      return { verdict: holds ? 'agrees' : 'contradicts', computed: null }
    }
  }
}

function exactScore(team: TeamScore, part: string): Rational | undefined {
  if (part === 'total') return team.total.kind === 'exact' ? team.total.value : undefined
  const find = (parts: readonly PartScore[]): PartScore | undefined => {
    for (const entry of parts) {
      if (entry.part === part) return entry
      const below = find(entry.parts)
      if (below) return below
    }
    return undefined
  }
  const amount = find(team.parts)?.amount
  return amount?.kind === 'exact' ? amount.value : undefined
}
