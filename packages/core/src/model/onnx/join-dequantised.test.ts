import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../base/dtype.ts'
import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts'
import type { TensorInfo } from '../tensor.ts'
import { joinDequantised } from './join-dequantised.ts'

const tensor = (name: string, dtype: Dtype, shape: readonly number[]): TensorInfo => ({
  name,
  dtype,
  shape,
  storage: { kind: 'memory', bytes: new Uint8Array(0) },
})

const use = (
  inputs: readonly string[],
  attributes: Record<string, number> = {},
  opType = 'DequantizeLinear',
): OnnxNode => ({
  name: '',
  opType,
  inputs,
  outputs: [`${inputs[0]}!`],
  attributes: new Map(Object.entries(attributes)),
})

const graphOf = (
  nodes: readonly OnnxNode[],
  subgraphs: readonly OnnxGraph[] = [],
  path = '',
): OnnxGraph => ({
  path,
  nodes,
  subgraphs,
  inputs: [],
  outputs: [],
})

const gridOf = (tensors: readonly TensorInfo[], name: string) => {
  const encoding = tensors.find((found) => found.name === name)?.encoding
  if (encoding?.kind !== 'affine') return undefined
  const { rowBlock, colBlock, rowStride, colStride } = encoding.scales
  return { rowBlock, colBlock, rowStride, colStride }
}

describe('scales of quantised initializers', () => {
  const codes = tensor('w', 'I8', [6, 4])
  test.each([
    ['one for all', [], {}, { rowBlock: 6, colBlock: 4, rowStride: 0, colStride: 0 }],
    [
      'one for each row',
      [6],
      { axis: 0 },
      { rowBlock: 1, colBlock: 4, rowStride: 1, colStride: 0 },
    ],
    [
      'one for each column, by default',
      [4],
      {},
      { rowBlock: 6, colBlock: 1, rowStride: 0, colStride: 1 },
    ],
    [
      'counted from the last axis',
      [6],
      { axis: -2 },
      { rowBlock: 1, colBlock: 4, rowStride: 1, colStride: 0 },
    ],
    [
      'one for each block of rows',
      [2, 4],
      { axis: 0, block_size: 3 },
      { rowBlock: 3, colBlock: 1, rowStride: 4, colStride: 1 },
    ],
    [
      'one for each block of columns',
      [6, 2],
      { axis: 1, block_size: 2 },
      { rowBlock: 1, colBlock: 2, rowStride: 2, colStride: 1 },
    ],
    ['of another length', [5], { axis: 0 }, undefined],
  ] as const)('%s', (_, shape, attributes, expected) => {
    const graph = graphOf([use(['w', 's'], attributes)])
    const { tensors } = joinDequantised([codes, tensor('s', 'F32', shape)], graph)
    expect(gridOf(tensors, 'w')).toEqual(expected)
    expect(tensors.some(({ name }) => name === 's')).toBe(expected === undefined)
  })

  test('that something else uses as well stay tensors', () => {
    const graph = graphOf([use(['w', 's']), use(['x', 's'], {}, 'QuantizeLinear')])
    const { tensors } = joinDequantised([codes, tensor('s', 'F32', [])], graph)
    expect(tensors.map(({ name }) => name)).toEqual(['w', 's'])
  })

  test('that differ between two operators leave the tensor as it is', () => {
    const graph = graphOf([use(['w', 's']), use(['w', 't'])])
    const scales = [tensor('s', 'F32', []), tensor('t', 'F32', [])]
    const { tensors, notes } = joinDequantised([codes, ...scales], graph)
    expect(tensors).toEqual([codes, ...scales])
    expect(notes).toEqual([])
  })

  test('are found in subgraphs and outside of them', () => {
    const inner = graphOf([use(['w', 's'])], [], 'then_branch@If')
    const own = { ...codes, name: 'then_branch@If/w' }
    const { tensors } = joinDequantised([own, tensor('s', 'F32', [])], graphOf([], [inner]))
    expect(tensors.map(({ name, dtype }) => [name, dtype])).toEqual([['then_branch@If/w', 'F32']])
  })

  test('with zero points of another shape are not believed', () => {
    const graph = graphOf([use(['w', 's', 'z'])])
    const parts = [codes, tensor('s', 'F32', []), tensor('z', 'I8', [6])]
    expect(joinDequantised(parts, graph).tensors).toEqual(parts)
  })
})

describe('MatMulNBits', () => {
  const parts = [tensor('w', 'U8', [6, 2, 8]), tensor('s', 'F16', [12]), tensor('z', 'U8', [6])]
  const sizes = { N: 6, K: 32, bits: 4, block_size: 16 }
  const joined = (inputs: readonly string[], attributes = sizes) =>
    joinDequantised(parts, graphOf([use(inputs, attributes, 'MatMulNBits')])).tensors

  test('gives one matrix of outputs and inputs', () => {
    const [weight, ...others] = joined(['x', 'w', 's', 'z'])
    expect(others).toEqual([])
    expect(weight).toMatchObject({ name: 'w', shape: [6, 32], dtype: 'F32' })
    expect(weight?.encoding).toMatchObject({ zeros: { kind: 'row_bytes' }, codes: { bits: 4 } })
    const [plain] = joined(['x', 'w', 's'])
    expect(plain?.encoding).toMatchObject({ zeros: { kind: 'constant', value: 8 } })
  })

  test('whose sizes contradict its codes, or whose columns are reordered, stays as it is', () => {
    expect(joined(['x', 'w', 's', 'z'], { ...sizes, K: 48 })).toEqual(parts)
    expect(joined(['x', 'w', 's', 'z'], { ...sizes, bits: 3 })).toEqual(parts)
    expect(joined(['x', 'w', 's', 's'])).toEqual(parts)
    expect(joined(['x', 'w', 's', 'z', 's'])).toEqual(parts)
  })
})
