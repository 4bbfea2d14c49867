import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts'
import type { TensorInfo } from '../tensor.ts'
import { type GraphIndex, indexGraphs, type StoredInput } from './graph-index.ts'

/** What the graph says of its stored tensors, by their names. */
export type GraphOrder = {
  /**
   * When each tensor is first used. Exporters number layers differently; the order in which they
   * run is the same, and lets two exports be laid beside each other.
   */
  readonly positions: ReadonlyMap<string, number>
  /** Axis order of the weights of matrix products, as their operators read them. */
  readonly stored: ReadonlyMap<string, 'out_in' | 'in_out'>
  /** The bias that is added to what a weight computes. */
  readonly biases: ReadonlyMap<string, string>
}

export function readOrder(graph: OnnxGraph, tensors: readonly TensorInfo[]): GraphOrder {
  const positions = new Map<string, number>()
  const stored = new Map<string, 'out_in' | 'in_out'>()
  const biases = new Map<string, string>()
  for (const index of indexGraphs(graph, tensors)) {
    const additions = additionsOf(index)
    for (const node of index.graph.nodes) {
      for (const input of node.inputs) {
        const name = index.stored(input)?.tensor.name
        if (name !== undefined && !positions.has(name)) positions.set(name, positions.size)
      }
      const weight = weightOf(index, node)
      if (weight === undefined) continue
      const isOutIn = (node.attributes.get('transB') === 1) !== weight.transposed
      stored.set(weight.tensor.name, isOutIn ? 'out_in' : 'in_out')
      const bias =
        node.opType === 'Gemm'
          ? index.stored(node.inputs[2] ?? '')?.tensor.name
          : additions.get(node.outputs[0] ?? '')
      if (bias !== undefined) biases.set(weight.tensor.name, bias)
    }
  }
  return { positions, stored, biases: ownBiases(biases) }
}

/** A bias that several weights share (equal ones are stored once) names none of them. */
function ownBiases(biases: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const users = Map.groupBy(biases, ([, bias]) => bias)
  return new Map([...biases].filter(([, bias]) => users.get(bias)?.length === 1))
}

/** Stored vectors that are added to a value, by the value's name. */
function additionsOf(index: GraphIndex): ReadonlyMap<string, string> {
  const additions = new Map<string, string>()
  for (const { opType, inputs } of index.graph.nodes) {
    const [left = '', right = ''] = inputs
    if (opType !== 'Add' && opType !== 'BiasGelu') continue
    for (const [value, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const tensor = index.stored(other)?.tensor
      if (tensor?.shape.length === 1) additions.set(value, tensor.name)
    }
  }
  return additions
}

/** The 2-D weight of a matrix product. */
function weightOf(index: GraphIndex, node: OnnxNode): StoredInput | undefined {
  const at = WEIGHT_INPUT[node.opType]
  const stored = at === undefined ? undefined : index.stored(node.inputs[at] ?? '')
  return stored?.tensor.shape.length === 2 ? stored : undefined
}

const WEIGHT_INPUT: Readonly<Record<string, number>> = {
  MatMul: 1,
  Gemm: 1,
  FusedMatMul: 1,
  FusedGemm: 1,
  MatMulInteger: 1,
  QLinearMatMul: 3,
  DynamicQuantizeMatMul: 1,
  MatMulIntegerToFloat: 1,
}
