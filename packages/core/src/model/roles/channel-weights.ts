import type { OnnxNode } from '../onnx-graph.ts'
import type { MatrixView } from '../role.ts'
import { elementCount } from '../tensor.ts'
import { giveUp, liesAlongAxisOne, type OpContext } from './channel-context.ts'
import type { ChannelState } from './channel-flow.ts'
import type { StoredInput } from './graph-index.ts'
import { rowMajorView, transposedView } from './views.ts'

/** Where each operator expects its data, weight and bias. */
const INPUTS: Readonly<Record<string, readonly [data: number, weight: number, bias: number]>> = {
  QLinearConv: [0, 3, 8],
  QLinearMatMul: [0, 3, -1],
  ConvInteger: [0, 1, -1],
  MatMul: [0, 1, -1],
  FusedMatMul: [0, 1, -1],
  MatMulInteger: [0, 1, -1],
  DynamicQuantizeMatMul: [0, 1, 4],
  MatMulIntegerToFloat: [0, 1, 6],
}

/** Layers with weights: they end one group of channels and begin another. */
export function runMatrixOperator(context: OpContext): ChannelState {
  const { index, flow, node } = context
  const [dataAt, weightAt, biasAt] = INPUTS[node.opType] ?? [0, 1, 2]
  const data = node.inputs[dataAt] ?? ''
  const weight = index.stored(node.inputs[weightAt] ?? '')
  const bias = node.inputs[biasAt] ?? ''
  const isBiasStored = bias === '' || index.stored(bias) !== undefined
  // A fused residual input has no place here.
  const isFused = node.opType === 'FusedConv' && (node.inputs[3] ?? '') !== ''
  if (weight === undefined || !isBiasStored || isFused) return giveUp(context)
  const state = flow.state(data)
  const layer = { state, weight, bias }
  return /Conv/.test(node.opType) ? convolve(context, layer) : multiply(context, layer)
}

type Layer = {
  readonly state: ChannelState
  readonly weight: StoredInput
  readonly bias: string
}

const attribute = (node: OnnxNode, name: string, otherwise: number): number => {
  const value = node.attributes.get(name)
  return typeof value === 'number' ? value : otherwise
}

function convolve(context: OpContext, { state, weight, bias }: Layer): ChannelState {
  const { flow, node } = context
  const { shape } = weight.tensor
  const groups = attribute(node, 'group', 1)
  const isTurned = node.opType === 'ConvTranspose'
  const [first = 0, second = 0] = shape
  if (weight.transposed || shape.length < 3) return giveUp(context)
  if (typeof state === 'object' && !liesAlongAxisOne(state)) return giveUp(context)
  const axis = { fromEnd: 1 - shape.length, rank: shape.length, pooled: isPointwise(state, shape) }
  if (groups === 1) {
    const outputs = isTurned ? second : first
    const group = flow.open(outputs)
    bindInput(context, state, weight)
    // Rows of a transposed convolution are its inputs.
    if (!isTurned) addRows(context, { group, weight, view: rowMajorView(shape) })
    else if (typeof state === 'object') {
      addRows(context, { group: state.group, weight, view: rowMajorView(shape) })
    }
    bindBias(context, bias, group)
    return { ...axis, group }
  }
  const isDepthwise = groups === first && second === 1
  if (!isDepthwise || typeof state !== 'object' || flow.size(state.group) !== first) {
    return giveUp(context)
  }
  addRows(context, { group: state.group, weight, view: rowMajorView(shape) })
  bindBias(context, bias, state.group)
  return { ...axis, group: state.group }
}

/** Pooled channels stay pooled under a 1 × 1 convolution. */
function isPointwise(state: ChannelState, shape: readonly number[]): boolean {
  return typeof state === 'object' && state.pooled && elementCount(shape.slice(2)) === 1
}

function multiply(context: OpContext, { state, weight, bias }: Layer): ChannelState {
  const { flow, node } = context
  const { shape } = weight.tensor
  const [a = 0, b = 0] = shape
  const isLast = typeof state !== 'object' || state.fromEnd === -1
  const turns = attribute(node, 'transA', 0) !== 0
  if (shape.length !== 2 || !isLast || turns) return giveUp(context)
  const isOutIn = (attribute(node, 'transB', 0) !== 0) !== weight.transposed
  const view = isOutIn ? rowMajorView(shape) : transposedView(a, b)
  const group = flow.open(view.rows)
  bindInput(context, state, weight)
  addRows(context, { group, weight, view })
  bindBias(context, bias, group)
  const rank = node.opType === 'Gemm' ? 2 : typeof state === 'object' ? state.rank : null
  return { group, fromEnd: -1, rank, pooled: true }
}

/** The weight's columns follow the input's channels: used twice, they tie both inputs. */
function bindInput({ flow }: OpContext, state: ChannelState, { tensor }: StoredInput): void {
  const group = typeof state === 'object' ? state.group : flow.open(0)
  if (typeof state !== 'object') flow.close(group)
  flow.bind(tensor.name, 'columns', group)
}

function bindBias({ flow, index }: OpContext, bias: string, group: number): void {
  const stored = bias === '' ? undefined : index.stored(bias)
  if (stored !== undefined && elementCount(stored.tensor.shape) > 1) {
    flow.bind(stored.tensor.name, 'vector', group)
  }
}

/** Rows with a single column say nothing that could be matched. */
function addRows(
  { flow }: OpContext,
  rows: { readonly group: number; readonly weight: StoredInput; readonly view: MatrixView },
): void {
  const { name } = rows.weight.tensor
  flow.bind(name, 'rows', rows.group)
  if (rows.view.cols > 1) flow.addRows(rows.group, { tensor: name, view: rows.view })
}
