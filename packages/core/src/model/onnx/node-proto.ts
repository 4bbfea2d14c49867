import { quoted } from '../../base/quoted.ts'
import { readPackedVarints } from './tensor-proto.ts'
import { type ByteRange, WIRE, type WireField, type WireReader } from './wire.ts'

/** An AttributeProto: small values read, tensors and graphs left in their place. */
export type AttributeProto = {
  readonly name: string
  readonly value: number | string | undefined
  readonly ints: readonly number[]
  /** 4 bytes each, or packed runs of them. */
  readonly floats: readonly ByteRange[]
  /** One TensorProto each. */
  readonly tensors: readonly ByteRange[]
  readonly graphs: readonly ByteRange[]
  readonly isSparse: boolean
}

export type NodeProto = {
  readonly name: string
  readonly opType: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: readonly AttributeProto[]
}

const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 } as const
const ATTRIBUTE = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  tensors: 10,
  graphs: 11,
  sparseTensor: 22,
  sparseTensors: 23,
} as const

type AttributeDraft = {
  name: string
  value: number | string | undefined
  ints: number[]
  floats: ByteRange[]
  tensors: ByteRange[]
  graphs: ByteRange[]
  isSparse: boolean
}

/** Reads one NodeProto. Throws what WireReader throws. */
export async function readNodeProto(wire: WireReader, range: ByteRange): Promise<NodeProto> {
  wire.count(1)
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: AttributeProto[] = []
  const names = new Set<string>()
  let name: string | undefined
  let opType: string | undefined
  await wire.eachField(range, async (field) => {
    switch (field.number) {
      case NODE.input:
        inputs.push(await wire.text(field))
        break
      case NODE.output:
        outputs.push(await wire.text(field))
        break
      case NODE.name:
        if (name !== undefined) throw wire.fault('a node with two names', field.beginByte)
        name = await wire.text(field)
        break
      case NODE.opType:
        if (opType !== undefined) throw wire.fault('a node with two types', field.beginByte)
        opType = await wire.text(field)
        break
      case NODE.attribute: {
        const attribute = await readAttribute(wire, field)
        if (names.has(attribute.name)) {
          throw wire.fault(`a node with two attributes ${quoted(attribute.name)}`, field.beginByte)
        }
        names.add(attribute.name)
        attributes.push(attribute)
        break
      }
    }
  })
  return { name: name ?? '', opType: opType ?? '', inputs, outputs, attributes }
}

async function readAttribute(wire: WireReader, range: WireField): Promise<AttributeProto> {
  wire.expect(range, WIRE.bytes)
  wire.count(1)
  const draft: AttributeDraft = {
    name: '',
    value: undefined,
    ints: [],
    floats: [],
    tensors: [],
    graphs: [],
    isSparse: false,
  }
  const seen = new Set<number>()
  await wire.eachField(range, (field) => {
    refuseRepeated(wire, field, seen)
    return readAttributeField(wire, field, draft)
  })
  return draft
}

function readAttributeField(
  wire: WireReader,
  field: WireField,
  draft: AttributeDraft,
): Promise<void> | undefined {
  switch (field.number) {
    case ATTRIBUTE.name:
      return wire.text(field).then((name) => {
        draft.name = name
      })
    case ATTRIBUTE.f:
      wire.expect(field, WIRE.fixed32)
      return wire.bytes(field).then((bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, 4)
        draft.value = view.getFloat32(0, true)
      })
    case ATTRIBUTE.i:
      wire.expect(field, WIRE.varint)
      draft.value = Number(BigInt.asIntN(64, field.varint))
      return undefined
    case ATTRIBUTE.s:
      return readTextValue(wire, field, draft)
    case ATTRIBUTE.floats:
      if (field.wireType !== WIRE.bytes) wire.expect(field, WIRE.fixed32)
      wire.count(1)
      draft.floats.push({ beginByte: field.beginByte, endByte: field.endByte })
      return undefined
    case ATTRIBUTE.ints:
      return readInts(wire, field, draft.ints)
    case ATTRIBUTE.t:
    case ATTRIBUTE.tensors:
      wire.expect(field, WIRE.bytes)
      wire.count(1)
      draft.tensors.push(field)
      return undefined
    case ATTRIBUTE.g:
    case ATTRIBUTE.graphs:
      wire.expect(field, WIRE.bytes)
      wire.count(1)
      draft.graphs.push(field)
      return undefined
    case ATTRIBUTE.sparseTensor:
    case ATTRIBUTE.sparseTensors:
      draft.isSparse = true
      return undefined
    default:
      return undefined
  }
}

function refuseRepeated(wire: WireReader, field: WireField, seen: Set<number>): void {
  if (field.number > ATTRIBUTE.g) return
  if (seen.has(field.number)) {
    throw wire.fault(`field ${field.number} of an attribute is given twice`, field.beginByte)
  }
  seen.add(field.number)
}

/** Byte values that are no short text (compiled kernels, vocabularies) are left out. */
async function readTextValue(
  wire: WireReader,
  field: WireField,
  draft: AttributeDraft,
): Promise<void> {
  wire.expect(field, WIRE.bytes)
  const text = await wire.shortText(field)
  if (text !== undefined) draft.value = text
}

function readInts(wire: WireReader, field: WireField, ints: number[]): Promise<void> | undefined {
  const add = (value: bigint) => {
    wire.count(1)
    ints.push(Number(BigInt.asIntN(64, value)))
  }
  if (field.wireType === WIRE.varint) {
    add(field.varint)
    return undefined
  }
  return readPackedVarints(wire, field, add)
}
