import { AppError } from '../base/errors.ts'
import { exactSum } from '../numeric/exact-sum.ts'
import { log10BinomialHalfTail } from './log-tails.ts'

/** 'positive' and 'negative' must be fixed before the data are seen. */
export type Alternative = 'two-sided' | 'positive' | 'negative'

export type SignTest =
  | {
      readonly kind: 'tested'
      readonly alternative: Alternative
      /** Units with a sign: c ≠ 0. */
      readonly n: number
      /** How many of them are positive. */
      readonly positive: number
      readonly sum: number
      readonly sumOfSquares: number
      /** The p-value to print: twice the smaller of the next two, at most 1. */
      readonly log10P: number
      /** A valid p-value on its own: how many signs agree, whatever their sizes. */
      readonly log10PBinomial: number
      /** A valid p-value on its own: the sum of the c, given their sizes. */
      readonly log10PHoeffding: number
      readonly meanCorrelation: number
      readonly direction: 'positive' | 'negative' | 'none'
    }
  | { readonly kind: 'inconclusive'; readonly reason: string }

/**
 * Sign-flip test of independence. `c[i]` is any statistic of unit i that is odd under that unit's
 * sign flip (dimensionless, such as a cosine). If the law of one model is invariant under the flips
 * and the models are independent, the signs of the non-zero c are, given all |c|, independent fair
 * coins. Zero c carry no sign and are dropped.
 *
 * Two p-values hold for every n and any sizes: the binomial tail of the number of equal signs, and
 * exp(−S²/2Q) with S = Σc, Q = Σc² (Hoeffding 1963, theorem 2, applied to ±|c|). Two-sided each is
 * doubled; taking the smaller of the two doubles again. The result does not depend on the order of
 * c: sums are rounded once.
 *
 * @throws AppError VALUE_INVALID where a c is not finite.
 */
export function signTest(
  c: Float64Array,
  options: { readonly alternative?: Alternative } = {},
): SignTest {
  const alternative = options.alternative ?? 'two-sided'
  const { n, positive } = countSigns(c)
  if (n === 0)
    return { kind: 'inconclusive', reason: 'no unit has a sign: every statistic is zero' }
  const { unit, scaledSum, scaledSquares } = scaledSums(c)
  const sides = alternative === 'two-sided' ? 2 : 1
  const agreeing = {
    'two-sided': Math.max(positive, n - positive),
    positive,
    negative: n - positive,
  }[alternative]
  const towards = { 'two-sided': Math.abs(scaledSum), positive: scaledSum, negative: -scaledSum }
  const hoeffding = towards[alternative] > 0 ? -(scaledSum ** 2) / (2 * scaledSquares) : 0
  const log10PBinomial = times(log10BinomialHalfTail(agreeing, n), sides)
  const log10PHoeffding = times(hoeffding / Math.LN10, sides)
  return {
    kind: 'tested',
    alternative,
    n,
    positive,
    sum: scaledSum * unit,
    sumOfSquares: scaledSquares * unit * unit,
    log10P: times(Math.min(log10PBinomial, log10PHoeffding), 2),
    log10PBinomial,
    log10PHoeffding,
    meanCorrelation: (scaledSum / n) * unit,
    direction: scaledSum > 0 ? 'positive' : scaledSum < 0 ? 'negative' : 'none',
  }
}

export type DetectableMean =
  | { readonly kind: 'detectable'; readonly mean: number }
  /** Too few units: not even full agreement of `n` units could reach the level. */
  | { readonly kind: 'undetectable'; readonly n: number; readonly neededUnits: number }

/**
 * The smallest |mean of c| at which `signTest` is certain to print a p-value ≤ 10^log10Alpha,
 * for data with this n and this root mean square r of the non-zero c. log10Alpha is the level after
 * all corrections for multiple tests. With f = 4 (two-sided) or 2 (one-sided), the smaller of
 *
 * - r·√(2·ln(f/α)/n): there f·exp(−S²/2Q) = α, since S = n·mean and Q = n·r²;
 * - r·√(K/n), K the smallest count with f·P(Bin(n,½) ≥ K) ≤ α: a mean m > 0 forces at least
 *   n·(m/r)² positive signs (Cauchy–Schwarz on the positive c). It matters for small n only.
 *
 * Smaller means may be detected by luck; none larger is missed.
 */
