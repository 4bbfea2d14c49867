import { digestBytes } from '../../base/digest.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { ComponentName, Role, RoleMap } from '../../model/role.ts'
import { mapRoles } from '../../model/roles/map-roles.ts'
import { elementCount } from '../../model/tensor.ts'
import { countParameters } from '../technical/decide-component.ts'
import { type OpenModel, openModel } from '../technical/measure-signs.ts'
import type { NonFiniteSummary } from '../technical/non-finite.ts'
import { tokenRows } from '../technical/vocabulary.ts'
import { architectureOf } from './architecture.ts'
import { readClaims } from './claims.ts'
import { hashContent } from './content-hashes.ts'
import type { ComponentFingerprint, Fingerprint, FingerprintSource } from './fingerprint.ts'
import { sketchNorms } from './norm-sketch.ts'
import { sketchComponent, sketchResidual } from './sketch-component.ts'
import { sketchTokens } from './tokenizer-sketch.ts'

export type FingerprintOptions = {
  readonly source: FingerprintSource
  readonly onProgress?: (component: ComponentName, done: number, total: number) => void
  /** Told what a component holds of NaN and infinite weights, which are then left out. */
  readonly onNonFinite?: (component: ComponentName, found: NonFiniteSummary) => void
}

/**
 * The fingerprint of a model. What is read depends on names and shapes alone, in one order, so
 * equal weights give equal bytes. Throws AppError VALUE_INVALID for NaN or infinite weights where nobody
 * is told of them (a registry holds sound models only), UNREADABLE through the source.
 */
export async function fingerprintModel(
  source: TensorSource,
  options: FingerprintOptions,
): Promise<Fingerprint> {
  const opened = openModel(source)
  const model = options.onNonFinite ? opened : { ...opened, source }
  const map = mapRoles(source.checkpoint)
  const names = [...new Set(map.roles.map((role) => role.component))].sort()
  const components: ComponentFingerprint[] = []
  for (const [at, component] of names.entries()) {
    options.onProgress?.(component, at, names.length)
    components.push(await fingerprintComponent(model, map, component))
    const roles = map.roles.filter((role) => role.component === component)
    const notFinite = model.nonFinite.summaryOf(new Set(roles.map((role) => role.tensor)))
    if (notFinite) options.onNonFinite?.(component, notFinite)
  }
  const tokens = tokenRows(source.checkpoint)
  const claims = readClaims(source.checkpoint)
  return {
    source: options.source,
    model: modelFacts(source, map, { model, licence: claims.licence }),
    claims,
    tokenizer: tokens ? sketchTokens(tokens.keys()) : null,
    components: components.filter((one) => one.content.length + one.sketches.length > 0),
  }
}

async function fingerprintComponent(
  model: OpenModel,
  map: RoleMap,
  component: ComponentName,
): Promise<ComponentFingerprint> {
  const roles = inOrder(map.roles.filter((role) => role.component === component))
  const structureOf = (name: ComponentName) =>
    map.structures.find((structure) => structure.component === name)
  const sketches = await sketchComponent(model, roles, structureOf(component))
  const residual = await sketchResidual(model, roles, structureOf('language_model'))
  return {
    component,
    parameters: countParameters(roles, model),
    dtype: commonestDtype(roles, model),
    sketches: residual ? [...sketches, residual] : sketches,
    content: await hashContent(model, roles),
    norms: await sketchNorms(model, roles),
  }
}

/** One order whatever the files' own: by layer, expert, kind, part and slot. */
function inOrder(roles: readonly Role[]): Role[] {
  const key = (role: Role) =>
    [role.layer ?? -1, role.expert ?? -2].map((n) => String(n + 2).padStart(6, '0')).join('/') +
    `/${role.kind}/${role.part}/${role.slot}`
  return roles
    .map((role) => [key(role), role] as const)
    .sort((x, y) => (x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : 0))
    .map(([, role]) => role)
}

function commonestDtype(roles: readonly Role[], model: OpenModel): string {
  const elements = new Map<string, number>()
  for (const name of new Set(roles.map((role) => role.tensor))) {
    const tensor = model.tensors.get(name)
    if (!tensor) continue
    const dtype = tensor.encoding ? 'quantised' : tensor.dtype
    elements.set(dtype, (elements.get(dtype) ?? 0) + elementCount(tensor.shape))
  }
  return [...elements].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1))[0]?.[0] ?? ''
}

/** What a fingerprint states of a model before a weight is read: from names, shapes and configuration. */
export const factsOf = (source: TensorSource): Fingerprint['model'] =>
  modelFacts(source, mapRoles(source.checkpoint), {
    model: openModel(source),
    licence: readClaims(source.checkpoint).licence,
  })

function modelFacts(
  source: TensorSource,
  map: RoleMap,
  facts: { readonly model: OpenModel; readonly licence: string | null },
): Fingerprint['model'] {
  const { checkpoint } = source
  const config = architectureOf(checkpoint.config)
  const lines = checkpoint.tensors.map(
    (tensor) => `${tensor.name}\t${tensor.shape.join('x')}\t${tensor.dtype}`,
  )
  const body =
    map.structures.find((structure) => structure.component === 'language_model') ??
    map.structures[0]
  return {
    format: checkpoint.format,
    modelType: typeof config.model_type === 'string' ? config.model_type : null,
    licence: facts.licence,
    parameters: countParameters(map.roles, facts.model),
    layerCount: body?.layerCount ?? 0,
    tensorCount: checkpoint.tensors.length,
    inventoryDigest: digestBytes(new TextEncoder().encode(lines.sort().join('\n'))),
    config,
  }
}
