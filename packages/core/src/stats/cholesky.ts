/**
 * Lower factor L of a symmetric positive definite matrix A = L·Lᵀ, both row-major, size × size.
 * undefined where a pivot falls below `tolerance` times the largest diagonal entry of A: then A is
 * singular for practical purposes.
 */
export function choleskyFactor(
  matrix: Float64Array,
  size: number,
  tolerance = 1e-12,
): Float64Array | undefined {
  const factor = new Float64Array(size * size)
  let largest = 0
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]!)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j]!
      for (let k = 0; k < j; k++) rest -= factor[i * size + k]! * factor[j * size + k]!
      if (i !== j) factor[i * size + j] = rest / factor[j * size + j]!
      else if (rest > tolerance * largest) factor[i * size + i] = Math.sqrt(rest)
      else return undefined
    }
  }
  return factor
}

/** Solves L·Lᵀ·x = b for the factor of `choleskyFactor`. */
export function choleskySolve(factor: Float64Array, right: Float64Array): Float64Array {
  const size = right.length
  const x = right.slice()
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= factor[i * size + k]! * x[k]!
    x[i]! /= factor[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= factor[k * size + i]! * x[k]!
    x[i]! /= factor[i * size + i]!
  }
  return x
}
