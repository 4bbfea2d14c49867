import type { Encoding, Grid, ZeroPoints } from '../encoding.ts'
import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts'
import { ONE, rowGrid } from '../quantised/grids.ts'
import { matrixOf, sameShape } from '../quantised/tensor-group.ts'
import { type Dtype, elementCount, type TensorInfo } from '../tensor.ts'

export type DequantisedTensors = {
  readonly tensors: readonly TensorInfo[]
  readonly notes: readonly string[]
}

type Inputs = { readonly weight: number; readonly scale: number; readonly zero: number }

/** Operators that take a quantised tensor beside its scale and zero point. */
const OPERATORS: ReadonlyMap<string, Inputs> = new Map([
  ['DequantizeLinear', { weight: 0, scale: 1, zero: 2 }],
  ['DynamicQuantizeMatMul', { weight: 1, scale: 2, zero: 3 }],
  ['MatMulIntegerToFloat', { weight: 1, scale: 3, zero: 5 }],
  ['QLinearMatMul', { weight: 3, scale: 4, zero: 5 }],
  ['QLinearConv', { weight: 3, scale: 4, zero: 5 }],
])

/**
 * Integer operators leave scaling to a later product; onnxruntime's dynamic quantisation names the
 * scale after the weight: `w_quantized`, `w_scale`, `w_zero_point`.
 */
const INTEGER_OPERATORS: ReadonlyMap<string, { readonly weight: number; readonly zero: number }> =
  new Map([
    ['ConvInteger', { weight: 1, zero: 3 }],
    ['MatMulInteger', { weight: 1, zero: 3 }],
  ])

const CODES: ReadonlySet<Dtype> = new Set<Dtype>([
  'I8',
  'U8',
  'I16',
  'U16',
  'I32',
  'F8_E4M3',
  'F8_E5M2',
])

type Join = {
  readonly shape: readonly number[]
  readonly weight: TensorInfo
  readonly encoding: Encoding
  readonly parts: readonly TensorInfo[]
}

/**
 * Gives quantised initializers of an ONNX graph the scale and zero point that the operator beside
 * them uses: scale · (code − zero point). They keep their names, by which the graph knows them;
 * scales and zero points that nothing else uses are no tensors of the model any more. A tensor
 * that two operators scale differently stays as it is.
 */
export function joinDequantised(
  tensors: readonly TensorInfo[],
  graph: OnnxGraph,
): DequantisedTensors {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const joins = new Map<string, Join | null>()
  const uses = new Map<string, number>()
  eachNode(graph, (node, path) => {
    const find = (index: number): TensorInfo | undefined => {
      const name = node.inputs[index] ?? ''
      return byName.get(path === '' ? name : `${path}/${name}`) ?? byName.get(name)
    }
    node.inputs.forEach((_, index) => {
      const name = find(index)?.name
      if (name !== undefined) uses.set(name, (uses.get(name) ?? 0) + 1)
    })
    const join =
      node.opType === 'MatMulNBits'
        ? fewBitsOf(node, find)
        : joinOf(node, find, (name) => byName.get(name))
    if (join === undefined) return
    const { name } = join.weight
    const before = joins.get(name)
    joins.set(name, before === undefined || sameParts(before, join) ? join : null)
  })
  return replace(tensors, { joins, uses })
}

function eachNode(graph: OnnxGraph, visit: (node: OnnxNode, path: string) => void): void {
  for (const node of graph.nodes) visit(node, graph.path)
  for (const inner of graph.subgraphs) eachNode(inner, visit)
}

const sameParts = (before: Join | null, now: Join): boolean =>
  before?.parts.map(({ name }) => name).join('\n') === now.parts.map(({ name }) => name).join('\n')

function replace(
  tensors: readonly TensorInfo[],
  found: {
    readonly joins: ReadonlyMap<string, Join | null>
    readonly uses: ReadonlyMap<string, number>
  },
): DequantisedTensors {
  const joins = [...found.joins.values()].filter((join) => join !== null)
  const needed = new Map<string, number>()
  for (const { weight, parts } of joins) {
    // Every operator that uses the weight uses its parts once.
    const times = found.uses.get(weight.name) ?? 1
    for (const { name } of parts) needed.set(name, (needed.get(name) ?? 0) + times)
  }
  const isPart = (name: string): boolean =>
    needed.has(name) && (needed.get(name) ?? 0) >= (found.uses.get(name) ?? 0)
  const kept = tensors.filter(({ name }) => found.joins.has(name) || !isPart(name))
  const encoded = kept.map((tensor): TensorInfo => {
    const join = found.joins.get(tensor.name)
    if (!join) return tensor
    return { ...tensor, dtype: 'F32', shape: join.shape, encoding: join.encoding }
  })
  const note = `quantised tensors of the graph, dequantised when they are read: ${joins.length}`
  return { tensors: encoded, notes: joins.length > 0 ? [note] : [] }
}

