import { safetensorsBytes } from '../../../packages/core/src/model/safetensors/write-safetensors.ts'
import type { Quantiser } from './quantisers.ts'
import type { Model } from './weights.ts'

export type Files = Readonly<Record<string, Uint8Array | string>>

/** Every matrix inside the blocks goes through the quantiser; the rest stays F32. */
export function quantisedFiles(
  { weights, config }: Model,
  quantiser: Quantiser,
  quantization: Record<string, unknown> = {},
): { readonly files: Files; readonly expected: ReadonlyMap<string, Float32Array> } {
  const expected = new Map<string, Float32Array>()
  const tensors = Object.entries(weights).flatMap(([name, { shape, values }]) => {
    const [rows, cols] = shape
    const isMatrix = name.includes('.layers.') && rows !== undefined && cols !== undefined
    if (!isMatrix) {
      return [{ name, dtype: 'F32' as const, shape, bytes: new Uint8Array(values.slice().buffer) }]
    }
    const base = name.replace(/\.weight$/, '')
    const quantised = quantiser(base, values, [rows, cols])
    expected.set(name, quantised.expected)
    return quantised.tensors
  })
  const text = JSON.stringify({ ...config, quantization_config: quantization })
  return {
    files: { 'model.safetensors': safetensorsBytes(tensors), 'config.json': text },
    expected,
  }
}
