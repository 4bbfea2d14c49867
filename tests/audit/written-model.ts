import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { safetensorsBytes } from '../../packages/core/src/model/safetensors/write-safetensors.ts'
import type { Loaded } from './transforms.ts'

/** A model of the tests as a folder in Hugging Face layout, float32. */
export function writeModel(folder: string, { config, tensors, texts }: Loaded): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  for (const [name, text] of texts) writeFileSync(join(folder, name), text)
  const named = Object.entries(tensors).map(([name, { shape, values }]) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    return { name, dtype: 'F32' as const, shape, bytes }
  })
  writeFileSync(join(folder, 'model.safetensors'), safetensorsBytes(named))
}
