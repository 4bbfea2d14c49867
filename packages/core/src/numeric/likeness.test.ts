import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, randomPermutation } from '../base/rng.ts'
import type { Likeness } from './likeness.ts'
import { plainEngine } from './matrix-engine.ts'
import { nearestRowsReference } from './reference/likeness.ts'
import { type RowMatrix, takeRows } from './row-matrix.ts'
import { gridRows, normalRows } from './testing/random-rows.ts'

const likeness = fc.constantFrom<Likeness>('cosine', 'absolute-cosine', 'euclidean')
const size = fc.integer({ min: 1, max: 14 })

const nearest = (a: RowMatrix, b: RowMatrix, by: Likeness) => plainEngine.nearest(a, b, { by })

describe('nearest rows', () => {
  it('are the arg-max of rows and columns, the first of equal values', () => {
    fc.assert(
      fc.property(size, size, fc.nat(), likeness, fc.boolean(), (n, m, seed, by, grid) => {
        const make = grid ? gridRows : normalRows
        const [a, b] = [make(seed, n, 3), make(seed + 1, m, 3)]
        const { ofA, ofB } = nearest(a, b, by)
        const expected = nearestRowsReference(a, b, { by })
        expect(Array.from(ofA)).toEqual(expected.ofA)
        expect(Array.from(ofB)).toEqual(expected.ofB)
      }),
    )
  })

  it('are so across blocks of rows', () => {
    const [a, b] = [gridRows(1, 9, 4), gridRows(2, 1031, 4)]
    for (const by of ['cosine', 'absolute-cosine', 'euclidean'] as const) {
      const { ofA, ofB } = nearest(a, b, by)
      const expected = nearestRowsReference(a, b, { by })
      expect(Array.from(ofA)).toEqual(expected.ofA)
      expect(Array.from(ofB)).toEqual(expected.ofB)
    }
  })

  it('find a shuffled copy, and by absolute value a negated one', () => {
    const a = normalRows(6, 300, 64)
    const order = randomPermutation(createRng(7), 300)
    const copy = takeRows(a, order)
    expect(Array.from(nearest(copy, a, 'cosine').ofA)).toEqual(Array.from(order))
    expect(Array.from(nearest(copy, a, 'euclidean').ofA)).toEqual(Array.from(order))
    const negated = { ...copy, data: copy.data.map((value) => -value) }
    expect(Array.from(nearest(negated, a, 'absolute-cosine').ofA)).toEqual(Array.from(order))
    expect(Array.from(nearest(negated, a, 'cosine').ofA)).not.toEqual(Array.from(order))
  })

  it('do not depend on the scale of rows, even where squares leave the range of float32', () => {
    const a = normalRows(8, 40, 32)
    const order = randomPermutation(createRng(9), 40)
    for (const scale of [1e-30, 1e30]) {
      const copy = takeRows({ ...a, data: a.data.map((x) => x * scale) }, order)
      expect(Array.from(nearest(copy, a, 'cosine').ofA)).toEqual(Array.from(order))
    }
  })

  it('give the same places for rows that were negated, by absolute value', () => {
    const [a, b] = [normalRows(10, 60, 300), normalRows(11, 50, 300)]
    const rng = createRng(12)
    const flips = Float32Array.from({ length: 60 }, () => (rng.nextUint32() & 1 ? 1 : -1))
    const flipped = { ...a, data: a.data.map((x, at) => x * flips[Math.floor(at / 300)]!) }
    expect(nearest(flipped, b, 'absolute-cosine')).toEqual(nearest(a, b, 'absolute-cosine'))
  })
})