export function smallestDetectableMean(
  c: Float64Array,
  log10Alpha: number,
  options: { readonly alternative?: Alternative } = {},
): DetectableMean {
  const sides = (options.alternative ?? 'two-sided') === 'two-sided' ? 2 : 1
  const { n } = countSigns(c)
  const lnFactorOverAlpha = Math.log(2 * sides) - log10Alpha * Math.LN10
  const neededUnits = Math.max(1, Math.ceil(lnFactorOverAlpha / Math.LN2))
  if (n < neededUnits) return { kind: 'undetectable', n, neededUnits }
  const { unit, scaledSquares } = scaledSums(c)
  const rms = Math.sqrt(scaledSquares / n) * unit
  let share = (2 * lnFactorOverAlpha) / n
  if (share > 0.5) {
    const enough = fewestAgreeing(n, -lnFactorOverAlpha / Math.LN10)
    share = Math.min(share, enough / n)
  }
  return { kind: 'detectable', mean: rms * Math.sqrt(share) }
}

/**
 * The most of n units whose signs may differ from the others' where `signTest` is to print a p-value of
 * 10^log10Level or less, two-sided, whatever the sizes; −1 where it never does. Of fewer units fewer
 * may. S² is at most m·Q for m units with the sign of S (Cauchy–Schwarz).
 */
export function mostDissenting(n: number, log10Level: number): number {
  let most = -1
  while (most + 1 <= n / 2 && leastLog10P(n - most - 1, n) <= log10Level) most++
  return most
}

/** A bound for units of which `agreeing` have one sign; sums may round a little beyond it. */
function leastLog10P(agreeing: number, n: number): number {
  const smaller = Math.min(log10BinomialHalfTail(agreeing, n), -agreeing / (2 * Math.LN10))
  return times(smaller, 4) - 1e-9
}

/** Smallest K with log10 P(Bin(n,½) ≥ K) ≤ log10Level; exists because 2^−n is below the level. */
function fewestAgreeing(n: number, log10Level: number): number {
  let low = Math.floor(n / 2)
  let high = n
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (log10BinomialHalfTail(middle, n) <= log10Level) high = middle
    else low = middle
  }
  return high
}

/** Σc/unit and Σ(c/unit)², each rounded once; unit, a power of two, keeps squares in range. */
function scaledSums(c: Float64Array): {
  readonly unit: number
  readonly scaledSum: number
  readonly scaledSquares: number
} {
  let largest = 0
  for (let i = 0; i < c.length; i++) largest = Math.max(largest, Math.abs(c[i]!))
  const unit = 2 ** Math.max(-1000, Math.floor(Math.log2(largest)))
  const [scaled, squares] = [new Float64Array(c.length), new Float64Array(c.length)]
  for (let i = 0; i < c.length; i++) {
    const value = c[i]! / unit
    scaled[i] = value
    squares[i] = value * value
  }
  return { unit, scaledSum: exactSum(scaled), scaledSquares: exactSum(squares) }
}

function countSigns(c: Float64Array): { readonly n: number; readonly positive: number } {
  let n = 0
  let positive = 0
  for (let i = 0; i < c.length; i++) {
    const value = c[i]!
    if (!Number.isFinite(value)) {
      throw new AppError('VALUE_INVALID', `statistic of unit ${i} is ${value}`, {
        hint: 'the weights behind it hold NaN or infinite values: test only finite units',
      })
    }
    if (value !== 0) n++
    if (value > 0) positive++
  }
  return { n, positive }
}

const times = (log10P: number, factor: number): number => Math.min(0, log10P + Math.log10(factor))
