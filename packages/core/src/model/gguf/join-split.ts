import { AppError } from '../../base/errors.ts'
import { joinShards } from '../safetensors/join-shards.ts'
import type { TensorInfo } from '../tensor.ts'
import type { GgufFile } from './read-gguf.ts'

export type NamedGguf = { readonly file: string; readonly content: GgufFile }

/**
 * The parts of one model that gguf-split wrote, in the order of their names, as one list sorted
 * by name. Every part must say that it is the one its place demands.
 * Throws AppError CHECKPOINT_INVALID.
 */
export function joinSplit(parts: readonly NamedGguf[]): readonly TensorInfo[] {
  parts.forEach(({ file, content: { metadata } }, index) => {
    const number = metadata.get('split.no') ?? 0
    const count = metadata.get('split.count') ?? 1
    if (number === index && (count === parts.length || (count === 0 && parts.length === 1))) return
    throw new AppError(
      'CHECKPOINT_INVALID',
      `${file}: says that it is part ${Number(number) + 1} of ${count}, its place is ${index + 1} of ${parts.length}`,
      { hint: 'fetch all parts of one version into one folder and keep their names' },
    )
  })
  const stated = parts[0]?.content.metadata.get('split.tensors.count')
  const found = parts.reduce((sum, { content }) => sum + content.tensorCount, 0)
  if (stated !== undefined && stated !== found) {
    throw new AppError(
      'CHECKPOINT_INVALID',
      `${parts[0]?.file}: says that the parts hold ${stated} tensors, they hold ${found}`,
      { hint: 'fetch all parts of one version' },
    )
  }
  return joinShards(parts.map(({ file, content }) => ({ file, tensors: content.tensors })))
}
