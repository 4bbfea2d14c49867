import { assert } from '../base/errors.ts'
import { lnBinomialTerm } from './log-gamma.ts'
import { log10ChiSquareTail } from './log-tails.ts'

export type GoodnessOfFit = {
  /** The largest distance (Kolmogorov–Smirnov) or Σ(o−e)²/e (χ²). */
  readonly statistic: number
  readonly log10P: number
}

/**
 * Two-sided Kolmogorov–Smirnov test that `p` (numbers in [0, 1]) come from the uniform law. The
 * p-value is exact for continuous data up to 2,000 values: the matrix form of Marsaglia, Tsang and
 * Wang (2003) in the middle, and twice the exact one-sided tail where that is below 1e-3, from which
 * it then differs by less than 1e-9 of its value. Beyond 2,000 values Kolmogorov's limit with
 * Stephens' correction (1970), right to about 1 %. Discrete p-values make it conservative.
 */
export function kolmogorovSmirnov(p: ArrayLike<number>): GoodnessOfFit {
  const n = p.length
  assert(n > 0, 'Kolmogorov–Smirnov test of no values')
  const sorted = Float64Array.from(p).sort()
  assert(sorted[0]! >= 0 && sorted[n - 1]! <= 1, 'values outside [0, 1]')
  let distance = 0
  for (let i = 0; i < n; i++) {
    distance = Math.max(distance, (i + 1) / n - sorted[i]!, sorted[i]! - i / n)
  }
  return { statistic: distance, log10P: log10KolmogorovTail(distance, n) }
}

/** log10 P(D_n ≥ d). */
function log10KolmogorovTail(d: number, n: number): number {
  if (d >= 1) return Number.NEGATIVE_INFINITY
  const lnTwice = Math.LN2 + lnOneSidedTail(d, n)
  if (lnTwice < Math.log(1e-3)) return lnTwice / Math.LN10
  const tail = n <= 2000 ? 1 - kolmogorovCdf(d, n) : limitTail(d * stephens(n))
  return Math.log10(Math.min(1, Math.max(tail, 1e-300)))
}

const stephens = (n: number): number => Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)

/** 2·Σ (−1)^{j−1} e^{−2j²x²} (Kolmogorov 1933). */
function limitTail(x: number): number {
  if (x < 0.2) return 1
  let sum = 0
  for (let j = 1; j <= 100; j++) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * j * j * x * x)
  return sum
}

/**
 * ln P(D_n^+ ≥ d) = ln d·Σ_{j=0}^{⌊n(1−d)⌋} C(n,j)·(d + j/n)^{j−1}·(1 − d − j/n)^{n−j}
 * (Smirnov 1944; Birnbaum and Tingey 1951): positive terms only.
 */
function lnOneSidedTail(d: number, n: number): number {
  if (d <= 0) return 0
  let largest = Number.NEGATIVE_INFINITY
  const logs: number[] = []
  for (let j = 0; j <= n * (1 - d); j++) {
    const x = d + j / n
    if (x >= 1) break
    const term = lnBinomialTerm({ x: j, y: n - j, p: x, q: 1 - x }) - Math.log(x)
    logs.push(term)
    largest = Math.max(largest, term)
  }
  const sum = logs.reduce((total, term) => total + Math.exp(term - largest), 0)
  return Math.log(d) + largest + Math.log(sum)
}

/** P(D_n < d) = n!/n^n · (H^n)_kk, H of size 2k − 1, k = ⌈nd⌉ (Marsaglia, Tsang, Wang 2003). */
function kolmogorovCdf(d: number, n: number): number {
  const k = Math.floor(n * d) + 1
  const size = 2 * k - 1
  const h = k - n * d
  const base = transitionMatrix(size, h)
  const power = matrixPower(base, size, n)
  let value = power.matrix[(k - 1) * size + k - 1]!
  let exponent = power.exponent
  for (let i = 1; i <= n; i++) {
    value *= i / n
    if (value < 1e-140) {
      value *= 1e140
      exponent -= 140
    }
  }
  return value * 10 ** exponent
}

function transitionMatrix(size: number, h: number): Float64Array {
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) matrix[i * size + j] = i - j + 1 < 0 ? 0 : 1
  }
  for (let i = 0; i < size; i++) {
    matrix[i * size]! -= h ** (i + 1)
    matrix[(size - 1) * size + i]! -= h ** (size - i)
  }
  matrix[(size - 1) * size]! += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      for (let g = 1; g <= i - j + 1; g++) matrix[i * size + j]! /= g
    }
  }
  return matrix
}

type Power = { readonly matrix: Float64Array; readonly exponent: number }

/** Matrix and power of ten apart, rescaled before it overflows. */
function matrixPower(base: Float64Array, size: number, n: number): Power {
  if (n === 1) return { matrix: base, exponent: 0 }
  const half = matrixPower(base, size, Math.floor(n / 2))
  let matrix = multiply(half.matrix, half.matrix, size)
  let exponent = 2 * half.exponent
  if (n % 2 === 1) matrix = multiply(base, matrix, size)
  const middle = (size - 1) / 2
  if (matrix[middle * size + middle]! > 1e140) {
    matrix = matrix.map((value) => value * 1e-140)
    exponent += 140
  }
  return { matrix, exponent }
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!
      if (factor === 0) continue
      for (let j = 0; j < size; j++) out[i * size + j]! += factor * b[k * size + j]!
    }
  }
  return out
}

/**
 * χ² test that `counts` are draws from Bin(trials, probability). Neighbouring outcomes are pooled
 * until at least 5 draws are expected in each cell. Undefined where that leaves one cell.
 */
export function binomialGoodnessOfFit(
  counts: readonly number[],
  law: { readonly trials: number; readonly probability: number },
): (GoodnessOfFit & { readonly degrees: number }) | undefined {
  const { trials, probability } = law
  const observed = new Float64Array(trials + 1)
  for (const count of counts) {
    assert(Number.isInteger(count) && count >= 0 && count <= trials, `count ${count} of ${trials}`)
    observed[count]! += 1
  }
  const cells: { expected: number; observed: number }[] = []
  let open = { expected: 0, observed: 0 }
  for (let k = 0; k <= trials; k++) {
    const ln = lnBinomialTerm({ x: k, y: trials - k, p: probability, q: 1 - probability })
    open.expected += counts.length * Math.exp(ln)
    open.observed += observed[k]!
    if (open.expected >= 5) {
      cells.push(open)
      open = { expected: 0, observed: 0 }
    }
  }
  const last = cells.at(-1)
  if (last === undefined || cells.length < 2) return undefined
  last.expected += open.expected
  last.observed += open.observed
  const statistic = cells.reduce((sum, c) => sum + (c.observed - c.expected) ** 2 / c.expected, 0)
  const degrees = cells.length - 1
  return { statistic, degrees, log10P: log10ChiSquareTail(statistic, degrees) }
}
