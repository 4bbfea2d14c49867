import type { Plan } from '../plan/plan.ts'
import { checkFacts, type FactCheck } from '../published/check-facts.ts'
import { knowledgeOf } from '../published/knowledge.ts'
import type { Fact } from '../rows/facts.ts'
import { exactLeafScores } from './score-parts.ts'
import type { Scored } from './score-plan.ts'

export type PublishedFindings = {
  readonly checks: readonly FactCheck[]
  /** Figures that cannot all be true, together with the scores that rows settle. */
  readonly contradiction: readonly Fact[] | undefined
}

/** What published figures and computed scores say about each other. */
export function publishedFindings(
  plan: Plan,
  facts: readonly Fact[],
  scored: Scored,
): PublishedFindings {
  const knowledge = knowledgeOf(plan, facts, exactLeafScores(plan, scored.leaves))
  return {
    checks: checkFacts(facts, scored.board.teams),
    contradiction: knowledge.contradiction(),
  }
}
