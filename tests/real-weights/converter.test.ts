import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/checkpoint/open-checkpoint.ts'
import { measuredFile } from './measure.ts'
import { convertHumanModel, convertUpscaler, readHumanModel, readUpscaler } from './models.ts'
import { encodeOnnxModel, type OnnxModelSpec } from './onnx-writer.ts'
import { type Weight, weightValues } from './tfjs-model.ts'
import { convertToOnnx } from './tfjs-to-onnx.ts'

const nodeNamed = (model: OnnxModelSpec, name: string) => {
  const node = model.nodes.find((candidate) => candidate.name === name)
  if (node === undefined) throw new Error(`no node ${name}`)
  return node
}

const initializer = (model: OnnxModelSpec, name: string) => {
  const tensor = model.initializers.find((candidate) => candidate.name === name)
  if (tensor === undefined) throw new Error(`no initializer ${name}`)
  return tensor
}

/** binary16 or float32 bit patterns at a place of a row-major tensor. */
const bitsAt = (bytes: Uint8Array, dims: readonly number[], index: readonly number[]) => {
  const position = index.reduce((sum, at, axis) => sum * dims[axis]! + at, 0)
  const size = bytes.length / dims.reduce((a, b) => a * b, 1)
  return [...bytes.subarray(position * size, (position + 1) * size)]
}

const weightBits = (weight: Weight, index: readonly number[]) =>
  bitsAt(weight.bytes, weight.shape, index)

