import { assert } from '../../src/base/errors.ts'
import { chooseFile, chooseWeights } from '../checkpoint/choose-weights.ts'
import type { FilePlace, FileStore } from '../checkpoint/file-store.ts'
import type { Folder, FolderEntry } from '../checkpoint/folder.ts'
import { type OpenedModel, openFrom } from '../checkpoint/open-checkpoint.ts'
import { HttpClient } from './http-client.ts'
import { listHttpFolder } from './http-folder.ts'
import { listHub } from './hub.ts'
import { hubOf } from './hub-endpoint.ts'
import { defaultCacheFolder, folderRangeCache, noRangeCache } from './range-cache.ts'
import type { ModelReference } from './reference.ts'
import type { RemoteAccess, RetryOptions, Wait } from './remote-access.ts'
import { type RemoteFile, type RemoteReader, remoteReader } from './remote-file.ts'
import { shownAddress } from './shown-address.ts'

export type RemoteOptions = {
  /** Reach hosts of this machine and of private networks. Default false. */
  readonly isPrivateAllowed?: boolean
  /** Default HF_ENDPOINT, else the public hub. */
  readonly endpoint?: string
  /** Default HF_TOKEN. Sent to the hub alone. */
  readonly token?: string
  /** Where ranges are kept for the next run; null keeps nothing. Default the user's cache folder. */
  readonly cacheFolder?: string | null
  readonly retry?: RetryOptions
  readonly onBytes?: (count: number) => void
  /** Told before each pause that a server asks for, or that its failure makes necessary. */
  readonly onWait?: (wait: Wait) => void
}

/**
 * Opens a model on a hub or a plain server without fetching it: headers first, then the rows that
 * are asked for. The hub's revision is pinned to a commit before anything is read.
 * Throws AppError NOT_FOUND, UNREADABLE, USAGE and what the format's readers throw.
 */
export async function openRemote(
  reference: Exclude<ModelReference, { kind: 'path' }>,
  options: RemoteOptions = {},
): Promise<OpenedModel> {
  const { endpoint, authorization } = hubOf(options)
  const access: RemoteAccess = {
    client: new HttpClient({ isPrivateAllowed: options.isPrivateAllowed ?? false }),
    cache:
      options.cacheFolder === null
        ? noRangeCache
        : folderRangeCache(options.cacheFolder ?? defaultCacheFolder()),
    authorization,
    ...(options.retry ? { retry: options.retry } : {}),
    ...(options.onBytes ? { onBytes: options.onBytes } : {}),
    ...(options.onWait ? { onWait: options.onWait } : {}),
  }
  try {
    const found = await find(reference, access, endpoint)
    return await openFrom({ ...found, store: new RemoteStore(found.files, access) })
  } catch (error) {
    access.client.close()
    throw error
  }
}

type Found = {
  readonly id: string
  readonly folder: Folder
  readonly chosen: ReturnType<typeof chooseWeights>
  readonly files: readonly RemoteFile[]
}

async function find(
  reference: Exclude<ModelReference, { kind: 'path' }>,
  access: RemoteAccess,
  endpoint: string,
): Promise<Found> {
  if (reference.kind === 'http') {
    const { files, single } = await listHttpFolder(reference.url, access)
    return describe(shownAddress(reference.url), files, single)
  }
  const { commit, files } = await listHub(reference, access, endpoint)
  const { repository, inside } = reference
  const id = `${repository}@${commit}${inside ? `/${inside}` : ''}`
  const single = files.some(({ file }) => file === inside) ? inside.split('/').at(-1) : undefined
  const folder = (single === undefined ? inside : inside.slice(0, -single.length)).replace(
    /\/+$/,
    '',
  )
  const prefix = folder === '' ? '' : `${folder}/`
  const within = files
    .filter(({ file }) => file.startsWith(prefix))
    .map((entry) => ({ ...entry, file: entry.file.slice(prefix.length) }))
  return describe(id, within, single)
}

/**
 * A listing in the form in which a folder of this machine is described; `single` is the weight file
 * that was named, with whatever lies beside it.
 */
function describe(id: string, files: readonly RemoteFile[], single: string | undefined): Found {
  const direct = files.filter(({ file }) => !file.includes('/'))
  const entries = new Map<string, FolderEntry>(
    direct.map(({ file, url, sizeBytes }) => [
      file,
      { name: file, absolutePath: url, kind: 'file', sizeBytes },
    ]),
  )
  const names = [...entries.keys()].sort()
  const chosen =
    single === undefined
      ? chooseWeights(id, { names, onnxSubfolder: [], weightFolders: [] })
      : chooseFile(id, single)
  return { id, folder: { path: id, isRemote: true, entries }, chosen, files: direct }
}

/** Files of a listing, read by ranges. */
class RemoteStore implements FileStore {
  readonly #files: ReadonlyMap<string, RemoteReader>
  readonly #access: RemoteAccess
  #bytesRead = 0

  constructor(files: readonly RemoteFile[], access: RemoteAccess) {
    this.#files = new Map(files.map((entry) => [entry.file, remoteReader(entry, access)]))
    this.#access = access
  }

  /** What was used, whether it came from the server or from the cache: a resumed run counts alike. */
  get bytesRead(): number {
    return this.#bytesRead
  }

  #reader(file: string): RemoteReader {
    const reader = this.#files.get(file)
    assert(reader !== undefined, `${file} is not part of the listing`)
    return reader
  }

  async add(file: string): Promise<RemoteReader> {
    const reader = this.#reader(file)
    return { ...reader, read: (beginByte, endByte) => this.read(file, beginByte, endByte) }
  }

  async read(file: string, beginByte: number, endByte: number): Promise<Uint8Array> {
    const bytes = await this.#reader(file).read(beginByte, endByte)
    this.#bytesRead += bytes.length
    return bytes
  }

  readOnce(file: string, beginByte: number, endByte: number): Promise<Uint8Array> {
    return this.#reader(file).readOnce(beginByte, endByte)
  }

  placeOf(file: string): FilePlace {
    const { content, sizeBytes } = this.#reader(file)
    return { path: null, identity: content, sizeBytes }
  }

  async close(): Promise<void> {
    this.#access.client.close()
  }
}
