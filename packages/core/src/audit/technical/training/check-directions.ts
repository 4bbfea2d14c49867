import { type Finding, finding } from './finding.ts'
import { type Path, sizeOf } from './path.ts'
import { productOfSteps, type Trajectory } from './trajectory.ts'

/**
 * Median cosine of consecutive updates up to which honest runs were seen to turn. Slow training goes
 * straighter than that (0.95 for gradient descent at small rates), so more is no contradiction.
 */
const COSINE_MEDIAN_MAX = 0.9
/** A point off the line between its neighbours by no more than this many roundings lies on it. */
const ROUNDINGS = 2
/** What float64 sums of products leave open, beside the rounding of the stored values. */
const FLOOR = 2e-6
/** The neighbours must be so many times farther apart than what rounding could hide. */
const CHORD_MIN = 50

/**
 * Do consecutive updates turn, as real ones do? Three checkpoints on one straight line to within rounding
 * were interpolated: no noise, no schedule and no momentum of any optimiser gives that.
 */
export function checkDirections({ points, kept, matrices }: Path): Finding[] {
  const cosines: number[] = []
  for (let i = 2; i < kept.length; i++) {
    const triple = [kept[i - 2] ?? 0, kept[i - 1] ?? 0, kept[i] ?? 0] as const
    const cosine = cosineOf(matrices, triple)
    if (cosine === null) continue
    cosines.push(cosine)
    if (cosine > 0 && isStraight(matrices, triple)) {
      const [from, middle, to] = triple.map((at) => points[at]?.step ?? 0)
      const values = { from: from ?? 0, middle: middle ?? 0, to: to ?? 0, cosine }
      return [finding('directions', 'updates_collinear', { tier: 'empirical', values })]
    }
  }
  if (cosines.length === 0) {
    return [finding('directions', 'updates_too_few', { values: { updates: kept.length - 1 } })]
  }
  const sorted = [...cosines].sort((x, y) => x - y)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const values = { median, largest: sorted.at(-1) ?? 0 }
  return median > COSINE_MEDIAN_MAX
    ? [finding('directions', 'updates_nearly_straight', { values })]
    : [finding('directions', 'updates_turn', { tier: 'empirical', values })]
}

type Triple = readonly [number, number, number]

const productsOf = (path: Trajectory, [a, b, c]: Triple) => ({
  first: productOfSteps(path, [b, a], [b, a]),
  second: productOfSteps(path, [c, b], [c, b]),
  shared: productOfSteps(path, [b, a], [c, b]),
})

function cosineOf(path: Trajectory, triple: Triple): number | null {
  const { first, second, shared } = productsOf(path, triple)
  return first > 0 && second > 0 ? shared / Math.sqrt(first * second) : null
}

/** How far the middle point is from the line through the others, against what rounding leaves open. */
function isStraight(path: Trajectory, triple: Triple): boolean {
  const { first, second, shared } = productsOf(path, triple)
  const chord = first + second + 2 * shared
  const off = Math.max(0, first * second - shared * shared) / chord
  const size = Math.max(...triple.map((at) => sizeOf(path, at)))
  const hidden = (ROUNDINGS * path.rounding + FLOOR) * size
  const perElement = (square: number): number => Math.sqrt(square / Math.max(1, path.elements))
  return perElement(off) <= hidden && perElement(chord) >= CHORD_MIN * hidden
}
