// A protobuf writer for tests, so that files can be made that no exporter would make.
// Field numbers are those of onnx.proto.

export type Bytes = readonly number[]

export const FLOAT = 1

export function varint(value: number | bigint): Bytes {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return bytes
}

export const int = (field: number, value: number | bigint): Bytes => [
  ...varint(field << 3),
  ...varint(value),
]

export const len = (field: number, ...parts: Bytes[]): Bytes => {
  const payload = parts.flat()
  return [...varint((field << 3) | 2), ...varint(payload.length), ...payload]
}

export const text = (field: number, value: string): Bytes =>
  len(field, [...new TextEncoder().encode(value)])

export const f32 = (...values: number[]): Bytes => [
  ...new Uint8Array(Float32Array.from(values).buffer),
]

/** The fields of a TensorProto with raw float32 elements. */
export const raw = (name: string, values: number[], dims = [values.length]): Bytes[] => [
  ...dims.map((dim) => int(1, dim)),
  int(2, FLOAT),
  text(8, name),
  len(9, f32(...values)),
]

export const initializer = (...parts: Bytes[]): Bytes => len(5, ...parts)

export type NodeParts = {
  readonly op: string
  readonly name?: string
  readonly in?: readonly string[]
  readonly out?: readonly string[]
  readonly attrs?: readonly Bytes[]
}

export const node = (parts: NodeParts): Bytes =>
  len(
    1,
    ...(parts.in ?? []).map((input) => text(1, input)),
    ...(parts.out ?? []).map((output) => text(2, output)),
    ...(parts.name === undefined ? [] : [text(3, parts.name)]),
    text(4, parts.op),
    ...(parts.attrs ?? []),
  )

export const attribute = (name: string, ...parts: Bytes[]): Bytes => len(5, text(1, name), ...parts)

export const model = (...graph: Bytes[]): Uint8Array =>
  Uint8Array.from([...int(1, 8), ...text(2, 'test'), ...len(7, ...graph)])

/** A float32 vector whose elements lie in another file. */
export const externalInitializer = (
  name: string,
  count: number,
  entries: Readonly<Record<string, string>>,
): Bytes =>
  initializer(
    int(1, count),
    int(2, FLOAT),
    text(8, name),
    ...Object.entries(entries).map(([key, value]) => len(13, text(1, key), text(2, value))),
    int(14, 1),
  )

/** A length-delimited field for payloads too long for lists of numbers. */
export function wrap(field: number, payload: Uint8Array): Uint8Array {
  return join(Uint8Array.from([...varint((field << 3) | 2), ...varint(payload.length)]), payload)
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
