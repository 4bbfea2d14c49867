import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { AppError, assert } from '../../src/base/errors.ts'
import type { Checkpoint, CheckpointFile, TensorSource } from '../../src/model/checkpoint.ts'
import type { OnnxGraph } from '../../src/model/onnx-graph.ts'
import {
  joinShards,
  refuseContradiction,
  type ShardTensors,
} from '../../src/model/safetensors/join-shards.ts'
import { readSafetensors } from '../../src/model/safetensors/read-safetensors.ts'
import { MAX_INDEX_BYTES, parseShardIndex } from '../../src/model/safetensors/shard-index.ts'
import type { TensorInfo } from '../../src/model/tensor.ts'
import {
  type ChosenWeights,
  chooseWeights,
  type FolderContents,
  isWeightFile,
  ONNX_FOLDER,
  refuseFile,
  unreadNote,
  type WeightChoice,
} from './choose-weights.ts'
import { asUnreadable, FileStore } from './file-store.ts'
import { type Folder, type FolderEntry, filesOf, listFolder, requireFile } from './folder.ts'
import { MAX_TEXT_BYTES, readSideFiles } from './side-files.ts'

export type OpenCheckpointOptions = {
  /** Texts above this size are left out with a note. Default 64 MiB. */
  readonly maxTextBytes?: number
  /** Handles kept open between reads. Default 16. */
  readonly maxOpenFiles?: number
}

const MAX_VISITED_FOLDERS = 100

type Weights = {
  readonly format: Checkpoint['format']
  readonly tensors: readonly TensorInfo[]
  readonly files: readonly CheckpointFile[]
  readonly graph: OnnxGraph | undefined
  readonly notes: readonly string[]
}

/**
 * Opens a model: a folder (Hugging Face layout or plain), a .safetensors file, an index of shards,
 * or an .onnx file. Reads headers and the texts beside them, no weights. Close it after use.
 *
 * Throws AppError NOT_FOUND, UNREADABLE, FORMAT_UNSUPPORTED, CHECKPOINT_INVALID,
 * SAFETENSORS_INVALID, ONNX_INVALID, JSON_INVALID or LIMIT_EXCEEDED.
 */
export async function openCheckpoint(
  path: string,
  options: OpenCheckpointOptions = {},
): Promise<TensorSource> {
  const { folder, chosen } = await locate(path)
  const store = new FileStore(options.maxOpenFiles)
  try {
    const weights = await readWeights(folder, chosen.choice, store)
    const side = await readSideFiles(folder, store, options.maxTextBytes ?? MAX_TEXT_BYTES)
    const files = [...weights.files, ...side.files]
    const checkpoint: Checkpoint = {
      id: path,
      format: weights.format,
      tensors: weights.tensors,
      files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
      config: side.config,
      graph: weights.graph,
      texts: side.texts,
      notes: [...chosen.notes, ...weights.notes, ...side.notes],
    }
    return tensorSource(checkpoint, store)
  } catch (error) {
    await store.close()
    throw error
  }
}

async function locate(path: string): Promise<{ folder: Folder; chosen: ChosenWeights }> {
  const absolute = resolve(path)
  let isFolder: boolean
  try {
    isFolder = (await stat(absolute)).isDirectory()
  } catch (error) {
    throw asUnreadable(path, error)
  }
  if (!isFolder) {
    const choice = choiceOfFile(path, basename(absolute))
    return { folder: await listFolder(dirname(absolute)), chosen: { choice, notes: [] } }
  }
  const folder = await listFolder(absolute)
  return { folder, chosen: chooseWeights(path, await contentsOf(folder)) }
}

async function contentsOf(folder: Folder): Promise<FolderContents> {
  const entries = [...folder.entries.values()]
  const folders = entries.filter((entry) => entry.kind === 'folder')
  // Broken links stay in: a weight file whose blob is gone is missing, not absent.
  const names = entries.filter((entry) => entry.kind !== 'folder').map((entry) => entry.name)
  const inside = new Map<string, readonly string[]>()
  const visited = names.some(isWeightFile) ? folders.filter(isOnnxFolder) : folders
  for (const { name, absolutePath } of visited.slice(0, MAX_VISITED_FOLDERS)) {
    inside.set(
      name,
      filesOf(await listFolder(absolutePath)).map((entry) => entry.name),
    )
  }
  return {
    names,
    onnxSubfolder: inside.get(ONNX_FOLDER) ?? [],
    weightFolders: [...inside]
      .filter(([, files]) => files.some(isWeightFile))
      .map(([name]) => name),
  }
}