function joinOf(
  node: OnnxNode,
  find: (index: number) => TensorInfo | undefined,
  named: (name: string) => TensorInfo | undefined,
): Join | undefined {
  const stated = OPERATORS.get(node.opType)
  const at = stated ?? INTEGER_OPERATORS.get(node.opType)
  const weight = at && find(at.weight)
  const scale = stated
    ? find(stated.scale)
    : named(weight?.name.replace(/_quantized$/, '_scale') ?? '')
  if (at === undefined || weight === undefined || scale === undefined) return undefined
  const isCodes = CODES.has(weight.dtype) && weight.encoding === undefined
  if (!isCodes || scale.encoding !== undefined || elementCount(weight.shape) === 0) return undefined
  const isGiven = (node.inputs[at.zero] ?? '') !== ''
  const zero = find(at.zero)
  if (isGiven && (zero === undefined || !sameShape(zero, scale.shape))) return undefined
  const grid = gridOf(node, weight, scale)
  if (grid === undefined) return undefined
  const zeros: ZeroPoints =
    zero === undefined
      ? { kind: 'constant', value: 0 }
      : { kind: 'grid', grid: { ...grid, tensor: zero }, plus: 0 }
  const encoding: Encoding = {
    kind: 'affine',
    label: `ONNX ${weight.dtype}`,
    codes: { kind: 'plain', dtype: weight.dtype },
    scales: grid,
    zeros,
    factor: ONE,
  }
  const { shape } = weight
  return { weight, shape, encoding, parts: zero === undefined ? [scale] : [scale, zero] }
}

/**
 * MatMulNBits of onnxruntime: [N, blocks, bytes] of codes along K, scales and zero points for each
 * block. The middle of the range is zero where none is given; other forms are left as they are.
 */
function fewBitsOf(
  node: OnnxNode,
  find: (index: number) => TensorInfo | undefined,
): Join | undefined {
  const [weight, scale, zero] = [find(1), find(2), find(3)]
  const sizes = ['N', 'K', 'bits', 'block_size'].map((key) => node.attributes.get(key))
  const [rows, cols, bits, block] = sizes.map((size) => (typeof size === 'number' ? size : 0))
  if (!weight || !scale || !rows || !cols || !bits || !block) return undefined
  if (bits !== 2 && bits !== 4 && bits !== 8) return undefined
  const blocks = cols / block
  const bytes = (block * bits) / 8
  const isWhole = Number.isInteger(blocks) && Number.isInteger(bytes / 4)
  if (!isWhole || weight.dtype !== 'U8' || !sameShape(weight, [rows, blocks, bytes]))
    return undefined
  if (scale.encoding !== undefined || elementCount(scale.shape) !== rows * blocks) return undefined
  // Inputs 3 and 4: zero points of another form, and an order of the columns.
  const perRow = Math.ceil((blocks * bits) / 8)
  const isPacked = zero?.dtype === 'U8' && elementCount(zero.shape) === rows * perRow
  if ((node.inputs[3] ?? '') !== '' && !isPacked) return undefined
  if ((node.inputs[4] ?? '') !== '') return undefined
  const zeros: ZeroPoints =
    zero === undefined
      ? { kind: 'constant', value: 2 ** (bits - 1) }
      : { kind: 'row_bytes', tensor: { ...zero, shape: [rows, perRow] }, bits }
  const encoding: Encoding = {
    kind: 'affine',
    label: `ONNX ${bits}-bit`,
    codes: { kind: 'row_stream', bits },
    scales: rowGrid(scale, blocks, { colBlock: block }),
    zeros,
    factor: ONE,
  }
  return { weight, shape: [rows, cols], encoding, parts: zero ? [scale, zero] : [scale] }
}

/** One scale for all, one for each index of an axis, or one for each block along it. */
function gridOf(node: OnnxNode, weight: TensorInfo, scale: TensorInfo): Grid | undefined {
  const { shape } = weight
  const { rows, cols } = matrixOf(shape)
  const base = { tensor: scale, groupOfColumn: null }
  if (elementCount(scale.shape) === 1) {
    return { ...base, rowBlock: rows, colBlock: cols, rowStride: 0, colStride: 0 }
  }
  const axis = axisOf(node, shape.length)
  const length = shape[axis] ?? 0
  const block = node.attributes.get('block_size')
  if (typeof block === 'number' && block > 0) {
    const entries = shape.map((size, i) => (i === axis ? Math.ceil(size / block) : size))
    if (shape.length !== 2 || !sameShape(scale, entries)) return undefined
    const [rowBlock, colBlock] = axis === 0 ? [block, 1] : [1, block]
    return { ...base, rowBlock, colBlock, rowStride: entries[1] ?? 1, colStride: 1 }
  }
  if (!sameShape(scale, [length])) return undefined
  if (axis === shape.length - 1) {
    return { ...base, rowBlock: rows, colBlock: 1, rowStride: 0, colStride: 1 }
  }
  if (axis !== 0) return undefined
  return { ...base, rowBlock: rows / length, colBlock: cols, rowStride: 1, colStride: 0 }
}

/** Convolutions scale their output channels, products their columns; otherwise axis, by default 1. */
function axisOf(node: OnnxNode, rank: number): number {
  if (node.opType === 'QLinearConv' || node.opType === 'ConvInteger') return 0
  if (node.opType !== 'DequantizeLinear') return rank - 1
  const stated = node.attributes.get('axis')
  const axis = typeof stated === 'number' ? stated : Math.min(1, rank - 1)
  return axis < 0 ? axis + rank : axis
}
