import type { OnnxNode } from '../onnx-graph.ts'
import { elementCount } from '../tensor.ts'
import { giveUp, liesAlongAxisOne, type OpContext } from './channel-context.ts'
import type { ChannelAxis, ChannelState } from './channel-flow.ts'
import { runMatrixOperator } from './channel-weights.ts'
import type { GraphIndex } from './graph-index.ts'

/** Does to the groups what the operator does, and says where its first output has them. */
type Handler = (context: OpContext) => ChannelState

const numberOf = (node: OnnxNode, name: string): number | undefined => {
  const value = node.attributes.get(name)
  return typeof value === 'number' ? value : undefined
}

const listOf = (node: OnnxNode, name: string): readonly number[] | undefined => {
  const value = node.attributes.get(name)
  return Array.isArray(value) ? value : undefined
}

const firstInput = (node: OnnxNode): string => node.inputs[0] ?? ''

/** The output has the channels of the first input, in its order. */
const pass: Handler = ({ flow, node }) => flow.state(firstInput(node))

function passIf(test: (axis: ChannelAxis, node: OnnxNode) => boolean): Handler {
  return (context) => {
    const state = context.flow.state(firstInput(context.node))
    if (typeof state === 'object' && !test(state, context.node)) return giveUp(context)
    return state
  }
}

/** A norm whose vectors lie along the channels; vectors used twice tie what they touch. */
function normalise(test: (axis: ChannelAxis, node: OnnxNode) => boolean): Handler {
  return (context) => {
    const { flow, index, node } = context
    const state = flow.state(firstInput(node))
    if (typeof state !== 'object') return state
    const vectors = node.inputs.slice(1).map((name) => index.stored(name)?.tensor)
    const isStored = vectors.every((tensor) => tensor !== undefined)
    if (!isStored || !test(state, node)) return giveUp(context)
    for (const tensor of vectors) flow.bind(tensor.name, 'vector', state.group)
    return state
  }
}

/** Along the channels a constant is a vector of them, or does not vary. */
function constantFits(shape: readonly number[], axis: ChannelAxis, size: number): boolean {
  const along = shape.at(axis.fromEnd) ?? 1
  const reaches = shape.length >= -axis.fromEnd
  if (!reaches || along === 1) return true
  return along === size && elementCount(shape) === size
}

/** Broadcasting operators: inputs share one order, constants fit it or are scalars. */
function elementwise(context: OpContext): ChannelState {
  const { flow, index, node } = context
  const inputs = node.inputs.filter((name) => name !== '')
  const states = inputs.map((name) => flow.state(name))
  const tracked = states.filter((state) => typeof state === 'object')
  const [first] = tracked
  if (first === undefined) {
    const isNeutral = inputs.every(
      (name, i) => states[i] === 'neutral' || elementCountOf(index, name) === 1,
    )
    return isNeutral ? 'neutral' : 'opaque'
  }
  let fits = tracked.every((state) => state.fromEnd === first.fromEnd)
  for (const [i, name] of inputs.entries()) {
    if (states[i] !== 'opaque') continue
    const constant = index.stored(name)
    const shape = constant?.tensor.shape
    if (shape === undefined || constant?.transposed) fits = false
    else if (!constantFits(shape, first, flow.size(first.group))) fits = false
    else if (elementCount(shape) > 1 && constant !== undefined) {
      flow.bind(constant.tensor.name, 'vector', first.group)
    }
  }
  if (!fits) return giveUp(context)
  for (const state of tracked) flow.tie(first.group, state.group)
  const ranks = tracked.map(({ rank }) => rank)
  const rank = ranks.includes(null) ? null : Math.max(...ranks.map((r) => r ?? 0))
  return { ...first, rank, pooled: tracked.every(({ pooled }) => pooled) }
}

function elementCountOf(index: GraphIndex, name: string): number | undefined {
  const shape = index.stored(name)?.tensor.shape
  return shape === undefined ? undefined : elementCount(shape)
}

