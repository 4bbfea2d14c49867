import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, randomPermutation } from '../base/rng.ts'
import { transposeRows } from './column-maps.ts'
import { plainEngine } from './matrix-engine.ts'
import { multiplyReference } from './reference/matrix-engine.ts'
import { rowOf, takeRows } from './row-matrix.ts'
import { gridRows, normalRows } from './testing/random-rows.ts'

const size = fc.integer({ min: 1, max: 14 })
const width = fc.oneof(size, fc.constantFrom(255, 256, 257, 600))

describe('products of all rows', () => {
  it('equal their definition bit for bit, for every shape', () => {
    fc.assert(
      fc.property(size, size, width, fc.nat(), fc.boolean(), (n, m, columns, seed, grid) => {
        const make = grid ? gridRows : normalRows
        const a = make(seed, n, columns)
        const b = make(seed + 1, m, columns)
        expect(plainEngine.multiply(a, b)).toEqual(multiplyReference(a, b))
      }),
    )
  })

  it('are close to sums in float64', () => {
    const [a, b] = [normalRows(1, 8, 4096), normalRows(2, 8, 4096)]
    const { data } = plainEngine.multiply(a, b)
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 8; j++) {
        const exact = rowOf(a, i).reduce((sum, x, k) => sum + x * rowOf(b, j)[k]!, 0)
        expect(Math.abs(data[i * 8 + j]! - exact)).toBeLessThan(4096 * 1e-6)
      }
    }
  })

  it('move with their rows, keep their signs, and are transposed by exchange', () => {
    const a = normalRows(3, 30, 411)
    const b = normalRows(4, 22, 411)
    const order = randomPermutation(createRng(5), 30)
    const plain = plainEngine.multiply(a, b)
    expect(plainEngine.multiply(takeRows(a, order), b)).toEqual(takeRows(plain, order))
    const negated = { ...a, data: a.data.map((value) => -value) }
    expect(plainEngine.multiply(negated, b).data).toEqual(plain.data.map((value) => -value))
    expect(plainEngine.multiply(b, a)).toEqual(transposeRows(plain))
  })

  it('are of rows of one length', () => {
    expect(() => plainEngine.multiply(normalRows(1, 2, 3), normalRows(1, 2, 4))).toThrow('columns')
    for (const by of ['cosine', 'euclidean'] as const) {
      const nearest = () => plainEngine.nearest(normalRows(1, 2, 3), normalRows(1, 2, 4), { by })
      expect(nearest).toThrow('columns')
    }
  })
})
