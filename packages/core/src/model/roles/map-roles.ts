import type { Checkpoint } from '../checkpoint.ts'
import type { ComponentName, Role, RoleMap } from '../role.ts'
import { channelGroupsOf } from './channel-groups.ts'
import { type Classified, classify } from './classify.ts'
import { assignComponents } from './component.ts'
import { configFor } from './config-facts.ts'
import { emitRoles } from './emit.ts'
import { type ComponentFacts, gatherFacts } from './facts.ts'
import { parseGraphNames } from './graph-names.ts'
import { notesOn } from './notes.ts'
import { slotPath } from './piece.ts'
import { type HiddenUnits, hiddenGroups, readShapes } from './shape-fallback.ts'
import { placeInStacks } from './stacks.ts'
import { structureOf } from './structure.ts'
import { parseTensorName } from './tensor-path.ts'

/**
 * Says of every stored tensor what it is for, from names, shapes, `config.json` and, for ONNX,
 * the graph; no weight is read. Every element of every tensor lies in exactly one role's view,
 * and no two roles agree in component, layer, expert, kind, part and slot.
 */
export function mapRoles(checkpoint: Checkpoint): RoleMap {
  const { graph, tensors: stored } = checkpoint
  // GGUF has one order of axes for every architecture.
  const order = checkpoint.format === 'gguf' ? 'out_in' : undefined
  const paths =
    graph === undefined
      ? stored.map((tensor) =>
          parseTensorName(tensor, tensor.name, { basis: 'name', stored: order }),
        )
      : parseGraphNames(graph, stored)
  const placed = placeInStacks(paths)
  const { whole, tensors } = assignComponents(placed, checkpoint.config)
  const classified = classify(tensors)
  const members = Map.groupBy(classified, ({ component }) => component)
  const roles: Role[] = []
  const hidden: HiddenUnits[] = []
  const structures = []
  for (const [component, items] of members) {
    const facts = gatherFacts(component, items, configFor(checkpoint.config, component, whole))
    const reading = readShapes(items, {
      hiddenSize: facts.hiddenSize,
      hasTokens: component === 'language_model',
    })
    const own = rolesOf(reading.items, facts)
    roles.push(...own)
    hidden.push(...reading.hidden)
    structures.push(structureOf(facts, reading.items, own))
  }
  const apart = keepApart(roles, classified)
  return {
    roles: apart,
    structures,
    channelGroups:
      graph === undefined ? hiddenGroups(hidden, apart) : channelGroupsOf(graph, stored, apart),
    notes: notesOn(classified, roles),
  }
}

function rolesOf(items: readonly Classified[], facts: ComponentFacts): readonly Role[] {
  const normLeaves = new Set(
    items.filter(({ word }) => word === 'norm').map(({ entry }) => entry.leaf.join('.')),
  )
  return items.flatMap((item) => emitRoles(item, { facts, normLeaves }))
}

const keyOf = (role: Role): string =>
  [role.component, role.layer, role.expert, role.kind, role.part, role.slot].join('|')

/** Roles that would share a name (two feed-forwards in one block) are told apart by their path. */
function keepApart(roles: readonly Role[], items: readonly Classified[]): readonly Role[] {
  const paths = new Map(items.map((item) => [item.entry.tensor.name, slotPath(item)]))
  const counts = Map.groupBy(roles, keyOf)
  const renamed = roles.map((role) => {
    const twins = counts.get(keyOf(role)) ?? []
    if (twins.length < 2) return role
    const path = paths.get(role.tensor) ?? role.tensor
    return { ...role, slot: role.slot === '' ? path : `${role.slot}@${path}` }
  })
  const again = Map.groupBy(renamed, keyOf)
  return renamed.map((role) =>
    (again.get(keyOf(role)) ?? []).length < 2
      ? role
      : { ...role, slot: `${role.slot}@${role.tensor}` },
  )
}

/** Elements per component, counted through the views: a fused tensor is counted once. */
export function countParameters(roles: readonly Role[]): ReadonlyMap<ComponentName, number> {
  const counts = new Map<ComponentName, number>()
  for (const { component, view } of roles) {
    counts.set(component, (counts.get(component) ?? 0) + view.rows * view.cols)
  }
  return counts
}
