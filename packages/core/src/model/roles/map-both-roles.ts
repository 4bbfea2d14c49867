import type { Checkpoint } from '../checkpoint.ts'
import type { RoleMap } from '../role.ts'
import type { TensorInfo } from '../tensor.ts'
import { mapRoles } from './map-roles.ts'

/** Of two models. Relatives mostly have the same names and shapes, which are then looked at once. */
export function mapBothRoles(
  candidate: Checkpoint,
  reference: Checkpoint,
): { readonly candidate: RoleMap; readonly reference: RoleMap } {
  const own = mapRoles(candidate)
  return {
    candidate: own,
    reference: areAlike(candidate, reference) ? copyOf(own) : mapRoles(reference),
  }
}

/** Roles of its own: a role of one model is told from one of the other by what it is, not what it says. */
const copyOf = (map: RoleMap): RoleMap => ({
  ...map,
  roles: map.roles.map((role) => ({ ...role })),
})

/** Whether nothing that `mapRoles` looks at differs. Of graphs, and of numbers in memory, not said. */
function areAlike(a: Checkpoint, b: Checkpoint): boolean {
  return (
    a.format === b.format &&
    a.graph === undefined &&
    b.graph === undefined &&
    a.tensors.length === b.tensors.length &&
    a.tensors.every((tensor, at) => haveSameShape(tensor, b.tensors[at])) &&
    textOf(a) === textOf(b)
  )
}

/** Python writes infinities into configs, which JSON would write as null. */
const textOf = ({ config }: Checkpoint): string | undefined =>
  JSON.stringify(config, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value,
  )

function haveSameShape(a: TensorInfo, b: TensorInfo | undefined): boolean {
  return (
    a.name === b?.name &&
    a.dtype === b.dtype &&
    a.encoding === undefined &&
    b.encoding === undefined &&
    a.storage.kind === 'file' &&
    b.storage.kind === 'file' &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, axis) => size === b.shape[axis])
  )
}
