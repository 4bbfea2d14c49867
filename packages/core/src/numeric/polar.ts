import { assert } from '../base/errors.ts'

/** Square matrices, row-major, float64. */
export type SquareMatrix = { readonly data: Float64Array; readonly size: number }

/** Steps after which an ill-conditioned matrix is taken as it is: 1.5^60 covers 10 digits. */
export const POLAR_STEPS_MAX = 60

/**
 * Orthogonal polar factor of a square matrix M = R·H: the rotation or reflection nearest to M, the
 * solution of the orthogonal Procrustes problem max tr(RᵀM) (Schönemann 1966). Newton–Schulz
 * iteration X ← X(3I − XᵀX)/2 from M/‖M‖_F (Higham, Functions of Matrices, section 8.3), which
 * converges for every invertible M. Null for a zero matrix. Work: 2·size³ multiplications a step.
 */
export function polarFactor(matrix: SquareMatrix): SquareMatrix | null {
  const { size } = matrix
  assert(matrix.data.length === size * size, 'a square matrix')
  const norm = Math.sqrt(matrix.data.reduce((sum, x) => sum + x * x, 0))
  if (!(norm > 0)) return null
  let x: SquareMatrix = { data: matrix.data.map((value) => value / norm), size }
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
    if (gap < 1e-12) break
    x = multiplySquare(x, { data: factor, size })
  }
  return x
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
