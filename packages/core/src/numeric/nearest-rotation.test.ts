import { describe, expect, it } from 'vitest'
import { transposeRows } from './column-maps.ts'
import { plainEngine } from './matrix-engine.ts'
import { nearestRotation } from './nearest-rotation.ts'
import { multiplySquare, polarFactor, transposeSquare } from './reference/polar.ts'
import type { RowMatrix } from './row-matrix.ts'
import { normalRows } from './testing/random-rows.ts'

const wide = ({ data, rows }: RowMatrix) => ({ data: Float64Array.from(data), size: rows })
const narrow = ({ data, size }: { data: Float64Array; size: number }): RowMatrix => ({
  data: Float32Array.from(data),
  rows: size,
  columns: size,
})

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0)

/** RᵀR beside the identity, in float64. */
function skew(matrix: RowMatrix): number {
  const r = wide(matrix)
  const gram = multiplySquare(transposeSquare(r), r)
  const identity = Float64Array.from({ length: r.size ** 2 }, (_, at) =>
    Number(at % (r.size + 1) === 0),
  )
  return distance(gram.data, identity)
}

const rotationOf = (matrix: RowMatrix) => nearestRotation(matrix, plainEngine)!

describe('the nearest rotation', () => {
  it.each([1, 2, 7, 24, 90])('of a random matrix of size %i is that of the slow twin', (size) => {
    const m = normalRows(`m${size}`, size, size)
    const r = rotationOf(m)
    expect(skew(r)).toBeLessThan(4e-6)
    expect(distance(r.data, polarFactor(wide(m))!.data)).toBeLessThan(1e-4)
  })

  it('of a taller matrix has orthonormal columns and leaves H symmetric', () => {
    for (const [rows, columns] of [
      [30, 7],
      [90, 60],
    ] as const) {
      const m = normalRows(`tall${rows}`, rows, columns)
      const r = rotationOf(m)
      const gram = (a: RowMatrix, b: RowMatrix) =>
        plainEngine.multiply(transposeRows(a), transposeRows(b))
      expect([r.rows, r.columns]).toEqual([rows, columns])
      const identity = Float64Array.from({ length: columns ** 2 }, (_, at) =>
        Number(at % (columns + 1) === 0),
      )
      expect(distance(gram(r, r).data, identity)).toBeLessThan(4e-6)
      const h = gram(r, m)
      expect(distance(h.data, transposeRows(h).data)).toBeLessThan(1e-3)
    }
    expect(() => rotationOf(normalRows('flat', 3, 4))).toThrow(/no more columns/)
  })

  it('leaves M = R·H with H symmetric', () => {
    const m = normalRows('h', 9, 9)
    const h = multiplySquare(transposeSquare(wide(rotationOf(m))), wide(m))
    expect(distance(h.data, transposeSquare(h).data)).toBeLessThan(1e-5)
  })

  it('recovers a rotation from points before and after it', () => {
    const r = rotationOf(normalRows('rotation', 40, 40))
    const points = normalRows('points', 90, 40)
    const moved = plainEngine.multiply(points, transposeRows(r))
    const cross = plainEngine.multiply(transposeRows(points), transposeRows(moved))
    expect(distance(rotationOf(cross).data, r.data)).toBeLessThan(1e-5)
  })

  it('of a rotation is the rotation, however scaled', () => {
    const r = rotationOf(normalRows('again', 12, 12))
    for (const scale of [1, 1e-20, 1e20]) {
      const found = rotationOf({ ...r, data: r.data.map((x) => x * scale) })
      expect(distance(found.data, r.data)).toBeLessThan(2e-6)
    }
  })

  it('is orthogonal too where the directions differ a thousandfold in size', () => {
    const m = normalRows('left', 8, 8)
    const steep = { ...m, data: m.data.map((x, at) => x * 10 ** (-3 * ((at % 8) / 7))) }
    expect(skew(rotationOf(steep))).toBeLessThan(4e-6)
  })

  it('of a matrix that leaves a direction open leaves it out', () => {
    const size = 10
    const m = normalRows('flat', size, size)
    const flat = { ...m, data: m.data.map((x, at) => (at % size === 3 ? 0 : x)) }
    const { data } = rotationOf(flat)
    const squares = (j: number) =>
      Array.from({ length: size }, (_, i) => data[i * size + j]! ** 2).reduce((x, y) => x + y, 0)
    expect(squares(3)).toBe(0)
    expect(squares(4)).toBeCloseTo(1, 5)
  })

  it('converges although the estimate of the scale never sees the largest direction', () => {
    // (a, −1, 0) is orthogonal to the start (1, a, …) of the power iteration.
    const direction = [1 + (7919 % 101) / 101, -1, 0]
    const data = Float64Array.from({ length: 9 }, (_, at) => {
      const [i, j] = [Math.floor(at / 3), at % 3]
      return direction[i]! * direction[j]! + (i === j ? 1e-2 : 0)
    })
    expect(skew(rotationOf(narrow({ size: 3, data })))).toBeLessThan(4e-6)
  })

  it('of nothing does not exist', () => {
    expect(nearestRotation(narrow({ size: 2, data: new Float64Array(4) }), plainEngine)).toBeNull()
  })
})
