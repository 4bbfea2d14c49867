import { type TensorUse, tensorUses } from '../onnx/tensor-uses.ts'
import type { OnnxGraph } from '../onnx-graph.ts'
import { isFloatDtype, type TensorInfo } from '../tensor.ts'
import { readOrder } from './graph-order.ts'
import { parseTensorName, type TensorPath } from './tensor-path.ts'
import { isBufferPath, isPositionPath, wordInBlock, wordOutside } from './vocabulary.ts'

/**
 * Cuts the names of an ONNX file's tensors into words. An exporter drops the names of folded and
 * transposed weights (`onnx::MatMul_123`, `val_40`); these take the path of the operator that
 * uses them, or the name of the bias that is added to its result. Tensors come in the order in
 * which the graph uses them.
 */
export function parseGraphNames(
  graph: OnnxGraph,
  tensors: readonly TensorInfo[],
): readonly TensorPath[] {
  const uses = tensorUses(
    graph,
    tensors.map(({ name }) => name),
  )
  const order = readOrder(graph, tensors)
  const at = (tensor: TensorInfo): number => order.positions.get(tensor.name) ?? Infinity
  return [...tensors]
    .sort((a, b) => at(a) - at(b))
    .map((tensor) => {
      const use = uses.get(tensor.name)?.[0]
      const stored = order.stored.get(tensor.name)
      const own = parseTensorName(tensor, plainName(tensor.name), { basis: 'name', stored })
      const isConstant = tensor.shape.length === 0 || !isWeightDtype(tensor)
      if (use === undefined || isConstant) return { ...own, use: use?.opType }
      const bias = order.biases.get(tensor.name)
      return { ...bestPath(tensor, own, { use, stored, bias }), use: use.opType }
    })
}

const isWeightDtype = ({ dtype }: TensorInfo): boolean =>
  isFloatDtype(dtype) || dtype === 'I8' || dtype === 'U8'

type Candidate = {
  readonly use: TensorUse
  readonly stored: 'out_in' | 'in_out' | undefined
  readonly bias: string | undefined
}

/** The tensor's own name while it says something, else the first path from the graph that does. */
function bestPath(
  tensor: TensorInfo,
  own: TensorPath,
  { use, stored, bias }: Candidate,
): TensorPath {
  const isLegible = !isAnonymous(tensor.name)
  if (isLegible && isUnderstood(own, tensor)) return own
  const scope = scopedName(use)
  const names = [
    ...(scope === '' ? [] : [`${scope}.${partOf(use, tensor)}`]),
    ...(bias === undefined || isAnonymous(bias) ? [] : [plainName(bias)]),
  ]
  const paths = names.map((name): TensorPath => {
    const path = parseTensorName(tensor, name, { basis: 'graph', stored })
    return name === names.at(-1) && bias !== undefined ? { ...path, part: 'weight' } : path
  })
  const understood = paths.find((path) => isUnderstood(path, tensor))
  return understood ?? (isLegible ? own : (paths[0] ?? own))
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
