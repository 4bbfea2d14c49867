import { assert } from '../base/errors.ts'
import { lnBinomialTerm, lnPoissonTerm } from './log-gamma.ts'

/**
 * Upper tail probabilities as log10, far below what a float64 can hold.
 *
 * Method throughout: the first term of the tail in saddle-point form (no cancellation of large
 * logarithms), times a sum or continued fraction of positive numbers of order 1. Where the tail
 * holds more than about half of the mass, the other tail is computed and subtracted from 1. Error
 * of the natural logarithm: about 1e-15·|ln p| + 1e-11 (checked against 60-digit arithmetic for
 * p from 1 down to 1e-100000).
 */

/** Relative size below which further terms of a decreasing sum are left out. */
const NEGLIGIBLE = 1e-17

const toLog10 = (ln: number): number => Math.min(0, ln) / Math.LN10

/** log10(1 − 10^log10P). */
export function log10Complement(log10P: number): number {
  return lnComplement(log10P * Math.LN10) / Math.LN10
}

/** ln(1 − e^ln), by whichever form keeps digits (Mächler 2012). */
function lnComplement(ln: number): number {
  return ln > -Math.LN2 ? Math.log(-Math.expm1(ln)) : Math.log1p(-Math.exp(ln))
}

/**
 * log10 P(Bin(trials, ½) ≥ atLeast). Exact summation; integers, trials ≥ 0. About 3·√trials terms
 * near the middle, a few at the end. 0 where atLeast ≤ 0, −Infinity where atLeast > trials.
 */
export function log10BinomialHalfTail(atLeast: number, trials: number): number {
  return log10BinomialTail(atLeast, trials, 0.5)
}

/** log10 P(Bin(trials, probability) ≥ atLeast), 0 < probability < 1. Otherwise as at ½. */
export function log10BinomialTail(atLeast: number, trials: number, probability: number): number {
  assert(Number.isInteger(atLeast) && Number.isInteger(trials) && trials >= 0, 'integer counts')
  assert(probability > 0 && probability < 1, () => `probability ${probability}`)
  if (atLeast <= 0) return 0
  if (atLeast > trials) return Number.NEGATIVE_INFINITY
  if (atLeast > trials * probability) {
    return toLog10(lnBinomialUpper(atLeast, trials, probability))
  }
  // Fewer than atLeast successes: more than trials − atLeast failures.
  return toLog10(lnComplement(lnBinomialUpper(trials - atLeast + 1, trials, 1 - probability)))
}

/** Terms fall from the first when k exceeds the mean: C(n,j+1)p/(C(n,j)q) = (n−j)p/((j+1)q). */
function lnBinomialUpper(k: number, n: number, p: number): number {
  const odds = p / (1 - p)
  let term = 1
  let sum = 1
  for (let j = k; j < n; j++) {
    const ratio = ((n - j) / (j + 1)) * odds
    term *= ratio
    sum += term
    // The ratios fall too, so the rest is below a geometric series.
    if (ratio < 1 && term * ratio < NEGLIGIBLE * sum * (1 - ratio)) break
  }
  return lnBinomialTerm({ x: k, y: n - k, p, q: 1 - p }) + Math.log(sum)
}

/** log10 P(Poisson(mean) ≥ atLeast), integer atLeast, mean > 0. */
export function log10PoissonTail(atLeast: number, mean: number): number {
  assert(Number.isInteger(atLeast) && mean > 0, () => `Poisson tail at ${atLeast}, mean ${mean}`)
  if (atLeast <= 0) return 0
  if (atLeast > mean) {
    const sum = fallingSum((i) => mean / (atLeast + i))
    return toLog10(lnPoissonTerm(atLeast, mean) + Math.log(sum))
  }
  const last = atLeast - 1
  const sum = fallingSum((i) => Math.max(0, last - i + 1) / mean)
  return toLog10(lnComplement(lnPoissonTerm(last, mean) + Math.log(sum)))
}

/** 1 + r1 + r1·r2 + … for ratios that fall below 1. */
function fallingSum(ratioAt: (i: number) => number): number {
  let term = 1
  let sum = 1
  for (let i = 1; ; i++) {
    const ratio = ratioAt(i)
    term *= ratio
    sum += term
    if (ratio < 1 && term * ratio <= NEGLIGIBLE * sum * (1 - ratio)) return sum
  }
}

/** log10 P(χ² with `degrees` degrees of freedom ≥ x); degrees > 0, x ≥ 0. */
export function log10ChiSquareTail(x: number, degrees: number): number {
  assert(degrees > 0 && x >= 0, () => `chi-square tail at ${x} with ${degrees} degrees`)
  return toLog10(lnUpperGamma(degrees / 2, x / 2))
}

/** log10 P(standard normal ≥ z). Its square is χ² with one degree of freedom. */
export function log10NormalTail(z: number): number {
  const ln = lnUpperGamma(0.5, (z * z) / 2) - Math.LN2
  return toLog10(z >= 0 ? ln : lnComplement(ln))
}

/** ln Q(a, x), the regularised upper incomplete gamma function (DLMF 8.11.4 and 8.9.2). */
function lnUpperGamma(a: number, x: number): number {
  if (x === 0) return 0
  if (x === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  if (x < a + 1) {
    const lower = lnPoissonTerm(a, x) + Math.log(fallingSum((i) => x / (a + i)))
    return lnComplement(Math.min(lower, 0))
  }
  const fraction = continuedFraction(
    (i) => i * (a - i),
    (i) => x + 2 * i + 1 - a,
  )
  return lnPoissonTerm(a, x) + Math.log(a) - Math.log(fraction)
}

/** log10 P(Student's t with `degrees` degrees of freedom ≥ t); degrees > 0. */
export function log10StudentTail(t: number, degrees: number): number {
  assert(degrees > 0, () => `${degrees} degrees of freedom`)
  const square = t * t
  if (square === Number.POSITIVE_INFINITY) return t > 0 ? Number.NEGATIVE_INFINITY : 0
  const x = degrees / (degrees + square)
  const y = square / (degrees + square)
  // P(|T| ≥ |t|) = I_x(degrees/2, ½), DLMF 8.17.
  const ln = lnIncompleteBeta({ a: degrees / 2, b: 0.5, x, y }) - Math.LN2
  return toLog10(t >= 0 ? ln : lnComplement(ln))
}

type Beta = { readonly a: number; readonly b: number; readonly x: number; readonly y: number }

/** ln I_x(a, b) with y = 1 − x given, so that neither loses digits (DLMF 8.17.22). */
function lnIncompleteBeta({ a, b, x, y }: Beta): number {
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (y === 0) return 0
  if (x > (a + 1) / (a + b + 2)) return lnComplement(lnIncompleteBeta({ a: b, b: a, x: y, y: x }))
  const fraction = continuedFraction(
    (i) => {
      const m = i >> 1
      return i % 2 === 1
        ? (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
        : (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    },
    () => 1,
  )
  return lnBinomialTerm({ x: a, y: b, p: x, q: y }) + Math.log(b / (a + b)) - Math.log(fraction)
}

/** b_0 + a_1/(b_1 + a_2/(b_2 + …)) by the modified Lentz algorithm (Thompson and Barnett 1986). */
function continuedFraction(a: (i: number) => number, b: (i: number) => number): number {
  const tiny = 1e-300
  let value = b(0) || tiny
  let c = value
  let d = 0
  for (let i = 1; i < 10_000_000; i++) {
    d = b(i) + a(i) * d || tiny
    c = b(i) + a(i) / c || tiny
    d = 1 / d
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) < 1e-16) return value
  }
  throw new RangeError('continued fraction did not converge')
}
