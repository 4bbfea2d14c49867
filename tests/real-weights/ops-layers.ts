import type { OnnxEmitter, Shape, Value } from './onnx-emitter.ts'
import type { OnnxAttribute } from './onnx-writer.ts'
import {
  constantInts,
  customOp,
  flagAttribute,
  imageShape,
  imageValue,
  intsAttribute,
  numberAttribute,
  type OpHandler,
  type OpScope,
  plainValue,
  textAttribute,
  textsAttribute,
} from './op-scope.ts'
import { activate } from './ops-elementwise.ts'
import type { TfjsNode, Weight } from './tfjs-model.ts'

type Window = {
  readonly kernel: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly dilations: readonly [number, number]
}

const pair = (values: readonly number[], first: number): readonly [number, number] => [
  values[first] ?? 1,
  values[first + 1] ?? 1,
]

/** strides and dilations are lists over [N, H, W, C]. */
const windowOf = (node: TfjsNode, kernel: readonly [number, number]): Window => ({
  kernel,
  strides: pair(intsAttribute(node, 'strides'), 1),
  dilations: pair(intsAttribute(node, 'dilations'), 1),
})

const windowAttributes = (node: TfjsNode, window: Window): Record<string, OnnxAttribute> => {
  if (textAttribute(node, 'data_format') === 'NCHW') throw new Error(`${node.name}: NCHW`)
  const attributes: Record<string, OnnxAttribute> = {
    kernel_shape: window.kernel,
    strides: window.strides,
  }
  if (window.dilations.some((size) => size !== 1)) attributes['dilations'] = window.dilations
  const padding = textAttribute(node, 'padding')
  if (padding === 'SAME') attributes['auto_pad'] = 'SAME_UPPER'
  if (padding === 'EXPLICIT') {
    const [, , top = 0, bottom = 0, left = 0, right = 0] = intsAttribute(node, 'explicit_paddings')
    attributes['pads'] = [top, left, bottom, right]
  }
  return attributes
}

/** The size of one spatial axis behind a sliding window. */
const windowedSize = (node: TfjsNode, window: Window, axis: 0 | 1, size: number | null) => {
  if (size === null) return null
  const stride = window.strides[axis]
  const padding = textAttribute(node, 'padding')
  if (padding === 'SAME') return Math.ceil(size / stride)
  const explicit = padding === 'EXPLICIT' ? intsAttribute(node, 'explicit_paddings') : []
  const pads = (explicit[2 + 2 * axis] ?? 0) + (explicit[3 + 2 * axis] ?? 0)
  return (
    Math.floor((size + pads - (window.kernel[axis] - 1) * window.dilations[axis] - 1) / stride) + 1
  )
}

const windowedShape = (
  node: TfjsNode,
  input: Value,
  { window, channels }: { readonly window: Window; readonly channels: number | null },
): Shape => {
  const [batch, height, width] = imageShape(input)
  return [
    batch,
    windowedSize(node, window, 0, height),
    windowedSize(node, window, 1, width),
    channels,
  ]
}

/** Kernels are stored weights; one that the model computes has no channels-first form here. */
const withStoredKernel =
  (handler: (scope: OpScope, kernel: Weight) => readonly Value[]): OpHandler =>
  (scope) => {
    const kernel = scope.inputs[1]?.weight
    return kernel === undefined ? customOp(scope) : handler(scope, kernel)
  }

/** Bias and activation of a fused kernel: `fused_ops` lists them, inputs 2… carry their weights. */
const fusedParts = ({ node, inputs }: OpScope) => {
  const fused = textsAttribute(node, 'fused_ops')
  const bias = fused[0] === 'BiasAdd' ? inputs[2] : undefined
  const activation = bias === undefined ? fused[0] : fused[1]
  const slope = inputs[bias === undefined ? 2 : 3]
  return { bias, activation, slope }
}

const withActivation = (
  scope: OpScope,
  emitKernel: (name: string, bias: readonly string[]) => Value,
): Value => {
  const { emitter, node } = scope
  const { bias, activation, slope } = fusedParts(scope)
  const biasNames = bias === undefined ? [] : [emitter.plain(bias)]
  if (activation === undefined) return emitKernel(node.name, biasNames)
  const input = emitKernel(`${node.name}/linear`, biasNames)
  return activate(emitter, {
    kind: activation,
    name: node.name,
    input,
    ...(slope === undefined ? {} : { slope }),
    alpha: numberAttribute(node, 'leakyrelu_alpha', 0.2),
  })
}

