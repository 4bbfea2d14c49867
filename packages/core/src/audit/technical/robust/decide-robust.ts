import type { Note } from '../../result.ts'
import { printedTransform } from '../aligned/transform.ts'
import type { Decision } from '../decision.ts'
import type { ComponentEvidence } from '../measure-component.ts'

/** docs/methods/robust-tier.md gives the measurements behind these bounds. */
const HELD_OUT_CORRELATION_MIN = 0.5
const HELD_OUT_ERROR_MAX = 0.9
const UNITS_MIN = 12

/**
 * Two conditions, both needed: no known independent of the cohort scores as high, and the recovered
 * transform carries tensors that were not used to find it.
 */
export function decideRobust({ robust }: ComponentEvidence): Decision | null {
  if (!robust?.isAtFloor || !robust.parts || !robust.heldOut) return null
  const { correlation, error } = robust.heldOut
  if (
    robust.agreeing < UNITS_MIN ||
    correlation < HELD_OUT_CORRELATION_MIN ||
    error > HELD_OUT_ERROR_MAX
  ) {
    return null
  }
  const { agreeing, units, families } = robust
  return {
    verdict: 'derived_obfuscated',
    tier: 'empirical',
    reasons: [
      { code: 'robust_replays', values: { agreeing, units, families, correlation, error } },
    ],
    transform: printedTransform(robust.parts, robust.heldOut),
  }
}

/** Agreement beyond the cohort that could not be replayed is told, and decides nothing. */
export function robustCautions({ robust }: ComponentEvidence): Note[] {
  if (!robust?.isAtFloor || robust.agreeing < UNITS_MIN) return []
  const { agreeing, families } = robust
  return [{ code: 'robust_unconfirmed', values: { agreeing, families } }]
}
