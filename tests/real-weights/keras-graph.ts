import type { TfjsAttribute, TfjsNode } from './tfjs-model.ts'

type KerasLayer = {
  readonly class_name: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  /** Per call: [layer, node index, tensor index, arguments] of every input. */
  readonly inbound_nodes: readonly (readonly (readonly [string, number, number, unknown])[])[]
}

type KerasModel = {
  readonly config: {
    readonly layers: readonly KerasLayer[]
    readonly output_layers: readonly (readonly [string, number, number])[]
  }
}

/**
 * States a Keras functional model in the operators of a graph model, so that one converter serves
 * both. A layer class that is not listed keeps its class name as operator.
 */
export const lowerKerasModel = (
  modelConfig: unknown,
): { readonly nodes: readonly TfjsNode[]; readonly outputs: readonly string[] } => {
  const { layers, output_layers } = (modelConfig as KerasModel).config
  return {
    nodes: layers.flatMap(lowerLayer),
    outputs: output_layers.map(([name]) => name),
  }
}

const lowerLayer = (layer: KerasLayer): TfjsNode[] => {
  if (layer.inbound_nodes.length > 1) throw new Error(`${layer.name}: a layer called twice`)
  const inputs = (layer.inbound_nodes[0] ?? []).map(([name]) => name)
  const lower = LOWERED[layer.class_name]
  return lower === undefined ? [node(layer.name, layer.class_name, inputs)] : lower(layer, inputs)
}

const node = (
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, TfjsAttribute>> = {},
): TfjsNode => ({ name, op, inputs, attributes: new Map(Object.entries(attributes)) })

type Lower = (layer: KerasLayer, inputs: readonly string[]) => TfjsNode[]

const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  softmax: 'Softmax',
  elu: 'Elu',
}

/** Layers with a kernel: bias and activation are fused, as the TensorFlow.js optimiser does. */
const kernelLayer =
  (
    op: string,
    kernelName: string,
    toAttributes: (layer: KerasLayer) => Record<string, TfjsAttribute>,
  ): Lower =>
  (layer, inputs) => {
    const { name, config } = layer
    const activation = config['activation'] as string | undefined
    const linear = activation === undefined || activation === 'linear'
    const bias = config['use_bias'] !== false
    const kernel = node(
      linear ? name : `${name}/linear`,
      op,
      [...inputs, `${name}/${kernelName}`, ...(bias ? [`${name}/bias`] : [])],
      { ...toAttributes(layer), fused_ops: bias ? ['BiasAdd'] : [] },
    )
    return linear ? [kernel] : [kernel, activationNode(name, activation, [kernel.name])]
  }

const activationNode = (name: string, activation: string, inputs: readonly string[]): TfjsNode =>
  node(name, ACTIVATIONS[activation] ?? activation, inputs)

const spatial = (values: unknown): number[] => [1, ...(values as number[]), 1]

const convolution = ({ config }: KerasLayer): Record<string, TfjsAttribute> => ({
  strides: spatial(config['strides']),
  dilations: spatial(config['dilation_rate'] ?? [1, 1]),
  padding: (config['padding'] as string).toUpperCase(),
  data_format: config['data_format'] === 'channels_last' ? 'NHWC' : 'NCHW',
})

const sumOfAll: Lower = ({ name }, inputs) => [node(name, 'AddN', inputs)]

const LOWERED: Readonly<Record<string, Lower>> = {
  InputLayer: ({ name, config }) => [
    node(name, 'Placeholder', [], {
      shape: (config['batch_input_shape'] as (number | null)[]).map((size) => size ?? -1),
      dtype: 'DT_FLOAT',
    }),
  ],
  Conv2D: kernelLayer('_FusedConv2D', 'kernel', convolution),
  DepthwiseConv2D: kernelLayer('FusedDepthwiseConv2dNative', 'depthwise_kernel', convolution),
  Dense: kernelLayer('_FusedMatMul', 'kernel', () => ({ transpose_a: false, transpose_b: false })),
  Activation: ({ name, config }, inputs) => [
    activationNode(name, config['activation'] as string, inputs),
  ],
  ReLU: ({ name }, inputs) => [node(name, 'Relu', inputs)],
  PReLU: ({ name }, inputs) => [node(name, 'Prelu', [...inputs, `${name}/alpha`])],
  Add: sumOfAll,
  Multiply: ({ name }, inputs) =>
    inputs.length === 2 ? [node(name, 'Mul', inputs)] : [node(name, 'Multiply', inputs)],
  Concatenate: ({ name, config }, inputs) => [
    node(name, 'ConcatV2', inputs, { axis: config['axis'] as number }),
  ],
  UpSampling2D: ({ name, config }, inputs) => [
    node(name, 'UpSampling2D', inputs, {
      scale: config['size'] as number[],
      interpolation: config['interpolation'] as string,
    }),
  ],
}
