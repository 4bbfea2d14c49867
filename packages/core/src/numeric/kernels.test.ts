import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, randomPermutation } from '../base/rng.ts'
import { exactSum } from './exact-sum.ts'
import {
  argmax,
  cosine,
  dot,
  isAllFinite,
  normSquared,
  rowCosines,
  rowDots,
  rowNormsSquared,
} from './kernels.ts'
import {
  cosineOfSums,
  EMPTY_PAIR_SUMS,
  mergePairSums,
  pairSums,
  pearsonOfSums,
  SUM_BLOCK_ELEMENTS,
} from './pair-sums.ts'
import { blockSumsReference, dotReference } from './reference/kernels.ts'
import { rowMatrix, rowOf, takeRows } from './row-matrix.ts'

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 50), max: 2 ** 50 })
const pairOfVectors = fc
  .array(fc.tuple(float32, float32), { maxLength: 70 })
  .map(
    (pairs) =>
      [
        Float32Array.from(pairs, (pair) => pair[0]),
        Float32Array.from(pairs, (pair) => pair[1]),
      ] as const,
  )

const normals = (seed: string, length: number) => {
  const rng = createRng(seed)
  return Float32Array.from({ length }, () => rng.nextNormal())
}

/** Products of float32 numbers are exact in float64, so this is the true value rounded once. */
const trueDot = (a: Float32Array, b: Float32Array) =>
  exactSum(Array.from(a, (value, i) => value * b[i]!))

describe('dot products', () => {
  it('follow the written order of additions bit for bit', () => {
    fc.assert(fc.property(pairOfVectors, ([a, b]) => dot(a, b) === dotReference(a, b)))
  })

  it('stay within the stated bound of the exact value', () => {
    for (const length of [1, 7, 64, 4096, 11_008]) {
      const a = normals(`a${length}`, length)
      const b = normals(`b${length}`, length)
      const sizes = exactSum(Array.from(a, (value, i) => Math.abs(value * b[i]!)))
      const bound = (length / 8 + 3) * 2 ** -53 * sizes
      expect(Math.abs(dot(a, b) - trueDot(a, b))).toBeLessThanOrEqual(bound)
    }
  })

  it('are odd without any rounding difference', () => {
    fc.assert(
      fc.property(pairOfVectors, ([a, b]) => {
        const flipped = a.map((value) => -value)
        expect(dot(flipped, b) + dot(a, b)).toBe(0)
        expect(dot(flipped, flipped)).toBe(dot(a, a))
        const [c, minus] = [cosine(a, b), cosine(flipped, b)]
        if (c === undefined || minus === undefined) expect(c).toBe(minus)
        else expect(minus + c).toBe(0)
      }),
    )
  })

  it('give a cosine of exactly one for equal rows and none for a zero row', () => {
    const row = normals('row', 777)
    expect(cosine(row, row)).toBe(1)
    expect(cosine(row, new Float32Array(777))).toBeUndefined()
    expect(
      cosine(
        row.map((value) => value * 2 ** 60),
        row,
      ),
    ).toBe(1)
  })
})

describe('rows', () => {
  const [rows, columns] = [37, 53]
  const a = rowMatrix(normals('left', rows * columns), columns)
  const b = rowMatrix(normals('right', rows * columns), columns)

  it('have the dots and cosines of their single rows', () => {
    const { cosines, defined } = rowCosines(a, b)
    const dots = rowDots(a, b)
    for (let i = 0; i < rows; i++) {
      expect(dots[i]).toBe(dot(rowOf(a, i), rowOf(b, i)))
      expect(cosines[i]).toBe(cosine(rowOf(a, i), rowOf(b, i)))
      expect(defined[i]).toBe(1)
    }
  })

  it('do not influence one another: flipping one negates one cosine', () => {
    const before = rowCosines(a, b).cosines
    const data = a.data.slice()
    for (let k = 0; k < columns; k++) data[5 * columns + k]! *= -1
    const after = rowCosines(rowMatrix(data, columns), b).cosines
    expect(after).toEqual(before.map((value, i) => (i === 5 ? -value : value)))
  })

  it('keep their results when their order changes', () => {
    const order = randomPermutation(createRng(4), rows)
    const moved = rowCosines(takeRows(a, order), takeRows(b, order)).cosines
    const before = rowCosines(a, b).cosines
    expect(moved).toEqual(Float64Array.from(order, (i) => before[i]!))
  })

  it('below the least norm have no cosine', () => {
    const data = a.data.slice()
    data.fill(0, 0, columns)
    data.fill(1e-9, columns, 2 * columns)
    const { cosines, defined } = rowCosines(rowMatrix(data, columns), b, { minimumNorm: 1e-6 })
    expect(Array.from(defined.subarray(0, 3))).toEqual([0, 0, 1])
    expect(Array.from(cosines.subarray(0, 2))).toEqual([0, 0])
  })
})

