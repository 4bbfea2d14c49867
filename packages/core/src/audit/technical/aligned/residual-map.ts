import type { Rng } from '../../../base/rng.ts'
import type { ComponentName, Role } from '../../../model/role.ts'
import {
  centreColumns,
  crossProduct,
  pickColumns,
  rotateColumns,
  transposeRows,
  unitRows,
} from '../../../numeric/column-maps.ts'
import { cosine } from '../../../numeric/kernels.ts'
import { polarFactor, type SquareMatrix } from '../../../numeric/polar.ts'
import { type RowMatrix, rowMatrix, rowOf, takeRows } from '../../../numeric/row-matrix.ts'
import { mutualNearest } from '../../../stats/fixed-points.ts'
import type { MeasureContext } from '../measure-context.ts'
import { type OpenModel, tensorOf } from '../measure-signs.ts'
import { readRows } from '../read-rows.ts'
import { sharedTokens } from '../vocabulary.ts'
import { type ModelPart, partOf, readMatrix } from './folded-layers.ts'

export const MAP_KINDS = ['identity', 'signed_permutation', 'rotation'] as const
export type MapKind = (typeof MAP_KINDS)[number]

/**
 * From the residual axes of the candidate to those of the reference. Found from embeddings (for
 * encoders: from the patch embedding) alone, so that every family of signs but the residual one may
 * be tested behind it.
 */
export type ResidualMap =
  | { readonly kind: 'identity' }
  | {
      readonly kind: 'signed_permutation'
      /** For each axis of the reference the axis of the candidate, or −1; and its sign. */
      readonly source: Int32Array
      readonly sign: Int8Array
    }
  | { readonly kind: 'rotation'; readonly rotation: SquareMatrix }

/** Rows of the candidate, written in the axes of the reference. */
export function mapRows(matrix: RowMatrix, map: ResidualMap): RowMatrix {
  switch (map.kind) {
    case 'identity':
      return matrix
    case 'signed_permutation':
      return pickColumns(matrix, map)
    case 'rotation':
      return rotateColumns(matrix, map.rotation)
  }
}

/** More tokens add little to a map of a few thousand axes, and of a large table few are read. */
const TOKENS_MAX = 8192
const TOKENS_OF_LARGE_TABLE = 2048
const LARGE_TABLE_ELEMENTS = 2 ** 25

/**
 * What each model says of its residual axes, in the same order in both: [observations, width],
 * rows scaled to unit length (a scale of the stream says nothing) and columns centred.
 */
export type AxisFeatures = {
  readonly candidate: RowMatrix
  readonly reference: RowMatrix
  readonly by: 'string' | 'index'
}

export async function axisFeatures(
  context: MeasureContext,
  component: ComponentName,
): Promise<AxisFeatures | null> {
  if (component === 'language_model') return tokenFeatures(context)
  const sides = (['candidate', 'reference'] as const).map((side) => {
    const part = partOf(context, component, side)
    const patch = part?.roles.find((role) => role.kind === 'patch' && role.part === 'weight')
    return part && patch ? { part, patch } : null
  })
  const [a, b] = sides
  if (!a || !b || a.patch.view.cols !== b.patch.view.cols) return null
  const read = async ({ part, patch }: { part: ModelPart; patch: Role }) =>
    transposeRows(await readMatrix(part.model, patch))
  return { candidate: await read(a), reference: await read(b), by: 'index' }
}

async function tokenFeatures(context: MeasureContext): Promise<AxisFeatures | null> {
  const tables = (['candidate', 'reference'] as const).map((side) => {
    const map = side === 'candidate' ? context.candidateRoles : context.referenceRoles
    const held = (kind: string) =>
      map.roles.find(
        (role) => role.component === 'embeddings' && role.kind === kind && role.part === 'weight',
      )
    return held('embedding') ?? held('head')
  })
  const [a, b] = tables
  if (!a || !b) return null
  const tokens = sharedTokens(
    {
      candidate: context.candidate.source.checkpoint,
      reference: context.reference.source.checkpoint,
    },
    { candidate: a.view.rows, reference: b.view.rows },
  )
  const isLarge = [a, b].some(({ view }) => view.rows * view.cols > LARGE_TABLE_ELEMENTS)
  const most = isLarge ? TOKENS_OF_LARGE_TABLE : TOKENS_MAX
  const step = Math.max(1, Math.ceil(tokens.candidate.length / most))
  const read = async (model: OpenModel, table: Role, rows: readonly number[]) => {
    const chosen = rows.filter((_, index) => index % step === 0)
    const picked = isLarge
      ? await readTokens(model, table, chosen)
      : takeRows(await readMatrix(model, table), chosen)
    return centreColumns(unitRows(picked))
  }
  return {
    candidate: await read(context.candidate, a, tokens.candidate),
    reference: await read(context.reference, b, tokens.reference),
    by: tokens.by,
  }
}

async function readTokens(model: OpenModel, table: Role, rows: readonly number[]) {
  const values = await readRows(model.source, tensorOf(model, table), {
    view: table.view,
    ranges: rows.map((first) => ({ first, count: 1 })),
  })
  return rowMatrix(values, table.view.cols)
}

/** Reorders, drops and negates axes: columns matched by the size of their cosine. */
export function signedPermutation(features: AxisFeatures, rng: Rng): ResidualMap {
  const a = transposeRows(features.candidate)
  const b = transposeRows(features.reference)
  const { match } = mutualNearest(b, a, { rng, distance: 'absolute-cosine' })
  const sign = new Int8Array(b.rows)
  match.forEach((from, to) => {
    if (from >= 0) sign[to] = (cosine(rowOf(a, from), rowOf(b, to)) ?? 0) < 0 ? -1 : 1
  })
  return { kind: 'signed_permutation', source: match, sign }
}

/** The rotation that carries the candidate's features nearest to the reference's; equal widths. */
export function rotationMap(features: AxisFeatures): ResidualMap | null {
  if (features.candidate.columns !== features.reference.columns) return null
  const rotation = polarFactor(crossProduct(features.candidate, features.reference))
  return rotation ? { kind: 'rotation', rotation } : null
}
