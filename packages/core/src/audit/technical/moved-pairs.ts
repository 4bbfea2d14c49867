import type { ComponentName, Role } from '../../model/role.ts'
import type { ComponentComparison } from '../result.ts'
import { type MovedEvidence, measureRowFamilies, structuresOf } from './measure-component.ts'
import type { MeasureContext } from './measure-context.ts'
import { measureNorms } from './norms.ts'
import type { RolePair } from './pairing.ts'
import { tellStep } from './progress.ts'

/**
 * Units and norms of layers that stand elsewhere, each read beside the layer that it was recognised
 * as; null where every layer agrees at its own place. For figures that describe a dependence which
 * the layer matrix has shown: pairs chosen by values never reach a test.
 */
export async function measureMoved(
  context: MeasureContext,
  decided: Pick<ComponentComparison, 'component' | 'layerMap'>,
): Promise<MovedEvidence | null> {
  const { component, layerMap = [] } = decided
  if (layerMap.every((entry) => entry.candidate === entry.reference)) return null
  const pairs = pairsAlong(
    context,
    component,
    new Map(layerMap.map((e) => [e.candidate, e.reference])),
  )
  tellStep(context, component, 'moved')
  const structures = structuresOf(context, component)
  const { norms } = await measureNorms(context.candidate, context.reference, pairs)
  return { batches: await measureRowFamilies(context, { component, pairs, structures }), norms }
}

function pairsAlong(
  context: MeasureContext,
  component: ComponentName,
  map: ReadonlyMap<number, number>,
): RolePair[] {
  const other = context.pairing.components.get(component)
  const places = new Map(
    context.referenceRoles.roles
      .filter((role) => role.component === other)
      .map((role) => [placeOf(role, role.layer), role] as const),
  )
  return context.candidateRoles.roles.flatMap((role): RolePair[] => {
    if (role.component !== component || role.layer === null) return []
    const to = map.get(role.layer)
    const found = to === undefined ? undefined : places.get(placeOf(role, to))
    if (!found || found.view.cols !== role.view.cols) return []
    const rows = Math.min(found.view.rows, role.view.rows)
    return [{ candidate: role, reference: found, rows, cols: role.view.cols }]
  })
}

const placeOf = (role: Role, layer: number | null): string =>
  [layer, role.expert, role.kind, role.part, role.slot].join('|')
