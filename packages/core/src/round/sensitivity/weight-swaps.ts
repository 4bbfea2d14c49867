import {
  add,
  compare,
  divide,
  fromNumber,
  multiply,
  type Rational,
  rational,
  subtract,
  toNumber,
  ZERO,
} from '../../base/rational.ts'
import type { Contestant, WeightSwap } from './sensitivity.ts'

/** Points of one contestant in every part, and the full marks of the parts. All exact. */
export type SwapInput = {
  readonly parts: readonly { readonly id: string; readonly points: Rational }[]
  /** By team, points in each part in the order of `parts`. */
  readonly scores: ReadonlyMap<string, readonly Rational[]>
  readonly level: WeightSwap['level']
}

type Side = { readonly contestant: Contestant; readonly scores: readonly Rational[] }
type Place = Pick<WeightSwap, 'at' | 'level'>

/**
 * The smallest changes of points that bring two contestants level, in closed form: with the shares
 * s of full marks fixed, a total Σ w·s is linear in the weights w. With D the gap and d the
 * difference of shares per part, `between` j and l needs t = D/(d_j − d_l) with 0 < t ≤ w_j, and
 * `others` needs t = −D/(d_k − R) with R = (D − w_k·d_k)/(W − w_k), the weighted mean of the other
 * differences, and 0 ≤ w_k + t ≤ W. Sealed rounding is not applied again.
 *
 * `front` are the teams ahead, `back` those behind; the smallest change over all pairs counts.
 */
export function weightSwaps(
  input: SwapInput,
  sides: {
    readonly front: readonly Contestant[]
    readonly back: readonly Contestant[]
    readonly at: WeightSwap['at']
  },
): WeightSwap[] {
  const place: Place = { at: sides.at, level: input.level }
  const front = sides.front.map((contestant) => sideOf(contestant, input))
  const back = sides.back.map((contestant) => sideOf(contestant, input))
  const pairs = front.flatMap((ahead) => back.map((behind) => ({ ahead, behind })))
  if (pairs.length === 0) return []
  const others = input.parts.flatMap((_, k) =>
    smallest(pairs.map((pair) => changeWithOthers(pair, { input, place, k }))),
  )
  const between = input.parts.flatMap((_, j) =>
    input.parts.flatMap((__, l) =>
      j === l ? [] : smallest(pairs.map((pair) => changeBetween(pair, { input, place, j, l }))),
    ),
  )
  const found = [...others, ...between].map((change) => change.swap)
  if (found.length > 0) return found
  const closest = pairs.reduce((a, b) => (compare(gap(b), gap(a)) < 0 ? b : a))
  return [{ ...place, ...named(closest), kind: 'none' }]
}

type Pair = { readonly ahead: Side; readonly behind: Side }
type Change = { readonly size: Rational; readonly swap: WeightSwap }

const named = (pair: Pair) => ({
  overtakes: pair.behind.contestant,
  passed: pair.ahead.contestant,
})

function sideOf(contestant: Contestant, { parts, scores }: SwapInput): Side {
  if (contestant.kind === 'team') {
    return { contestant, scores: scores.get(contestant.team) ?? parts.map(() => ZERO) }
  }
  // A number of points is a contestant who has the same share of every part.
  const full = parts.map((part) => part.points).reduce(add, ZERO)
  const share = divide(fromNumber(contestant.points), full)
  return { contestant, scores: parts.map((part) => multiply(part.points, share)) }
}

function gap(pair: Pair): Rational {
  return pair.ahead.scores.reduce(
    (sum, own, k) => add(sum, subtract(own, pair.behind.scores[k] ?? ZERO)),
    ZERO,
  )
}

function shareDifference(pair: Pair, input: SwapInput, k: number): Rational {
  const own = subtract(pair.ahead.scores[k] ?? ZERO, pair.behind.scores[k] ?? ZERO)
  return divide(own, input.parts[k]?.points ?? rational(1))
}

function changeWithOthers(
  pair: Pair,
  context: { readonly input: SwapInput; readonly place: Place; readonly k: number },
): Change | undefined {
  const { input, place, k } = context
  const weight = input.parts[k]?.points ?? ZERO
  const full = input.parts.map((part) => part.points).reduce(add, ZERO)
  const rest = subtract(full, weight)
  if (rest.n === 0n) return undefined
  const distance = gap(pair)
  const own = shareDifference(pair, input, k)
  const slope = subtract(own, divide(subtract(distance, multiply(weight, own)), rest))
  if (slope.n === 0n) return undefined
  const points = divide(subtract(ZERO, distance), slope)
  const after = add(weight, points)
  if (compare(after, ZERO) < 0 || compare(after, full) > 0) return undefined
  const size = points.n < 0n ? subtract(ZERO, points) : points
  const part = input.parts[k]?.id ?? ''
  return {
    size,
    swap: { ...place, ...named(pair), kind: 'others', part, points: toNumber(points) },
  }
}

function changeBetween(
  pair: Pair,
  context: {
    readonly input: SwapInput
    readonly place: Place
    readonly j: number
    readonly l: number
  },
): Change | undefined {
  const { input, place, j, l } = context
  const slope = subtract(shareDifference(pair, input, j), shareDifference(pair, input, l))
  if (slope.n <= 0n) return undefined
  const size = divide(gap(pair), slope)
  if (size.n < 0n || compare(size, input.parts[j]?.points ?? ZERO) > 0) return undefined
  const [from, to] = [input.parts[j]?.id ?? '', input.parts[l]?.id ?? '']
  return {
    size,
    swap: { ...place, ...named(pair), kind: 'between', from, to, points: toNumber(size) },
  }
}

function smallest(changes: readonly (Change | undefined)[]): Change[] {
  let best: Change | undefined
  for (const change of changes) {
    if (change && (!best || compare(change.size, best.size) < 0)) best = change
  }
  return best ? [best] : []
}
