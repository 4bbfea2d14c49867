import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts'
import type { TensorInfo } from '../tensor.ts'

/** A stored tensor as an operator sees it. */
export type StoredInput = {
  readonly tensor: TensorInfo
  /** An odd number of 2-D transpositions lies between storage and operator. */
  readonly transposed: boolean
}

const RE_ENCODES = new Set(['Identity', 'Cast', 'CastLike', 'DequantizeLinear', 'QuantizeLinear'])

/** One graph of an ONNX file with what its names mean. */
export class GraphIndex {
  readonly graph: OnnxGraph
  readonly #outer: GraphIndex | undefined
  readonly #tensors: ReadonlyMap<string, TensorInfo>
  readonly #producers = new Map<string, OnnxNode>()

  constructor(
    graph: OnnxGraph,
    tensors: ReadonlyMap<string, TensorInfo>,
    outer: GraphIndex | undefined,
  ) {
    this.graph = graph
    this.#outer = outer
    this.#tensors = tensors
    for (const node of graph.nodes) {
      for (const output of node.outputs) this.#producers.set(output, node)
    }
  }

  /** True for a value computed or given in this graph, not in one around it. */
  defines(name: string): boolean {
    return this.#producers.has(name) || this.graph.inputs.includes(name)
  }

  /** The stored tensor behind a name, through re-encodings and 2-D transpositions. */
  stored(name: string): StoredInput | undefined {
    let transposed = false
    let current = name
    for (let steps = 0; steps < 8; steps++) {
      const tensor = this.#lookUp(current)
      if (tensor !== undefined) return { tensor, transposed }
      const node = this.#producers.get(current)
      const input = node?.inputs[0]
      if (node === undefined || input === undefined) return undefined
      if (node.opType === 'Transpose') {
        const perm = node.attributes.get('perm')
        const swaps = perm === undefined || (Array.isArray(perm) && perm.join() === '1,0')
        if (!swaps) return undefined
        transposed = !transposed
      } else if (!RE_ENCODES.has(node.opType)) return undefined
      current = input
    }
    return undefined
  }

  #lookUp(name: string): TensorInfo | undefined {
    const { path } = this.graph
    const full = path === '' ? name : `${path}/${name}`
    const own = this.#tensors.get(full)
    if (own !== undefined) return own
    return this.defines(name) ? undefined : this.#outer?.stored(name)?.tensor
  }
}

/** The graph and all graphs inside it, outer ones first. */
export function indexGraphs(
  graph: OnnxGraph,
  tensors: readonly TensorInfo[],
): readonly GraphIndex[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const found: GraphIndex[] = []
  const visit = (inner: OnnxGraph, outer: GraphIndex | undefined): void => {
    const index = new GraphIndex(inner, byName, outer)
    found.push(index)
    for (const subgraph of inner.subgraphs) visit(subgraph, index)
  }
  visit(graph, undefined)
  return found
}

/** Names that the graphs inside `graph` take from outside themselves. */
export function capturedNames(graph: OnnxGraph): ReadonlySet<string> {
  const captured = new Set<string>()
  for (const inner of graph.subgraphs) {
    const own = new Set(inner.inputs)
    for (const node of inner.nodes) for (const output of node.outputs) own.add(output)
    const used = [...inner.nodes.flatMap((node) => node.inputs), ...inner.outputs]
    for (const name of [...used, ...capturedNames(inner)]) if (!own.has(name)) captured.add(name)
  }
  return captured
}
