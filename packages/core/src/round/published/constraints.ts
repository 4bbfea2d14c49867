import {
  add,
  fromNumber,
  multiply,
  type Rational,
  rational,
  subtract,
  ZERO,
} from '../../base/rational.ts'
import type { Part } from '../plan/measure.ts'
import { allParts, isLeaf, type Leaf, leavesOf, type Plan } from '../plan/plan.ts'
import { isReducing } from '../plan/steps.ts'
import type { Fact } from '../rows/facts.ts'

/**
 * Σ coefficient · score ≤ bound, over the unknown scores of teams in measured parts. `because` is
 * the fact behind it, or what the rules themselves say.
 */
export type Constraint = {
  readonly coefficients: ReadonlyMap<number, Rational>
  readonly bound: Rational
  readonly because: Fact | 'rules'
}

/** The unknowns: one per team and measured part without an exact score. */
export type Unknowns = {
  readonly count: number
  /** A score as constant + Σ coefficient · unknown; `part` may be a group or `total`. */
  readonly scoreOf: (team: string, part: string) => LinearScore
}

export type LinearScore = {
  readonly constant: Rational
  readonly unknowns: readonly number[]
}

export function unknownsOf(
  plan: Plan,
  exact: (team: string, leaf: string) => Rational | undefined,
): Unknowns {
  const place = new Map<string, number>()
  const leaves = leavesOf(plan)
  for (const team of plan.teams) {
    for (const leaf of leaves) {
      if (!exact(team.id, leaf.id)) place.set(`${team.id} ${leaf.id}`, place.size)
    }
  }
  const below = leavesBelow(plan)
  return {
    count: place.size,
    scoreOf: (team, part) => {
      let constant = ZERO
      const unknowns: number[] = []
      for (const leaf of below.get(part) ?? []) {
        const known = exact(team, leaf)
        const unknown = place.get(`${team} ${leaf}`)
        if (known) constant = add(constant, known)
        else if (unknown !== undefined) unknowns.push(unknown)
      }
      return { constant, unknowns }
    },
  }
}

function leavesBelow(plan: Plan): Map<string, readonly string[]> {
  const ids = (part: Part): string[] => (isLeaf(part) ? [part.id] : (part.parts ?? []).flatMap(ids))
  return new Map([
    ['total', plan.parts.flatMap(ids)],
    ...allParts(plan.parts).map((part): [string, string[]] => [part.id, ids(part)]),
  ])
}

/** Everything that facts and rules say about the unknown scores. */
export function constraintsOf(
  plan: Plan,
  facts: readonly Fact[],
  unknowns: Unknowns,
): Constraint[] {
  return [
    ...leavesOf(plan).flatMap((leaf) => ruleConstraints(plan, leaf, unknowns)),
    ...facts.flatMap((fact) => factConstraints(plan, fact, unknowns)),
  ]
}

type Term = { readonly team: string; readonly part: string; readonly times: bigint }

/** Σ times · score(team, part) ≤ bound, or nothing when no unknown is left in it. */
function atMost(
  terms: readonly Term[],
  bound: Rational,
  context: { readonly unknowns: Unknowns; readonly because: Constraint['because'] },
): Constraint[] {
  const coefficients = new Map<number, Rational>()
  let left = bound
  for (const { team, part, times } of terms) {
    const score = context.unknowns.scoreOf(team, part)
    left = subtract(left, multiply(score.constant, rational(times)))
    for (const unknown of score.unknowns) {
      coefficients.set(unknown, add(coefficients.get(unknown) ?? ZERO, rational(times)))
    }
  }
  for (const [unknown, value] of coefficients) if (value.n === 0n) coefficients.delete(unknown)
  return coefficients.size === 0 ? [] : [{ coefficients, bound: left, because: context.because }]
}

const negated = (value: Rational): Rational => ({ n: -value.n, d: value.d })

/** No rule but an uncapped ratio, or a scale beyond full marks, gives more than all points. */
function ruleConstraints(plan: Plan, leaf: Leaf, unknowns: Unknowns): Constraint[] {
  const scaling = leaf.measure.steps.find((step) => !isReducing(step))
  const capped = scaling?.rule !== 'ratio_to_target' || (scaling.cap ?? Infinity) <= 1
  const within =
    scaling?.rule !== 'fraction_of_full_marks' ||
    leaf.measure.rows === 'rubric' ||
    leaf.measure.scale.max <= scaling.full
  if (!capped || !within) return []
  return plan.teams.flatMap(({ id }) =>
    atMost([{ team: id, part: leaf.id, times: 1n }], fromNumber(leaf.points), {
      unknowns,
      because: 'rules',
    }),
  )
}

function factConstraints(plan: Plan, fact: Fact, unknowns: Unknowns): Constraint[] {
  const context = { unknowns, because: fact }
  const all = plan.teams.map((team) => team.id)
  const { part } = fact
  const one = (team: string, times: bigint): Term => ({ team, part, times })
  if (fact.statistic === 'ahead') {
    const behind = all.filter((team) => !fact.teams.includes(team))
    return fact.teams.flatMap((front) =>
      behind.flatMap((back) => atMost([one(back, 1n), one(front, -1n)], ZERO, context)),
    )
  }
  const { least, most } = intervalOf(fact, isLeafId(plan, part) ? ZERO : roundingSlack(plan))
  const between = (teams: readonly string[], count = 1n) => [
    ...atMost(
      teams.map((team) => one(team, 1n)),
      multiply(most, rational(count)),
      context,
    ),
    ...atMost(
      teams.map((team) => one(team, -1n)),
      negated(multiply(least, rational(count))),
      context,
    ),
  ]
  switch (fact.statistic) {
    case 'score':
      return fact.teams.flatMap((team) => between([team]))
    case 'mean':
      return between(all, BigInt(all.length))
    case 'gap':
      return all.flatMap((a) =>
        all.flatMap((b) => (a === b ? [] : atMost([one(a, 1n), one(b, -1n)], most, context))),
      )
    case 'best':
      return [
        ...all.flatMap((team) => atMost([one(team, 1n)], most, context)),
        ...fact.teams.flatMap((team) => between([team])),
      ]
  }
}

const isLeafId = (plan: Plan, part: string) => leavesOf(plan).some((leaf) => leaf.id === part)

/** How far a group may be from the sum of its measured parts, where sums are rounded on the way. */
function roundingSlack(plan: Plan): Rational {
  const { group, total } = plan.rounding.carried
  const digits = [group, total].filter((count) => count !== null)
  if (digits.length === 0) return ZERO
  const sums = allParts(plan.parts).filter((part) => !isLeaf(part)).length + 1
  return rational(BigInt(sums), 2n * 10n ** BigInt(Math.min(...digits)))
}

/**
 * What a printed figure says: half a unit of its last digit either way, ends included, and
 * `slack` beyond that.
 */
export function intervalOf(
  fact: Pick<Fact, 'value' | 'digits'>,
  slack: Rational = ZERO,
): { readonly least: Rational; readonly most: Rational } {
  const value = fact.value ?? ZERO
  const half = add(rational(1, 2n * 10n ** BigInt(fact.digits)), slack)
  return { least: subtract(value, half), most: add(value, half) }
}
