import { compare, fromNumber, parseDecimal, type Rational } from '../../base/rational.ts'
import type { Scale } from '../plan/measure.ts'

/** A score as written: units / 10^digits, and the nearest double. */
export type ScoreText =
  | {
      readonly kind: 'score'
      readonly units: bigint
      readonly digits: number
      readonly value: number
    }
  | { readonly kind: 'fault'; readonly message: string }

/** Room for every digit that a double prints, and still a bound on what a hostile file costs. */
const MAX_DIGITS = 30
const MAX_SIZE = 10n ** 18n
const CACHED = 20_000

/**
 * Reads scores against one scale. Ratings and right/wrong items repeat a few texts very often, so
 * each text is parsed and checked once.
 */
export function scoreReader(scale: Scale | undefined): (text: string) => ScoreText {
  const seen = new Map<string, ScoreText>()
  const bounds = scale && boundsOf(scale)
  return (text) => {
    const known = seen.get(text)
    if (known) return known
    const read = readScore(text, bounds)
    if (seen.size < CACHED) seen.set(text, read)
    return read
  }
}

type Bounds = {
  readonly min: Rational
  readonly max: Rational
  readonly step: Rational | undefined
}

const boundsOf = (scale: Scale): Bounds => ({
  min: fromNumber(scale.min),
  max: fromNumber(scale.max),
  step: scale.step === undefined ? undefined : fromNumber(scale.step),
})

function readScore(text: string, bounds: Bounds | undefined): ScoreText {
  const fault = (message: string): ScoreText => ({ kind: 'fault', message })
  const value = text.length <= 40 ? parseDecimal(text) : undefined
  if (!value) return fault(`${shorten(text)} is not a decimal number`)
  if (value.n > MAX_SIZE * value.d || value.n < -MAX_SIZE * value.d) {
    return fault(`${shorten(text)} is larger than any score`)
  }
  const digits = decimalsOf(value)
  if (digits === undefined || digits > MAX_DIGITS) {
    return fault(`${shorten(text)} has more than ${MAX_DIGITS} decimals; round it where it is made`)
  }
  if (bounds && (compare(value, bounds.min) < 0 || compare(value, bounds.max) > 0)) {
    return fault(`${text} is outside of the scale ${show(bounds.min)} to ${show(bounds.max)}`)
  }
  if (bounds?.step) {
    const { min, step } = bounds
    const from = value.n * min.d - min.n * value.d
    if ((from * step.d) % (value.d * min.d * step.n) !== 0n) {
      return fault(`${text} is not a step of the scale (${show(min)}, then every ${show(step)})`)
    }
  }
  const units = (value.n * 10n ** BigInt(digits)) / value.d
  return { kind: 'score', units, digits, value: Number(text) }
}

/** Decimals needed to write the value; undefined when it is no finite decimal. */
function decimalsOf(value: Rational): number | undefined {
  let rest = value.d
  let twos = 0
  let fives = 0
  while (rest % 2n === 0n) {
    rest /= 2n
    twos += 1
  }
  while (rest % 5n === 0n) {
    rest /= 5n
    fives += 1
  }
  return rest === 1n ? Math.max(twos, fives) : undefined
}

const shorten = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
const show = (value: Rational) => String(Number(value.n) / Number(value.d))
