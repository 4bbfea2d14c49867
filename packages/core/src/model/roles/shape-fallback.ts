import type { ChannelGroup, Role } from '../role.ts'
import type { Classified, ResolvedWord } from './classify.ts'
import { isAttentionPath, isStateSpacePath } from './vocabulary.ts'

type Order = 'out_in' | 'in_out'

/** Matrices whose hidden units share one order: their tensors, or one stand-in for them. */
export type HiddenUnits = { readonly tensors: readonly string[] }

export type ShapeReading = {
  readonly items: readonly Classified[]
  readonly hidden: readonly HiddenUnits[]
}

const NAMED_MLP = new Set<ResolvedWord | undefined>([
  'gate',
  'up',
  'fc1',
  'fc2',
  'gate_up',
  'glu_pair',
  'down',
])

/**
 * Reads what names left open from the sizes alone: the width d that most matrices have, the
 * largest h for which [h, d] and [d, h] both exist (the hidden units of an MLP), and tables
 * longer than that (tokens). Only for components whose MLPs no name explains.
 */
export function readShapes(
  items: readonly Classified[],
  options: { readonly hiddenSize: number | null; readonly hasTokens: boolean },
): ShapeReading {
  const width = options.hiddenSize
  const open = items.filter(isOpenMatrix)
  if (width === null || open.length === 0) return { items, hidden: [] }
  const isNamed = items.some(({ word }) => NAMED_MLP.has(word))
  const hiddenSize = isNamed ? undefined : largestPartner(open, width)
  const changes = new Map<Classified, Classified>()
  const hidden: HiddenUnits[] = []
  if (hiddenSize !== undefined) {
    const layers = Map.groupBy(open, ({ entry }) => `${entry.layer}|${entry.expert}`)
    for (const layer of layers.values()) {
      hidden.push(...readHidden(layer, { width, hiddenSize }, changes))
    }
  }
  if (options.hasTokens) readTables(items, { width, hiddenSize: hiddenSize ?? width }, changes)
  followWeights(items, changes)
  return { items: items.map((item) => changes.get(item) ?? item), hidden }
}

const isOpenMatrix = ({ entry, word }: Classified): boolean =>
  word === undefined &&
  entry.part === 'weight' &&
  entry.residue === undefined &&
  entry.tensor.shape.length === 2 &&
  !isAttentionPath(entry.leaf) &&
  !isStateSpacePath(entry.leaf)

/** Sizes with outputs first, where the storage order is known. */
function sizesOf({ entry }: Classified): readonly [number, number] {
  const [a = 0, b = 0] = entry.tensor.shape
  return entry.stored === 'in_out' ? [b, a] : [a, b]
}

function largestPartner(open: readonly Classified[], width: number): number | undefined {
  const sizes = open.map(sizesOf)
  const backs = new Set(sizes.flatMap(([rows, cols]) => (rows === width ? [cols] : [])))
  let largest: number | undefined
  for (const [height, cols] of sizes) {
    const isPartner = cols === width && height !== width && backs.has(height)
    if (isPartner && height > (largest ?? 0)) largest = height
  }
  return largest
}

type Sizes = { readonly width: number; readonly hiddenSize: number }

/** The MLP matrices of one layer, or of the whole component where layers are not known. */
function readHidden(
  layer: readonly Classified[],
  { width, hiddenSize }: Sizes,
  changes: Map<Classified, Classified>,
): readonly HiddenUnits[] {
  const inward = layer.filter((item) => sizesOf(item).join() === `${hiddenSize},${width}`)
  const outward = layer.filter((item) => sizesOf(item).join() === `${width},${hiddenSize}`)
  if (inward.length === 0 || outward.length === 0) return []
  if (inward.length === outward.length) {
    for (const item of inward) changes.set(item, asShape(item, 'fc1'))
    for (const item of outward) changes.set(item, asShape(item, 'fc2'))
    return []
  }
  if (inward.length === 2 * outward.length) return readPairs(inward, outward, changes)
  // Twice as many of the other kind: everything is stored [in, out].
  if (outward.length === 2 * inward.length) return readPairs(outward, inward, changes, 'in_out')
  return []
}

