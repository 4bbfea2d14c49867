import type { ComponentName, Role, RoleMap } from '../../model/role.ts'

/** The same logical matrix in both models, found from names and shapes alone, never from values. */
export type RolePair = {
  readonly candidate: Role
  readonly reference: Role
  /** Rows that exist in both. */
  readonly rows: number
  readonly cols: number
}

export type Pairing = {
  /** The reference's component for each component of the candidate that has one. */
  readonly components: ReadonlyMap<ComponentName, ComponentName>
  readonly pairs: readonly RolePair[]
  /** Roles of the candidate without a counterpart of equal width. */
  readonly unpaired: readonly Role[]
  /** Pairs that were refused because their widths differ. */
  readonly widthsDiffer: readonly { readonly candidate: Role; readonly reference: Role }[]
}

/**
 * Components that only one naming knows: an encoder is `vision_encoder` inside one model and a
 * bare `model` in its own file. Each candidate component without a namesake is joined with the
 * free reference component that shares most shapes, if they share at least half of the smaller.
 */
export function alignComponents(
  candidate: RoleMap,
  reference: RoleMap,
): ReadonlyMap<ComponentName, ComponentName> {
  const [own, other] = [shapesByComponent(candidate), shapesByComponent(reference)]
  const aligned = new Map<ComponentName, ComponentName>()
  const free = new Set([...other.keys()].filter((name) => !own.has(name)))
  for (const [name, shapes] of own) {
    if (other.has(name)) {
      aligned.set(name, name)
      continue
    }
    const ranked = [...free]
      .map((rival) => ({ rival, shared: sharedShapes(shapes, other.get(rival) ?? []) }))
      .sort((x, y) => y.shared - x.shared || x.rival.localeCompare(y.rival))
    const best = ranked[0]
    const smaller = Math.min(shapes.length, other.get(best?.rival ?? '')?.length ?? 0)
    if (best && best.shared >= SHARED_SHAPES_MIN && best.shared * 2 >= smaller) {
      aligned.set(name, best.rival)
      free.delete(best.rival)
    }
  }
  return aligned
}

const SHARED_SHAPES_MIN = 4

/** Shapes of the matrices of each component, as sorted texts. */
function shapesByComponent(map: RoleMap): Map<ComponentName, string[]> {
  const shapes = new Map<ComponentName, string[]>()
  for (const { component, part, view } of map.roles) {
    if (part !== 'weight' || view.cols < 2 || view.rows < 2) continue
    const held = shapes.get(component)
    const text = `${view.rows}x${view.cols}`
    if (held) held.push(text)
    else shapes.set(component, [text])
  }
  for (const list of shapes.values()) list.sort()
  return shapes
}

/** Size of the common part of two sorted lists with repetitions. */
function sharedShapes(a: readonly string[], b: readonly string[]): number {
  let [i, j, shared] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const [x = '', y = ''] = [a[i], b[j]]
    if (x === y) shared++
    if (x <= y) i++
    if (y <= x) j++
  }
  return shared
}

const exactKey = (role: Role) =>
  [role.component, role.layer, role.expert, role.kind, role.part, role.slot].join('|')
/** The stored name without what quantisers append, for matrices of one shape. */
const nameKey = (role: Role) =>
  [
    role.component,
    role.tensor.replace(/_(?:de)?quantized$/, ''),
    role.kind,
    `${role.view.rows}x${role.view.cols}`,
    role.part,
  ].join('|')
const looseKey = (role: Role) =>
  [role.component, role.layer, role.expert, role.kind, role.part].join('|')

/**
 * Pairs by component, layer, expert, kind and slot; what is left is paired in order within the
 * same component, layer, expert and kind, so that publishers' own slot names do no harm. A wrong
 * pair costs power only: every test that uses pairs is exact for any pairing that does not look
 * at the weights.
 */
export function pairRoles(candidate: RoleMap, reference: RoleMap): Pairing {
  const pairs: RolePair[] = []
  const widthsDiffer: { candidate: Role; reference: Role }[] = []
  const aligned = alignComponents(candidate, reference)
  const named = new Map([...aligned].map(([own, other]) => [other, own] as const))
  let open = [...candidate.roles]
  // Keys are written in the candidate's names for components.
  let free = reference.roles.map((role) => ({ role, key: named.get(role.component) }))
  for (const keyOf of [exactKey, nameKey, looseKey]) {
    const queues = new Map<string, Role[]>()
    for (const { role, key } of free) {
      const text = keyOf(key === undefined ? role : { ...role, component: key })
      const queue = queues.get(text)
      if (queue) queue.push(role)
      else queues.set(text, [role])
    }
    const used = new Set<Role>()
    const left: Role[] = []
    for (const role of open) {
      const queue = queues.get(keyOf(role)) ?? []
      const match =
        queue.find((other) => !used.has(other) && sameShape(other, role)) ??
        queue.find((other) => !used.has(other) && other.view.cols === role.view.cols) ??
        queue.find((other) => !used.has(other))
      if (!match) {
        left.push(role)
        continue
      }
      used.add(match)
      const rows = Math.min(role.view.rows, match.view.rows)
      if (role.view.cols === match.view.cols && widthIsShared(role, match)) {
        pairs.push({ candidate: role, reference: match, rows, cols: role.view.cols })
      } else widthsDiffer.push({ candidate: role, reference: match })
    }
    open = left
    free = free.filter(({ role }) => !used.has(role))
  }
  return { pairs, unpaired: open, widthsDiffer, components: aligned }
}

const sameShape = (one: Role, other: Role): boolean =>
  one.view.rows === other.view.rows && one.view.cols === other.view.cols

/** Vectors (norms, biases) live on the residual or hidden axis: their length is their width. */
function widthIsShared(candidate: Role, reference: Role): boolean {
  return candidate.view.cols > 1 || candidate.view.rows === reference.view.rows
}
