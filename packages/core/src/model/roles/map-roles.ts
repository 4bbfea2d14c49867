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
import { fusedPairs, type HiddenUnits, hiddenGroups, readShapes } from './shape-fallback.ts'
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
    hidden.push(...reading.hidden, ...fusedPairs(reading.items))
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

/**
 * Roles that would share a name (two feed-forwards in one block) are told apart by the path to
 * their last word, where that is enough, and else by their whole path.
 */
function keepApart(roles: readonly Role[], items: readonly Classified[]): readonly Role[] {
  const paths = new Map(items.map((item) => [item.entry.tensor.name, slotPath(item)]))
  let current = roles
  for (const nameOf of [parentOf, (path: string) => path, (_: string, tensor: string) => tensor]) {
    const groups = Map.groupBy(current, keyOf)
    current = current.map((role) => {
      const twins = groups.get(keyOf(role)) ?? []
      if (twins.length < 2) return role
      const name = nameOf(paths.get(role.tensor) ?? '', role.tensor)
      const names = twins.map((twin) => nameOf(paths.get(twin.tensor) ?? '', twin.tensor))
      if (new Set(names).size < twins.length && name !== role.tensor) return role
      return { ...role, slot: role.slot === '' ? name : `${role.slot}@${name}` }
    })
  }
  return current
}

const parentOf = (path: string): string => path.split('.').slice(0, -1).join('.')

/** Elements per component, counted through the views: a fused tensor is counted once. */
export function countParameters(roles: readonly Role[]): ReadonlyMap<ComponentName, number> {
  const counts = new Map<ComponentName, number>()
  for (const { component, view } of roles) {
    counts.set(component, (counts.get(component) ?? 0) + view.rows * view.cols)
  }
  return counts
}
