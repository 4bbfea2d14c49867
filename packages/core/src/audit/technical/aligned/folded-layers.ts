import type { ComponentName, Role, RoleKind } from '../../../model/role.ts'
import { declaredType } from '../../../model/roles/config-facts.ts'
import { type RowMatrix, rowMatrix } from '../../../numeric/row-matrix.ts'
import type { MeasureContext } from '../measure-context.ts'
import { type OpenModel, tensorOf } from '../measure-signs.ts'
import { readRows } from '../read-rows.ts'
import { type RowSource, rowSource } from './row-source.ts'

export type Side = 'candidate' | 'reference'

/** The component as one of the two models holds it. */
export type ModelPart = {
  readonly side: Side
  readonly model: OpenModel
  /** Roles of this component alone. */
  readonly roles: readonly Role[]
}

/** Two models with what their tensors are for, and which parts of them correspond. */
export type ModelPair = Pick<
  MeasureContext,
  'candidate' | 'reference' | 'candidateRoles' | 'referenceRoles' | 'pairing'
>

export function partOf(context: ModelPair, component: ComponentName, side: Side): ModelPart | null {
  const name = side === 'candidate' ? component : context.pairing.components.get(component)
  if (name === undefined) return null
  const map = side === 'candidate' ? context.candidateRoles : context.referenceRoles
  return {
    side,
    model: context[side],
    roles: map.roles.filter((role) => role.component === name),
  }
}

export type Place = { readonly layer: number; readonly expert: number | null }

export const roleAt = (part: ModelPart, kind: RoleKind, place: Place): Role | undefined =>
  part.roles.find(
    (role) =>
      role.kind === kind &&
      role.part === 'weight' &&
      role.layer === place.layer &&
      role.expert === place.expert &&
      !role.slot.includes('cross'),
  )

/**
 * A matrix that reads the residual stream, [rows, width], with the norm before it folded into its
 * columns, so that it no longer matters how a publisher splits scale between the two. Signs and
 * order of rows are as stored. Null where the model has no such matrix.
 */
export async function foldedSource(
  part: ModelPart,
  kind: ReadingKind,
  place: Place,
): Promise<RowSource | null> {
  const role = roleAt(part, kind, place)
  return role ? rowSource(part.model, role, await foldedNorm(part, kind, role)) : null
}

/** Kinds of matrices that read the residual stream. */
export type ReadingKind = 'gate' | 'up' | 'q' | 'k' | 'v' | 'fc1'

/** What the columns of such a matrix are multiplied by; null where no norm stands before it. */
export async function foldedNorm(
  part: ModelPart,
  kind: ReadingKind,
  role: Role,
): Promise<Float32Array | null> {
  const norm = role.layer === null ? undefined : normBefore(part, kind, role.layer)
  if (!norm || norm.view.rows !== role.view.cols) return null
  return normWeights(part.model, norm)
}

/** Unfolded, as stored: for embeddings and norms. */
export async function readMatrix(model: OpenModel, role: Role): Promise<RowMatrix> {
  const values = await readRows(model.source, tensorOf(model, role), {
    view: role.view,
    ranges: [{ first: 0, count: role.view.rows }],
  })
  return rowMatrix(values, role.view.cols)
}

/** Parallel blocks have one norm for attention and MLP; blocks that norm behind fold nothing. */
function normBefore(part: ModelPart, kind: RoleKind, layer: number): Role | undefined {
  const isAttention = kind === 'q' || kind === 'k' || kind === 'v'
  const slots = isAttention ? ['pre_attention'] : ['pre_mlp', 'pre_attention']
  const norms = part.roles.filter(
    (role) => role.kind === 'norm' && role.part === 'weight' && role.layer === layer,
  )
  const isTwoSided = norms.some((role) => role.slot === 'post_attention')
  const allowed = isTwoSided && !isAttention ? ['pre_mlp'] : slots
  return allowed.flatMap((slot) => norms.filter((role) => role.slot === slot))[0]
}

/** γ of a norm as it multiplies. */
export async function normWeights(model: OpenModel, role: Role): Promise<Float32Array> {
  const { data } = await readMatrix(model, role)
  return storesNormMinusOne(model) ? data.map((value) => value + 1) : data
}

/** Gemma keeps γ − 1 in its own checkpoints; its GGUF conversion adds the one. */
const storesNormMinusOne = ({ source: { checkpoint } }: OpenModel): boolean =>
  checkpoint.format !== 'gguf' && /^gemma(?:$|[23])/.test(declaredType(checkpoint.config))

/** Layers whose dense blocks hold this kind, ascending. */
export function layersWith(part: ModelPart, kind: RoleKind): number[] {
  const layers = part.roles.flatMap((role) =>
    role.kind === kind && role.part === 'weight' && role.expert === null && role.layer !== null
      ? [role.layer]
      : [],
  )
  return [...new Set(layers)].sort((x, y) => x - y)
}

/** Width of the residual stream, as the first of these layers reads it. */
export function widthOf(part: ModelPart, layers: readonly number[]): number {
  const place = { layer: layers[0] ?? 0, expert: null }
  return (roleAt(part, 'gate', place) ?? roleAt(part, 'v', place))?.view.cols ?? 0
}
