import { describe, expect, it } from 'vitest'
import { unitRows } from '../../../numeric/column-maps.ts'
import { plainEngine } from '../../../numeric/matrix-engine.ts'
import { takeRows } from '../../../numeric/row-matrix.ts'
import { normalRows } from '../../../numeric/testing/random-rows.ts'
import { unitProducts } from './unit-products.ts'

const rows = normalRows('rows', 12, 90)
const directions = normalRows('directions', 7, 90)
const products = unitProducts(rows, directions, plainEngine)

const scaled = (factors: (row: number) => number) => ({
  ...rows,
  data: rows.data.map((x, at) => x * factors(Math.floor(at / rows.columns))),
})

describe('products of rows as of length one', () => {
  it('are those of rows scaled beforehand', () => {
    const expected = plainEngine.multiply(unitRows(rows), directions)
    for (const [at, x] of products.data.entries()) expect(x).toBeCloseTo(expected.data[at]!, 5)
  })

  it('change their sign with the row, bit for bit, and with nothing else', () => {
    const flipped = unitProducts(
      scaled((row) => (row === 3 ? -1 : 1)),
      directions,
      plainEngine,
    )
    for (const [at, x] of products.data.entries()) {
      expect(flipped.data[at]).toBe(Math.floor(at / 7) === 3 ? -x : x)
    }
    expect(unitProducts(takeRows(rows, [5, 2]), directions, plainEngine)).toEqual(
      takeRows(products, [5, 2]),
    )
  })

  it('are finite for rows of any length, and leave their neighbours as they are', () => {
    const factors = [1e37, 1e-37, 0]
    const odd = unitProducts(
      scaled((row) => factors[row] ?? 1),
      directions,
      plainEngine,
    )
    odd.data.forEach((x, at) => {
      const row = Math.floor(at / 7)
      if (row === 2) expect(x).toBe(0)
      else if (row < 2) expect(x).toBeCloseTo(products.data[at]!, 2)
      else expect(x).toBe(products.data[at])
    })
  })
})
