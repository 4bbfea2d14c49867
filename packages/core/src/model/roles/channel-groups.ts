import type { OnnxGraph } from '../onnx-graph.ts'
import type { ChannelGroup, Role, RoleKind } from '../role.ts'
import type { TensorInfo } from '../tensor.ts'
import { ChannelFlow } from './channel-flow.ts'
import { runOperator } from './channel-ops.ts'
import { capturedNames, type GraphIndex, indexGraphs } from './graph-index.ts'

/** Kinds whose rows are tested as what they are, never a second time as channels. */
const OWN_FAMILY = new Set<RoleKind>(['gate', 'up', 'fc1', 'buffer', 'position'])

/**
 * Channels whose order nothing outside their group depends on, found by following the channel
 * axis from each layer with weights to the next. Conservative: an operator that is not known,
 * an output of the graph, a value used inside a branch or a loop, close the group.
 */
export function channelGroupsOf(
  graph: OnnxGraph,
  tensors: readonly TensorInfo[],
  roles: readonly Role[],
): readonly ChannelGroup[] {
  const roleOf = Map.groupBy(roles, (role) => role.tensor)
  const indexes = indexGraphs(graph, tensors)
  const shared = usedInSeveralGraphs(indexes)
  const groups: ChannelGroup[] = []
  for (const index of indexes) {
    const flow = followGraph(index)
    for (const { size, rows } of flow.freeGroups()) {
      const names = rows.map(({ tensor }) => tensor)
      const owned = names.some((name) => roleOf.get(name)?.some((r) => OWN_FAMILY.has(r.kind)))
      const [first] = [...names].sort()
      const component = first === undefined ? undefined : roleOf.get(first)?.[0]?.component
      if (owned || component === undefined || first === undefined || size < 2) continue
      if (names.some((name) => shared.has(name))) continue
      groups.push({ component, id: first, size, rowsOf: [...rows] })
    }
  }
  return groups.sort((a, b) => (a.id < b.id ? -1 : 1))
}

function followGraph(index: GraphIndex): ChannelFlow {
  const flow = new ChannelFlow()
  for (const node of index.graph.nodes) runOperator({ flow, index, node })
  for (const name of index.graph.outputs) flow.closeValue(name)
  for (const name of capturedNames(index.graph)) flow.closeValue(name)
  return flow
}

/** A weight used in two graphs ties channels that are followed apart. */
function usedInSeveralGraphs(indexes: readonly GraphIndex[]): ReadonlySet<string> {
  const seen = new Map<string, GraphIndex>()
  const shared = new Set<string>()
  for (const index of indexes) {
    for (const input of index.graph.nodes.flatMap((node) => node.inputs)) {
      const name = index.stored(input)?.tensor.name
      if (name === undefined) continue
      const first = seen.get(name)
      if (first !== undefined && first !== index) shared.add(name)
      seen.set(name, index)
    }
  }
  return shared
}
