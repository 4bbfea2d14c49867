import type { OnnxGraph } from '../onnx-graph.ts'

/** One operator that computes with a tensor. */
export type TensorUse = {
  /** Path of the operator's graph, '' for the main one. */
  readonly graphPath: string
  readonly nodeName: string
  readonly opType: string
  readonly inputIndex: number
  /** Operators that only re-encode or re-arrange the tensor on its way here, nearest first. */
  readonly through: readonly string[]
  /**
   * The module that the exporter took the operator from, as a dotted name: `model.layers.0.mlp`
   * from `/model/layers.0/mlp/MatMul`; '' where node names carry no path.
   */
  readonly scope: string
}

/** Operators whose first input keeps its meaning. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  'Transpose',
  'Cast',
  'CastLike',
  'Identity',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Expand',
  'QuantizeLinear',
  'DequantizeLinear',
])

type Consumer = {
  readonly graphPath: string
  readonly nodeName: string
  readonly opType: string
  readonly inputIndex: number
  /** Full names of what the operator computes. */
  readonly outputs: readonly string[]
}

/**
 * Which operators use each tensor, so that anonymous weights (`onnx::MatMul_123`) can be given a
 * role from the place where they are used. Names are full ones, as in `Checkpoint.tensors`; a name
 * inside a subgraph means the nearest definition outwards.
 *
 * @returns uses by tensor name, in graph order; a tensor that nothing uses is left out.
 */
export function tensorUses(
  graph: OnnxGraph,
  tensorNames: Iterable<string>,
): ReadonlyMap<string, readonly TensorUse[]> {
  const tensors = new Set(tensorNames)
  const consumers = new Map<string, Consumer[]>()
  collectConsumers(graph, [], { tensors, consumers })
  const uses = new Map<string, readonly TensorUse[]>()
  for (const name of tensors) {
    const found = followUses(name, consumers)
    if (found.length > 0) uses.set(name, found)
  }
  return uses
}

type Scope = { readonly path: string; readonly defined: ReadonlySet<string> }

function collectConsumers(
  graph: OnnxGraph,
  outer: readonly Scope[],
  index: { readonly tensors: ReadonlySet<string>; readonly consumers: Map<string, Consumer[]> },
): void {
  const defined = new Set(graph.inputs)
  for (const node of graph.nodes) for (const output of node.outputs) defined.add(output)
  const scopes = [{ path: graph.path, defined }, ...outer]
  for (const node of graph.nodes) {
    const outputs = node.outputs.map((output) => fullName(graph.path, output))
    for (const [inputIndex, input] of node.inputs.entries()) {
      if (input === '') continue
      const name = resolveName(input, scopes, index.tensors)
      const { name: nodeName, opType } = node
      const consumer = { graphPath: graph.path, nodeName, opType, inputIndex, outputs }
      const list = index.consumers.get(name)
      if (list === undefined) index.consumers.set(name, [consumer])
      else list.push(consumer)
    }
  }
  for (const subgraph of graph.subgraphs) collectConsumers(subgraph, scopes, index)
}

function resolveName(name: string, scopes: readonly Scope[], tensors: ReadonlySet<string>): string {
  for (const { path, defined } of scopes) {
    const full = fullName(path, name)
    if (tensors.has(full) || defined.has(name)) return full
  }
  return name
}

function followUses(tensor: string, consumers: ReadonlyMap<string, Consumer[]>): TensorUse[] {
  const uses: TensorUse[] = []
  const visited = new Set<string>([tensor])
  const pending: { name: string; through: readonly string[] }[] = [{ name: tensor, through: [] }]
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const consumer of consumers.get(next.name) ?? []) {
      const { graphPath, nodeName, opType, inputIndex, outputs } = consumer
      if (inputIndex > 0 || !TRANSPARENT.has(opType)) {
        const scope = scopeOf(nodeName)
        uses.push({ graphPath, nodeName, opType, inputIndex, through: next.through, scope })
        continue
      }
      for (const name of outputs) {
        if (visited.has(name)) continue
        visited.add(name)
        pending.push({ name, through: [...next.through, opType] })
      }
    }
  }
  return uses
}

function scopeOf(nodeName: string): string {
  const parts = nodeName.split('/').filter((part) => part !== '')
  return parts.slice(0, -1).join('.')
}

function fullName(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}
