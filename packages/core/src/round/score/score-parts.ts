import {
  formatDecimal,
  fromNumber,
  type Rational,
  roundTo,
  sum,
  ZERO,
} from '../../base/rational.ts'
import type { Part } from '../plan/measure.ts'
import { isLeaf, type Plan } from '../plan/plan.ts'
import type { PublishedKnowledge } from '../published/knowledge.ts'
import { isNone, type Result } from './reduce.ts'
import type { LeafResult } from './run-steps.ts'
import type { MeasuredLeaf } from './score-leaf.ts'
import type { Amount, PartScore } from './scoreboard.ts'
import type { Trace } from './trace.ts'
import { known, none, sign, traceLeaf } from './trace-leaf.ts'

/** A measured part with its steps done. */
export type ScoredLeaf =
  | Extract<MeasuredLeaf, { kind: 'none' }>
  | (Extract<MeasuredLeaf, { kind: 'cells' }> & { readonly result: LeafResult })

export type PartsContext = {
  readonly plan: Plan
  readonly leaves: ReadonlyMap<string, ScoredLeaf>
  readonly published: PublishedKnowledge
}

/** The score of one team in one part and everything below it. */
export function scorePart(part: Part, team: string, context: PartsContext): PartScore {
  const points = fromNumber(part.points)
  if (isLeaf(part)) {
    const { amount, trace } = leafAmount(part, team, context)
    return { part: part.id, points, amount, trace, parts: [] }
  }
  const parts = (part.parts ?? []).map((child) => scorePart(child, team, context))
  const { amount, trace } = sumOf(parts, team, { id: part.id, level: 'group', ...context })
  return { part: part.id, points, amount, trace, parts }
}

/** The sum of the uppermost parts of one team. */
export function scoreTotal(
  parts: readonly PartScore[],
  team: string,
  context: PartsContext,
): { readonly amount: Amount; readonly trace: Trace } {
  return sumOf(parts, team, { id: 'total', level: 'total', ...context })
}

type AmountAndTrace = { readonly amount: Amount; readonly trace: Trace }

function leafAmount(leaf: Part, team: string, context: PartsContext): AmountAndTrace {
  const { plan, leaves } = context
  const scored = leaves.get(leaf.id)
  if (!scored || scored.kind === 'none') {
    const reason = scored?.reason ?? 'not measured'
    return fromPublication(leaf.id, team, { reason, from: [], ...context })
  }
  const index = scored.cells.teams.indexOf(team)
  const tooFew = scored.tooFew.get(team)
  const result: Result = tooFew
    ? { none: tooFew }
    : (scored.result.points[index] ?? { none: 'no value' })
  const digits = plan.rounding.printed.score
  if (isNone(result)) {
    return fromPublication(leaf.id, team, { reason: result.none, from: [], ...context })
  }
  const trace = traceLeaf(scored.leaf, {
    cells: scored.cells,
    result: scored.result,
    team: index,
    digits,
  })
  const { leaf: carried } = plan.rounding.carried
  if (carried === null) return { amount: { kind: 'exact', value: result }, trace }
  const value = roundTo(result, carried, plan.rounding.mode)
  return {
    amount: { kind: 'exact', value },
    trace: rounded(value, trace, { carried, plan, digits }),
  }
}

function sumOf(
  parts: readonly PartScore[],
  team: string,
  context: PartsContext & { readonly id: string; readonly level: 'group' | 'total' },
): AmountAndTrace {
  const { plan, id, level } = context
  const digits = level === 'total' ? plan.rounding.printed.total : plan.rounding.printed.score
  const from = parts.map((part) => ({ ...part.trace, says: `${part.part}: ${part.trace.says}` }))
  const unknown = parts.find((part) => part.amount.kind !== 'exact')
  if (unknown) {
    const reason =
      unknown.amount.kind === 'unknown'
        ? `${unknown.part}: ${unknown.amount.reason}`
        : `${unknown.part} is known only as printed`
    return fromPublication(id, team, { reason, from, ...context })
  }
  const values = parts.map((part) => exactOf(part.amount))
  const exact = sum(values)
  const carried = plan.rounding.carried[level]
  const value = carried === null ? exact : roundTo(exact, carried, plan.rounding.mode)
  const terms = values.map((term) => formatDecimal(term, plan.rounding.printed.score))
  const trace = known(value, {
    says: `${formatDecimal(value, digits)} ${sign(value, digits)} ${terms.join(' + ')}`,
    rule: 'sum',
    from,
    digits,
  })
  return { amount: { kind: 'exact', value }, trace }
}

const exactOf = (amount: Amount): Rational => (amount.kind === 'exact' ? amount.value : ZERO)

function rounded(
  value: Rational,
  trace: Trace,
  rule: { readonly carried: number; readonly plan: Plan; readonly digits: number },
): Trace {
  const shown = formatDecimal(value, rule.carried)
  return known(value, {
    says: `${shown}: rounded to ${rule.carried} digits (${rule.plan.rounding.mode}) before adding up`,
    rule: 'rounding',
    from: [trace],
    digits: rule.digits,
  })
}

/** What is left when rows do not give the score: the printed figure, or the range it must lie in. */
function fromPublication(
  id: string,
  team: string,
  context: PartsContext & { readonly reason: string; readonly from: readonly Trace[] },
): AmountAndTrace {
  const { published, reason, from } = context
  const printed = published.scoreOf(team, id)
  if (printed) {
    const text = formatDecimal(printed.value, printed.digits)
    const trace = known(printed.value, {
      says: `${text} as published`,
      rule: 'published',
      from,
      digits: printed.digits,
    })
    return { amount: { kind: 'published', ...printed }, trace }
  }
  const bounds = published.boundsOf(team, id)
  if (!bounds) return { amount: { kind: 'unknown', reason }, trace: none('unknown', reason, from) }
  const { least, most, because } = bounds
  const digits = context.plan.rounding.printed.score + 1
  const range = `between ${formatDecimal(least, digits, 'down')} and ${formatDecimal(most, digits, 'up')}`
  const trace = none('unknown', `${reason}; ${range} by what was published`, from)
  const rows = because.map((fact) => ({ path: fact.file, lines: String(fact.line), count: 1 }))
  return { amount: { kind: 'unknown', reason, least, most }, trace: { ...trace, rows } }
}

/** The exact score of a team in a measured part, before it is known for whom or what it counts. */
export function exactLeafScores(
  plan: Plan,
  leaves: ReadonlyMap<string, ScoredLeaf>,
): (team: string, leaf: string) => Rational | undefined {
  const { carried, mode } = plan.rounding
  return (team, id) => {
    const leaf = leaves.get(id)
    if (leaf?.kind !== 'cells' || leaf.tooFew.has(team)) return undefined
    const value = leaf.result.points[leaf.cells.teams.indexOf(team)]
    if (!value || isNone(value)) return undefined
    return carried.leaf === null ? value : roundTo(value, carried.leaf, mode)
  }
}
