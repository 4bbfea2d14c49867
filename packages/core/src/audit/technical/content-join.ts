import type { Role } from '../../model/role.ts'
import { isFloatDtype } from '../../model/tensor.ts'
import type { RowMeasurer } from '../../numeric/row-measurer.ts'
import { type ContentResult, compareContent } from './content.ts'
import { bf16Start, START_ELEMENTS } from './content-blocks.ts'
import { type OpenModel, tensorOf } from './measure-signs.ts'
import { readRows } from './read-rows.ts'

const FIRST_BLOCK_ELEMENTS = 4096
/** Smaller matrices are too easily equal to be looked for by content. */
const JOIN_ELEMENTS_MIN = 64

/**
 * Copies under other names or in another order: candidate matrices without an equal counterpart
 * are looked up by the content of their first rows among all reference matrices of their shape.
 * Serves the content test only. The sign and matching tests keep pairs chosen blindly, because a
 * pair chosen by its values would void their p-values.
 */
export async function joinByContent(
  candidate: OpenModel,
  reference: OpenModel,
  job: {
    readonly unresolved: readonly Role[]
    /** What was compared already: its beginnings are known. */
    readonly compared: readonly ContentResult[]
    readonly available: readonly Role[]
    readonly blocksMax: number
    /** What may be read of the reference for the index; beyond it nothing is looked up. */
    readonly budgetBytes: number
    readonly measurer: RowMeasurer
  },
): Promise<ContentResult[]> {
  const shapes = new Set(job.unresolved.filter(isLookedFor).map(shapeKey))
  const shelf = job.available.filter((role) => shapes.has(shapeKey(role)))
  if (shelf.length * FIRST_BLOCK_ELEMENTS * 2 > job.budgetBytes) return []
  const index = new Map<string, Role[]>()
  const starts = new Map(
    job.compared.flatMap(({ pair, starts: [own, other] }) => [
      [pair.candidate, own],
      [pair.reference, other],
    ]),
  )
  const startOf = async (model: OpenModel, role: Role) => {
    const known = starts.get(role)
    return known ? keyOf(role, known) : keyRead(model, role, { rows: 1, entries: START_ELEMENTS })
  }
  for (const role of shelf) {
    const start = await startOf(reference, role)
    if (!start) continue
    const alike = index.get(start)
    if (alike) alike.push(role)
    else index.set(start, [role])
  }
  const known = new Map<string, ReadonlyMap<string, Role>>()
  const found: ContentResult[] = []
  for (const role of job.unresolved.filter(isLookedFor)) {
    const start = await startOf(candidate, role)
    const alike = start ? index.get(start) : undefined
    if (!start || !alike) continue
    // Once for all that begin alike, however many they are.
    const byContent = known.get(start) ?? (await indexByContent(reference, alike))
    known.set(start, byContent)
    const key = await contentKey(candidate, role)
    const match = key ? byContent.get(key) : undefined
    if (!match) continue
    const pair = { candidate: role, reference: match, rows: role.view.rows, cols: role.view.cols }
    found.push(
      await compareContent(candidate, reference, {
        pair,
        blocksMax: job.blocksMax,
        measurer: job.measurer,
      }),
    )
  }
  return found
}

async function indexByContent(
  model: OpenModel,
  roles: readonly Role[],
): Promise<ReadonlyMap<string, Role>> {
  const index = new Map<string, Role>()
  for (const role of roles) {
    const key = await contentKey(model, role)
    if (key) index.set(key, role)
  }
  return index
}

const shapeKey = (role: Role): string => `${role.view.rows}x${role.view.cols}`

/** Large enough to be recognised by content. */
export const isLookedFor = (role: Role): boolean =>
  role.part === 'weight' && role.view.rows * role.view.cols >= JOIN_ELEMENTS_MIN

const contentKey = (model: OpenModel, role: Role): Promise<string | null> =>
  keyRead(model, role, {
    rows: Math.max(1, Math.ceil(FIRST_BLOCK_ELEMENTS / role.view.cols)),
    entries: Number.POSITIVE_INFINITY,
  })

async function keyRead(
  model: OpenModel,
  role: Role,
  wanted: { readonly rows: number; readonly entries: number },
): Promise<string | null> {
  const tensor = tensorOf(model, role)
  if (!isFloatDtype(tensor.dtype)) return null
  const values = await readRows(model.source, tensor, {
    view: role.view,
    ranges: [{ first: 0, count: Math.min(role.view.rows, wanted.rows) }],
    nonFinite: 'keep',
  })
  return keyOf(role, bf16Start(values, wanted.entries))
}

const keyOf = (role: Role, codes: Uint16Array): string => `${shapeKey(role)}:${fingerprint(codes)}`

/** Two 32-bit multiplicative hashes side by side; a hit is confirmed on the values afterwards. */
function fingerprint(codes: Uint16Array): string {
  let x = 0x811c9dc5
  let y = 0x9e3779b9
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number
    x = Math.imul(x ^ code, 0x01000193) >>> 0
    y = Math.imul(y ^ (code + 0x7f4a), 0x85ebca6b) >>> 0
  }
  return `${x.toString(16)}${y.toString(16)}`
}
