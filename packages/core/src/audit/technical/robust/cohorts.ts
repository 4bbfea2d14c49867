import type { ComponentName } from '../../../model/role.ts'
import type { AgreementRow } from './agreement.ts'
import type { Cohort } from './conformal.ts'
import { SIMULATED_BODIES } from './simulated-bodies.ts'
import { SIMULATED_TOWERS } from './simulated-towers.ts'

/** Among which known independents a component is ranked; none: it is not. */
export type Cohorts = Readonly<Partial<Record<ComponentName, Cohort>>>

export const SIMULATED_COHORT: Cohort = simulated(SIMULATED_BODIES)
export const TOWER_COHORT: Cohort = simulated(SIMULATED_TOWERS)

/** Another cohort stands for language models alone: what holds of these says nothing of encoders. */
export const cohortsOf = (own: Cohort | undefined): Cohorts => ({
  language_model: own ?? SIMULATED_COHORT,
  vision_encoder: TOWER_COHORT,
})

/** Two layers against two, in the order of rows. */
function simulated(made: { readonly units: number; readonly counts: readonly number[] }): Cohort {
  const pairs = Array.from({ length: made.counts.length / 4 }, (_, pair): AgreementRow[] =>
    [0, 2].map((row) => ({
      units: made.units,
      counts: made.counts.slice(4 * pair + row, 4 * pair + row + 2),
    })),
  )
  return { name: 'simulated', isSimulated: true, pairs }
}