describe('conversion to ONNX', () => {
  test('moves kernels to channels first without touching a bit', async () => {
    const model = await readHumanModel('faceres')
    const onnx = convertToOnnx(model, 'faceres')
    const pointwise = model.weights.get('conv_pw_2/convolution/merged_input')!
    const moved = initializer(onnx, pointwise.name)
    expect([pointwise.shape, moved.dims]).toEqual([
      [1, 1, 64, 128],
      [128, 64, 1, 1],
    ])
    expect(moved.dtype).toBe('FLOAT16')
    for (const [from, to] of [
      [0, 1],
      [63, 127],
      [17, 5],
    ] as const) {
      expect(bitsAt(moved.bytes, moved.dims, [to, from, 0, 0])).toEqual(
        weightBits(pointwise, [0, 0, from, to]),
      )
    }
    const depthwise = model.weights.get('conv_dw_2/depthwise_kernel')!
    const movedDepthwise = initializer(onnx, depthwise.name)
    expect([depthwise.shape, movedDepthwise.dims]).toEqual([
      [3, 3, 64, 1],
      [64, 1, 3, 3],
    ])
    expect(bitsAt(movedDepthwise.bytes, movedDepthwise.dims, [40, 0, 2, 1])).toEqual(
      weightBits(depthwise, [2, 1, 40, 0]),
    )
    expect(nodeNamed(onnx, 'conv_dw_2/depthwise').attributes['group']).toBe(64)
  })

  test('keeps every float weight of faceres under its own name', async () => {
    const model = await readHumanModel('faceres')
    const onnx = convertToOnnx(model, 'faceres')
    const names = new Set(onnx.initializers.map(({ name }) => name))
    const floats = [...model.weights.values()].filter(({ dtype }) => dtype === 'float32')
    expect(floats.filter(({ name }) => !names.has(name))).toEqual([])
    expect(onnx.inputs).toEqual([{ name: 'input_1', dtype: 'FLOAT16', dims: [null, 3, 224, 224] }])
  })

  test('places constants beside images on the channel axis', async () => {
    const onnx = convertToOnnx(await readHumanModel('faceres'), 'faceres')
    expect(initializer(onnx, 'conv_dw_2_bn/batchnorm_1/mul').dims).toEqual([64, 1, 1])
    // A pooled image is a row of channels again.
    expect(nodeNamed(onnx, 'global_pooling/Mean').attributes).toEqual({ axes: [2, 3], keepdims: 0 })
    expect(nodeNamed(onnx, 'feats/Relu/linear').inputs).toEqual([
      'global_pooling/Mean',
      'feats/kernel',
      'feats/bias',
    ])
  })

  test('turns fused bias and slope into a convolution and its activation', async () => {
    const onnx = convertToOnnx(await readHumanModel('facemesh'), 'facemesh')
    const root = 'StatefulPartitionedCall/model_1'
    const activation = nodeNamed(onnx, `${root}/batch_normalization_1/FusedBatchNormV3`)
    expect(activation.opType).toBe('PRelu')
    expect(initializer(onnx, activation.inputs[1]!).dims).toEqual([16, 1, 1])
    const kernel = nodeNamed(onnx, activation.inputs[0]!)
    expect(kernel.opType).toBe('Conv')
    expect(kernel.inputs).toHaveLength(3)
    expect(kernel.attributes).toEqual({
      kernel_shape: [3, 3],
      strides: [2, 2],
      auto_pad: 'SAME_UPPER',
    })
    // Zero channels appended to the shortcut: pads are [N C H W] in front, then behind.
    expect(nodeNamed(onnx, `${root}/channel_padding_1/Pad`).opType).toBe('Pad')
    const pads = initializer(onnx, `${root}/channel_padding_1/Pad/pads`)
    expect([...new BigInt64Array(pads.bytes.slice().buffer)]).toEqual([
      0n,
      0n,
      0n,
      0n,
      0n,
      16n,
      0n,
      0n,
    ])
  })

  test('states a Keras model by its layers: concatenated channels, upsampling, outputs', async () => {
    const onnx = convertToOnnx(await readUpscaler('x2'), 'x2')
    expect(nodeNamed(onnx, 'RDB_Concat_1_1')).toMatchObject({
      opType: 'Concat',
      inputs: ['F_0', 'F_1_1_Relu'],
      attributes: { axis: 1 },
    })
    expect(initializer(onnx, 'F_1_1/kernel').dims).toEqual([4, 64, 3, 3])
    expect(nodeNamed(onnx, 'UPsample').opType).toBe('Resize')
    expect(onnx.outputs).toEqual([{ name: 'SR', dtype: 'FLOAT', dims: [null, 3, null, null] }])
  })

  test('keeps affine codes as codes', async () => {
    const model = await readHumanModel('handtrack')
    const onnx = convertToOnnx(model, 'handtrack')
    const coded = onnx.nodes.filter(({ opType }) => opType === 'DequantizeLinear')
    expect(coded.length).toBeGreaterThan(100)
    const weight = model.weights.get(
      coded.find(({ name }) => model.weights.get(name)!.shape.length === 4)!.name,
    )!
    const codes = initializer(onnx, `${weight.name}_quantized`)
    expect(codes.dtype).toBe('UINT8')
    const scale = new Float32Array(
      initializer(onnx, `${weight.name}_scale`).bytes.slice().buffer,
    )[0]!
    const zero = initializer(onnx, `${weight.name}_zero_point`).bytes[0]!
    const [value] = weightValues(weight)
    expect((codes.bytes[0]! - zero) * scale).toBeCloseTo(value!, 5)
  })

  test('leaves no node that reads what nothing writes', async () => {
    const models = [
      'faceres',
      'facemesh',
      'blazepose-full',
      'blazeface',
      'facemesh-attention-pinto',
    ]
    for (const name of models) {
      const onnx = convertToOnnx(await readHumanModel(name), name)
      const written = new Set<string>(['', ...onnx.inputs.map((port) => port.name)])
      for (const tensor of onnx.initializers) written.add(tensor.name)
      for (const node of onnx.nodes) {
        expect(node.inputs.filter((input) => !written.has(input))).toEqual([])
        for (const output of node.outputs) written.add(output)
      }
      expect(onnx.outputs.filter((port) => !written.has(port.name))).toEqual([])
      expect(written.size).toBe(
        1 +
          onnx.inputs.length +
          onnx.initializers.length +
          onnx.nodes.flatMap((n) => n.outputs).length,
      )
    }
  })
})

