import { quoted } from '../../base/quoted.ts'
import { MAX_RANK } from '../tensor-size.ts'
import { CARRIER } from './onnx-dtype.ts'
import { type ByteRange, WIRE, type WireField, type WireReader } from './wire.ts'

/** A TensorProto as it is written: nothing decoded, nothing checked against anything else. */
export type TensorProto = {
  readonly name: string
  readonly dims: readonly number[]
  readonly dataType: number
  readonly raw: ByteRange | undefined
  /** Elements outside raw_data; the ranges, put together, are one packed field. */
  readonly typed: { readonly carrier: number; readonly ranges: readonly ByteRange[] } | undefined
  readonly hasStrings: boolean
  readonly isExternal: boolean
  readonly external: ReadonlyMap<string, string>
}

const FIELD = {
  dims: 1,
  dataType: 2,
  segment: 3,
  stringData: 6,
  name: 8,
  externalData: 13,
  dataLocation: 14,
} as const

/** Wire type of one element of a carrier that is not packed. */
const ELEMENT_WIRE: ReadonlyMap<number, number> = new Map([
  [CARRIER.floatData, WIRE.fixed32],
  [CARRIER.int32Data, WIRE.varint],
  [CARRIER.int64Data, WIRE.varint],
  [CARRIER.doubleData, WIRE.fixed64],
  [CARRIER.uint64Data, WIRE.varint],
])

type Draft = {
  name: string
  dims: number[]
  dataType: number
  raw: ByteRange | undefined
  ranges: Map<number, ByteRange[]>
  hasStrings: boolean
  isExternal: boolean
  external: Map<string, string>
}

/** Reads one TensorProto; its elements stay where they are. Throws what WireReader throws. */
export async function readTensorProto(wire: WireReader, range: ByteRange): Promise<TensorProto> {
  wire.count(1)
  const draft: Draft = {
    name: '',
    dims: [],
    dataType: 0,
    raw: undefined,
    ranges: new Map(),
    hasStrings: false,
    isExternal: false,
    external: new Map(),
  }
  const seen = new Set<number>()
  await wire.eachField(range, (field) => {
    refuseRepeated(wire, field, seen)
    return readField(wire, field, draft)
  })
  const [first, ...others] = draft.ranges
  if (others.length > 0) {
    throw wire.fault(`tensor ${quoted(draft.name)} has elements in two fields`, range.beginByte)
  }
  const typed = first === undefined ? undefined : { carrier: first[0], ranges: first[1] }
  return { ...draft, typed }
}

function readField(wire: WireReader, field: WireField, draft: Draft): Promise<void> | undefined {
  switch (field.number) {
    case FIELD.dims:
      return readDims(wire, field, draft.dims)
    case FIELD.dataType:
      wire.expect(field, WIRE.varint)
      draft.dataType = Number(BigInt.asIntN(32, field.varint))
      return undefined
    case FIELD.segment:
      throw wire.fault('a tensor in segments, which is not read', field.beginByte)
    case CARRIER.rawData:
      wire.expect(field, WIRE.bytes)
      draft.raw = field
      return undefined
    case FIELD.stringData:
      draft.hasStrings = true
      return undefined
    case FIELD.dataLocation:
      wire.expect(field, WIRE.varint)
      if (field.varint > 1n) throw wire.fault(`data location ${field.varint}`, field.beginByte)
      draft.isExternal = field.varint === 1n
      return undefined
    case FIELD.name:
      return wire.text(field).then((name) => {
        draft.name = name
      })
    case FIELD.externalData:
      return readExternalEntry(wire, field, draft.external)
    default:
      readElements(wire, field, draft.ranges)
      return undefined
  }
}

/** Protobuf lets the last of two win, a reader that takes the first would see another model. */
function refuseRepeated(wire: WireReader, field: WireField, seen: Set<number>): void {
  const { number } = field
  const once =
    number === FIELD.dataType ||
    number === FIELD.name ||
    number === FIELD.dataLocation ||
    number === CARRIER.rawData
  if (!once) return
  if (seen.has(number)) {
    throw wire.fault(`field ${number} of a tensor is given twice`, field.beginByte)
  }
  seen.add(number)
}

function readElements(wire: WireReader, field: WireField, ranges: Map<number, ByteRange[]>): void {
  const elementWire = ELEMENT_WIRE.get(field.number)
  if (elementWire === undefined) return
  if (field.wireType !== WIRE.bytes) wire.expect(field, elementWire)
  wire.count(1)
  const { beginByte, endByte } = field
  const list = ranges.get(field.number)
  if (list === undefined) ranges.set(field.number, [{ beginByte, endByte }])
  else list.push({ beginByte, endByte })
}

function readDims(wire: WireReader, field: WireField, dims: number[]): Promise<void> | undefined {
  const add = (value: bigint) => {
    if (dims.length === MAX_RANK) {
      throw wire.fault(`a tensor of more than ${MAX_RANK} dimensions`, field.beginByte)
    }
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw wire.fault(`a dimension of ${BigInt.asIntN(64, value)}`, field.beginByte)
    }
    dims.push(Number(value))
  }
  if (field.wireType === WIRE.varint) {
    add(field.varint)
    return undefined
  }
  return readPackedVarints(wire, field, add)
}

/** Calls `add` with each varint of a packed field, as unsigned 64 bits. */
export async function readPackedVarints(
  wire: WireReader,
  field: WireField,
  add: (value: bigint) => void,
): Promise<void> {
  wire.expect(field, WIRE.bytes)
  const bytes = await wire.bytes(field)
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    if (shift > 63n || (shift === 63n && byte > 1)) {
      throw wire.fault('a number of more than 64 bits', field.beginByte)
    }
    value |= BigInt(byte & 0x7f) << shift
    shift += 7n
    if (byte < 0x80) {
      add(value)
      value = 0n
      shift = 0n
    }
  }
  if (shift > 0n) throw wire.fault('truncated: a number passes its end', field.beginByte)
}

async function readExternalEntry(
  wire: WireReader,
  field: WireField,
  entries: Map<string, string>,
): Promise<void> {
  wire.expect(field, WIRE.bytes)
  let key = ''
  let value = ''
  await wire.eachField(field, async (part) => {
    if (part.number === 1) key = await wire.text(part)
    else if (part.number === 2) value = await wire.text(part)
  })
  if (entries.has(key)) {
    throw wire.fault(`external data names ${quoted(key)} twice`, field.beginByte)
  }
  entries.set(key, value)
}
