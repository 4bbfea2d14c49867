import type { TensorSource } from '../../../model/checkpoint.ts'
import type { ComponentName, Role, RoleKind, RoleMap } from '../../../model/role.ts'
import { mapRoles } from '../../../model/roles/map-roles.ts'
import type { Comparison, ComponentComparison, MergeFinding, Verdict } from '../../result.ts'
import { type OpenModel, openModel, tensorOf } from '../measure-signs.ts'
import { alignComponents } from '../pairing.ts'
import { readRows } from '../read-rows.ts'
import { addSums, fitMerge, type MergeSums, mergeSums } from './fit-merge.ts'
import { findSlerp, type PairsOf, pairsOf, type Slerp } from './fit-slerp.ts'

/**
 * A component that descends from several references may be mixed of them. Least squares on sampled
 * rows says in which proportions, layer by layer. docs/methods/merges.md
 */
export type Parent = { readonly comparison: Comparison; readonly source: TensorSource }

/** Verdicts under which rows of candidate and reference stand side by side. */
const SIDE_BY_SIDE: readonly Verdict[] = [
  'identical',
  'reencoded',
  'derived',
  'common_origin',
  'shared_initialisation',
]

const KINDS: readonly RoleKind[] = ['v', 'up', 'fc1', 'embedding']
const ROWS = 32
/** The mixture must explain this much of what the best parent alone leaves. */
const GAIN_MIN = 0.3
/** A layer taken from one parent as it was. */
const WHOLE_WEIGHT_MIN = 0.95
export const PARENTS_MAX = 6

/** Components for which two references or more stand side by side with the candidate. */
export function mixedComponents(comparisons: readonly Comparison[]): ComponentName[] {
  const names = new Set(comparisons.flatMap((c) => c.components.map(({ component }) => component)))
  return [...names].filter(
    (name) => comparisons.filter((comparison) => standsBeside(comparison, name)).length >= 2,
  )
}

export function standsBeside(comparison: Comparison, name: ComponentName): boolean {
  const found = comparison.components.find(({ component }) => component === name)
  return found !== undefined && SIDE_BY_SIDE.includes(found.verdict)
}

type Ready = {
  readonly id: string
  readonly model: OpenModel
  readonly roles: RoleMap
  readonly part: ComponentComparison
  readonly component: ComponentName
}

export async function findMerge(
  candidate: TensorSource,
  parents: readonly Parent[],
  component: ComponentName,
): Promise<MergeFinding | null> {
  const own = openModel(candidate)
  const ownRoles = mapRoles(candidate.checkpoint)
  const ready = parents.flatMap(({ comparison, source }): Ready[] => {
    const roles = mapRoles(source.checkpoint)
    const name = alignComponents(ownRoles, roles).get(component)
    const part = comparison.components.find((entry) => entry.component === component)
    return name && part
      ? [{ id: comparison.reference.id, model: openModel(source), roles, part, component: name }]
      : []
  })
  if (ready.length < 2) return null
  const layers: MergeFinding['layers'][number][] = []
  const held: FittedSums[] = []
  for (const role of rolesToFit(ownRoles, component)) {
    const fitted = await fitRole(own, role, ready)
    if (!fitted) continue
    layers.push(fitted.layer)
    held.push(fitted)
  }
  return summarise({ component, parents: ready.map(({ id }) => id), layers, held })
}

type FittedSums = {
  /** Which parents have the matrix. */
  readonly used: readonly number[]
  readonly sums: MergeSums
  readonly pairs: PairsOf
}

const rolesToFit = (map: RoleMap, component: ComponentName): Role[] =>
  map.roles.filter(
    (role) =>
      role.component === component &&
      role.part === 'weight' &&
      (role.expert === null || role.expert === 0) &&
      KINDS.includes(role.kind),
  )

