import { isPrintable, quoted } from '../../base/quoted.ts'
import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts'
import type { TensorInfo } from '../tensor.ts'
import { type AttributeProto, type NodeProto, readNodeProto } from './node-proto.ts'
import { CARRIER, lookUpDtype } from './onnx-dtype.ts'
import { onnxError } from './onnx-fault.ts'
import { readTensorProto, type TensorProto } from './tensor-proto.ts'
import { type ExternalFile, type FindExternal, StorageResolver } from './tensor-storage.ts'
import { type ByteRange, WIRE, type WireField, type WireReader } from './wire.ts'

const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const
const SPARSE_VALUES = 1
const FUNCTION = { name: 1, input: 4, output: 5, node: 7, domain: 10 } as const

/** Control flow inside control flow; exporters reach three or four. */
const MAX_GRAPH_DEPTH = 16
/** Two bytes of a file can be a node, which takes two hundred times as much memory. */
const MAX_NODES = 500_000
const NO_ATTRIBUTES: OnnxNode['attributes'] = new Map()
/** Longer attribute lists are tables (tree ensembles, kernels), not parameters of an operator. */
const MAX_LIST_LENGTH = 4096
const MAX_NAMES_IN_NOTE = 5
const MAX_FILL_BYTES = 64

type Place = { readonly path: string; readonly depth: number }

/** What of a graph is known while it is being read. */
type GraphDraft = Place & {
  readonly nodes: OnnxNode[]
  readonly inputs: string[]
  readonly outputs: string[]
  readonly subgraphs: OnnxGraph[]
}

/** Reads graphs into nodes and tensors; one instance per model, so that names stay unique. */
export class GraphReader {
  readonly tensors: TensorInfo[] = []
  readonly #wire: WireReader
  readonly #storage: StorageResolver
  readonly #tensorNames = new Set<string>()
  readonly #paths = new Set<string>()
  #nodes = 0
  /** Names of tensors that are not read, by the reason. */
  readonly #unread = new Map<string, string[]>()

  constructor(wire: WireReader, findExternal: FindExternal) {
    this.#wire = wire
    this.#storage = new StorageResolver(wire, findExternal)
  }

  get externalFiles(): readonly ExternalFile[] {
    return this.#storage.externalFiles
  }

