import { assert } from '../base/errors.ts'

const SWEEPS_MAX = 30

/**
 * Eigenvalues of a symmetric matrix (size × size, row-major, float64), largest first, by cyclic Jacobi
 * rotations (Golub and Van Loan, Matrix Computations, 4th ed., section 8.5). Absolute error about
 * 1e-15 times the norm. Work about 10·size³: meant for sizes up to a few hundred.
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  assert(matrix.length === size * size, 'a square matrix')
  const a = matrix.slice()
  const total = a.reduce((sum, x) => sum + x * x, 0)
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let off = 0
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) off += a[p * size + q]! ** 2
    }
    if (off <= 1e-26 * total) break
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, size, p, q)
    }
  }
  const values = Float64Array.from({ length: size }, (_, i) => a[i * size + i]!)
  return values.sort().reverse()
}

/** Zeroes entry (p, q) by a rotation of rows and columns p and q. */
function rotate(a: Float64Array, size: number, p: number, q: number): void {
  const entry = a[p * size + q]!
  if (entry === 0) return
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * entry)
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (let k = 0; k < size; k++) {
    const [x, y] = [a[k * size + p]!, a[k * size + q]!]
    a[k * size + p] = c * x - s * y
    a[k * size + q] = s * x + c * y
  }
  for (let k = 0; k < size; k++) {
    const [x, y] = [a[p * size + k]!, a[q * size + k]!]
    a[p * size + k] = c * x - s * y
    a[q * size + k] = s * x + c * y
  }
}
