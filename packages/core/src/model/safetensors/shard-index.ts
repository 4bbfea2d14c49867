import { AppError } from '../../base/errors.ts'
import { quoted } from '../../base/quoted.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import { isPlainFileName } from '../file-name.ts'
import { isRecord } from './tensor-entry.ts'

/** Kimi-K3's index is about 60 MB for half a million tensors. */
export const MAX_INDEX_BYTES = 128 * 2 ** 20

export type ShardIndex = {
  /** Tensor name to shard file name. */
  readonly weightMap: ReadonlyMap<string, string>
  /** Sorted, every shard once. */
  readonly shards: readonly string[]
}

export function checkpointError(message: string, hint: string): AppError {
  return new AppError('CHECKPOINT_INVALID', message, { hint })
}

/** What an index is of; its shards have the same ending. */
export type IndexedFormat = 'safetensors' | 'bin'

/**
 * Reads `*.safetensors.index.json`, or the index of PyTorch shards. A shard must be a plain name beside the index: a path, an
 * address or a climbing name is refused, because following it would leave the user's folder.
 * The `metadata` field is not used: its total size is often wrong in genuine files.
 *
 * Throws AppError CHECKPOINT_INVALID, JSON_INVALID or LIMIT_EXCEEDED.
 */
export function parseShardIndex(
  bytes: Uint8Array,
  file: string,
  format: IndexedFormat = 'safetensors',
): ShardIndex {
  const root = parseStrictJson(bytes, {
    source: file,
    maxBytes: MAX_INDEX_BYTES,
    maxDepth: 16,
    numbers: 'text',
  })
  const map = isRecord(root) ? root['weight_map'] : undefined
  if (!isRecord(map)) {
    throw checkpointError(`${file}: no weight_map object`, 'fetch the index again')
  }
  const weightMap = new Map<string, string>()
  const shards = new Map<string, string>()
  for (const tensor of Object.keys(map)) {
    const shard = map[tensor]
    if (typeof shard !== 'string') {
      throw checkpointError(
        `${file}: the shard of tensor ${quoted(tensor)} is not text`,
        'fetch the index again',
      )
    }
    let name = shards.get(shard)
    if (name === undefined) {
      refuseForeignShard(file, tensor, { shard, format })
      name = shard
      shards.set(name, name)
    }
    weightMap.set(tensor, name)
  }
  if (shards.size === 0) throw checkpointError(`${file}: names no tensor`, 'fetch the index again')
  return { weightMap, shards: [...shards.keys()].sort() }
}

function refuseForeignShard(
  file: string,
  tensor: string,
  { shard, format }: { readonly shard: string; readonly format: IndexedFormat },
): void {
  if (isPlainFileName(shard) && shard.endsWith(`.${format}`)) return
  throw checkpointError(
    `${file}: tensor ${quoted(tensor)} is said to lie in ${quoted(shard)}, which is not the name of a ${format} file in the same folder`,
    'an index may only name files beside itself: correct it, or fetch it again from its maker',
  )
}