const convolution = withStoredKernel((scope, weight) => {
  const { emitter, node, inputs } = scope
  const [image] = inputs
  const [height = 1, width = 1, inChannels = 1, outChannels = 1] = weight.shape
  const window = windowOf(node, [height, width])
  const attributes = windowAttributes(node, window)
  const imageChannels = imageShape(image!)[3]
  if (imageChannels !== null && imageChannels !== inChannels) {
    attributes['group'] = imageChannels / inChannels
  }
  return [
    withActivation(scope, (name, bias) =>
      imageValue(
        emitter.emit(
          'Conv',
          [emitter.channelsFirst(image!), emitter.weight(weight, 'conv'), ...bias],
          { name, attributes },
        ),
        windowedShape(node, image!, { window, channels: outChannels }),
      ),
    ),
  ]
})

const depthwiseConvolution = withStoredKernel((scope, weight) => {
  const { emitter, node, inputs } = scope
  const [image] = inputs
  const [height = 1, width = 1, channels = 1, multiplier = 1] = weight.shape
  const window = windowOf(node, [height, width])
  const attributes = { ...windowAttributes(node, window), group: channels }
  return [
    withActivation(scope, (name, bias) =>
      imageValue(
        emitter.emit(
          'Conv',
          [emitter.channelsFirst(image!), emitter.weight(weight, 'depthwise'), ...bias],
          { name, attributes },
        ),
        windowedShape(node, image!, { window, channels: channels * multiplier }),
      ),
    ),
  ]
})

/** Inputs: the wanted output shape, the kernel [H, W, out, in], the image. */
const transposedConvolution = withStoredKernel((scope, weight) => {
  const { emitter, node, inputs } = scope
  const image = inputs[2]!
  const [kernelHeight = 1, kernelWidth = 1, channels = 1] = weight.shape
  const window = windowOf(node, [kernelHeight, kernelWidth])
  const [batch, height, width] = imageShape(image)
  const grown = (size: number | null, axis: 0 | 1): number | null => {
    if (size === null) return null
    const overlap = Math.max(window.kernel[axis] - window.strides[axis], 0)
    return size * window.strides[axis] + (textAttribute(node, 'padding') === 'SAME' ? 0 : overlap)
  }
  const names = [emitter.channelsFirst(image), emitter.weight(weight, 'conv-transpose')]
  const attributes = windowAttributes(node, window)
  return [
    imageValue(emitter.emit('ConvTranspose', names, { name: node.name, attributes }), [
      batch,
      grown(height, 0),
      grown(width, 1),
      channels,
    ]),
  ]
})

const pooling =
  (opType: string): OpHandler =>
  ({ emitter, node, inputs }) => {
    const [image] = inputs
    const window = windowOf(node, pair(intsAttribute(node, 'ksize'), 1))
    const attributes = windowAttributes(node, window)
    const output = emitter.emit(opType, [emitter.channelsFirst(image!)], {
      name: node.name,
      attributes,
    })
    return [
      imageValue(output, windowedShape(node, image!, { window, channels: imageShape(image!)[3] })),
    ]
  }

const batchNormalization: OpHandler = ({ emitter, node, inputs }) => {
  const [image, ...moments] = inputs
  const names = [emitter.channelsFirst(image!), ...moments.map((value) => emitter.plain(value))]
  const attributes = { epsilon: { float: numberAttribute(node, 'epsilon', 1e-3) } }
  const output = emitter.emit('BatchNormalization', names, { name: node.name, attributes })
  return [imageValue(output, imageShape(image!))]
}

const matrixProduct: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const [left, right] = inputs
  const transA = flagAttribute(node, 'transpose_a')
  const transB = flagAttribute(node, 'transpose_b')
  const shape = [left!.shape?.[transA ? 1 : 0] ?? null, right!.shape?.[transB ? 0 : 1] ?? null]
  const operands = [emitter.plain(left!), emitter.plain(right!)]
  const attributes = { transA: Number(transA), transB: Number(transB) }
  return [
    withActivation(scope, (name, bias) => {
      const bare = bias.length === 0 && !transA && !transB
      const output = bare
        ? emitter.emit('MatMul', operands, { name })
        : emitter.emit('Gemm', [...operands, ...bias], { name, attributes })
      return plainValue(output, shape)
    }),
  ]
}

