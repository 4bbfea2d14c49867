import { assert } from '../base/errors.ts'

const HALF_LN_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** Coefficients B_{2j} / (2j(2j−1)) of Stirling's series (NIST DLMF 5.11.1), in powers of 1/n². */
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
] as const

/**
 * δ(n) = lnΓ(n+1) − (n+½)·ln n + n − ½·ln 2π, for real n > 0: what Stirling's formula leaves.
 * Absolute error below 1e-15 for n ≥ 16; below that the recurrence
 * δ(n) = δ(n+1) + (n+½)·ln(1+1/n) − 1 leads there.
 */
export function stirlingError(n: number): number {
  assert(n > 0, () => `Stirling error of ${n}`)
  let sum = 0
  let x = n
  while (x < 16) {
    sum += (x + 0.5) * Math.log1p(1 / x) - 1
    x += 1
  }
  const inverseSquare = 1 / (x * x)
  let series = 0
  for (let j = STIRLING.length - 1; j >= 0; j--) series = series * inverseSquare + STIRLING[j]!
  return sum + series / x
}

/** lnΓ(x), x > 0. Absolute error about 1e-15·max(1, |lnΓ(x)|). */
export function lnGamma(x: number): number {
  assert(x > 0, `gamma function of ${x}`)
  return (x - 0.5) * Math.log(x) - x + HALF_LN_TWO_PI + stirlingError(x)
}

/** ln C(n, k) for integers 0 ≤ k ≤ n, without the cancellation of three large lnΓ. */
export function lnBinomialCoefficient(n: number, k: number): number {
  assert(k >= 0 && k <= n, () => `binomial coefficient ${n} over ${k}`)
  if (k === 0 || k === n) return 0
  // 2^n times the probability of k heads.
  return n * Math.LN2 + lnBinomialTerm({ x: k, y: n - k, p: 0.5, q: 0.5 })
}

/** x·ln(x/m) + m − x for x, m > 0, accurate where x and m are close (Loader 2000, function bd0). */
export function deviance(x: number, m: number): number {
  const difference = x - m
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x
  const v = difference / (x + m)
  const square = v * v
  let term = 2 * x * v
  let sum = difference * v
  for (let j = 1; ; j++) {
    term *= square
    const next = sum + term / (2 * j + 1)
    if (next === sum) return sum
    sum = next
  }
}

/**
 * ln[ Γ(n+1)/(Γ(x+1)Γ(y+1)) · p^x · q^y ] with n = x + y, x, y real and ≥ 0, p + q = 1: the
 * binomial probability in the saddle-point form of Loader (2000), "Fast and accurate computation
 * of binomial probabilities", whose error does not grow with n.
 */
export function lnBinomialTerm(term: {
  readonly x: number
  readonly y: number
  readonly p: number
  readonly q: number
}): number {
  const { x, y, p, q } = term
  const n = x + y
  if (x === 0) return y * lnOfComplement(q, p)
  if (y === 0) return x * lnOfComplement(p, q)
  return (
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(y) -
    deviance(x, n * p) -
    deviance(y, n * q) +
    0.5 * Math.log(n / (2 * Math.PI * x * y))
  )
}

/** ln[ m^x · e^−m / Γ(x+1) ], x real and ≥ 0, m > 0: the Poisson probability (Loader 2000). */
export function lnPoissonTerm(x: number, m: number): number {
  if (x === 0) return -m
  return -stirlingError(x) - deviance(x, m) - 0.5 * Math.log(2 * Math.PI * x)
}

/** ln p from whichever of p and q = 1 − p says more. */
function lnOfComplement(p: number, q: number): number {
  return q < 0.5 ? Math.log1p(-q) : Math.log(p)
}
