import {
  add,
  compare,
  multiply,
  type Rational,
  rational,
  toNumber,
  ZERO,
} from '../../base/rational.ts'
import type { Fact } from '../rows/facts.ts'
import type { Constraint, LinearScore } from './constraints.ts'
import { type Dictionary, maximise, startSimplex } from './simplex.ts'

/** A limit that follows from facts, with the facts that it follows from. */
export type ProvenBound = { readonly value: Rational; readonly because: readonly Fact[] }

export type Prover =
  | {
      readonly kind: 'consistent'
      readonly highest: (score: LinearScore, sign: 1 | -1) => ProvenBound | undefined
    }
  /** These facts cannot all be true. */
  | { readonly kind: 'contradiction'; readonly because: readonly Fact[] }

/** Denominators of multipliers tried; those of means over teams are small. */
const DENOMINATORS = [
  1n,
  2n,
  3n,
  4n,
  5n,
  6n,
  7n,
  8n,
  9n,
  10n,
  12n,
  15n,
  20n,
  60n,
  2520n,
  232792560n,
]
const CLOSE = 1e-7

/**
 * Bounds by linear programming duality. The simplex method runs in doubles and proposes
 * multipliers; they are rounded to fractions and checked exactly: any y ≥ 0 with yᵀA ≥ c proves
 * c·x ≤ yᵀb, whatever the doubles did. A proposal that fails the check is no bound.
 */
export function createProver(constraints: readonly Constraint[], count: number): Prover {
  const rows = constraints.map((constraint) => {
    const row = new Float64Array(count)
    for (const [unknown, value] of constraint.coefficients) row[unknown] = toNumber(value)
    return row
  })
  const bounds = Float64Array.from(constraints, (constraint) => toNumber(constraint.bound))
  const start = startSimplex(rows, bounds)
  if (start.kind === 'infeasible') {
    const proof = exactMultipliers(start.multipliers)
    const refuted = proof && refutes(proof, constraints)
    return { kind: 'contradiction', because: refuted ? factsOf(proof, constraints) : [] }
  }
  return {
    kind: 'consistent',
    highest: (score, sign) =>
      highest(score, sign, { constraints, dictionary: start.dictionary, count }),
  }
}

/** The highest possible sign · score. */
function highest(
  score: LinearScore,
  sign: 1 | -1,
  context: {
    readonly constraints: readonly Constraint[]
    readonly dictionary: Dictionary
    readonly count: number
  },
): ProvenBound | undefined {
  const { constraints, dictionary, count } = context
  const constant = multiply(score.constant, rational(sign))
  if (score.unknowns.length === 0) return { value: constant, because: [] }
  const costs = new Float64Array(count)
  for (const unknown of score.unknowns) costs[unknown] = sign
  const found = maximise(dictionary, costs)
  if (found.kind === 'unbounded') return undefined
  const proof = exactMultipliers(found.multipliers)
  if (!proof) return undefined
  const reached = combination(proof, constraints)
  const wanted = new Set(score.unknowns)
  for (let unknown = 0; unknown < count; unknown++) {
    const need = rational(wanted.has(unknown) ? sign : 0)
    if (compare(reached.coefficients.get(unknown) ?? ZERO, need) < 0) return undefined
  }
  return { value: add(reached.bound, constant), because: factsOf(proof, constraints) }
}

type Multipliers = ReadonlyMap<number, Rational>

function exactMultipliers(approximate: Float64Array): Multipliers | undefined {
  const exact = new Map<number, Rational>()
  for (const [i, value] of approximate.entries()) {
    if (value < CLOSE) continue
    const denominator = DENOMINATORS.find((d) => {
      const scaled = value * Number(d)
      return Math.abs(scaled - Math.round(scaled)) < CLOSE
    })
    if (denominator === undefined) return undefined
    exact.set(i, rational(BigInt(Math.round(value * Number(denominator))), denominator))
  }
  return exact
}

function combination(
  multipliers: Multipliers,
  constraints: readonly Constraint[],
): { readonly coefficients: ReadonlyMap<number, Rational>; readonly bound: Rational } {
  const coefficients = new Map<number, Rational>()
  let bound = ZERO
  for (const [i, times] of multipliers) {
    const constraint = constraints[i]
    if (!constraint) continue
    bound = add(bound, multiply(times, constraint.bound))
    for (const [unknown, value] of constraint.coefficients) {
      const sum = add(coefficients.get(unknown) ?? ZERO, multiply(times, value))
      coefficients.set(unknown, sum)
    }
  }
  return { coefficients, bound }
}

function refutes(multipliers: Multipliers, constraints: readonly Constraint[]): boolean {
  const { coefficients, bound } = combination(multipliers, constraints)
  return bound.n < 0n && [...coefficients.values()].every((value) => value.n >= 0n)
}

function factsOf(multipliers: Multipliers, constraints: readonly Constraint[]): Fact[] {
  const facts = [...multipliers.keys()].map((i) => constraints[i]?.because)
  return [...new Set(facts)].filter((fact): fact is Fact => fact !== undefined && fact !== 'rules')
}
