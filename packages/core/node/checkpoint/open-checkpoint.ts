import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { both } from '../../src/base/both.ts'
import type { JsonValue } from '../../src/base/canonical-json.ts'
import { assert } from '../../src/base/errors.ts'
import { parseStrictJson } from '../../src/base/strict-json.ts'
import type { Checkpoint, TensorSource } from '../../src/model/checkpoint.ts'
import { joinTensorScales } from '../../src/model/gguf/join-scales.ts'
import { type JoinedTensors, joinQuantised } from '../../src/model/quantised/join-quantised.ts'
import { quantisationFacts } from '../../src/model/quantised/quantisation-config.ts'
import { reportName } from '../report-name.ts'
import {
  type ChosenWeights,
  chooseFile,
  chooseWeights,
  type FolderContents,
  isWeightFile,
  ONNX_FOLDER,
} from './choose-weights.ts'
import { asUnreadable, type FileStore, LocalFileStore } from './file-store.ts'
import { type Folder, type FolderEntry, filesOf, listFolder } from './folder.ts'
import { jsonCounter } from './json-counter.ts'
import { readWeights, type Weights } from './read-weights.ts'
import { MAX_TEXT_BYTES, readSideFiles, type SideFiles } from './side-files.ts'

export type OpenCheckpointOptions = {
  /** Texts above this size are left out with a note. Default 64 MiB. */
  readonly maxTextBytes?: number
  /** What reports call a model of this machine; default `reportName` of its path. */
  readonly name?: string | undefined
  /** Handles kept open between reads. Default 16. */
  readonly maxOpenFiles?: number
}

/** A source with the files behind it. */
export type OpenedModel = TensorSource & { readonly store: FileStore }

const MAX_VISITED_FOLDERS = 100

/**
 * Opens a model: a folder (Hugging Face layout or plain), a .safetensors file, an index of shards,
 * an .onnx or a .gguf file. Reads headers and the texts beside them, no weights. Close it after use.
 *
 * Throws AppError NOT_FOUND, UNREADABLE, FORMAT_UNSUPPORTED, CHECKPOINT_INVALID,
 * SAFETENSORS_INVALID, ONNX_INVALID, GGUF_INVALID, JSON_INVALID or LIMIT_EXCEEDED.
 */
export async function openCheckpoint(
  path: string,
  options: OpenCheckpointOptions = {},
): Promise<OpenedModel> {
  const { folder, chosen } = await locate(path)
  return openFrom(
    {
      id: options.name ?? reportName(path),
      place: path,
      folder,
      chosen,
      store: new LocalFileStore({ maxOpen: options.maxOpenFiles }),
    },
    options,
  )
}

/** What was found at a place, whether a folder here or a listing of a server. */
export type FoundCheckpoint = {
  readonly id: string
  /** Where it lies on this machine; never shown in a report. */
  readonly place?: string
  readonly folder: Folder
  readonly chosen: ChosenWeights
  readonly store: FileStore
}

/** Reads the headers of what was found. Closes its store when that fails. */
export async function openFrom(
  { id, place, folder, chosen, store }: FoundCheckpoint,
  options: OpenCheckpointOptions = {},
): Promise<OpenedModel> {
  try {
    const readTexts = () => readSideFiles(folder, store, options.maxTextBytes ?? MAX_TEXT_BYTES)
    const reading = readWeights(folder, chosen.choice, store)
    // Long texts of this machine are read by threads beside the headers; a server is asked for one thing at a time.
    const [weights, side] =
      place === undefined ? [await reading, await readTexts()] : await both(reading, readTexts())
    const joined = await joinWeights(weights, side, store)
    const files = [...weights.files, ...side.files]
    const checkpoint: Checkpoint = {
      id,
      ...(place === undefined ? {} : { place }),
      format: weights.format,
      tensors: joined.tensors,
      files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
      config: weights.config ?? side.config,
      graph: weights.graph,
      ...textsOf(weights, side),
      notes: [
        ...chosen.notes,
        ...weights.notes,
        ...joined.notes,
        ...side.notes,
        ...unusedConfig(weights, side),
      ],
    }
    return openedModel(checkpoint, store)
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Formats without blocks of their own keep scales beside the codes; GGUF does so for one type. */
async function joinWeights(
  weights: Weights,
  side: SideFiles,
  store: FileStore,
): Promise<JoinedTensors> {
  if (weights.format === 'gguf') return joinTensorScales(weights.tensors)
  if (weights.format !== 'safetensors' && weights.format !== 'torch') {
    return { tensors: weights.tensors, notes: [] }
  }
  const listed = side.texts.get('quantize_config.json')
  const stated = listed === undefined ? side.config : parseQuantiserText(listed)
  return joinQuantised(weights.tensors, {
    facts: quantisationFacts(stated),
    readSmall: ({ storage }) =>
      storage.kind === 'memory'
        ? Promise.resolve(storage.bytes)
        : store.read(storage.file, storage.beginByte, storage.endByte),
  })
}

function parseQuantiserText(text: string): JsonValue {
  return parseStrictJson(new TextEncoder().encode(text), {
    source: 'quantize_config.json',
    numbers: 'text',
  })
}

function textsOf(
  { tokenizer }: Weights,
  { texts, textBytes }: SideFiles,
): Pick<Checkpoint, 'texts' | 'textBytes' | 'jsonCounter'> {
  if (tokenizer === undefined) return { texts, textBytes, jsonCounter: jsonCounter() }
  return { texts: new Map([...texts, ['tokenizer.json', tokenizer]]) }
}

function unusedConfig(weights: Weights, side: SideFiles): readonly string[] {
  const isUnused = weights.config !== undefined && side.config !== undefined
  return isUnused ? ['not used: config.json (the weight file describes the model itself)'] : []
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
    const chosen = chooseFile(path, basename(absolute))
    return { folder: await listFolder(dirname(absolute)), chosen }
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

function openedModel(checkpoint: Checkpoint, store: FileStore): OpenedModel {
  return {
    checkpoint,
    store,
    readBytes: async ({ name, storage }, beginByte, endByte, room) => {
      const sizeBytes =
        storage.kind === 'memory' ? storage.bytes.length : storage.endByte - storage.beginByte
      assert(
        beginByte >= 0 && beginByte <= endByte && endByte <= sizeBytes,
        () => `bytes [${beginByte}, ${endByte}) asked of tensor ${name}, which has ${sizeBytes}`,
      )
      if (storage.kind === 'memory') return storage.bytes.subarray(beginByte, endByte)
      const first = storage.beginByte
      return store.read(storage.file, first + beginByte, first + endByte, room)
    },
    bytesRead: () => store.bytesRead,
    close: () => store.close(),
  }
}
