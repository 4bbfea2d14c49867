import { describe, expect, it } from 'vitest'
import { createRng } from '../base/rng.ts'
import { multiplySquare, polarFactor, type SquareMatrix, transposeSquare } from './polar.ts'

const random = (size: number, seed: string): SquareMatrix => {
  const rng = createRng(seed)
  return { size, data: Float64Array.from({ length: size * size }, () => rng.nextNormal()) }
}

const distance = (a: SquareMatrix, b: SquareMatrix) =>
  Math.max(...a.data.map((x, i) => Math.abs(x - b.data[i]!)))

const identity = (size: number): SquareMatrix => ({
  size,
  data: Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0)),
})

describe('polarFactor', () => {
  it.each([2, 7, 24])('of a random matrix of size %i is orthogonal', (size) => {
    const r = polarFactor(random(size, `m${size}`))!
    expect(distance(multiplySquare(transposeSquare(r), r), identity(size))).toBeLessThan(1e-9)
  })

  it('leaves M = R·H with H symmetric', () => {
    const m = random(9, 'h')
    const h = multiplySquare(transposeSquare(polarFactor(m)!), m)
    expect(distance(h, transposeSquare(h))).toBeLessThan(1e-9)
  })

  it('recovers a rotation from points before and after it', () => {
    const r = polarFactor(random(12, 'rotation'))!
    const e = random(12, 'points')
    const moved = multiplySquare(e, r)
    expect(distance(polarFactor(multiplySquare(transposeSquare(e), moved))!, r)).toBeLessThan(1e-7)
  })

  it('is orthogonal too where the directions differ a thousandfold in size', () => {
    const r = random(8, 'left')
    const steep = { size: 8, data: r.data.map((x, at) => x * 10 ** (-3 * ((at % 8) / 7))) }
    const u = polarFactor(steep)!
    expect(distance(multiplySquare(transposeSquare(u), u), identity(8))).toBeLessThan(1e-9)
  })

  it('converges although the estimate of the scale never sees the largest direction', () => {
    // (a, −1, 0) is orthogonal to the start (1, a, …) of the power iteration.
    const direction = [1 + (7919 % 101) / 101, -1, 0]
    const data = Float64Array.from({ length: 9 }, (_, at) => {
      const [i, j] = [Math.floor(at / 3), at % 3]
      return direction[i]! * direction[j]! + (i === j ? 1e-3 : 0)
    })
    const u = polarFactor({ size: 3, data })!
    expect(distance(multiplySquare(transposeSquare(u), u), identity(3))).toBeLessThan(1e-9)
  })

  it('of nothing does not exist', () => {
    expect(polarFactor({ size: 2, data: new Float64Array(4) })).toBeNull()
  })
})