const batchMatrixProduct: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const flags = ['adj_x', 'adj_y'].map((key) => flagAttribute(node, key))
  if (inputs.some(({ shape }, i) => flags[i] && shape === undefined)) return customOp(scope)
  const shapes = inputs.map(({ shape }, i) => (flags[i] ? swapLast(shape) : shape))
  const names = inputs.map((value, i) => {
    if (!flags[i]) return emitter.plain(value)
    const perm = swapLast(value.shape!.map((_, axis) => axis))!.map(Number)
    const options = { name: `${node.name}/adjoint_${i}`, attributes: { perm } }
    return emitter.emit('Transpose', [emitter.plain(value)], options)
  })
  const [left, right] = shapes
  const shape =
    left === undefined || right === undefined
      ? undefined
      : [...left.slice(0, -1), right.at(-1) ?? null]
  return [plainValue(emitter.emit('MatMul', names, { name: node.name }), shape)]
}

const swapLast = (shape: Shape | undefined): Shape | undefined =>
  shape === undefined ? undefined : [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]

/** Sizes are stated as scales, which need no batch size; so the image's own size has to be known. */
const resize =
  (mode: 'linear' | 'nearest'): OpHandler =>
  (scope) => {
    const { emitter, node, inputs } = scope
    const image = inputs[0]!
    const [, height, width] = imageShape(image)
    const sizes = constantInts(inputs[1])
    if (sizes === undefined || height === null || width === null) return customOp(scope)
    const scales = [sizes[0]! / height, sizes[1]! / width]
    return [emitResize(emitter, { node, image, mode, scales })]
  }

const emitResize = (
  emitter: OnnxEmitter,
  options: {
    readonly node: TfjsNode
    readonly image: Value
    readonly mode: 'linear' | 'nearest'
    readonly scales: readonly number[]
  },
): Value => {
  const { node, image, mode, scales } = options
  const [scaleHeight = 1, scaleWidth = 1] = scales
  const corners = flagAttribute(node, 'align_corners')
  const half = flagAttribute(node, 'half_pixel_centers')
  const coordinates = corners ? 'align_corners' : half ? 'half_pixel' : 'asymmetric'
  const floor = coordinates === 'asymmetric'
  const scaleName = emitter.initializer({
    name: `${node.name}/scales`,
    dtype: 'FLOAT',
    dims: [4],
    bytes: new Uint8Array(Float32Array.of(1, 1, scaleHeight, scaleWidth).buffer),
  })
  const attributes = {
    mode,
    coordinate_transformation_mode: coordinates,
    ...(mode === 'nearest' ? { nearest_mode: floor ? 'floor' : 'round_prefer_ceil' } : {}),
  }
  const names = [emitter.channelsFirst(image), '', scaleName]
  const output = emitter.emit('Resize', names, { name: node.name, attributes })
  const [batch, height, width, channels] = imageShape(image)
  const grown = (size: number | null, scale: number) =>
    size === null ? null : Math.round(size * scale)
  return imageValue(output, [batch, grown(height, scaleHeight), grown(width, scaleWidth), channels])
}

const upSampling: OpHandler = ({ emitter, node, inputs }) => {
  if (textAttribute(node, 'interpolation') !== 'nearest') {
    throw new Error(`${node.name}: interpolation`)
  }
  const scales = intsAttribute(node, 'scale')
  return [emitResize(emitter, { node, image: inputs[0]!, mode: 'nearest', scales })]
}

const depthToSpace: OpHandler = ({ emitter, node, inputs }) => {
  const image = inputs[0]!
  const blocksize = numberAttribute(node, 'block_size', 1)
  const output = emitter.emit('DepthToSpace', [emitter.channelsFirst(image)], {
    name: node.name,
    attributes: { blocksize, mode: 'DCR' },
  })
  const [batch, height, width, channels] = imageShape(image)
  const times = (size: number | null, factor: number) => (size === null ? null : size * factor)
  return [
    imageValue(output, [
      batch,
      times(height, blocksize),
      times(width, blocksize),
      times(channels, 1 / blocksize ** 2),
    ]),
  ]
}

export const LAYER_OPS: Readonly<Record<string, OpHandler>> = {
  Conv2D: convolution,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwiseConvolution,
  FusedDepthwiseConv2dNative: depthwiseConvolution,
  Conv2DBackpropInput: transposedConvolution,
  MaxPool: pooling('MaxPool'),
  AvgPool: pooling('AveragePool'),
  FusedBatchNorm: batchNormalization,
  FusedBatchNormV3: batchNormalization,
  MatMul: matrixProduct,
  _FusedMatMul: matrixProduct,
  BatchMatMulV2: batchMatrixProduct,
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
  UpSampling2D: upSampling,
  DepthToSpace: depthToSpace,
}
