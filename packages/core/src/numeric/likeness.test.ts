import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, randomPermutation } from '../base/rng.ts'
import { cosineMatrix, type Likeness, nearestRows } from './likeness.ts'
import { cosineMatrixReference, nearestRowsReference } from './reference/likeness.ts'
import { type RowMatrix, rowMatrix, rowOf, takeRows } from './row-matrix.ts'

/** Rows from a coarse grid, so that ties, duplicates and zero rows occur. */
function gridRows(seed: number, rows: number, columns: number): RowMatrix {
  const rng = createRng(seed)
  return rowMatrix(
    Float32Array.from({ length: rows * columns }, () => rng.nextInt(3) - 1),
    columns,
  )
}

function normalRows(seed: number, rows: number, columns: number): RowMatrix {
  const rng = createRng(seed)
  return rowMatrix(
    Float32Array.from({ length: rows * columns }, () => rng.nextNormal()),
    columns,
  )
}

const likeness = fc.constantFrom<Likeness>('cosine', 'absolute-cosine', 'euclidean')
const size = fc.integer({ min: 1, max: 14 })

describe('the cosine matrix', () => {
  it('equals its plain definition bit for bit, for every shape', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), fc.boolean(), (n, m, columns, seed, grid) => {
        const make = grid ? gridRows : normalRows
        const a = make(seed, n, columns)
        const b = make(seed + 1, m, columns)
        expect(cosineMatrix(a, b)).toEqual(cosineMatrixReference(a, b))
      }),
    )
  })

  it('equals it across blocks too', () => {
    const a = normalRows(1, 9, 5)
    const b = normalRows(2, 1031, 5)
    expect(cosineMatrix(a, b)).toEqual(cosineMatrixReference(a, b))
    expect(cosineMatrix(b, a)).toEqual(cosineMatrixReference(b, a))
  })

  it('moves with its rows and keeps their signs', () => {
    const a = normalRows(3, 30, 41)
    const b = normalRows(4, 22, 41)
    const order = randomPermutation(createRng(5), 30)
    const plain = cosineMatrix(a, b)
    expect(cosineMatrix(takeRows(a, order), b)).toEqual(takeRows(plain, order))
    const negated = { ...a, data: a.data.map((value) => -value) }
    expect(cosineMatrix(negated, b).data).toEqual(plain.data.map((value) => -value))
    expect(rowOf(cosineMatrix(a, a), 7)[7]).toBe(1)
  })
})

describe('nearest rows', () => {
  it('are the arg-max of rows and columns, the first of equal values', () => {
    fc.assert(
      fc.property(size, size, fc.nat(), likeness, (n, m, seed, by) => {
        const a = gridRows(seed, n, 3)
        const b = gridRows(seed + 1, m, 3)
        const { ofA, ofB } = nearestRows(a, b, { by })
        const expected = nearestRowsReference(a, b, { by })
        expect(Array.from(ofA)).toEqual(expected.ofA)
        expect(Array.from(ofB)).toEqual(expected.ofB)
      }),
    )
  })

  it('find a shuffled copy, and by absolute value a negated one', () => {
    const a = normalRows(6, 300, 64)
    const order = randomPermutation(createRng(7), 300)
    const copy = takeRows(a, order)
    expect(Array.from(nearestRows(copy, a, { by: 'cosine' }).ofA)).toEqual(Array.from(order))
    expect(Array.from(nearestRows(copy, a, { by: 'euclidean' }).ofA)).toEqual(Array.from(order))
    const negated = { ...copy, data: copy.data.map((value) => -value) }
    expect(Array.from(nearestRows(negated, a, { by: 'absolute-cosine' }).ofA)).toEqual(
      Array.from(order),
    )
    expect(Array.from(nearestRows(negated, a, { by: 'cosine' }).ofA)).not.toEqual(Array.from(order))
  })
})
