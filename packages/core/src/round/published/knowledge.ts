import { compare, least, most, type Rational, ZERO } from '../../base/rational.ts'
import type { Plan } from '../plan/plan.ts'
import type { Fact } from '../rows/facts.ts'
import { constraintsOf, intervalOf, unknownsOf } from './constraints.ts'
import { createProver } from './prove-bound.ts'

/** What published aggregates say about scores that no rows are there for. */
export type PublishedKnowledge = {
  /** A score that was itself published, for a part or `total`. */
  readonly scoreOf: (
    team: string,
    part: string,
  ) => { readonly value: Rational; readonly digits: number } | undefined
  /**
   * The range in which a score must lie, and the facts that say so. Every possible score is inside;
   * not every score inside need be possible, because "the gap is at least" is not used.
   */
  readonly boundsOf: (team: string, part: string) => ScoreBounds | undefined
  /** Whether it was published that a is in front of b. */
  readonly isAhead: (part: string, a: string, b: string) => boolean
  /** Facts that contradict each other or the scores; undefined when they agree. */
  readonly contradiction: () => readonly Fact[] | undefined
}

export type ScoreBounds = {
  readonly least: Rational
  readonly most: Rational
  readonly because: readonly Fact[]
}

export const NOTHING_PUBLISHED: PublishedKnowledge = {
  scoreOf: () => undefined,
  boundsOf: () => undefined,
  isAhead: () => false,
  contradiction: () => undefined,
}

/** Makes the facts answer questions. `exact` gives the scores that rows have settled. */
export function knowledgeOf(
  plan: Plan,
  facts: readonly Fact[],
  exact: (team: string, leaf: string) => Rational | undefined,
): PublishedKnowledge {
  if (facts.length === 0) return NOTHING_PUBLISHED
  const unknowns = unknownsOf(plan, exact)
  let made: ReturnType<typeof createProver> | undefined
  const prover = () => {
    made ??= createProver(constraintsOf(plan, facts, unknowns), unknowns.count)
    return made
  }
  return {
    scoreOf: (team, part) => printedScore(facts, team, part),
    isAhead: (part, a, b) =>
      facts.some(
        (fact) =>
          fact.statistic === 'ahead' &&
          fact.part === part &&
          fact.teams.includes(a) &&
          !fact.teams.includes(b),
      ),
    contradiction: () => {
      const state = prover()
      return state.kind === 'contradiction' ? state.because : undefined
    },
    boundsOf: (team, part) => {
      const state = prover()
      if (state.kind === 'contradiction') return undefined
      const score = unknowns.scoreOf(team, part)
      const top = state.highest(score, 1)
      const bottom = state.highest(score, -1)
      if (!top || !bottom) return undefined
      const lowest = most(ZERO, { n: -bottom.value.n, d: bottom.value.d })
      return {
        least: least(lowest, top.value),
        most: top.value,
        because: [...new Set([...top.because, ...bottom.because])],
      }
    },
  }
}

/** A published score, or a published maximum whose holder was named. The most precise one. */
function printedScore(
  facts: readonly Fact[],
  team: string,
  part: string,
): { value: Rational; digits: number } | undefined {
  const found = facts.filter(
    (fact) =>
      (fact.statistic === 'score' || fact.statistic === 'best') &&
      fact.part === part &&
      fact.value !== undefined &&
      fact.teams.includes(team),
  )
  const best = found.sort((a, b) => b.digits - a.digits)[0]
  return best?.value ? { value: best.value, digits: best.digits } : undefined
}

/** Whether a value, once rounded for print, could read as this fact. */
export function agrees(fact: Pick<Fact, 'value' | 'digits'>, value: Rational): boolean {
  const interval = intervalOf(fact)
  return compare(value, interval.least) >= 0 && compare(value, interval.most) <= 0
}
