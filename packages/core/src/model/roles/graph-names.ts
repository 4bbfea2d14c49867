import { type TensorUse, tensorUses } from '../onnx/tensor-uses.ts'
import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts'
import { isFloatDtype, type TensorInfo } from '../tensor.ts'
import { indexGraphs } from './graph-index.ts'
import { parseTensorName, type TensorPath } from './tensor-path.ts'
import { isBufferPath, isPositionPath, wordInBlock, wordOutside } from './vocabulary.ts'

/**
 * Cuts the names of an ONNX file's tensors into words. An exporter drops the names of folded and
 * transposed weights (`onnx::MatMul_123`); these take the path of the operator that uses them.
 */
export function parseGraphNames(
  graph: OnnxGraph,
  tensors: readonly TensorInfo[],
): readonly TensorPath[] {
  const names = tensors.map(({ name }) => name)
  const uses = tensorUses(graph, names)
  const orders = storageOrders(graph, tensors)
  const position = usePositions(graph, tensors)
  const inOrder = [...tensors].sort(
    (a, b) => (position.get(a.name) ?? Infinity) - (position.get(b.name) ?? Infinity),
  )
  return inOrder.map((tensor) => {
    const use = uses.get(tensor.name)?.[0]
    const stored = orders.get(tensor.name)
    const own = parseTensorName(tensor, plainName(tensor.name), { basis: 'name', stored })
    const isConstant = tensor.shape.length === 0 || !isWeightDtype(tensor)
    if (use === undefined || isConstant) return { ...own, use: use?.opType }
    const scope = scopedName(use)
    const path =
      scope !== '' && (isAnonymous(tensor.name) || !isUnderstood(own, tensor))
        ? betterPath(tensor, own, { scope, use, stored })
        : own
    return { ...path, use: use.opType }
  })
}

/**
 * Exporters number layers differently; the order in which they run is the same, and lets two
 * exports be laid beside each other.
 */
function usePositions(
  graph: OnnxGraph,
  tensors: readonly TensorInfo[],
): ReadonlyMap<string, number> {
  const positions = new Map<string, number>()
  for (const index of indexGraphs(graph, tensors)) {
    for (const input of index.graph.nodes.flatMap((node) => node.inputs)) {
      const name = index.stored(input)?.tensor.name
      if (name !== undefined && !positions.has(name)) positions.set(name, positions.size)
    }
  }
  return positions
}

const isWeightDtype = ({ dtype }: TensorInfo): boolean =>
  isFloatDtype(dtype) || dtype === 'I8' || dtype === 'U8'

type Candidate = {
  readonly scope: string
  readonly use: TensorUse
  readonly stored: 'out_in' | 'in_out' | undefined
}

/** The operator's path, unless it says no more than the tensor's own legible name. */
function betterPath(
  tensor: TensorInfo,
  own: TensorPath,
  { scope, use, stored }: Candidate,
): TensorPath {
  const part = partOf(use, tensor)
  const path = parseTensorName(tensor, `${scope}.${part}`, { basis: 'graph', stored })
  return isAnonymous(tensor.name) || isUnderstood(path, tensor) ? path : own
}

/** A tensor's name inside its graph, without what inlining put in front. */
function plainName(name: string): string {
  const local = name.replace(/^(?:[^/]*@[^/]*\/)+/, '')
  return local.replace(/^.*?__Inline_\d+__\/?/, '')
}

const scopedName = ({ scope }: TensorUse): string => plainName(scope.replaceAll('.', '/'))

/** Names that an exporter made up. */
const isAnonymous = (name: string): boolean =>
  /(?:^|\/)(?:onnx::\w+|_?v_?\d+|val_\d+|t?\d+|const\w*|initializer_?\w*|.*Constant(?:_\d+)?_output_\d+|\w+_\d+_constant)$/.test(
    name,
  )

function isUnderstood(path: TensorPath, tensor: TensorInfo): boolean {
  const rank = path.part === 'bias' ? 1 : tensor.shape.filter((size) => size !== 1).length
  return (
    isBufferPath(path.tokens) ||
    isPositionPath(path.tokens) ||
    wordInBlock(path.tokens, rank, false) !== undefined ||
    wordOutside(path.tokens, rank) !== undefined
  )
}

/** Added vectors are biases, everything else is a weight. */
function partOf({ opType, inputIndex }: TensorUse, { shape }: TensorInfo): 'weight' | 'bias' {
  const isVector = shape.filter((size) => size !== 1).length <= 1
  if (isVector && opType === 'Add') return 'bias'
  const takesBias = /^(?:Conv|FusedConv|ConvTranspose|Gemm|LayerNormalization|.*Normalization)$/
  return isVector && takesBias.test(opType) && inputIndex === 2 ? 'bias' : 'weight'
}

/** Axis order of the weights of matrix products, as their operators read them. */
function storageOrders(
  graph: OnnxGraph,
  tensors: readonly TensorInfo[],
): ReadonlyMap<string, 'out_in' | 'in_out'> {
  const orders = new Map<string, 'out_in' | 'in_out'>()
  for (const index of indexGraphs(graph, tensors)) {
    for (const node of index.graph.nodes) {
      const at = WEIGHT_INPUT[node.opType]
      const stored = at === undefined ? undefined : index.stored(node.inputs[at] ?? '')
      if (stored === undefined || stored.tensor.shape.length !== 2) continue
      const isOutIn = isTurned(node) !== stored.transposed
      orders.set(stored.tensor.name, isOutIn ? 'out_in' : 'in_out')
    }
  }
  return orders
}

const WEIGHT_INPUT: Readonly<Record<string, number>> = {
  MatMul: 1,
  Gemm: 1,
  FusedMatMul: 1,
  FusedGemm: 1,
  MatMulInteger: 1,
  QLinearMatMul: 3,
  DynamicQuantizeMatMul: 1,
  MatMulIntegerToFloat: 1,
}

const isTurned = (node: OnnxNode): boolean => node.attributes.get('transB') === 1
