import { assert } from '../base/errors.ts'

/** Square matrices, row-major, float64. */
export type SquareMatrix = { readonly data: Float64Array; readonly size: number }

/** Steps after which an ill-conditioned matrix is taken as it is: 1.5^60 covers 10 digits. */
export const POLAR_STEPS_MAX = 60

/**
 * Orthogonal polar factor of a square matrix M = R·H: the rotation or reflection nearest to M, the
 * solution of the orthogonal Procrustes problem max tr(RᵀM) (Schönemann 1966). Newton–Schulz
 * iteration X ← X(3I − XᵀX)/2 from M/σ, σ an estimate of the largest singular value (Higham, Functions of Matrices, section 8.3), which
 * converges for every invertible M. Null for a zero matrix. Work: 2·size³ multiplications a step.
 */
export function polarFactor(matrix: SquareMatrix): SquareMatrix | null {
  const { size } = matrix
  assert(matrix.data.length === size * size, 'a square matrix')
  const frobenius = Math.sqrt(matrix.data.reduce((sum, x) => sum + x * x, 0))
  if (!(frobenius > 0)) return null
  const estimate = largestSingularValue(matrix)
  return (estimate > 0 ? iterateFrom(matrix, estimate) : null) ?? iterateFrom(matrix, frobenius)
}

/** Null where `scale` was too small for the iteration to converge. */
function iterateFrom(matrix: SquareMatrix, scale: number): SquareMatrix | null {
  const { size } = matrix
  let x: SquareMatrix = { data: matrix.data.map((value) => value / scale), size }
  for (let step = 0; step < POLAR_STEPS_MAX; step++) {
    const gram = multiplySquare(transposeSquare(x), x)
    let gap = 0
    const factor = new Float64Array(size * size)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const identity = i === j ? 1 : 0
        const value = gram.data[i * size + j]!
        gap = Math.max(gap, Math.abs(value - identity))
        factor[i * size + j] = (3 * identity - value) / 2
      }
    }
    if (!(gap < 1e6)) return null
    if (gap < 1e-12) break
    x = multiplySquare(x, { data: factor, size })
  }
  return x
}

/**
 * By power iteration from a fixed start, never above the truth by more than rounding; a tenth is
 * added. The iteration converges below √3 times the truth, so a rough estimate will do, and each
 * factor of 1.5 that a norm would overestimate costs a step.
 */
function largestSingularValue({ data, size }: SquareMatrix): number {
  let x = Float64Array.from({ length: size }, (_, i) => 1 + ((i * 7919) % 101) / 101)
  let value = 0
  for (let step = 0; step < 20; step++) {
    const length = Math.hypot(...x)
    if (!(length > 0)) return 0
    const y = new Float64Array(size)
    const back = new Float64Array(size)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) y[i]! += (data[i * size + j]! * x[j]!) / length
    }
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) back[j]! += data[i * size + j]! * y[i]!
    }
    value = Math.hypot(...y)
    x = back
  }
  return 1.1 * value
}

export function multiplySquare(a: SquareMatrix, b: SquareMatrix): SquareMatrix {
  const { size } = a
  const data = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const out = data.subarray(i * size, (i + 1) * size)
    for (let k = 0; k < size; k++) {
      const factor = a.data[i * size + k]!
      if (factor === 0) continue
      const row = b.data.subarray(k * size, (k + 1) * size)
      for (let j = 0; j < size; j++) out[j]! += factor * row[j]!
    }
  }
  return { data, size }
}

export function transposeSquare({ data, size }: SquareMatrix): SquareMatrix {
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) out[j * size + i] = data[i * size + j]!
  }
  return { data: out, size }
}
