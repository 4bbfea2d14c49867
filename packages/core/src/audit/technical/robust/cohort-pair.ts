import type { TensorSource } from '../../../model/checkpoint.ts'
import type { ComponentName } from '../../../model/role.ts'
import { mapBothRoles } from '../../../model/roles/map-both-roles.ts'
import { type MatrixEngine, plainEngine } from '../../../numeric/matrix-engine.ts'
import { anchorsOf, axisFeatures } from '../aligned/axis-features.ts'
import { partOf } from '../aligned/folded-layers.ts'
import type { MeasureContext } from '../measure-context.ts'
import { openModel } from '../measure-signs.ts'
import { pairRoles } from '../pairing.ts'
import type { AgreementRow } from './agreement.ts'
import { measureCells } from './measure-cells.ts'
import { mlpPlaces } from './mlps.ts'

/**
 * A member for a cohort: two models that are known to be independent, looked at as a suspect and
 * its reference are, every MLP against every other. Null where they have nothing to be looked at.
 */
export async function cohortPair(
  candidate: TensorSource,
  reference: TensorSource,
  options: { readonly component: ComponentName; readonly engine?: MatrixEngine },
): Promise<readonly AgreementRow[] | null> {
  const { component, engine = plainEngine } = options
  const { candidate: candidateRoles, reference: referenceRoles } = mapBothRoles(
    candidate.checkpoint,
    reference.checkpoint,
  )
  const context: MeasureContext = {
    candidate: openModel(candidate),
    reference: openModel(reference),
    candidateRoles,
    referenceRoles,
    pairing: pairRoles(candidateRoles, referenceRoles),
    plan: { isComplete: true, contentBytes: 0, rowsOf: () => [] },
    seed: 1,
    engine,
  }
  const own = partOf(context, component, 'candidate')
  const other = partOf(context, component, 'reference')
  const features = await axisFeatures(context, component, false)
  const anchors = features && anchorsOf(features)
  if (!own || !other || !anchors) return null
  const places = { own: mlpPlaces(own), other: mlpPlaces(other) }
  const cells = { ...places, isOwnOnly: false, isPartial: false }
  const found = await measureCells(context, { own, other }, { cells, anchors, onPlace: () => {} })
  return found.length > 0 ? found.map(({ row }) => row) : null
}
