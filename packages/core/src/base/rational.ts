import { assert } from './errors.ts'

/**
 * An exact fraction. `d` is positive and the pair is in lowest terms, so equal values are equal
 * pairs. Scores are added, trimmed, divided and compared in this form; digits are chosen only
 * where a rule or a page says so.
 */
export type Rational = { readonly n: bigint; readonly d: bigint }

/** How a number is brought to fewer digits. Halves go away from zero, or to the even digit. */
export type RoundingMode = 'half_up' | 'half_even' | 'down' | 'up'

export const ZERO: Rational = { n: 0n, d: 1n }
export const ONE: Rational = { n: 1n, d: 1n }

const absolute = (value: bigint) => (value < 0n ? -value : value)

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let x = absolute(a)
  let y = absolute(b)
  while (y !== 0n) {
    const rest = x % y
    x = y
    y = rest
  }
  return x
}

export function rational(n: bigint | number, d: bigint | number = 1n): Rational {
  const top = BigInt(n)
  const bottom = BigInt(d)
  assert(bottom !== 0n, 'a fraction with denominator 0')
  if (bottom === 1n) return { n: top, d: 1n }
  const divisor = greatestCommonDivisor(top, bottom)
  const sign = bottom < 0n ? -1n : 1n
  return { n: (sign * top) / divisor, d: (sign * bottom) / divisor }
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** A decimal text such as `14.40` or `1e-3`, exactly; undefined when it is not one. */
export function parseDecimal(text: string): Rational | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', part = '', exponent = '0'] = match
  const digits = BigInt(`${whole}${part}`) * (sign === '-' ? -1n : 1n)
  const power = Number(exponent) - part.length
  return power >= 0
    ? rational(digits * 10n ** BigInt(power))
    : rational(digits, 10n ** BigInt(-power))
}

/**
 * The decimal that a number literal of at most 15 significant digits was written as. A double
 * carries 15 digits without loss, so its shortest decimal text is that literal again.
 */
export function fromNumber(value: number): Rational {
  const parsed = parseDecimal(String(value))
  assert(parsed, `not a finite number: ${value}`)
  return parsed
}

export const add = (a: Rational, b: Rational): Rational =>
  a.d === b.d ? rational(a.n + b.n, a.d) : rational(a.n * b.d + b.n * a.d, a.d * b.d)
export const subtract = (a: Rational, b: Rational): Rational => add(a, { n: -b.n, d: b.d })
export const multiply = (a: Rational, b: Rational): Rational => rational(a.n * b.n, a.d * b.d)
export const divide = (a: Rational, b: Rational): Rational => rational(a.n * b.d, a.d * b.n)
export const sum = (values: readonly Rational[]): Rational => values.reduce(add, ZERO)

/** Negative, zero or positive, as a sort asks for. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
export const equals = (a: Rational, b: Rational): boolean => a.n === b.n && a.d === b.d
export const least = (a: Rational, b: Rational): Rational => (compare(a, b) <= 0 ? a : b)
export const most = (a: Rational, b: Rational): Rational => (compare(a, b) >= 0 ? a : b)

/** Integer nearest to n/d by the mode; `d` positive. */
function roundedQuotient(n: bigint, d: bigint, mode: RoundingMode): bigint {
  const size = absolute(n)
  const sign = n < 0n ? -1n : 1n
  const whole = size / d
  const twice = 2n * (size - whole * d)
  const exact = twice === 0n
  const up =
    mode === 'up'
      ? !exact
      : mode === 'down'
        ? false
        : twice > d || (twice === d && (mode === 'half_up' || whole % 2n === 1n))
  return sign * (up ? whole + 1n : whole)
}

/** Rounded to `digits` decimals. `up` and `down` are away from and toward zero. */
export function roundTo(value: Rational, digits: number, mode: RoundingMode): Rational {
  const scale = 10n ** BigInt(digits)
  return rational(roundedQuotient(value.n * scale, value.d, mode), scale)
}

/** Decimal text with exactly `digits` decimals, as it would be printed. */
export function formatDecimal(
  value: Rational,
  digits: number,
  mode: RoundingMode = 'half_up',
): string {
  const scale = 10n ** BigInt(digits)
  const units = roundedQuotient(value.n * scale, value.d, mode)
  const text = absolute(units)
    .toString()
    .padStart(digits + 1, '0')
  const sign = units < 0n ? '-' : ''
  if (digits === 0) return sign + text
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** `7/2`, or `7` when whole: the exact value as text, for files. */
export const formatFraction = (value: Rational): string =>
  value.d === 1n ? String(value.n) : `${value.n}/${value.d}`

/** The reverse of `formatFraction`; undefined when the text is not a fraction. */
export function parseFraction(text: string): Rational | undefined {
  const match = /^(-?\d+)(?:\/([1-9]\d*))?$/.exec(text)
  return match ? rational(BigInt(match[1] ?? '0'), BigInt(match[2] ?? '1')) : undefined
}

/** The nearest double to 17 digits or better; for drawing and for statistics, never for a rule. */
export function toNumber(value: Rational): number {
  const top = Number(value.n)
  const bottom = Number(value.d)
  if (Number.isSafeInteger(top) && Number.isSafeInteger(bottom)) return top / bottom
  return Number(formatDecimal(value, 20))
}

/**
 * Square root rounded down to `digits` decimals (integer Newton). Roots are irrational, so a rule
 * that needs one states how many digits it keeps; the answer is the same on every machine.
 */
export function squareRoot(value: Rational, digits: number): Rational {
  assert(value.n >= 0n, 'square root of a negative number')
  const scale = 10n ** BigInt(digits)
  const target = (value.n * scale * scale) / value.d
  if (target < 2n) return rational(target, scale)
  let guess = 1n << BigInt(Math.ceil(target.toString(2).length / 2))
  for (;;) {
    const next = (guess + target / guess) >> 1n
    if (next >= guess) return rational(guess, scale)
    guess = next
  }
}