describe('converted models', () => {
  test('are read by the product with their names, precision and values', async () => {
    const [path, model] = [await convertHumanModel('faceres'), await readHumanModel('faceres')]
    const source = await openCheckpoint(path)
    const { tensors, graph, notes } = source.checkpoint
    await source.close()
    expect(notes).toEqual([])
    expect(graph?.inputs).toEqual(['input_1'])
    expect(graph?.nodes).toHaveLength(convertToOnnx(model, 'faceres').nodes.length)
    const names = new Set(tensors.filter(({ dtype }) => dtype === 'F16').map(({ name }) => name))
    const floats = [...model.weights.values()].filter(({ dtype }) => dtype === 'float32')
    expect(floats.filter(({ name }) => !names.has(name))).toEqual([])
    const kernel = model.weights.get('conv_pw_2/convolution/merged_input')!
    const moved = (await measuredFile(path)).find(({ name }) => name === kernel.name)!
    const values = weightValues(kernel)
    expect(moved.shape).toEqual([128, 64, 1, 1])
    const transposed = Float32Array.from(
      values,
      (_, i) => values[(i % 64) * 128 + Math.floor(i / 64)]!,
    )
    expect(moved.values().every((value, i) => value === transposed[i])).toBe(true)
    expect(moved.values()).toHaveLength(transposed.length)
  })

  test('are made once per process, on demand', async () => {
    const [first, second] = await Promise.all([convertUpscaler('x2'), convertUpscaler('x2')])
    expect(first).toBe(second)
    expect((await measuredFile(first)).map(({ name }) => name)).toContain('LFF_1/kernel')
  })

  test('keep affine codes as bytes beside their scale', async () => {
    const source = await openCheckpoint(await convertHumanModel('handtrack'))
    await source.close()
    const codes = source.checkpoint.tensors.filter(({ name }) => name.endsWith('_quantized'))
    expect(codes.length).toBeGreaterThan(100)
    const stored = codes.map(({ encoding }) =>
      encoding?.kind === 'affine' && encoding.codes.kind === 'plain' ? encoding.codes.dtype : null,
    )
    expect(new Set(stored)).toEqual(new Set(['U8']))
  })
})

describe('the ONNX writer', () => {
  test('writes the wire format of onnx.proto3, byte for byte', () => {
    const bytes = encodeOnnxModel({
      name: 'g',
      opset: 13,
      customDomain: 'd',
      nodes: [
        {
          name: 'n',
          opType: 'Relu',
          domain: '',
          inputs: ['x'],
          outputs: ['y'],
          attributes: { k: -1, a: [2, 300] },
        },
      ],
      initializers: [{ name: 'w', dtype: 'UINT8', dims: [2], bytes: Uint8Array.of(7, 9) }],
      inputs: [{ name: 'x', dtype: 'FLOAT', dims: [null, 3] }],
      outputs: [],
    })
    // Worked out by hand from the field numbers of ModelProto, GraphProto and NodeProto.
    const node = [
      ...[0x0a, 1, 0x78, 0x12, 1, 0x79, 0x1a, 1, 0x6e, 0x22, 4, 0x52, 0x65, 0x6c, 0x75, 0x3a, 0],
      // k = -1 as a ten-byte varint, type INT
      ...[0x2a, 17, 0x0a, 1, 0x6b, 0x18, ...new Array(9).fill(0xff), 0x01, 0xa0, 0x01, 2],
      // a = [2, 300], type INTS
      ...[0x2a, 11, 0x0a, 1, 0x61, 0x40, 2, 0x40, 0xac, 0x02, 0xa0, 0x01, 7],
    ]
    const tensor = [0x08, 2, 0x10, 2, 0x42, 1, 0x77, 0x4a, 2, 7, 9]
    const dims = [0x0a, 8, 0x12, 6, ...[0x6f, 0x70, 0x65, 0x6e, 0x5f, 0x30], 0x0a, 2, 0x08, 3]
    const type = [0x0a, dims.length + 4, 0x08, 1, 0x12, dims.length, ...dims]
    const port = [0x0a, 1, 0x78, 0x12, type.length, ...type]
    const graph = [
      ...[0x0a, node.length, ...node, 0x12, 1, 0x67],
      ...[0x2a, tensor.length, ...tensor, 0x5a, port.length, ...port],
    ]
    expect([...bytes]).toEqual([
      ...[0x08, 8, 0x42, 4, 0x0a, 0, 0x10, 13, 0x42, 5, 0x0a, 1, 0x64, 0x10, 1],
      ...[0x3a, graph.length, ...graph],
    ])
  })
})