/** Axes counted from the end; undefined where the rank is needed and not known. */
function axesFromEnd(axes: readonly number[], rank: number | null): readonly number[] | undefined {
  const counted = axes.map((axis) => (axis < 0 ? axis : rank === null ? undefined : axis - rank))
  return counted.includes(undefined) ? undefined : counted.map((axis) => axis ?? 0)
}

function reduce(context: OpContext): ChannelState {
  const { flow, node } = context
  const state = flow.state(firstInput(node))
  if (typeof state !== 'object') return state
  const axes = listOf(node, 'axes')
  const isEverything = axes === undefined && node.inputs.length < 2
  if (isEverything) return 'neutral'
  const reduced = axes === undefined ? undefined : axesFromEnd(axes, state.rank)
  if (reduced === undefined) return giveUp(context)
  if (reduced.includes(state.fromEnd)) return 'neutral'
  const keeps = numberOf(node, 'keepdims') !== 0
  const behind = reduced.filter((axis) => axis > state.fromEnd)
  const pooled = state.pooled || behind.length === -state.fromEnd - 1
  if (keeps) return { ...state, pooled }
  const rank = state.rank === null ? null : state.rank - reduced.length
  return { ...state, rank, fromEnd: state.fromEnd + behind.length, pooled }
}

function transpose(context: OpContext): ChannelState {
  const { flow, node } = context
  const state = flow.state(firstInput(node))
  if (typeof state !== 'object') return state
  const { rank } = state
  const reversed = rank === null ? undefined : Array.from({ length: rank }, (_, i) => rank - 1 - i)
  const perm = listOf(node, 'perm') ?? reversed
  if (perm === undefined) return giveUp(context)
  const from = perm.length + state.fromEnd
  const to = perm.indexOf(from)
  if (to < 0) return giveUp(context)
  const fromEnd = to - perm.length
  // What lies behind the channels now may be longer than 1.
  return { ...state, rank: perm.length, fromEnd, pooled: fromEnd === -1 }
}

function concat(context: OpContext): ChannelState {
  const { flow, node } = context
  const states = node.inputs.map((name) => flow.state(name))
  const [first] = states
  const along = numberOf(node, 'axis')
  if (typeof first !== 'object' || along === undefined) return giveUp(context)
  const [axis] = axesFromEnd([along], first.rank) ?? []
  const alike = states.every((s) => typeof s === 'object' && s.fromEnd === first.fromEnd)
  if (axis === undefined || axis === first.fromEnd || !alike) return giveUp(context)
  for (const state of states) if (typeof state === 'object') flow.tie(first.group, state.group)
  return { ...first, pooled: false }
}

/** [N, C, 1, 1] → [N, C] keeps the channels apart; anything wider mixes them with positions. */
function flatten(context: OpContext): ChannelState {
  const { flow, node } = context
  const state = flow.state(firstInput(node))
  if (typeof state !== 'object') return state
  const isFlat = state.pooled || state.fromEnd === -1
  const cutsBefore = (numberOf(node, 'axis') ?? 1) === 1 && liesAlongAxisOne(state)
  if (!isFlat || !cutsBefore) return giveUp(context)
  return { ...state, rank: 2, fromEnd: -1, pooled: true }
}

function reshapeAxes(direction: 1 | -1): Handler {
  return (context) => {
    const { flow, node } = context
    const state = flow.state(firstInput(node))
    if (typeof state !== 'object') return state
    const axes = listOf(node, 'axes')
    const after = state.rank === null ? null : state.rank + direction * (axes?.length ?? 0)
    // Squeeze counts axes of its input, Unsqueeze of its output.
    const counted = axes && axesFromEnd(axes, direction === 1 ? after : state.rank)
    if (counted === undefined || counted.includes(state.fromEnd)) return giveUp(context)
    const behind =
      direction === 1
        ? insertedBehind(counted, state.fromEnd)
        : counted.filter((axis) => axis > state.fromEnd).length
    const fromEnd = state.fromEnd - direction * behind
    return { ...state, rank: after, fromEnd }
  }
}

/** New axes behind the channels: each one pushes them away from the end. */
function insertedBehind(axes: readonly number[], fromEnd: number): number {
  let at = fromEnd
  let count = 0
  for (const axis of [...axes].sort((a, b) => b - a)) {
    if (axis > at) {
      at--
      count++
    }
  }
  return count
}

