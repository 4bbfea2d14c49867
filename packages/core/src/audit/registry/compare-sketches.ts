import { perObject } from '../../base/per-object.ts'
import { log10BinomialHalfTail } from '../../stats/log-tails.ts'
import { type SignTest, signTest } from '../../stats/sign-test.ts'
import { type RowCounts, rowsOfBoth, statisticsOf } from './scan-rows.ts'
import { rowStatistics, type Sketch } from './sketch.ts'

/** As for the test on raw rows: docs/methods/sign-flip-test.md, "When it fails". */
const CONVENTION_LOG10_ALPHA = -9 - Math.log10(3)
/** Liberal: a false find costs power, a missed copy costs validity. */
const COPIES_LOG10_ALPHA = -4

export type SketchComparison =
  | {
      readonly kind: 'tested'
      readonly test: Extract<SignTest, { kind: 'tested' }>
      /** The model whose signs are taken as fair coins. */
      readonly carrier: 'candidate' | 'reference'
      /** Layers of the carrier left out because an earlier one has the same rows. */
      readonly copies: number
    }
  | { readonly kind: 'untestable'; readonly reason: 'sign_convention' | 'no_rows' }

/**
 * The sign-flip test on the sketches of the same family in two models, layer by layer at equal
 * places. Exact: c_i is odd in row i, whatever the directions and whatever the rows share.
 */
export function compareSketches(candidate: Sketch, reference: Sketch): SketchComparison {
  const canCarry = {
    candidate: !followsConvention(candidate),
    reference: !followsConvention(reference),
  }
  if (!canCarry.candidate && !canCarry.reference) {
    return { kind: 'untestable', reason: 'sign_convention' }
  }
  const layers = Math.min(candidate.layers, reference.layers)
  const copies = {
    candidate: copiedLayers(candidate, layers),
    reference: copiedLayers(reference, layers),
  }
  const carrier = chooseCarrier(canCarry, copies)
  const c = rowStatistics(candidate, reference, {
    fromA: 0,
    fromB: 0,
    count: rowsOfBoth(candidate, reference),
  })
  const { rowsPerLayer } = candidate
  for (const layer of copies[carrier]) c.fill(0, layer * rowsPerLayer, (layer + 1) * rowsPerLayer)
  const test = signTest(c)
  if (test.kind !== 'tested') return { kind: 'untestable', reason: 'no_rows' }
  return { kind: 'tested', test, carrier, copies: copies[carrier].size }
}

type Sides<T> = { readonly candidate: T; readonly reference: T }

function chooseCarrier(
  canCarry: Sides<boolean>,
  copies: Sides<ReadonlySet<number>>,
): 'candidate' | 'reference' {
  if (!canCarry.candidate) return 'reference'
  if (!canCarry.reference) return 'candidate'
  return copies.reference.size <= copies.candidate.size ? 'reference' : 'candidate'
}

function followsConvention({ signs }: Sketch): boolean {
  const { units, positiveFirst, positiveLargest, positiveSum } = signs
  if (units === 0) return false
  return [positiveFirst, positiveLargest, positiveSum].some((positive) => {
    const extreme = Math.max(positive, units - positive)
    return Math.log10(2) + log10BinomialHalfTail(extreme, units) < CONVENTION_LOG10_ALPHA
  })
}

/**
 * Pairs of layers that deviate by less are no copies: 4·exp(−z²/2) is above 10⁻², and no binomial
 * tail below z = 3 is less than 10⁻³, whatever the number of rows.
 */
export const COPIES_DEVIATION = 3

/** Layers whose rows repeat those of an earlier layer (own up-scaling, layers used twice). */
function copiedLayers(sketch: Sketch, layers: number): ReadonlySet<number> {
  const known = copiesOf(sketch)
  const copied = known.get(layers) ?? findCopies(sketch, layers)
  known.set(layers, copied)
  return copied
}

/** By the number of layers that are looked at: one suspect meets many references. */
const copiesOf = perObject((_: Sketch) => new Map<number, ReadonlySet<number>>())

function findCopies(sketch: Sketch, layers: number): ReadonlySet<number> {
  const copied = new Set<number>()
  const { rowsPerLayer } = sketch
  const threshold = COPIES_LOG10_ALPHA - Math.log10(Math.max(1, (layers * (layers - 1)) / 2))
  for (let second = 1; second < layers; second++) {
    for (let first = 0; first < second && !copied.has(second); first++) {
      const c = rowStatistics(sketch, sketch, {
        fromA: first * rowsPerLayer,
        fromB: second * rowsPerLayer,
        count: rowsPerLayer,
      })
      if (deviationOf(countsOf(c)) < COPIES_DEVIATION) continue
      const test = signTest(c)
      if (test.kind === 'tested' && test.log10P < threshold) copied.add(second)
    }
  }
  return copied
}

/** The counts of row statistics c = 64 − 2h; rows with c = 0 have no sign or h = 32. */
function countsOf(c: Float64Array): RowCounts {
  const counts = { rows: c.length, sum: 0, squares: 0, below: 0, equal: 0 }
  for (const value of c) {
    const h = 32 - value / 2
    counts.sum += h
    counts.squares += h * h
    counts.below += Number(value > 0)
    counts.equal += Number(value === 0)
  }
  return counts
}

/** How far a scan is from its null: the larger of |S|/√Q and |2K − n|/√n; 0 where no row has a sign. */
export function deviationOf(counts: RowCounts): number {
  const { sum, squares, n, positive } = statisticsOf(counts)
  if (n === 0 || squares === 0) return 0
  return Math.max(Math.abs(sum) / Math.sqrt(squares), Math.abs(2 * positive - n) / Math.sqrt(n))
}

export type CountedTest = {
  readonly n: number
  readonly positive: number
  readonly log10P: number
  /** Root mean square of the c that are not 0. */
  readonly rms: number
  readonly meanC: number
}

/** `signTest` (two-sided) from the counts of a scan alone; the same p-value. */
export function testCounts(counts: RowCounts): CountedTest | null {
  const { sum, squares, n, positive } = statisticsOf(counts)
  if (n === 0) return null
  const binomial = log10BinomialHalfTail(Math.max(positive, n - positive), n)
  const hoeffding = squares > 0 ? -(sum ** 2) / (2 * squares * Math.LN10) : 0
  const doubled = (log10P: number) => Math.min(0, log10P + Math.log10(2))
  return {
    n,
    positive,
    log10P: doubled(Math.min(doubled(binomial), doubled(hoeffding))),
    rms: Math.sqrt(squares / n),
    meanC: sum / n,
  }
}
