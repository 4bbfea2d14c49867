import type { JsonValue } from '../../base/canonical-json.ts'
import { assert } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import { elementCount } from '../../model/tensor.ts'

export type MemoryTensor = { readonly shape: readonly number[]; readonly values: Float32Array }

/** A checkpoint whose tensors lie in memory as F32: a working source, not a pretence of one. */
export function memoryModel(
  id: string,
  tensors: Readonly<Record<string, MemoryTensor>>,
  config?: JsonValue,
): TensorSource {
  let read = 0
  const names = Object.keys(tensors).sort()
  return {
    checkpoint: {
      id,
      format: 'safetensors',
      config,
      files: [],
      graph: undefined,
      notes: [],
      texts: new Map(),
      tensors: names.map((name) => {
        const { shape, values } = tensors[name] as MemoryTensor
        assert(elementCount(shape) === values.length, `${name}: ${values.length} values`)
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
        return { name, dtype: 'F32', shape, storage: { kind: 'memory', bytes } }
      }),
    },
    readBytes: async (tensor, beginByte, endByte) => {
      assert(tensor.storage.kind === 'memory', 'tensor of another source')
      read += endByte - beginByte
      return tensor.storage.bytes.subarray(beginByte, endByte)
    },
    bytesRead: () => read,
    close: async () => {},
  }
}