  notes(): readonly string[] {
    return [...this.#unread].map(([reason, names]) => {
      const shown = names.slice(0, MAX_NAMES_IN_NOTE).map((name) => quoted(name))
      const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
      return `not read: ${reason}: ${shown.join(', ')}${more}`
    })
  }

  async readGraph(range: ByteRange, place: Place): Promise<OnnxGraph> {
    const draft = this.#newDraft(place)
    await this.#wire.eachField(range, async (field) => {
      switch (field.number) {
        case GRAPH.node:
          return this.#readNode(field, draft)
        case GRAPH.initializer: {
          this.#wire.expect(field, WIRE.bytes)
          const proto = await readTensorProto(this.#wire, field)
          return this.#addTensor(proto, joined(draft.path, proto.name))
        }
        case GRAPH.input:
          draft.inputs.push(await this.#readValueName(field))
          return
        case GRAPH.output:
          draft.outputs.push(await this.#readValueName(field))
          return
        case GRAPH.sparseInitializer:
          return this.#skipSparse(field, draft)
      }
    })
    return finished(draft)
  }

  /** A local function is read as a subgraph of its own: its constants are weights as well. */
  async readFunction(range: ByteRange): Promise<OnnxGraph> {
    let name = ''
    let domain = ''
    await this.#wire.eachField(range, async (field) => {
      if (field.number === FUNCTION.name) name = await this.#wire.text(field)
      else if (field.number === FUNCTION.domain) domain = await this.#wire.text(field)
    })
    const label = domain === '' ? name : `${domain}.${name}`
    const draft = this.#newDraft({ path: this.#uniquePath(`function@${label}`), depth: 1 })
    await this.#wire.eachField(range, async (field) => {
      if (field.number === FUNCTION.input) draft.inputs.push(await this.#wire.text(field))
      else if (field.number === FUNCTION.output) draft.outputs.push(await this.#wire.text(field))
      else if (field.number === FUNCTION.node) await this.#readNode(field, draft)
    })
    return finished(draft)
  }

  #newDraft({ path, depth }: Place): GraphDraft {
    if (depth > MAX_GRAPH_DEPTH) {
      throw this.#wire.excess(`graphs nested deeper than ${MAX_GRAPH_DEPTH}, at ${quoted(path)}`)
    }
    return { path, depth, nodes: [], inputs: [], outputs: [], subgraphs: [] }
  }

  async #readNode(field: WireField, draft: GraphDraft): Promise<void> {
    this.#wire.expect(field, WIRE.bytes)
    if (++this.#nodes > MAX_NODES) throw this.#wire.excess(`more than ${MAX_NODES} nodes`)
    const proto = await readNodeProto(this.#wire, field)
    const isConstant = proto.opType === 'Constant'
    if (isConstant) await this.#readConstant(proto, draft)
    const attributes = new Map<string, number | string | readonly number[]>()
    for (const attribute of proto.attributes) {
      const isTensor = isConstant && attribute.name === 'value_floats'
      const value = isTensor ? undefined : await this.#reduce(attribute)
      if (value !== undefined) attributes.set(attribute.name, value)
      if (!isConstant) this.#noteTensors(attribute, proto, draft)
      for (const [i, graph] of attribute.graphs.entries()) {
        const branch = attribute.graphs.length > 1 ? `${attribute.name}[${i}]` : attribute.name
        const path = this.#uniquePath(joined(draft.path, `${branch}@${labelOf(proto, draft)}`))
        draft.subgraphs.push(await this.readGraph(graph, { path, depth: draft.depth + 1 }))
      }
    }
    const { name, opType, inputs, outputs } = proto
    const held = attributes.size > 0 ? attributes : NO_ATTRIBUTES
    draft.nodes.push({ name, opType, inputs, outputs, attributes: held })
  }

  #noteTensors(attribute: AttributeProto, node: NodeProto, draft: GraphDraft): void {
    const [tensor] = attribute.tensors
    if (tensor === undefined && !attribute.isSparse) return
    const sizeBytes = tensor === undefined ? 0 : tensor.endByte - tensor.beginByte
    // A fill value is a single number.
    if (node.opType === 'ConstantOfShape' && sizeBytes <= MAX_FILL_BYTES) return
    const name = joined(draft.path, `${labelOf(node, draft)}.${attribute.name}`)
    this.#skip('tensors in attributes', name)
  }

  /** A Constant node is named by its output, which is unique within the graph. */
  async #readConstant(node: NodeProto, draft: GraphDraft): Promise<void> {
    const [output = ''] = node.outputs
    const name = joined(draft.path, output)
    for (const attribute of node.attributes) {
      if (attribute.isSparse) this.#skip('sparse constants', name)
      const [tensor] = attribute.tensors
      if (tensor !== undefined) {
        await this.#addTensor(await readTensorProto(this.#wire, tensor), name)
      } else if (attribute.name === 'value_floats') {
        await this.#addFloats(attribute.floats, name)
      }
    }
  }

  async #addFloats(ranges: readonly ByteRange[], name: string): Promise<void> {
    const held = ranges.reduce((sum, range) => sum + range.endByte - range.beginByte, 0)
    await this.#addTensor(
      {
        name,
        dims: [Math.floor(held / 4)],
        dataType: 1,
        raw: undefined,
        typed: { carrier: CARRIER.floatData, ranges },
        hasStrings: false,
        isExternal: false,
        external: new Map(),
      },
      name,
    )
  }

  async #addTensor(proto: TensorProto, name: string): Promise<void> {
    const { file } = this.#wire
    if (!isPrintable(name)) {
      throw onnxError(file, `tensor ${quoted(name)} has control characters in its name`)
    }
    if (this.#tensorNames.has(name)) throw onnxError(file, `two tensors named ${quoted(name)}`)
    this.#tensorNames.add(name)
    const lookup = lookUpDtype(proto.dataType)
    if (lookup.kind === 'unknown') {
      throw onnxError(file, `tensor ${quoted(name)} has the unknown data type ${proto.dataType}`)
    }
    if (lookup.kind === 'unread') {
      this.#skip(`tensors of type ${lookup.name}`, name)
      return
    }
    const storage = await this.#storage.resolve(proto, lookup.type, name)
    this.tensors.push({ name, dtype: lookup.type.dtype, shape: proto.dims, storage })
  }

  async #reduce(
    attribute: AttributeProto,
  ): Promise<number | string | readonly number[] | undefined> {
    if (attribute.value !== undefined) return attribute.value
    if (attribute.ints.length > MAX_LIST_LENGTH) return undefined
    if (attribute.ints.length > 0) return attribute.ints
    const bytes = attribute.floats.reduce((sum, r) => sum + r.endByte - r.beginByte, 0)
    if (bytes === 0 || bytes > MAX_LIST_LENGTH * 4) return undefined
    const floats: number[] = []
    for (const range of attribute.floats) {
      const part = await this.#wire.bytes(range)
      const view = new DataView(part.buffer, part.byteOffset, part.length)
      for (let at = 0; at + 4 <= part.length; at += 4) floats.push(view.getFloat32(at, true))
    }
    return floats
  }

  async #skipSparse(field: WireField, draft: GraphDraft): Promise<void> {
    this.#wire.expect(field, WIRE.bytes)
    let name = ''
    await this.#wire.eachField(field, async (part) => {
      if (part.number !== SPARSE_VALUES) return
      this.#wire.expect(part, WIRE.bytes)
      name = (await readTensorProto(this.#wire, part)).name
    })
    this.#skip('sparse initializers', joined(draft.path, name))
  }

  async #readValueName(field: WireField): Promise<string> {
    this.#wire.expect(field, WIRE.bytes)
    this.#wire.count(1)
    let name = ''
    await this.#wire.eachField(field, async (part) => {
      if (part.number === 1) name = await this.#wire.text(part)
    })
    return name
  }

  #uniquePath(wanted: string): string {
    let path = wanted
    for (let n = 2; this.#paths.has(path); n++) path = `${wanted}#${n}`
    this.#paths.add(path)
    return path
  }

  #skip(reason: string, name: string): void {
    const names = this.#unread.get(reason)
    if (names === undefined) this.#unread.set(reason, [name])
    else names.push(name)
  }
}

function finished({ path, nodes, inputs, outputs, subgraphs }: GraphDraft): OnnxGraph {
  return { path, nodes, inputs, outputs, subgraphs }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}

function labelOf(node: NodeProto, { nodes }: GraphDraft): string {
  return node.name || node.outputs[0] || `${node.opType}_${nodes.length}`
}
