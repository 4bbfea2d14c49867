import { digestBytes } from '../../base/digest.ts'
import { add, compare, type Rational, rational, subtract } from '../../base/rational.ts'
import { allParts, type Plan, type TieRule } from '../plan/plan.ts'
import type { PublishedKnowledge } from '../published/knowledge.ts'
import type { Amount, Answer, PartScore } from './scoreboard.ts'

/** What ranking needs to know about a team. */
export type Contender = {
  readonly team: string
  readonly total: Amount
  readonly parts: readonly PartScore[]
}

/** How two teams stand to each other: certain, tied by every rule, or not known. */
export type Relation = 'ahead' | 'behind' | 'tied' | 'open'

export type Standing = {
  readonly team: string
  /** Teams certainly ahead, tied, and of unknown order. */
  readonly ahead: number
  readonly tied: number
  readonly open: number
}

/** Compares every pair of the contenders by total, then by the tie rules of the plan. */
export function standings(
  contenders: readonly Contender[],
  context: {
    readonly plan: Plan
    readonly published: PublishedKnowledge
    readonly lotSalt: string
  },
): Standing[] {
  return contenders.map((own) => {
    const count = { ahead: 0, tied: 0, open: 0, behind: 0 }
    for (const other of contenders) {
      if (other !== own) count[relation(other, own, context)] += 1
    }
    return { team: own.team, ahead: count.ahead, tied: count.tied, open: count.open }
  })
}

/** Rank as in sport: tied teams share the better rank. Open while any pair is. */
export function rankOf(standing: Standing): Answer<number> {
  if (standing.open === 0) return { kind: 'known', value: standing.ahead + 1 }
  const last = standing.ahead + standing.tied + standing.open + 1
  return {
    kind: 'open',
    reason: `between ${standing.ahead + 1} and ${last}: the totals that were published leave it open`,
  }
}

/** The relation of a to b. */
export function relation(
  a: Contender,
  b: Contender,
  context: {
    readonly plan: Plan
    readonly published: PublishedKnowledge
    readonly lotSalt: string
  },
): Relation {
  if (a.total.kind === 'exact' && b.total.kind === 'exact') {
    const order = compare(a.total.value, b.total.value)
    if (order !== 0) return order > 0 ? 'ahead' : 'behind'
    return breakTie(a, b, context)
  }
  if (context.published.isAhead('total', a.team, b.team)) return 'ahead'
  if (context.published.isAhead('total', b.team, a.team)) return 'behind'
  const [own, other] = [rangeOf(a.total), rangeOf(b.total)]
  if (own && other) {
    if (compare(own.least, other.most) > 0) return 'ahead'
    if (compare(own.most, other.least) < 0) return 'behind'
  }
  return 'open'
}

/** The closed range of an amount; undefined when nothing bounds it. */
export function rangeOf(amount: Amount): { least: Rational; most: Rational } | undefined {
  if (amount.kind === 'exact') return { least: amount.value, most: amount.value }
  if (amount.kind === 'published') {
    const half = rational(1, 2n * 10n ** BigInt(amount.digits))
    return { least: subtract(amount.value, half), most: add(amount.value, half) }
  }
  return amount.least && amount.most ? { least: amount.least, most: amount.most } : undefined
}

function breakTie(
  a: Contender,
  b: Contender,
  context: { readonly plan: Plan; readonly lotSalt: string },
): Relation {
  for (const rule of context.plan.ties ?? []) {
    const order = tieOrder(rule, a, { b, ...context })
    if (order !== 'tied') return order
  }
  return 'tied'
}

function tieOrder(
  rule: TieRule,
  a: Contender,
  context: { readonly b: Contender; readonly plan: Plan; readonly lotSalt: string },
): Relation {
  const { b } = context
  if (rule.rule === 'lot') {
    const ticket = (team: string) =>
      digestBytes(new TextEncoder().encode(`${rule.seed}\n${context.lotSalt}\n${team}`))
    return ticket(a.team) < ticket(b.team) ? 'ahead' : 'behind'
  }
  const [own, other] = [partAmount(a, rule.part), partAmount(b, rule.part)]
  if (own?.kind !== 'exact' || other?.kind !== 'exact') return 'open'
  const order = compare(own.value, other.value)
  return order > 0 ? 'ahead' : order < 0 ? 'behind' : 'tied'
}

function partAmount(contender: Contender, part: string): Amount | undefined {
  const find = (parts: readonly PartScore[]): Amount | undefined => {
    for (const entry of parts) {
      if (entry.part === part) return entry.amount
      const below = find(entry.parts)
      if (below) return below
    }
    return undefined
  }
  return find(contender.parts)
}

/** Ids of all parts, for callers that look one up by name. */
export const partIds = (plan: Plan): string[] => allParts(plan.parts).map((part) => part.id)
