import type { Role, RoleKind } from '../../../model/role.ts'
import { elementCount, storedSizeBytes } from '../../../model/tensor.ts'
import { layersWith, type ModelPart, roleAt } from '../aligned/folded-layers.ts'
import { type ReplayPair, rowTaker, type VectorTaker } from '../aligned/replay-rows.ts'
import { rowSource, sparseRows } from '../aligned/row-source.ts'
import type { LayerTransform } from '../aligned/transform.ts'
import { tensorOf } from '../measure-signs.ts'
import { hasPlainRows } from '../read-scattered.ts'
import type { ReplayPlace } from './replay.ts'

/** Vectors of two matrices to be compared, known from shapes and the transform before anything is read. */
export type ReplayJob = ReplayPlace & {
  readonly pairs: readonly ReplayPair[]
  /** Bytes of the larger side, were all pairs read. */
  readonly costBytes: number
  /** Some of the vectors cost less than all of them. */
  readonly isDivisible: boolean
  /** For all pairs, or for some of them without the bytes between. */
  readonly open: (
    isWhole: boolean,
  ) => Promise<{ readonly own: VectorTaker; readonly other: VectorTaker }>
}

export type Parts = { readonly own: ModelPart; readonly other: ModelPart }

export const inOrder = (count: number): readonly ReplayPair[] =>
  Array.from({ length: count }, (_, at) => ({ own: at, other: at, factor: 1 }))

export type RoleBoth = { readonly own: Role; readonly other: Role }

export function rolesOf(
  { own, other }: Parts,
  kind: RoleKind,
  layer: Pick<LayerTransform, 'candidate' | 'reference'> &
    Partial<Pick<LayerTransform, 'expert' | 'referenceExpert'>>,
): RoleBoth | null {
  const { expert = null, referenceExpert = null } = layer
  const a = roleAt(own, kind, { layer: layer.candidate, expert })
  const b = roleAt(other, kind, { layer: layer.reference, expert: referenceExpert })
  return a && b ? { own: a, other: b } : null
}

/** Rows of a matrix, `factors` folded into their columns. */
export function rowsOf(
  { model }: ModelPart,
  role: Role,
  { factors, isWhole }: { readonly factors: Float32Array | null; readonly isWhole: boolean },
): VectorTaker {
  const sparse = isWhole ? null : sparseRows(model, role, factors)
  return rowTaker(sparse ?? rowSource(model, role, factors))
}

export type LayerPair = Pick<LayerTransform, 'candidate' | 'reference'> & {
  readonly isMapped: boolean
}

/**
 * Layers whose attention is compared: those of the transform and, where it leaves all of these at
 * their places in models of one depth, every other layer, which the recovery has not used.
 */
export function attentionLayers(
  { own, other }: Parts,
  mapped: readonly LayerTransform[],
): readonly LayerPair[] {
  // Experts of a layer share its attention.
  const once = new Map(mapped.map(({ candidate, reference }) => [candidate, reference]))
  const named = [...once].map(([candidate, reference]) => ({
    candidate,
    reference,
    isMapped: true,
  }))
  const all = layersWith(own, 'v')
  const isInPlace =
    mapped.length > 0 &&
    mapped.every(({ candidate, reference }) => candidate === reference) &&
    String(all) === String(layersWith(other, 'v'))
  if (!isInPlace) return named
  const seen = new Set(mapped.map(({ candidate }) => candidate))
  const rest = all.filter((layer) => !seen.has(layer))
  return [...named, ...rest.map((at) => ({ candidate: at, reference: at, isMapped: false }))]
}

/** Stored bytes of the larger of two matrices, and whether some of its rows can be read alone. */
export function costOf(
  parts: Parts,
  roles: RoleBoth,
  options: { readonly share: number },
): Pick<ReplayJob, 'costBytes' | 'isDivisible'> {
  const sides = (['own', 'other'] as const).map((side) => {
    const role = roles[side]
    const tensor = tensorOf(parts[side].model, role)
    const share = (role.view.rows * role.view.cols) / Math.max(1, elementCount(tensor.shape))
    const isDivisible = hasPlainRows(tensor, role.view)
    const whole = storedSizeBytes(tensor) * share
    return { isDivisible, costBytes: isDivisible ? whole * options.share : whole }
  })
  return {
    costBytes: Math.max(...sides.map(({ costBytes }) => costBytes)),
    isDivisible: sides.every(({ isDivisible }) => isDivisible),
  }
}