async function fitRole(own: OpenModel, role: Role, parents: readonly Ready[]) {
  const places = parents.map((parent) => counterpart(role, parent))
  const used = places.flatMap((place, index) => (place ? [index] : []))
  if (used.length === 0) return null
  const rows = Math.min(ROWS, role.view.rows, ...places.flatMap((p) => (p ? [p.view.rows] : [])))
  const read = (model: OpenModel, from: Role) =>
    readRows(model.source, tensorOf(model, from), {
      view: from.view,
      ranges: [{ first: 0, count: rows }],
    })
  const y = await read(own, role)
  const xs = new Map<number, Float32Array>()
  for (const index of used) {
    const [place, parent] = [places[index], parents[index]]
    if (place && parent) xs.set(index, await read(parent.model, place))
  }
  const sums = mergeSums(y, [...xs.values()])
  const fit =
    used.length > 1 ? fitMerge(sums) : { weights: [1], residual: sums.total, collinearity: null }
  if (!fit) return null
  const all = parents.map(() => 0)
  used.forEach((index, k) => {
    all[index] = fit.weights[k] ?? 0
  })
  const best = Math.min(...sums.alone)
  return {
    used,
    sums,
    pairs: pairsOf(y, xs),
    layer: {
      layer: role.layer,
      kind: role.kind,
      weights: all,
      gain: best > 0 ? 1 - fit.residual / best : 0,
      from: places.map((place) => place?.layer ?? null),
    },
  }
}

/** The same matrix of a parent, at the layer that the layer map names; none where it names none. */
function counterpart(role: Role, parent: Ready): Role | undefined {
  const map = parent.part.layerMap
  const mapped = map?.find(({ candidate }) => candidate === role.layer)?.reference
  const layer = map && role.layer !== null ? mapped : role.layer
  return parent.roles.roles.find(
    (other) =>
      other.component === parent.component &&
      other.kind === role.kind &&
      other.part === role.part &&
      other.expert === role.expert &&
      other.slot === role.slot &&
      other.layer === layer &&
      other.view.cols === role.view.cols,
  )
}

function summarise(job: {
  readonly component: ComponentName
  readonly parents: readonly string[]
  readonly layers: MergeFinding['layers']
  readonly held: readonly FittedSums[]
}): MergeFinding | null {
  const { component, parents, layers, held } = job
  const full = held.filter(({ used }) => used.length === parents.length).map(({ sums }) => sums)
  const pooled = full.length > 0 ? full.reduce(addSums) : null
  const fit = pooled && fitMerge(pooled)
  const sources = new Set(layers.flatMap(({ weights }) => sourceOf(weights)))
  const isPassthrough =
    sources.size > 1 && layers.every(({ weights }) => sourceOf(weights).length === 1)
  const slerp =
    fit && !isPassthrough && full.length === held.length ? findSlerp(held, fit.weights) : null
  if (pooled && slerp) return slerpFinding(job, { pooled, slerp })
  const alone = pooled ? Math.min(...pooled.alone) : 0
  const gain = fit && alone > 0 ? 1 - fit.residual / alone : 0
  if (!isPassthrough && gain < GAIN_MIN) return null
  return {
    component,
    kind: isPassthrough ? 'passthrough' : 'linear',
    parents,
    weights: isPassthrough ? sharesOf(parents, layers) : (fit?.weights ?? []),
    gain: isPassthrough ? 1 : gain,
    collinearity: fit?.collinearity ?? null,
    layers,
  }
}

function slerpFinding(
  { component, parents, layers }: Pick<MergeFinding, 'component' | 'parents' | 'layers'>,
  { pooled, slerp }: { readonly pooled: MergeSums; readonly slerp: Slerp },
): MergeFinding {
  const { first, second, places, residual } = slerp
  const weightsAt = (t: number) =>
    parents.map((_, index) => (index === first ? 1 - t : index === second ? t : 0))
  return {
    component,
    kind: 'slerp',
    parents,
    weights: weightsAt(slerp.t),
    gain: 1 - residual / Math.min(...pooled.alone),
    collinearity: null,
    layers: layers.map((layer, index) => ({
      ...layer,
      weights: weightsAt(places[index] ?? slerp.t),
    })),
  }
}

/** The one parent that a layer was taken from; none where it is a mixture. */
const sourceOf = (weights: readonly number[]): number[] =>
  weights.flatMap((weight, index) => (weight >= WHOLE_WEIGHT_MIN ? [index] : []))

/** Of a passthrough merge: the share of matrices from each parent. */
const sharesOf = (parents: readonly string[], layers: MergeFinding['layers']): number[] =>
  parents.map(
    (_, index) =>
      layers.filter(({ weights }) => sourceOf(weights).includes(index)).length / layers.length,
  )
