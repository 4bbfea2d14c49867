import type { ComponentName, Role } from '../../../model/role.ts'
import { centreColumns, transposeRows, unitRows } from '../../../numeric/column-maps.ts'
import { type RowMatrix, takeRows } from '../../../numeric/row-matrix.ts'
import type { MeasureContext } from '../measure-context.ts'
import type { OpenModel } from '../measure-signs.ts'
import { tokenTable } from '../token-table.ts'
import { sharedTokens } from '../vocabulary.ts'
import { type ModelPart, partOf, readMatrix } from './folded-layers.ts'
import { rowSource } from './row-source.ts'

/**
 * What each model says of its residual axes, in the same order in both: [observations, width],
 * rows scaled to unit length (a scale of the stream says nothing) and columns centred.
 */
export type AxisFeatures = {
  readonly candidate: RowMatrix
  readonly reference: RowMatrix
}

/** More tokens add little to a map of a few thousand axes, and of a large table few are read. */
const TOKENS_MAX = 8192
const TOKENS_OF_LARGE_TABLE = 2048
const LARGE_TABLE_ELEMENTS = 2 ** 25

/**
 * Tokens that a map is found from. A rotation stays open in all directions that the tokens do not
 * span, and twice as many tokens as axes fix it with a condition of 34 (random rows: singular
 * values of E₁ᵀE₁ within (1 ± √½)², Marchenko and Pastur).
 */
export const tokensWanted = (width: number, hasRotation: boolean): number =>
  hasRotation ? Math.max(TOKENS_OF_LARGE_TABLE, 2 * width) : TOKENS_OF_LARGE_TABLE

export async function axisFeatures(
  context: MeasureContext,
  component: ComponentName,
  hasRotation: boolean,
): Promise<AxisFeatures | null> {
  if (component === 'language_model') return tokenFeatures(context, hasRotation)
  const sides = (['candidate', 'reference'] as const).map((side) => {
    const part = partOf(context, component, side)
    const patch = part?.roles.find((role) => role.kind === 'patch' && role.part === 'weight')
    return part && patch ? { part, patch } : null
  })
  const [a, b] = sides
  if (!a || !b || a.patch.view.cols !== b.patch.view.cols) return null
  const read = async ({ part, patch }: { part: ModelPart; patch: Role }) =>
    transposeRows(await readMatrix(part.model, patch))
  return { candidate: await read(a), reference: await read(b) }
}

async function tokenFeatures(
  context: MeasureContext,
  hasRotation: boolean,
): Promise<AxisFeatures | null> {
  const tables = (['candidate', 'reference'] as const).map((side) => {
    const map = side === 'candidate' ? context.candidateRoles : context.referenceRoles
    const own = map.roles.filter((role) => role.component === 'embeddings')
    return tokenTable(own, (role) => role)
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
  const most = isLarge ? tokensWanted(Math.max(a.view.cols, b.view.cols), hasRotation) : TOKENS_MAX
  const read = async (model: OpenModel, table: Role, rows: readonly number[]) => {
    const features = unitRows(await rowSource(model, table).take(spreadOver(rows, most)))
    centreColumns(features)
    return features
  }
  return {
    candidate: await read(context.candidate, a, tokens.candidate),
    reference: await read(context.reference, b, tokens.reference),
  }
}

/** At most `most` entries, evenly spaced. */
export function spreadOver<T>(entries: readonly T[], most: number): T[] {
  if (entries.length <= most) return [...entries]
  return Array.from(
    { length: most },
    (_, k) => entries[Math.floor((k * entries.length) / most)] as T,
  )
}

/** Tokens through which units are looked at. */
export const ANCHORS_MAX = 512
const ANCHORS_MIN = 16

/** Evenly spaced observations in common, each in the axes of its own model. */
export type Anchors = { readonly candidate: RowMatrix; readonly reference: RowMatrix }

export function anchorsOf(features: AxisFeatures): Anchors | null {
  const { rows } = features.candidate
  if (rows < ANCHORS_MIN) return null
  const chosen = spreadOver(
    Array.from({ length: rows }, (_, row) => row),
    ANCHORS_MAX,
  )
  return {
    candidate: takeRows(features.candidate, chosen),
    reference: takeRows(features.reference, chosen),
  }
}
