import { CUSTOM_DOMAIN, OnnxEmitter, type Value } from './onnx-emitter.ts'
import { encodeOnnxModel, type OnnxModelSpec, type OnnxPortSpec } from './onnx-writer.ts'
import { customOp, type OpHandler, plainValue } from './op-scope.ts'
import { ELEMENTWISE_OPS } from './ops-elementwise.ts'
import { LAYER_OPS } from './ops-layers.ts'
import { SHAPE_OPS } from './ops-shape.ts'
import { SLICE_OPS } from './ops-slice.ts'
import type { TfjsModel, TfjsNode } from './tfjs-model.ts'

const HANDLERS: Readonly<Record<string, OpHandler>> = {
  ...ELEMENTWISE_OPS,
  ...LAYER_OPS,
  ...SHAPE_OPS,
  ...SLICE_OPS,
}

const OPSET = 13

/**
 * States a TensorFlow.js model as an ONNX model with channels first. Weights keep their names and
 * their stored precision; kernels are moved to ONNX's axis order. Where TensorFlow works on an
 * [N, H, W, C] tensor in a way that has no channels-first form, a Transpose stands before it.
 * Operators without a counterpart come as TF_<name> in the domain 'tfjs'.
 */
export const convertToOnnx = (model: TfjsModel, name: string): OnnxModelSpec => {
  const floats = [...model.weights.values()].filter(({ dtype }) => dtype === 'float32')
  const halves = floats.length > 0 && floats.every(({ stored }) => stored === 'float16')
  const emitter = new OnnxEmitter(halves ? 'FLOAT16' : 'FLOAT')
  const values = new Map<string, Value>()
  const outputCounts = countOutputs(model)

  const lookUp = (key: string): Value => {
    const weight = model.weights.get(key)
    if (weight !== undefined) {
      return { name: key, shape: weight.shape, layout: 'plain', weight }
    }
    // Only the back edge of a loop is read before it is written.
    return values.get(key) ?? plainValue(key, undefined)
  }
  for (const node of inTopologicalOrder(model.nodes)) {
    const handler = HANDLERS[node.op] ?? customOp
    const inputs = node.inputs.map(lookUp)
    const outputCount = outputCounts.get(node.name) ?? 1
    handler({ emitter, node, inputs, outputCount }).forEach((value, i) => {
      values.set(i === 0 ? node.name : `${node.name}:${i}`, value)
    })
  }
  const outputs = model.outputs.map((key): OnnxPortSpec => {
    const value = lookUp(key)
    const order = value.layout === 'plain' ? undefined : [0, 3, 1, 2]
    const dims = order === undefined ? value.shape : order.map((axis) => value.shape![axis]!)
    return { name: value.name, dtype: emitter.floatType, dims }
  })
  return {
    name,
    opset: OPSET,
    customDomain: CUSTOM_DOMAIN,
    nodes: emitter.nodes,
    initializers: emitter.initializers,
    inputs: emitter.inputs,
    outputs,
  }
}

export const tfjsToOnnxBytes = (model: TfjsModel, name: string): Uint8Array =>
  encodeOnnxModel(convertToOnnx(model, name))

const nodeOf = (key: string): string => key.replace(/:\d+$/, '')

const countOutputs = (model: TfjsModel): Map<string, number> => {
  const counts = new Map<string, number>()
  const keys = [...model.nodes.flatMap(({ inputs }) => inputs), ...model.outputs]
  for (const key of keys) {
    const index = Number(/:(\d+)$/.exec(key)?.[1] ?? 0)
    counts.set(nodeOf(key), Math.max(counts.get(nodeOf(key)) ?? 1, index + 1))
  }
  return counts
}

/** Producers before consumers; the back edges of loops are left open. */
const inTopologicalOrder = (nodes: readonly TfjsNode[]): TfjsNode[] => {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const visited = new Set<string>()
  const ordered: TfjsNode[] = []
  const visit = (node: TfjsNode): void => {
    if (visited.has(node.name)) return
    visited.add(node.name)
    for (const key of node.inputs) {
      const producer = byName.get(nodeOf(key))
      if (producer !== undefined) visit(producer)
    }
    ordered.push(node)
  }
  for (const node of nodes) visit(node)
  return ordered
}