describe('pair sums', () => {
  it('follow the written order within a block', () => {
    fc.assert(
      fc.property(pairOfVectors, ([a, b]) => {
        expect(pairSums(a, b)).toEqual(mergePairSums(EMPTY_PAIR_SUMS, blockSumsReference(a, b)))
      }),
    )
  })

  it('are the same when streamed block by block', () => {
    const length = 2 * SUM_BLOCK_ELEMENTS + 1001
    const a = normals('stream a', length)
    const b = normals('stream b', length)
    let streamed = EMPTY_PAIR_SUMS
    for (let from = 0; from < length; from += SUM_BLOCK_ELEMENTS) {
      const to = Math.min(length, from + SUM_BLOCK_ELEMENTS)
      streamed = mergePairSums(streamed, pairSums(a.subarray(from, to), b.subarray(from, to)))
    }
    expect(streamed).toEqual(pairSums(a, b))
    expect(streamed.sumAB).toBeCloseTo(trueDot(a, b), 8)
    expect(cosineOfSums(streamed)).toBeCloseTo(cosine(a, b)!, 13)
  })

  it('have no Pearson correlation where nothing varies', () => {
    const flat = new Float32Array(100).fill(1.1)
    expect(pearsonOfSums(pairSums(flat, normals('x', 100)))).toBeUndefined()
    const rising = Float32Array.from({ length: 100 }, (_, i) => i)
    expect(
      pearsonOfSums(
        pairSums(
          rising,
          rising.map((v) => 3 - 2 * v),
        ),
      ),
    ).toBeCloseTo(-1, 14)
  })
})

describe('exact sums', () => {
  it('do not depend on the order, even under cancellation', () => {
    const wild = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e200, max: 1e200 })
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 40 }), fc.integer(), (values, seed) => {
        const order = randomPermutation(createRng(seed), values.length)
        const moved = Array.from(order, (i) => values[i]!)
        expect(exactSum(moved)).toBe(exactSum(values))
        expect(exactSum([...values, ...values.map((v) => -v)])).toBe(0)
      }),
    )
  })

  it('are those of whole numbers, whatever the sizes and however many parts they need', () => {
    const spread = fc.constantFrom(1, 20, 60, 200)
    const number = fc.record({ mantissa: fc.maxSafeInteger(), exponent: fc.nat() })
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 60 }), spread, (terms, most) => {
        const values = terms.map(({ mantissa, exponent }) => mantissa * 2 ** (exponent % most))
        const whole = terms.reduce(
          (sum, { mantissa, exponent }) => sum + (BigInt(mantissa) << BigInt(exponent % most)),
          0n,
        )
        expect(exactSum(values)).toBe(Number(whole))
        expect(exactSum(Float64Array.from(values))).toBe(Number(whole))
      }),
      { numRuns: 500 },
    )
  })

  it('round once, to nearest even', () => {
    expect(exactSum([1e100, 1, -1e100])).toBe(1)
    expect(exactSum([1, 2 ** -53])).toBe(1)
    expect(exactSum([1, 2 ** -53, 2 ** -120])).toBe(1 + 2 ** -52)
    expect(exactSum([1 + 2 ** -52, 2 ** -53, -(2 ** -120)])).toBe(1 + 2 ** -52)
    expect(exactSum([])).toBe(0)
    // As many parts as numbers: none of them reaches into another.
    const apart = Array.from({ length: 37 }, (_, k) => 2 ** (54 * (k - 18)))
    expect(exactSum([...apart, ...apart.slice(1).map((value) => -value)])).toBe(apart[0])
  })
})

describe('argmax', () => {
  it('takes the first of equal values and passes over NaN', () => {
    expect(argmax([1, 3, 3, Number.NaN])).toBe(1)
    expect(argmax([Number.NaN, -1])).toBe(1)
    expect(argmax([Number.NaN])).toBeUndefined()
    expect(argmax([])).toBeUndefined()
  })
})

describe('finite values', () => {
  it('are told from NaN and infinities at every place', () => {
    for (const length of [0, 1, 3, 4, 7, 70]) {
      const values = Float32Array.from({ length }, (_, i) => (i % 2 ? -1 : 1) * 3.4e38)
      expect(isAllFinite(values)).toBe(true)
      for (let at = 0; at < length; at++) {
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          const copy = values.slice()
          copy[at] = bad
          expect(isAllFinite(copy)).toBe(false)
        }
      }
    }
  })
})

it('norms are dot products of rows with themselves, to the last bit', () => {
  const rng = createRng('norms')
  for (const columns of [1, 2, 3, 5, 7, 8, 9, 15, 16, 31, 100]) {
    const matrix = rowMatrix(
      Float32Array.from({ length: 6 * columns }, () => rng.nextNormal()),
      columns,
    )
    expect(rowNormsSquared(matrix)).toEqual(rowDots(matrix, matrix))
    const row = rowOf(matrix, 3)
    expect(normSquared(row)).toBe(dot(row, row))
  }
})
