import type { OnnxEmitter, Value } from './onnx-emitter.ts'
import {
  broadcastShapes,
  customOp,
  imageValue,
  numberAttribute,
  type OpHandler,
  plainValue,
} from './op-scope.ts'

/** Applies an ONNX operator to one value without touching its layout. */
const mapValue = (value: Value, apply: (name: string) => string, emitter: OnnxEmitter): Value => {
  if (value.layout === 'channels-first') return { ...value, name: apply(value.name) }
  return plainValue(apply(emitter.plain(value)), value.shape)
}

const unary =
  (opType: string): OpHandler =>
  ({ emitter, node, inputs }) => [
    mapValue(inputs[0]!, (input) => emitter.emit(opType, [input], { name: node.name }), emitter),
  ]

/** Brings the operands into one layout: channels first if one of them is an image already. */
export const alignOperands = (
  emitter: OnnxEmitter,
  inputs: readonly Value[],
): { readonly names: readonly string[]; readonly result: (name: string) => Value } => {
  const shape = broadcastShapes(inputs.map((value) => value.shape))
  const images =
    shape?.length === 4 &&
    inputs.some(({ layout }) => layout === 'channels-first') &&
    inputs.every(
      (value) =>
        value.weight !== undefined || value.shape?.length === 4 || value.shape?.length === 0,
    )
  return images
    ? {
        names: inputs.map((value) => emitter.channelsFirst(value)),
        result: (name) => imageValue(name, shape),
      }
    : {
        names: inputs.map((value) => emitter.plain(value)),
        result: (name) => plainValue(name, shape),
      }
}

const broadcasting =
  (opType: string): OpHandler =>
  ({ emitter, node, inputs }) => {
    const { names, result } = alignOperands(emitter, inputs)
    return [result(emitter.emit(opType, names, { name: node.name }))]
  }

const relu6: OpHandler = ({ emitter, node, inputs }) => [
  activate(emitter, { kind: 'Relu6', name: node.name, input: inputs[0]! }),
]

export type Activation = {
  readonly kind: string
  readonly name: string
  readonly input: Value
  /** For Prelu. */
  readonly slope?: Value
  /** For LeakyRelu. */
  readonly alpha?: number
}

/** The activations that TensorFlow fuses into kernels, also used for the free-standing ones. */
export const activate = (
  emitter: OnnxEmitter,
  { kind, name, input, slope, alpha = 0.2 }: Activation,
): Value => {
  if (kind === 'Relu6') {
    const bounds = [emitter.scalar(`${name}/min`, 0), emitter.scalar(`${name}/max`, 6)]
    return mapValue(input, (from) => emitter.emit('Clip', [from, ...bounds], { name }), emitter)
  }
  if (kind === 'LeakyRelu') {
    const attributes = { alpha: { float: alpha } }
    return mapValue(
      input,
      (from) => emitter.emit('LeakyRelu', [from], { name, attributes }),
      emitter,
    )
  }
  if (kind === 'Prelu') {
    if (slope === undefined) throw new Error(`${name}: no slope`)
    const { names, result } = alignOperands(emitter, [input, slope])
    return result(emitter.emit('PRelu', names, { name }))
  }
  if (!['Relu', 'Elu', 'Sigmoid', 'Tanh'].includes(kind)) {
    throw new Error(`${name}: fused operation ${kind}`)
  }
  return mapValue(input, (from) => emitter.emit(kind, [from], { name }), emitter)
}

const softmax: OpHandler = ({ emitter, node, inputs }) => {
  const [value] = inputs
  const axis = value!.layout === 'channels-first' ? 1 : -1
  const attributes = { axis }
  const apply = (input: string) => emitter.emit('Softmax', [input], { name: node.name, attributes })
  return [mapValue(value!, apply, emitter)]
}

const squaredDifference: OpHandler = ({ emitter, node, inputs }) => {
  const { names, result } = alignOperands(emitter, inputs)
  const difference = emitter.emit('Sub', names, { name: `${node.name}/difference` })
  return [result(emitter.emit('Mul', [difference, difference], { name: node.name }))]
}

const CAST_TO: Readonly<Record<string, number>> = { DT_INT32: 6, DT_BOOL: 9, DT_INT64: 7 }

const cast: OpHandler = ({ emitter, node, inputs }) => {
  const [value] = inputs
  const to =
    CAST_TO[String(node.attributes.get('DstT'))] ?? (emitter.floatType === 'FLOAT16' ? 10 : 1)
  const apply = (input: string) =>
    emitter.emit('Cast', [input], { name: node.name, attributes: { to } })
  const result = mapValue(value!, apply, emitter)
  return [value!.ints === undefined ? result : { ...result, ints: value!.ints }]
}

/** Where broadcasts its condition as NumPy does; Select broadcasts a vector along the rows. */
const select: OpHandler = (scope) => {
  const ranks = scope.inputs.map(({ shape }) => shape?.length)
  const alike = ranks.every((rank) => rank !== undefined && rank === ranks[0])
  return scope.node.op === 'SelectV2' || alike ? broadcasting('Where')(scope) : customOp(scope)
}

const SAME_NAME = [
  ...['Relu', 'Sigmoid', 'Tanh', 'Elu', 'Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Floor', 'Ceil'],
  ...['Reciprocal', 'Cos', 'Sin', 'Softplus', 'Identity', 'Erf'],
]

const BINARY: Readonly<Record<string, string>> = {
  Add: 'Add',
  AddV2: 'Add',
  AddN: 'Sum',
  Sub: 'Sub',
  Mul: 'Mul',
  RealDiv: 'Div',
  Minimum: 'Min',
  Maximum: 'Max',
  Pow: 'Pow',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
  Equal: 'Equal',
  LogicalAnd: 'And',
  BiasAdd: 'Add',
}

export const ELEMENTWISE_OPS: Readonly<Record<string, OpHandler>> = {
  ...Object.fromEntries(SAME_NAME.map((op) => [op, unary(op)])),
  ...Object.fromEntries(Object.entries(BINARY).map(([op, onnx]) => [op, broadcasting(onnx)])),
  Relu6: relu6,
  LeakyRelu: ({ emitter, node, inputs }) => [
    activate(emitter, {
      kind: 'LeakyRelu',
      name: node.name,
      input: inputs[0]!,
      alpha: numberAttribute(node, 'alpha', 0.2),
    }),
  ],
  Prelu: ({ emitter, node, inputs }) => [
    activate(emitter, { kind: 'Prelu', name: node.name, input: inputs[0]!, slope: inputs[1]! }),
  ],
  Square: ({ emitter, node, inputs }) => [
    mapValue(inputs[0]!, (from) => emitter.emit('Mul', [from, from], { name: node.name }), emitter),
  ],
  Rsqrt: ({ emitter, node, inputs }) => [
    mapValue(
      inputs[0]!,
      (from) =>
        emitter.emit('Reciprocal', [emitter.emit('Sqrt', [from], { name: `${node.name}/sqrt` })], {
          name: node.name,
        }),
      emitter,
    ),
  ],
  SquaredDifference: squaredDifference,
  Softmax: softmax,
  Cast: cast,
  Select: select,
  SelectV2: select,
}
