import { assert } from '../../base/errors.ts'

/** Square matrices, row-major, float64. */
export type SquareMatrix = { readonly data: Float64Array; readonly size: number }

const STEPS_MAX = 120

/**
 * Orthogonal polar factor by the plain Newton–Schulz iteration X ← X(3I − XᵀX)/2 in float64, from
 * M divided by its Frobenius norm, below which no singular value can lie (Higham, Functions of
 * Matrices, section 8.3). Slow twin of nearest-rotation.ts. Null for a zero matrix.
 */
export function polarFactor(matrix: SquareMatrix): SquareMatrix | null {
  const { size } = matrix
  assert(matrix.data.length === size * size, 'a square matrix')
  const frobenius = Math.sqrt(matrix.data.reduce((sum, x) => sum + x * x, 0))
  if (!(frobenius > 0)) return null
  let x: SquareMatrix = { data: matrix.data.map((value) => value / frobenius), size }
  for (let step = 0; step < STEPS_MAX; step++) {
    const gram = multiplySquare(transposeSquare(x), x)
    const identityAt = (at: number) => Number(at % (size + 1) === 0)
    if (gram.data.every((value, at) => Math.abs(value - identityAt(at)) < 1e-12)) break
    const factor = gram.data.map((value, at) => (3 * identityAt(at) - value) / 2)
    x = multiplySquare(x, { data: factor, size })
  }
  return x
}

export function multiplySquare(a: SquareMatrix, b: SquareMatrix): SquareMatrix {
  const { size } = a
  const data = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a.data[i * size + k]!
      for (let j = 0; j < size; j++) data[i * size + j]! += factor * b.data[k * size + j]!
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
