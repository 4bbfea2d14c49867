import type { ComponentName } from '../../../model/role.ts'
import type { Note } from '../../result.ts'
import { printedTransform } from '../aligned/transform.ts'
import type { Decision } from '../decision.ts'
import type { ComponentEvidence } from '../measure-component.ts'
import type { RobustEvidence } from './measure-robust.ts'

/** docs/methods/robust-tier.md gives the measurements behind these bounds. */
const HELD_OUT_CORRELATION_MIN = 0.5
const HELD_OUT_ERROR_MAX = 0.9
const UNITS_MIN = 12
/**
 * Share of the units. Between independent language models of one data 1 % to 5 % are alike, and
 * replay as well; of gated encoders nobody has counted them.
 */
const SHARE_MIN = 0.2
const SHARE_MIN_ENCODER = 0.5

/**
 * Three conditions, all needed: no known independent of the cohort scores as high, more units agree
 * than independents learn alike, and the recovered transform carries tensors that were not used to
 * find it.
 */
export function decideRobust({ component, robust }: ComponentEvidence): Decision | null {
  if (!robust?.isAtFloor || !robust.parts || !robust.heldOut) return null
  if (!isBroad(component, robust)) return null
  const { correlation, error } = robust.heldOut
  if (correlation < HELD_OUT_CORRELATION_MIN || error > HELD_OUT_ERROR_MAX) return null
  const { agreeing, units } = robust
  const families = robust.cohort.pairs.length
  return {
    verdict: 'derived_obfuscated',
    tier: 'empirical',
    reasons: [
      { code: 'robust_replays', values: { agreeing, units, families, correlation, error } },
      cohortNote(robust),
    ],
    transform: printedTransform(robust.parts, robust.heldOut),
  }
}

/** What the rank is worth, said wherever something is made of it. */
function cohortNote({ cohort }: RobustEvidence): Note {
  const rows = cohort.pairs.flat()
  const most = (values: readonly number[]) => values.reduce((high, x) => Math.max(high, x), 0)
  return {
    code: cohort.isSimulated ? 'robust_cohort_simulated' : 'robust_cohort',
    values: {
      families: cohort.pairs.length,
      layers: most(cohort.pairs.map((pair) => pair.length)),
      units: most(rows.map(({ units }) => units)),
    },
  }
}

function isBroad(component: ComponentName, { units, score }: RobustEvidence): boolean {
  const share = component === 'language_model' ? SHARE_MIN : SHARE_MIN_ENCODER
  return score >= share && score * units >= UNITS_MIN
}

/** Agreement beyond the cohort on which no verdict can rest is told, and decides nothing. */
export function robustCautions({ component, robust }: ComponentEvidence): Note[] {
  if (!robust) return []
  const limits = limitsOf(robust)
  if (!robust.isAtFloor || robust.agreeing < UNITS_MIN) return limits
  const { agreeing, units } = robust
  const told: Note = isBroad(component, robust)
    ? { code: 'robust_unconfirmed', values: { agreeing, families: robust.cohort.pairs.length } }
    : { code: 'robust_few_units', values: { agreeing, units } }
  return [told, cohortNote(robust), ...limits]
}

function limitsOf({ limits: { isOwnOnly, isPartial } }: RobustEvidence): Note[] {
  if (isOwnOnly) return [{ code: 'robust_own_places', values: {} }]
  return isPartial ? [{ code: 'robust_some_layers', values: {} }] : []
}