function pad(context: OpContext): ChannelState {
  const { flow, node } = context
  const state = flow.state(firstInput(node))
  if (typeof state !== 'object') return state
  const pads = listOf(node, 'pads')
  if (pads === undefined || state.rank === null || pads.length !== 2 * state.rank) {
    return giveUp(context)
  }
  const at = state.rank + state.fromEnd
  if (pads[at] !== 0 || pads[at + state.rank] !== 0) return giveUp(context)
  return { ...state, pooled: false }
}

const isLast = ({ fromEnd }: ChannelAxis): boolean => fromEnd === -1

/** Operators along one axis: harmless when it is known not to be the channels'. */
const onOtherAxis = (axis: ChannelAxis, node: OnnxNode): boolean => {
  const along = numberOf(node, 'axis')
  const counted = along === undefined ? undefined : axesFromEnd([along], axis.rank)
  return counted !== undefined && counted[0] !== axis.fromEnd
}

const normalisesLast = (axis: ChannelAxis, node: OnnxNode): boolean => {
  const along = numberOf(node, 'axis') ?? -1
  return isLast(axis) && (along === -1 || along + 1 === axis.rank)
}

function globalPool(context: OpContext): ChannelState {
  const state = context.flow.state(firstInput(context.node))
  if (typeof state !== 'object') return state
  if (!liesAlongAxisOne(state)) return giveUp(context)
  return { ...state, pooled: true }
}

const forAll = (names: string, handler: Handler): readonly (readonly [string, Handler])[] =>
  names.split(' ').map((name) => [name, handler])

/**
 * What each operator does to an order of channels. An operator that is not listed here closes
 * every group that reaches it.
 */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ...forAll(
    'Relu LeakyRelu Sigmoid HardSigmoid HardSwish Tanh Clip Elu Selu Celu Softplus Softsign Gelu Erf Exp Log Sqrt Neg Abs Floor Ceil Round Sign Reciprocal Identity Cast CastLike Dropout Mish Swish QuickGelu FastGelu ThresholdedRelu QuantizeLinear DequantizeLinear',
    pass,
  ),
  ...forAll('Add Sub Mul Div Pow Min Max Sum Mean PRelu Where BiasGelu', elementwise),
  ...forAll(
    'Conv FusedConv ConvInteger QLinearConv ConvTranspose Gemm MatMul FusedMatMul MatMulInteger QLinearMatMul DynamicQuantizeMatMul MatMulIntegerToFloat',
    runMatrixOperator,
  ),
  ...forAll('BatchNormalization InstanceNormalization', normalise(liesAlongAxisOne)),
  ...forAll('MaxPool AveragePool LpPool Resize Upsample', passIf(liesAlongAxisOne)),
  ...forAll('GlobalAveragePool GlobalMaxPool', globalPool),
  ...forAll(
    'LayerNormalization SimplifiedLayerNormalization RMSNormalization',
    normalise(normalisesLast),
  ),
  ...forAll('Softmax LogSoftmax', passIf(onOtherAxis)),
  ...forAll(
    'ReduceMean ReduceSum ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceSumSquare ReduceProd',
    reduce,
  ),
  ['Transpose', transpose],
  ['Concat', concat],
  ['Flatten', flatten],
  ['Squeeze', reshapeAxes(-1)],
  ['Unsqueeze', reshapeAxes(1)],
  ['Pad', pad],
  ...forAll('Shape Size', () => 'neutral'),
  ['DynamicQuantizeLinear', pass],
])

export function runOperator(context: OpContext): void {
  const { flow, node } = context
  const handler = HANDLERS.get(node.opType) ?? giveUp
  const [first, ...others] = node.outputs
  flow.set(first, handler(context))
  // A scale and a zero point, or a mask, statistics and indices that nothing here follows.
  const rest = node.opType === 'DynamicQuantizeLinear' ? 'neutral' : 'opaque'
  for (const output of others) flow.set(output, rest)
}
