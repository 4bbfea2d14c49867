import { describe, expect, it } from 'vitest'
import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts'
import type { TensorInfo } from '../tensor.ts'
import { checkpointOf, describeTensor, faultsOf, tensorOf } from './example-checkpoints.ts'
import { mapRoles } from './map-roles.ts'

type Attributes = Readonly<Record<string, number | string | readonly number[]>>

/** 'Conv x,w -> y' with attributes. */
function node(text: string, attributes: Attributes = {}, name = ''): OnnxNode {
  const [left = '', right = ''] = text.split('->').map((part) => part.trim())
  const [opType = '', inputs = ''] = left.split(' ')
  return {
    name,
    opType,
    inputs: inputs.split(','),
    outputs: right.split(','),
    attributes: new Map(Object.entries(attributes)),
  }
}

function graphOf(nodes: readonly OnnxNode[], rest: Partial<OnnxGraph> = {}): OnnxGraph {
  return { path: '', nodes, inputs: ['x'], outputs: ['y'], subgraphs: [], ...rest }
}

function groupsOf(tensors: readonly TensorInfo[], graph: OnnxGraph) {
  const checkpoint = checkpointOf(tensors, { graph })
  const map = mapRoles(checkpoint)
  expect(faultsOf(checkpoint, map)).toEqual([])
  // Every view of a group is the view of a role, so that it can be paired and read.
  for (const { rowsOf } of map.channelGroups) {
    for (const { tensor, view } of rowsOf) {
      expect(map.roles.find((role) => role.tensor === tensor)?.view).toEqual(view)
    }
  }
  return Object.fromEntries(
    map.channelGroups.map((group) => [
      group.id,
      group.rowsOf.map(({ tensor }) => tensor).join(' '),
    ]),
  )
}

const f32 = (name: string, ...shape: number[]): TensorInfo => tensorOf(name, shape, 'F32')

