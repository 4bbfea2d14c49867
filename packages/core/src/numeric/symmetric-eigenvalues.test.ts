import { describe, expect, it } from 'vitest'
import { createRng } from '../base/rng.ts'
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts'

describe('symmetricEigenvalues', () => {
  it('of a 2 × 2 matrix are the roots of its polynomial', () => {
    const [a, b] = symmetricEigenvalues(Float64Array.from([2, 1, 1, 2]), 2)
    expect(a).toBeCloseTo(3, 12)
    expect(b).toBeCloseTo(1, 12)
  })

  it.each([3, 17, 40])('keep trace and sum of squares, size %i', (size) => {
    const rng = createRng(`eigen${size}`)
    const m = new Float64Array(size * size)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) m[i * size + j] = m[j * size + i] = rng.nextNormal()
    }
    const values = symmetricEigenvalues(m, size)
    const trace = Array.from({ length: size }, (_, i) => m[i * size + i]!).reduce((s, x) => s + x)
    expect(values.reduce((s, x) => s + x)).toBeCloseTo(trace, 9)
    const squares = m.reduce((s, x) => s + x * x, 0)
    expect(values.reduce((s, x) => s + x * x, 0)).toBeCloseTo(squares, 8)
    expect([...values]).toEqual([...values].sort((x, y) => y - x))
  })

  it('of a Gram matrix of rank 3 are zero after the third', () => {
    const rng = createRng('rank')
    const rows = Array.from({ length: 12 }, () => [0, 1, 2].map(() => rng.nextNormal()))
    const gram = Float64Array.from({ length: 144 }, (_, at) =>
      rows[Math.floor(at / 12)]!.reduce((s, x, k) => s + x * rows[at % 12]![k]!, 0),
    )
    const values = symmetricEigenvalues(gram, 12)
    expect(values[2]).toBeGreaterThan(0.01)
    expect(Math.abs(values[3]!)).toBeLessThan(1e-12)
  })
})
