/** Writes GGUF files for tests: metadata and tensors as they come, nothing checked. */
export type GgufInput = {
  readonly version?: number
  readonly metadata?: readonly GgufPair[]
  readonly tensors?: readonly GgufTensor[]
  readonly alignment?: number
  /** Instead of the true counts. */
  readonly tensorCount?: bigint
  readonly keyCount?: bigint
  /** Bytes behind the last padded tensor. */
  readonly trailing?: number
}

export type GgufPair = readonly [key: string, value: GgufValue]
export type GgufValue =
  | { readonly u32: number }
  | { readonly u64: bigint }
  | { readonly f32: number }
  | { readonly flag: number }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly list: readonly number[] }
  | { readonly raw: Uint8Array; readonly type: number }

export type GgufTensor = {
  readonly name: string
  /** Row-major; the file lists the last axis first. */
  readonly shape: readonly number[]
  readonly type: number
  readonly bytes: Uint8Array
  /** Instead of the next free place. */
  readonly offset?: number
}

class Writer {
  readonly #parts: Uint8Array[] = []
  size = 0

  bytes(part: Uint8Array): void {
    this.#parts.push(part)
    this.size += part.length
  }
  u32(value: number): void {
    const part = new Uint8Array(4)
    new DataView(part.buffer).setUint32(0, value, true)
    this.bytes(part)
  }
  u64(value: bigint): void {
    const part = new Uint8Array(8)
    new DataView(part.buffer).setBigUint64(0, value, true)
    this.bytes(part)
  }
  text(value: string): void {
    const part = new TextEncoder().encode(value)
    this.u64(BigInt(part.length))
    this.bytes(part)
  }
  pad(alignment: number): void {
    this.bytes(new Uint8Array((alignment - (this.size % alignment)) % alignment))
  }
  joined(): Uint8Array {
    const all = new Uint8Array(this.size)
    let at = 0
    for (const part of this.#parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }
}

export function ggufBytes(input: GgufInput): Uint8Array {
  const { metadata = [], tensors = [], alignment = 32 } = input
  const writer = new Writer()
  writer.bytes(new TextEncoder().encode('GGUF'))
  writer.u32(input.version ?? 3)
  writer.u64(input.tensorCount ?? BigInt(tensors.length))
  writer.u64(input.keyCount ?? BigInt(metadata.length))
  for (const [key, value] of metadata) {
    writer.text(key)
    writeValue(writer, value)
  }
  let next = 0
  for (const { name, shape, type, bytes, offset } of tensors) {
    writer.text(name)
    writer.u32(shape.length)
    for (const length of shape.toReversed()) writer.u64(BigInt(length))
    writer.u32(type)
    writer.u64(BigInt(offset ?? next))
    next += Math.ceil(bytes.length / alignment) * alignment
  }
  writer.pad(alignment)
  for (const { bytes } of tensors) {
    writer.bytes(bytes)
    writer.pad(alignment)
  }
  writer.bytes(new Uint8Array(input.trailing ?? 0))
  return writer.joined()
}

function writeValue(writer: Writer, value: GgufValue): void {
  if ('u32' in value) {
    writer.u32(4)
    writer.u32(value.u32)
  } else if ('u64' in value) {
    writer.u32(10)
    writer.u64(value.u64)
  } else if ('f32' in value) {
    writer.u32(6)
    writer.bytes(new Uint8Array(Float32Array.of(value.f32).buffer))
  } else if ('flag' in value) {
    writer.u32(7)
    writer.bytes(Uint8Array.of(value.flag))
  } else if ('text' in value) {
    writer.u32(8)
    writer.text(value.text)
  } else if ('texts' in value) {
    writer.u32(9)
    writer.u32(8)
    writer.u64(BigInt(value.texts.length))
    for (const text of value.texts) writer.text(text)
  } else if ('list' in value) {
    writer.u32(9)
    writer.u32(4)
    writer.u64(BigInt(value.list.length))
    for (const entry of value.list) writer.u32(entry)
  } else {
    writer.u32(value.type)
    writer.bytes(value.raw)
  }
}
