/** The part of the ONNX protobuf schema (onnx.proto3) that the converted models use. */
export type OnnxDtype = 'FLOAT' | 'UINT8' | 'INT32' | 'INT64' | 'BOOL' | 'FLOAT16'

/** TensorProto.DataType. */
const DATA_TYPE: Record<OnnxDtype, number> = {
  FLOAT: 1,
  UINT8: 2,
  INT32: 6,
  INT64: 7,
  BOOL: 9,
  FLOAT16: 10,
}

export const onnxDataType = (dtype: OnnxDtype): number => DATA_TYPE[dtype]

/** A bare number is an integer attribute; floats are marked. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number }

export type OnnxNodeSpec = {
  readonly name: string
  readonly opType: string
  /** '' is the standard operator set. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

export type OnnxTensorSpec = {
  readonly name: string
  readonly dtype: OnnxDtype
  readonly dims: readonly number[]
  /** Row-major, little-endian. */
  readonly bytes: Uint8Array
}

export type OnnxPortSpec = {
  readonly name: string
  readonly dtype: OnnxDtype
  /** null is a size that the model leaves open; undefined leaves the rank open. */
  readonly dims: readonly (number | null)[] | undefined
}

export type OnnxModelSpec = {
  readonly name: string
  readonly opset: number
  readonly customDomain: string
  readonly nodes: readonly OnnxNodeSpec[]
  readonly initializers: readonly OnnxTensorSpec[]
  readonly inputs: readonly OnnxPortSpec[]
  readonly outputs: readonly OnnxPortSpec[]
}

/** Serialises a ModelProto (IR version 8). */
export const encodeOnnxModel = (model: OnnxModelSpec): Uint8Array =>
  flatten([
    ...integer(1, 8),
    ...message(8, [...text(1, ''), ...integer(2, model.opset)]),
    ...message(8, [...text(1, model.customDomain), ...integer(2, 1)]),
    ...message(7, [
      ...model.nodes.flatMap((node) => message(1, encodeNode(node))),
      ...text(2, model.name),
      ...model.initializers.flatMap((tensor) => message(5, encodeTensor(tensor))),
      ...model.inputs.flatMap((port) => message(11, encodePort(port))),
      ...model.outputs.flatMap((port) => message(12, encodePort(port))),
    ]),
  ])

type Chunks = readonly Uint8Array[]

const encodeNode = (node: OnnxNodeSpec): Chunks => [
  ...node.inputs.flatMap((name) => text(1, name)),
  ...node.outputs.flatMap((name) => text(2, name)),
  ...text(3, node.name),
  ...text(4, node.opType),
  ...text(7, node.domain),
  ...Object.entries(node.attributes).flatMap(([name, value]) =>
    message(5, [...text(1, name), ...encodeAttribute(value)]),
  ),
]

/** The value field, then field 20: AttributeProto.AttributeType. */
const encodeAttribute = (value: OnnxAttribute): Chunks => {
  if (typeof value === 'number') return [...integer(3, value), ...integer(20, 2)]
  if (typeof value === 'string') return [...text(4, value), ...integer(20, 3)]
  if ('float' in value) return [...float(2, value.float), ...integer(20, 1)]
  return [...value.flatMap((item) => integer(8, item)), ...integer(20, 7)]
}

const encodeTensor = (tensor: OnnxTensorSpec): Chunks => [
  ...tensor.dims.flatMap((dim) => integer(1, dim)),
  ...integer(2, DATA_TYPE[tensor.dtype]),
  ...text(8, tensor.name),
  ...field(9, tensor.bytes),
]

const encodePort = (port: OnnxPortSpec): Chunks => [
  ...text(1, port.name),
  ...message(2, [
    ...message(1, [
      ...integer(1, DATA_TYPE[port.dtype]),
      ...(port.dims === undefined ? [] : message(2, port.dims.flatMap(encodeDimension))),
    ]),
  ]),
]

const encodeDimension = (size: number | null, axis: number): Chunks =>
  message(1, size === null ? text(2, `open_${axis}`) : integer(1, size))

// Protobuf wire encoding: a field is its key (number · 8 + wire type), then its payload.
const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

const varint = (value: number): Uint8Array => {
  // Negative int64 values are their two's complement, ten bytes long.
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return Uint8Array.from(bytes)
}

const integer = (number: number, value: number): Chunks => [
  varint(number * 8 + VARINT),
  varint(value),
]

const float = (number: number, value: number): Chunks => [
  varint(number * 8 + FIXED_32),
  new Uint8Array(new Float32Array([value]).buffer),
]

const field = (number: number, payload: Uint8Array): Chunks => [
  varint(number * 8 + LENGTH_DELIMITED),
  varint(payload.length),
  payload,
]

const text = (number: number, value: string): Chunks =>
  field(number, new TextEncoder().encode(value))

const message = (number: number, chunks: Chunks): Chunks => {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  return [varint(number * 8 + LENGTH_DELIMITED), varint(length), ...chunks]
}

const flatten = (chunks: Chunks): Uint8Array => {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
