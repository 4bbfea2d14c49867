import { quoted } from '../../base/quoted.ts'
import type { TensorInfo } from '../tensor.ts'
import { checkpointError, type ShardIndex } from './shard-index.ts'

export type ShardTensors = { readonly file: string; readonly tensors: readonly TensorInfo[] }

/**
 * The tensors of several files as one list, sorted by name.
 * Throws AppError CHECKPOINT_INVALID if a name occurs in two files.
 */
export function joinShards(shards: readonly ShardTensors[]): readonly TensorInfo[] {
  const fileOf = new Map<string, string>()
  const joined: TensorInfo[] = []
  for (const { file, tensors } of shards) {
    for (const tensor of tensors) {
      const other = fileOf.get(tensor.name)
      if (other !== undefined) {
        throw checkpointError(
          `tensor ${quoted(tensor.name)} lies in both ${other} and ${file}`,
          'the files belong to different models, or one was saved twice: name one file, or remove the other',
        )
      }
      fileOf.set(tensor.name, file)
      joined.push(tensor)
    }
  }
  return sortedByName(joined)
}

/**
 * Proves that index and shards say the same: every tensor of the index lies in the shard it names,
 * and the shards hold no tensor that the index leaves out (a loader would not see it).
 * Throws AppError CHECKPOINT_INVALID.
 */
export function refuseContradiction(
  indexFile: string,
  index: ShardIndex,
  shards: readonly ShardTensors[],
): void {
  let found = 0
  for (const { file, tensors } of shards) {
    for (const { name } of tensors) {
      const said = index.weightMap.get(name)
      if (said === file) {
        found += 1
        continue
      }
      const what = said === undefined ? 'the index does not name it' : `the index says ${said}`
      throw checkpointError(
        `${file}: holds tensor ${quoted(name)}, but ${what} (${indexFile})`,
        'index and shards come from different versions: fetch the whole folder again',
      )
    }
  }
  if (found === index.weightMap.size) return
  const present = new Set(shards.flatMap(({ tensors }) => tensors.map(({ name }) => name)))
  for (const [name, shard] of index.weightMap) {
    if (present.has(name)) continue
    throw checkpointError(
      `${indexFile}: says that tensor ${quoted(name)} lies in ${shard}, but it does not`,
      'index and shards come from different versions: fetch the whole folder again',
    )
  }
}

export function sortedByName(tensors: readonly TensorInfo[]): readonly TensorInfo[] {
  return tensors.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
