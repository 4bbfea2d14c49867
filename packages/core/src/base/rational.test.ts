import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  compare,
  divide,
  equals,
  formatDecimal,
  formatFraction,
  fromNumber,
  multiply,
  parseDecimal,
  parseFraction,
  type Rational,
  rational,
  roundTo,
  squareRoot,
  subtract,
  toNumber,
} from './rational.ts'

const fractions = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
    fc.bigInt({ min: 1n, max: 10n ** 12n }),
  )
  .map(([n, d]) => rational(n, d))
const decimal = (text: string): Rational => parseDecimal(text)!

describe('exact fractions', () => {
  it('are a field: what is added and multiplied can be taken back', () => {
    fc.assert(
      fc.property(fractions, fractions, (a, b) => {
        expect(equals(subtract(add(a, b), b), a)).toBe(true)
        if (b.n !== 0n) expect(equals(divide(multiply(a, b), b), a)).toBe(true)
        expect(Math.sign(compare(a, b))).toBe(Math.sign(compare(subtract(a, b), rational(0))))
      }),
    )
  })

  it('are in lowest terms, so that equal values print equally and read back', () => {
    fc.assert(
      fc.property(fractions, fc.bigInt({ min: 1n, max: 999n }), (a, k) => {
        expect(rational(a.n * k, a.d * k)).toEqual(a)
        expect(parseFraction(formatFraction(a))).toEqual(a)
      }),
    )
  })

  it('take every number of at most 15 digits as it was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999_999, max: 999_999_999 }),
        fc.nat(6),
        (units, digits) => {
          const text = formatDecimal(rational(units, 10n ** BigInt(digits)), digits)
          expect(fromNumber(Number(text))).toEqual(decimal(text))
        },
      ),
    )
    expect(fromNumber(0.1)).toEqual(rational(1, 10))
    expect(fromNumber(1e-7)).toEqual(rational(1, 10_000_000))
  })

  it.each([
    ['2.345', 2, 'half_up', '2.35'],
    ['2.345', 2, 'half_even', '2.34'],
    ['2.355', 2, 'half_even', '2.36'],
    ['-2.345', 2, 'half_up', '-2.35'],
    ['2.349', 2, 'down', '2.34'],
    ['-2.341', 2, 'down', '-2.34'],
    ['2.341', 2, 'up', '2.35'],
    ['2.34', 2, 'up', '2.34'],
    ['0.5', 0, 'half_up', '1'],
    ['0.5', 0, 'half_even', '0'],
    ['-0.4', 0, 'half_up', '0'],
    ['-0.04', 1, 'half_up', '0.0'],
  ] as const)('rounds %s to %i digits %s as %s', (text, digits, mode, expected) => {
    expect(formatDecimal(decimal(text), digits, mode)).toBe(expected)
    expect(compare(roundTo(decimal(text), digits, mode), decimal(expected))).toBe(0)
  })

  it('reads decimals only, and does not guess', () => {
    for (const text of ['', '.5', '5.', '0x10', 'NaN', 'Infinity', '1,5', ' 1', '1e9999', '--1']) {
      expect(parseDecimal(text), text).toBeUndefined()
    }
    expect(decimal('14.40')).toEqual(rational(72, 5))
    expect(decimal('1e-3')).toEqual(rational(1, 1000))
  })

  it('has square roots that are right to the last digit kept', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat(20), (n, digits) => {
        const root = squareRoot(rational(n), digits)
        const next = add(root, rational(1, 10n ** BigInt(digits)))
        expect(compare(multiply(root, root), rational(n))).toBeLessThanOrEqual(0)
        expect(compare(multiply(next, next), rational(n))).toBe(1)
      }),
    )
    expect(formatDecimal(squareRoot(rational(2), 20), 20)).toBe('1.41421356237309504880')
  })

  it('become doubles without overflow when both halves are huge', () => {
    const big = 10n ** 400n
    expect(toNumber(rational(big + 1n, 3n * big))).toBeCloseTo(1 / 3, 15)
  })
})
