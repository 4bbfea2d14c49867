import { quoted } from '../../base/quoted.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { OnnxGraph } from '../onnx-graph.ts'
import type { TensorInfo } from '../tensor.ts'
import { GraphReader } from './graph-reader.ts'
import { onnxError } from './onnx-fault.ts'
import type { ExternalFile, FindExternal } from './tensor-storage.ts'
import { WIRE, type WireField, WireReader } from './wire.ts'

export type OnnxModel = {
  /** In the order of the file: initializers and constants, those of subgraphs included. */
  readonly tensors: readonly TensorInfo[]
  readonly graph: OnnxGraph
  /** Files beside the graph that hold some of its tensors. */
  readonly externalFiles: readonly ExternalFile[]
  readonly notes: readonly string[]
}

/** Fields of ModelProto. Texts and versions are stepped over. */
const MODEL = { irVersion: 1, graph: 7, trainingInfo: 20, functions: 25 } as const

/**
 * Reads an ONNX model: the graph and where its tensors' bytes are, stepping over raw weights.
 * Tensors are initializers and the values of Constant nodes, in the main graph, in subgraphs of
 * control flow and in local functions. A tensor of a subgraph is named by its path, such as
 * `then_branch@If_0/weight`.
 *
 * `findExternal` looks up the plain name of a file beside the graph.
 * Throws AppError ONNX_INVALID, CHECKPOINT_INVALID (an external file is missing), LIMIT_EXCEEDED.
 */
export async function readOnnx(reader: ByteReader, findExternal: FindExternal): Promise<OnnxModel> {
  const wire = new WireReader(reader)
  const graphs = new GraphReader(wire, findExternal)
  let graphField: WireField | undefined
  let hasTrainingInfo = false
  const functions: WireField[] = []
  await wire.eachField({ beginByte: 0, endByte: reader.sizeBytes }, (field) => {
    if (field.number === MODEL.irVersion) wire.expect(field, WIRE.varint)
    if (field.number === MODEL.graph) {
      wire.expect(field, WIRE.bytes)
      if (graphField !== undefined) throw wire.fault('a second graph', field.beginByte)
      graphField = field
    } else if (field.number === MODEL.functions) {
      wire.expect(field, WIRE.bytes)
      wire.count(1)
      functions.push(field)
    } else if (field.number === MODEL.trainingInfo) hasTrainingInfo = true
    return undefined
  })
  if (graphField === undefined) {
    throw onnxError(reader.file, 'not an onnx model: it has no graph')
  }
  const main = await graphs.readGraph(graphField, { path: '', depth: 0 })
  const functionGraphs: OnnxGraph[] = []
  for (const field of functions) functionGraphs.push(await graphs.readFunction(field))
  const notes = [...graphs.notes()]
  if (hasTrainingInfo) notes.push(`not read: the training graphs of ${quoted(reader.file)}`)
  return {
    tensors: graphs.tensors,
    graph: { ...main, subgraphs: [...main.subgraphs, ...functionGraphs] },
    externalFiles: graphs.externalFiles,
    notes,
  }
}
