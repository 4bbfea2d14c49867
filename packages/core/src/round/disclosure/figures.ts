import { formatDecimal, formatFraction, type Rational } from '../../base/rational.ts'
import type { Plan } from '../plan/plan.ts'
import type { Amount } from '../score/scoreboard.ts'

/** A score as it is shown. Unknown is not withheld, and neither is zero. */
export type Figure =
  | { readonly kind: 'exact'; readonly text: string; readonly exact: string }
  | { readonly kind: 'published'; readonly text: string }
  | {
      readonly kind: 'unknown'
      readonly reason: string
      readonly range: { readonly least: string; readonly most: string } | null
    }

/** Something that an audience sees, or that exists and is kept from it. */
export type Shown<T> =
  | { readonly state: 'shown'; readonly value: T }
  | { readonly state: 'withheld' }

export const WITHHELD: { readonly state: 'withheld' } = { state: 'withheld' }

export const showIf = <T>(allowed: boolean, value: T): Shown<T> =>
  allowed ? { state: 'shown', value } : WITHHELD

export function figureOf(amount: Amount, digits: number, plan: Plan): Figure {
  if (amount.kind === 'exact') return exactFigure(amount.value, digits, plan)
  const { mode } = plan.rounding
  if (amount.kind === 'published') {
    return { kind: 'published', text: formatDecimal(amount.value, amount.digits, mode) }
  }
  const range =
    amount.least && amount.most
      ? {
          least: formatDecimal(amount.least, digits, 'down'),
          most: formatDecimal(amount.most, digits, 'up'),
        }
      : null
  return { kind: 'unknown', reason: amount.reason, range }
}

export const exactFigure = (value: Rational, digits: number, plan: Plan): Figure => ({
  kind: 'exact',
  text: formatDecimal(value, digits, plan.rounding.mode),
  exact: formatFraction(value),
})
