import { dirname } from 'node:path'
import type { JsonValue } from '../../src/base/canonical-json.ts'
import { AppError } from '../../src/base/errors.ts'
import type { Checkpoint, CheckpointFile } from '../../src/model/checkpoint.ts'
import { configFromGguf, tokenizerFromGguf } from '../../src/model/gguf/gguf-config.ts'
import { joinSplit, type NamedGguf } from '../../src/model/gguf/join-split.ts'
import { readGguf } from '../../src/model/gguf/read-gguf.ts'
import { joinDequantised } from '../../src/model/onnx/join-dequantised.ts'
import { readOnnx } from '../../src/model/onnx/read-onnx.ts'
import type { ExternalFile } from '../../src/model/onnx/tensor-storage.ts'
import type { OnnxGraph } from '../../src/model/onnx-graph.ts'
import {
  joinShards,
  refuseContradiction,
  type ShardTensors,
  sortedByName,
} from '../../src/model/safetensors/join-shards.ts'
import { readSafetensors } from '../../src/model/safetensors/read-safetensors.ts'
import { MAX_INDEX_BYTES, parseShardIndex } from '../../src/model/safetensors/shard-index.ts'
import type { TensorInfo } from '../../src/model/tensor.ts'
import { isZip, readTorch } from '../../src/model/torch/read-torch.ts'
import {
  ONNX_FOLDER,
  PICKLE_HINT,
  PICKLE_REASON,
  unreadNote,
  type WeightChoice,
} from './choose-weights.ts'
import type { FileStore } from './file-store.ts'
import { type Folder, filesOf, listFolder, requireFile, staysInside } from './folder.ts'

export type Weights = {
  readonly format: Checkpoint['format']
  readonly tensors: readonly TensorInfo[]
  readonly files: readonly CheckpointFile[]
  readonly graph: OnnxGraph | undefined
  /** What the weight files say themselves; it counts more than a file beside them. */
  readonly config?: JsonValue | undefined
  /** A `tokenizer.json` made from the weight files, counted likewise. */
  readonly tokenizer?: string | undefined
  readonly notes: readonly string[]
}

/** Reads the headers of the chosen files. Throws what the format's readers throw. */
export function readWeights(
  folder: Folder,
  choice: WeightChoice,
  store: FileStore,
): Promise<Weights> {
  switch (choice.kind) {
    case 'index':
      return readIndexed(folder, choice.index, store)
    case 'safetensors':
      return readTogether(folder, choice.files, store)
    case 'onnx':
      return readGraphFile(folder, choice.file, store)
    case 'gguf':
      return readGgufParts(folder, choice.files, store)
    case 'torch':
      return readArchives(folder, choice.files, store)
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
  const listed = new Set(index.shards)
  const unlisted = filesOf(folder)
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.safetensors') && !listed.has(name))
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

async function readGgufParts(
  folder: Folder,
  names: readonly string[],
  store: FileStore,
): Promise<Weights> {
  const parts: NamedGguf[] = []
  const files: CheckpointFile[] = []
  for (const name of names) {
    const entry = requireFile(folder, name, folder.path)
    const reader = await store.add(name, entry.absolutePath)
    parts.push({ file: name, content: await readGguf(reader) })
    files.push({ path: name, sizeBytes: reader.sizeBytes })
  }
  const [first] = parts
  return {
    format: 'gguf',
    tensors: joinSplit(parts),
    files,
    graph: undefined,
    config: first && configFromGguf(first.content.metadata),
    tokenizer: first && tokenizerFromGguf(first.content.metadata),
    notes: parts.flatMap(({ content }) => content.notes),
  }
}

async function readArchives(
  folder: Folder,
  names: readonly string[],
  store: FileStore,
): Promise<Weights> {
  const shards: ShardTensors[] = []
  const files: CheckpointFile[] = []
  const notes: string[] = []
  for (const name of names) {
    const entry = requireFile(folder, name, folder.path)
    const reader = await store.add(name, entry.absolutePath)
    if (!isZip(await reader.read(0, Math.min(4, reader.sizeBytes)))) {
      throw new AppError('FORMAT_UNSUPPORTED', `${name}: a bare pickle: ${PICKLE_REASON}`, {
        hint: PICKLE_HINT,
      })
    }
    const { tensors, notes: own } = await readTorch(reader)
    shards.push({ file: name, tensors })
    files.push({ path: name, sizeBytes: reader.sizeBytes })
    notes.push(...own)
  }
  return { format: 'torch', tensors: joinShards(shards), files, graph: undefined, notes }
}

async function readGraphFile(folder: Folder, path: string, store: FileStore): Promise<Weights> {
  const isNested = path.startsWith(`${ONNX_FOLDER}/`)
  const prefix = isNested ? `${ONNX_FOLDER}/` : ''
  const entryName = path.slice(prefix.length)
  const nested = folder.entries.get(ONNX_FOLDER)
  const place = isNested && nested !== undefined ? await listFolder(nested.absolutePath) : folder
  const entry = requireFile(place, entryName, dirname(path))
  const reader = await store.add(path, entry.absolutePath)
  const model = await readOnnx(reader, (name) => findExternal(place, prefix + name, store))
  const joined = joinDequantised(model.tensors, model.graph)
  return {
    format: 'onnx',
    tensors: sortedByName(joined.tensors),
    files: [{ path, sizeBytes: reader.sizeBytes }, ...model.externalFiles],
    graph: model.graph,
    notes: [...model.notes, ...joined.notes],
  }
}

/**
 * External data has no form of its own that could be checked, so a link to any other file of this
 * machine would be read as weights: only files that truly lie beside the graph are taken.
 */
async function findExternal(
  place: Folder,
  path: string,
  store: FileStore,
): Promise<ExternalFile | undefined> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const entry = place.entries.get(name)
  if (entry?.kind !== 'file') return undefined
  if (!(await staysInside(place, entry))) {
    throw new AppError('CHECKPOINT_INVALID', `${path}: a link that leads out of the folder`, {
      hint: 'external data must lie beside the graph: copy the file there',
    })
  }
  const reader = await store.add(path, entry.absolutePath)
  return { path, sizeBytes: reader.sizeBytes }
}