describe('channels that may be permuted', () => {
  const stem = [f32('w1', 8, 3, 3, 3), f32('b1', 8), f32('w2', 6, 8, 3, 3)]

  it('run from one convolution to the next, through what acts on each channel alone', () => {
    const nodes = [
      node('Conv x,w1,b1 -> a'),
      node('BatchNormalization a,g,b,m,v -> n'),
      node('HardSwish n -> s'),
      node('MaxPool s -> p'),
      node('Mul p,scale -> q'),
      node('PRelu q,slope -> r'),
      node('Conv r,w2 -> y'),
    ]
    const vectors = ['g', 'b', 'm', 'v'].map((name) => f32(name, 8))
    const rest = [f32('scale'), f32('slope', 8, 1, 1)]
    expect(groupsOf([...stem, ...vectors, ...rest], graphOf(nodes))).toEqual({ w1: 'w1' })
  })

  it('are tied by residual sums, depthwise convolutions and squeeze-and-excite gates', () => {
    const tensors = [
      ...stem,
      f32('d', 8, 1, 3, 3),
      f32('back', 8, 6, 1, 1),
      f32('se1', 2, 8, 1, 1),
      f32('se2', 8, 2, 1, 1),
      f32('last', 4, 8, 1, 1),
    ]
    const nodes = [
      node('Conv x,w1 -> a'),
      node('Conv a,d -> b', { group: 8 }),
      node('GlobalAveragePool b -> pooled'),
      node('Conv pooled,se1 -> s1'),
      node('Relu s1 -> s2'),
      node('Conv s2,se2 -> s3'),
      node('HardSigmoid s3 -> gate'),
      node('Mul b,gate -> c'),
      node('Conv c,w2 -> e'),
      node('Conv e,back -> f'),
      node('Add c,f -> sum'),
      node('Conv sum,last -> y'),
    ]
    expect(groupsOf(tensors, graphOf(nodes))).toEqual({
      back: 'w1 d se2 back',
      se1: 'se1',
      w2: 'w2',
    })
  })

  it('are held fast by whatever depends on their order', () => {
    const order: readonly (readonly [string, readonly OnnxNode[]])[] = [
      ['the output of the graph', [node('Conv x,w1 -> y')]],
      ['a reshape', [node('Conv x,w1 -> a'), node('Reshape a,s -> r'), node('Conv r,w2 -> y')]],
      [
        'an unknown operator',
        [node('Conv x,w1 -> a'), node('Mystery a -> r'), node('Conv r,w2 -> y')],
      ],
      [
        'a concatenation along the channels',
        [node('Conv x,w1 -> a'), node('Concat a,a -> r', { axis: 1 }), node('Conv r,w2 -> y')],
      ],
      [
        'a softmax over them',
        [node('Conv x,w1 -> a'), node('Softmax a -> r', { axis: 1 }), node('Conv r,w2 -> y')],
      ],
      ['a slice', [node('Conv x,w1 -> a'), node('Slice a,s -> r'), node('Conv r,w2 -> y')]],
      [
        'a group norm',
        [node('Conv x,w1 -> a'), node('GroupNormalization a,g,g -> r'), node('Conv r,w2 -> y')],
      ],
      ['an LSTM', [node('Conv x,w1 -> a'), node('LSTM a,w,r -> y')]],
      [
        'an addition of the input',
        [node('Conv x,w1 -> a'), node('Add a,x -> r'), node('Conv r,w2 -> y')],
      ],
      ['grouped convolution', [node('Conv x,w1 -> a'), node('Conv a,w3 -> y', { group: 2 })]],
      [
        'a table of positions',
        [node('Conv x,w1 -> a'), node('Add a,table -> r'), node('Conv r,w2 -> y')],
      ],
    ]
    const tensors = [...stem, f32('w3', 6, 4, 3, 3), f32('table', 8, 5, 5), f32('g', 8)]
    for (const [why, nodes] of order) {
      expect([why, groupsOf(tensors, graphOf(nodes))]).toEqual([why, {}])
    }
  })

  it('are held fast where a branch looks at them from inside', () => {
    const inner = graphOf([node('Mystery a -> z')], {
      path: 'then_branch@if',
      outputs: ['z'],
      inputs: [],
    })
    const nodes = [node('Conv x,w1 -> a'), node('If c -> z'), node('Conv a,w2 -> y')]
    expect(groupsOf(stem, graphOf(nodes, { subgraphs: [inner] }))).toEqual({})
  })

  it('flow through dense layers, layer norms in pieces and pooled flattening', () => {
    const tensors = [
      f32('conv', 8, 3, 3, 3),
      f32('dense1', 10, 8),
      f32('dense2', 10, 5),
      f32('gamma', 10),
      f32('two'),
    ]
    const nodes = [
      node('Conv x,conv -> a'),
      node('GlobalAveragePool a -> p'),
      node('Flatten p -> f', { axis: 1 }),
      node('Gemm f,dense1 -> h', { transB: 1 }),
      node('ReduceMean h -> mean', { axes: [-1] }),
      node('Sub h,mean -> centred'),
      node('Pow centred,two -> squares'),
      node('ReduceMean squares -> variance', { axes: [-1] }),
      node('Sqrt variance -> sd'),
      node('Div centred,sd -> normal'),
      node('Mul normal,gamma -> scaled'),
      node('Relu scaled -> r'),
      node('MatMul r,dense2 -> y'),
    ]
    expect(groupsOf(tensors, graphOf(nodes))).toEqual({ conv: 'conv', dense1: 'dense1' })
  })

  it('list a transposed convolution with its inputs and quantised weights with their own', () => {
    const tensors = [
      tensorOf('w1_quantized', [8, 3, 3, 3], 'I8'),
      f32('w1_scale'),
      f32('up', 8, 4, 2, 2),
      f32('last', 2, 4, 1, 1),
    ]
    const nodes = [
      node('DequantizeLinear w1_quantized,w1_scale -> w1'),
      node('Conv x,w1 -> a'),
      node('ConvTranspose a,up -> b'),
      node('Relu b -> c'),
      node('Conv c,last -> y'),
    ]
    expect(groupsOf(tensors, graphOf(nodes))).toEqual({ up: 'w1_quantized up' })
  })

  it('are one group where a weight is used twice', () => {
    const tensors = [...stem, f32('v1', 8, 3, 3, 3)]
    const nodes = [
      node('Conv x,w1 -> a'),
      node('Conv x,v1 -> b'),
      node('Conv a,w2 -> c'),
      node('Conv b,w2 -> d'),
      node('Add c,d -> y'),
    ]
    expect(groupsOf(tensors, graphOf(nodes))).toEqual({ v1: 'w1 v1' })
  })

  it('are not listed twice for the hidden units of a named MLP', () => {
    const tensors = [f32('blocks.0.mlp.fc1.weight', 20, 8), f32('blocks.0.mlp.fc2.weight', 8, 20)]
    const nodes = [
      node('Gemm x,blocks.0.mlp.fc1.weight -> a', { transB: 1 }),
      node('Gelu a -> b'),
      node('Gemm b,blocks.0.mlp.fc2.weight -> y', { transB: 1 }),
    ]
    expect(groupsOf(tensors, graphOf(nodes))).toEqual({})
  })
})