/**
 * Gate and up beside their way back: which is which is not known. Several layers at once leave
 * open which two belong together; then the way back, turned, stands for the hidden units, since
 * there is one of it per layer.
 */
function readPairs(
  branches: readonly Classified[],
  backs: readonly Classified[],
  changes: Map<Classified, Classified>,
  order: Order = 'out_in',
): readonly HiddenUnits[] {
  const turned: Order = order === 'out_in' ? 'in_out' : 'out_in'
  for (const item of branches) changes.set(item, asShape(item, 'linear', order))
  if (backs.length === 1) {
    for (const item of backs) changes.set(item, asShape(item, 'down', order))
    return [{ tensors: branches.map(({ entry }) => entry.tensor.name) }]
  }
  for (const item of backs) changes.set(item, asShape(item, 'linear', turned))
  return backs.map(({ entry }) => ({ tensors: [entry.tensor.name] }))
}

function asShape(item: Classified, word: ResolvedWord, order?: Order): Classified {
  const stored = item.entry.stored ?? order ?? 'out_in'
  return { ...item, word, entry: { ...item.entry, basis: 'shape', stored } }
}

/** Biases are what their weights turned out to be. */
function followWeights(items: readonly Classified[], changes: Map<Classified, Classified>): void {
  const path = ({ entry }: Classified): string => entry.tokens.join('.')
  const words = new Map([...changes.values()].map((item) => [path(item), item]))
  for (const item of items) {
    const weight = item.entry.part === 'bias' ? words.get(path(item)) : undefined
    if (weight !== undefined) changes.set(item, asShape(item, weight.word ?? 'linear'))
  }
}

/** One or two tables outside the blocks, longer than the hidden layer: tokens. */
function readTables(
  items: readonly Classified[],
  { width, hiddenSize }: Sizes,
  changes: Map<Classified, Classified>,
): void {
  if (items.some(({ word }) => word === 'embedding')) return
  const tables = items.filter((item) => {
    const [rows, cols] = sizesOf(item)
    const isTable = isOpenMatrix(item) && cols === width && rows > hiddenSize && rows >= 2 * width
    return isTable && item.entry.layer === null
  })
  const lengths = new Set(tables.map((item) => sizesOf(item)[0]))
  if (tables.length === 0 || tables.length > 2 || lengths.size !== 1) return
  for (const item of tables) changes.set(item, asShape(item, 'embedding'))
}

/** Two branches in one tensor, in unknown order: their rows share the hidden units. */
export const fusedPairs = (items: readonly Classified[]): readonly HiddenUnits[] =>
  items
    .filter(({ word, entry }) => word === 'glu_pair' && entry.part === 'weight')
    .map(({ entry }) => ({ tensors: [entry.tensor.name] }))

/** Channel groups over hidden units, with the views that the roles have. */
export function hiddenGroups(
  hidden: readonly HiddenUnits[],
  roles: readonly Role[],
): readonly ChannelGroup[] {
  const weights = Map.groupBy(
    [...roles.entries()].filter(([, { part }]) => part === 'weight'),
    ([, { tensor }]) => tensor,
  )
  return hidden.flatMap(({ tensors }) => {
    // In the order of the roles, whatever the order of the tensors.
    const members = [...new Set(tensors)]
      .flatMap((tensor) => weights.get(tensor) ?? [])
      .sort(([x], [y]) => x - y)
      .map(([, role]) => role)
    const [first] = members
    if (first === undefined) return []
    const rowsOf = members.map(({ tensor, view }) => ({ tensor, view }))
    return [{ component: first.component, id: first.tensor, size: first.view.rows, rowsOf }]
  })
}