const isOnnxFolder = (entry: FolderEntry): boolean => entry.name === ONNX_FOLDER

function choiceOfFile(path: string, name: string): WeightChoice {
  if (name.endsWith('.safetensors')) return { kind: 'safetensors', files: [name] }
  if (name.endsWith('.safetensors.index.json')) return { kind: 'index', index: name }
  if (name.endsWith('.onnx')) return { kind: 'onnx', file: name }
  throw refuseFile(path)
}

function readWeights(folder: Folder, choice: WeightChoice, store: FileStore): Promise<Weights> {
  switch (choice.kind) {
    case 'index':
      return readIndexed(folder, choice.index, store)
    case 'safetensors':
      return readTogether(folder, choice.files, store)
    case 'onnx':
      throw new AppError('FORMAT_UNSUPPORTED', `${choice.file}: onnx files are not read yet`)
  }
}

async function readTogether(
  folder: Folder,
  names: readonly string[],
  store: FileStore,
): Promise<Weights> {
  const { shards, files } = await readShards(folder, names, { store, namedBy: folder.path })
  return { format: 'safetensors', tensors: joinShards(shards), files, graph: undefined, notes: [] }
}

async function readIndexed(folder: Folder, indexName: string, store: FileStore): Promise<Weights> {
  const entry = requireFile(folder, indexName, folder.path)
  const reader = await store.add(indexName, entry.absolutePath)
  if (reader.sizeBytes > MAX_INDEX_BYTES) {
    throw new AppError(
      'LIMIT_EXCEEDED',
      `${indexName}: ${reader.sizeBytes} bytes, the bound is ${MAX_INDEX_BYTES}`,
    )
  }
  const index = parseShardIndex(await reader.read(0, reader.sizeBytes), indexName)
  for (const shard of index.shards) requireFile(folder, shard, indexName)
  const { shards, files } = await readShards(folder, index.shards, { store, namedBy: indexName })
  const tensors = joinShards(shards)
  refuseContradiction(indexName, index, shards)
  const unlisted = filesOf(folder)
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.safetensors') && !index.shards.includes(name))
  return {
    format: 'safetensors',
    tensors,
    files: [{ path: indexName, sizeBytes: reader.sizeBytes }, ...files],
    graph: undefined,
    notes: unlisted.length > 0 ? [unreadNote(unlisted)] : [],
  }
}

async function readShards(
  folder: Folder,
  names: readonly string[],
  { store, namedBy }: { readonly store: FileStore; readonly namedBy: string },
): Promise<{ shards: ShardTensors[]; files: CheckpointFile[] }> {
  const shards: ShardTensors[] = []
  const files: CheckpointFile[] = []
  for (const name of names) {
    const entry = requireFile(folder, name, namedBy)
    const reader = await store.add(name, entry.absolutePath)
    const { tensors } = await readSafetensors(reader)
    shards.push({ file: name, tensors })
    files.push({ path: name, sizeBytes: reader.sizeBytes })
  }
  return { shards, files }
}

function tensorSource(checkpoint: Checkpoint, store: FileStore): TensorSource {
  return {
    checkpoint,
    readBytes: async ({ name, storage }, beginByte, endByte) => {
      const sizeBytes =
        storage.kind === 'memory' ? storage.bytes.length : storage.endByte - storage.beginByte
      assert(
        beginByte >= 0 && beginByte <= endByte && endByte <= sizeBytes,
        `bytes [${beginByte}, ${endByte}) asked of tensor ${name}, which has ${sizeBytes}`,
      )
      if (storage.kind === 'memory') return storage.bytes.subarray(beginByte, endByte)
      const first = storage.beginByte
      return store.read(storage.file, first + beginByte, first + endByte)
    },
    bytesRead: () => store.bytesRead,
    close: () => store.close(),
  }
}
