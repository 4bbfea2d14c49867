import type { Role, RoleMap } from '../../model/role.ts'

/** The same logical matrix in both models, found from names and shapes alone, never from values. */
export type RolePair = {
  readonly candidate: Role
  readonly reference: Role
  /** Rows that exist in both. */
  readonly rows: number
  readonly cols: number
}

export type Pairing = {
  readonly pairs: readonly RolePair[]
  /** Roles of the candidate without a counterpart of equal width. */
  readonly unpaired: readonly Role[]
  /** Pairs that were refused because their widths differ. */
  readonly widthsDiffer: readonly { readonly candidate: Role; readonly reference: Role }[]
}

const exactKey = (role: Role) =>
  [role.component, role.layer, role.expert, role.kind, role.part, role.slot].join('|')
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
  let open = [...candidate.roles]
  let free = [...reference.roles]
  for (const keyOf of [exactKey, looseKey]) {
    const queues = new Map<string, Role[]>()
    for (const role of free) {
      const queue = queues.get(keyOf(role))
      if (queue) queue.push(role)
      else queues.set(keyOf(role), [role])
    }
    const used = new Set<Role>()
    const left: Role[] = []
    for (const role of open) {
      const queue = queues.get(keyOf(role)) ?? []
      const match =
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
    free = free.filter((role) => !used.has(role))
  }
  return { pairs, unpaired: open, widthsDiffer }
}

/** Vectors (norms, biases) live on the residual or hidden axis: their length is their width. */
function widthIsShared(candidate: Role, reference: Role): boolean {
  return candidate.view.cols > 1 || candidate.view.rows === reference.view.rows
}