describe('anonymous weights of ONNX exports', () => {
  it('take the path of the operator that uses them, turned as it reads them', () => {
    const path = '/model/layers.0/self_attn/q_proj/MatMul'
    const mlp = '/model/layers.0/mlp'
    const tensors = [
      f32('onnx::MatMul_101', 12, 16),
      f32('onnx::MatMul_102', 12, 20),
      f32('onnx::MatMul_103', 12, 20),
      f32('onnx::MatMul_104', 20, 12),
      f32('model.layers.0.input_layernorm.weight', 12),
      f32('_v_7', 12, 16),
      tensorOf('/model/Constant_output_0', [1], 'I64'),
    ]
    const nodes = [
      node('MatMul x,onnx::MatMul_101 -> q', {}, path),
      node('Transpose _v_7 -> turned', { perm: [1, 0] }),
      node('MatMul q,turned -> o', {}, '/model/layers.0/self_attn/o_proj/MatMul'),
      node(
        'Mul o,model.layers.0.input_layernorm.weight -> n',
        {},
        '/model/layers.0/input_layernorm/Mul',
      ),
      node('MatMul n,onnx::MatMul_102 -> g', {}, `${mlp}/gate_proj/MatMul`),
      node('MatMul n,onnx::MatMul_103 -> u', {}, `${mlp}/up_proj/MatMul`),
      node('Sigmoid g -> s'),
      node('Mul s,u -> h'),
      node('MatMul h,onnx::MatMul_104 -> d', {}, `${mlp}/down_proj/MatMul`),
      node('Reshape d,/model/Constant_output_0 -> y'),
    ]
    const checkpoint = checkpointOf(tensors, { graph: graphOf(nodes) })
    const map = mapRoles(checkpoint)
    expect(faultsOf(checkpoint, map)).toEqual([])
    const found = tensors.map(({ name }) => describeTensor(map, name))
    expect(found).toEqual([
      'language_model q',
      'language_model gate',
      'language_model up',
      'language_model down',
      'language_model norm:pre_attention',
      'language_model o',
      'language_model buffer:model.constant_output_0',
    ])
    const view = (name: string) => map.roles.find(({ tensor }) => tensor === name)?.view
    expect(view('onnx::MatMul_102')).toMatchObject({ rows: 20, cols: 12, rowStep: 1, colStep: 20 })
    // Stored [12, 16], turned once, then read [in, out] = [16, 12]: outputs are stored rows.
    expect(view('_v_7')).toMatchObject({ rows: 12, cols: 16, rowStep: 16, colStep: 1 })
    expect(map.roles.find(({ kind }) => kind === 'gate')?.basis).toBe('graph')
  })

  it('take the name of a bias of their own, not of one that several share', () => {
    const tensors = [
      f32('val_1', 12, 20),
      f32('val_2', 20, 12),
      f32('val_3', 12, 12),
      f32('h.0.mlp.fc1.bias', 20),
      f32('h.0.attn.q_proj.bias', 12),
    ]
    const nodes = [
      node('MatMul x,val_1 -> a'),
      node('Add a,h.0.mlp.fc1.bias -> b'),
      node('Relu b -> c'),
      node('MatMul c,val_2 -> d'),
      node('Add d,h.0.attn.q_proj.bias -> e'),
      node('MatMul e,val_3 -> f'),
      node('Add h.0.attn.q_proj.bias,f -> y'),
    ]
    const checkpoint = checkpointOf(tensors, { graph: graphOf(nodes) })
    const map = mapRoles(checkpoint)
    const kinds = ['val_1', 'val_2', 'val_3'].map((name) =>
      map.roles
        .filter(({ tensor }) => tensor === name)
        .map(({ kind, basis }) => `${kind} ${basis}`),
    )
    expect(kinds).toEqual([['fc1 graph'], ['linear name'], ['linear name']])
  })
})
