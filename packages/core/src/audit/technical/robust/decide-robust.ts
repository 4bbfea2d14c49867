import type { Note } from '../../result.ts'
import { printedTransform } from '../aligned/transform.ts'
import type { Decision } from '../decision.ts'
import type { ComponentEvidence } from '../measure-component.ts'
import type { RobustEvidence } from './measure-robust.ts'

/** docs/methods/robust-tier.md gives the measurements behind these bounds. */
const HELD_OUT_CORRELATION_MIN = 0.5
const HELD_OUT_ERROR_MAX = 0.9
const UNITS_MIN = 12
/** Share of the units; among independents of one data 1 % to 5 % are alike, and replay as well. */
const SHARE_MIN = 0.2

/**
 * Three conditions, all needed: no known independent of the cohort scores as high, more units agree
 * than independents learn alike, and the recovered transform carries tensors that were not used to
 * find it.
 */
export function decideRobust({ robust }: ComponentEvidence): Decision | null {
  if (!robust?.isAtFloor || !robust.parts || !robust.heldOut || !isBroad(robust)) return null
  const { correlation, error } = robust.heldOut
  if (correlation < HELD_OUT_CORRELATION_MIN || error > HELD_OUT_ERROR_MAX) return null
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

const isBroad = ({ agreeing, units }: RobustEvidence): boolean =>
  agreeing >= Math.max(UNITS_MIN, SHARE_MIN * units)

/** Agreement beyond the cohort on which no verdict can rest is told, and decides nothing. */
export function robustCautions({ robust }: ComponentEvidence): Note[] {
  if (!robust?.isAtFloor || robust.agreeing < UNITS_MIN) return []
  const { agreeing, units, families } = robust
  return isBroad(robust)
    ? [{ code: 'robust_unconfirmed', values: { agreeing, families } }]
    : [{ code: 'robust_few_units', values: { agreeing, units } }]
}
