import { DTYPE_SIZE_BYTES, type Dtype } from '../../base/dtype.ts'
import { assert } from '../../base/errors.ts'
import { elementCount } from '../tensor.ts'
import { LENGTH_BYTES } from './header.ts'

export type NamedTensor = {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array
}

/**
 * A whole safetensors file in memory. Larger element types come first, as the reference writer
 * orders them, and the header is padded with spaces, so that every tensor is aligned to its type.
 */
export function safetensorsBytes(
  tensors: readonly NamedTensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const ordered = tensors.toSorted(
    (a, b) => DTYPE_SIZE_BYTES[b.dtype] - DTYPE_SIZE_BYTES[a.dtype] || (a.name < b.name ? -1 : 1),
  )
  const header = new Map<string, unknown>()
  if (metadata !== undefined) header.set('__metadata__', metadata)
  let end = 0
  for (const { name, dtype, shape, bytes } of ordered) {
    assert(!header.has(name), `two tensors named ${name}`)
    const sizeBytes = elementCount(shape) * DTYPE_SIZE_BYTES[dtype]
    assert(bytes.length === sizeBytes, `${name}: ${bytes.length} bytes, ${sizeBytes} needed`)
    header.set(name, { dtype, shape, data_offsets: [end, end + bytes.length] })
    end += bytes.length
  }
  const fields = [...header].map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  )
  const json = new TextEncoder().encode(`{${fields.join(',')}}`)
  const headerBytes = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true)
  file.set(json, LENGTH_BYTES)
  file.fill(0x20, LENGTH_BYTES + json.length, LENGTH_BYTES + headerBytes)
  let at = LENGTH_BYTES + headerBytes
  for (const { bytes } of ordered) {
    file.set(bytes, at)
    at += bytes.length
  }
  return file
}
