import { fstatSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { AppError, assert } from '../../src/base/errors.ts'
import type { ByteReader } from '../../src/model/byte-reader.ts'
import { Patience } from './patience.ts'

/** What must stay the same while a file is audited. */
type FileState = { readonly sizeBytes: bigint; readonly changed: bigint; readonly inode: bigint }

type StoredFile = {
  readonly absolutePath: string
  readonly state: FileState
  handle: Promise<FileHandle> | undefined
  readers: number
  lastUse: number
}

/** One read call takes at most this much: the system's own limit is 2 GiB. */
const MAX_READ_BYTES = 2 ** 30

/** Copied without a thread, at most: well below a millisecond from memory. */
const AT_ONCE_BYTES = 2 ** 20
/** From here on a thread pays, which copies while this one does something else. */
const LONG_BYTES = 4 * AT_ONCE_BYTES

type ByteRange = {
  readonly file: string
  readonly beginByte: number
  readonly endByte: number
  readonly room?: Uint8Array | undefined
}

/** The files of one checkpoint, wherever they lie: on this machine or on a server. */
export type FileStore = {
  readonly bytesRead: number
  /** A file under the name by which the checkpoint knows it. */
  readonly add: (file: string, place: string) => Promise<ByteReader>
  /** Where `room` is given, which is as long, the bytes may be put there. */
  readonly read: (
    file: string,
    beginByte: number,
    endByte: number,
    room?: Uint8Array,
  ) => Promise<Uint8Array>
  /** As `read`, for bytes that are wanted once: nothing of them is kept or counted. */
  readonly readOnce: (file: string, beginByte: number, endByte: number) => Promise<Uint8Array>
  readonly placeOf: (file: string) => FilePlace
  readonly close: () => Promise<void>
}

/** Where a file lies, and what would be another text if its content were another. */
export type FilePlace = {
  /** Null for a file on a server. */
  readonly path: string | null
  readonly identity: string
  readonly sizeBytes: number
}

/**
 * Files of this machine: reads at positions, keeps few handles open, counts bytes, and
 * refuses to go on when a file is no longer the one that was first seen.
 */
export class LocalFileStore implements FileStore {
  readonly #files = new Map<string, StoredFile>()
  readonly #maxOpen: number
  readonly #patience: Patience
  #bytesRead = 0
  #clock = 0
  #closed = false

  constructor(
    options: { readonly maxOpen?: number | undefined; readonly patienceMs?: number } = {},
  ) {
    this.#maxOpen = options.maxOpen ?? 16
    this.#patience = new Patience(options.patienceMs)
  }

  get bytesRead(): number {
    return this.#bytesRead
  }

  /**
   * Opens a file under the name by which the checkpoint knows it; a second call gives the same
   * file. Throws AppError NOT_FOUND or UNREADABLE.
   */
  async add(file: string, absolutePath: string): Promise<ByteReader> {
    let stored = this.#files.get(file)
    if (stored === undefined) {
      const handle = await openFile(file, absolutePath)
      try {
        const state = stateOf(file, handle)
        const settled = Promise.resolve(handle)
        stored = { absolutePath, state, handle: settled, readers: 0, lastUse: this.#clock++ }
      } catch (error) {
        await handle.close()
        throw error
      }
      this.#files.set(file, stored)
      await this.#closeIdle()
    }
    return {
      file,
      sizeBytes: Number(stored.state.sizeBytes),
      read: (beginByte, endByte) => this.read(file, beginByte, endByte),
    }
  }

  /** Bytes [beginByte, endByte) of a file that was added. Throws AppError UNREADABLE. */
  async read(
    file: string,
    beginByte: number,
    endByte: number,
    room?: Uint8Array,
  ): Promise<Uint8Array> {
    const stored = this.#files.get(file)
    assert(stored !== undefined && !this.#closed, () => `read of a file that is not open: ${file}`)
    assert(
      beginByte >= 0 && beginByte <= endByte && endByte <= Number(stored.state.sizeBytes),
      () => `read of [${beginByte}, ${endByte}) beyond ${file}`,
    )
    if (beginByte === endByte) return new Uint8Array(0)
    stored.readers += 1
    stored.lastUse = this.#clock++
    try {
      stored.handle ??= openFile(file, stored.absolutePath)
      const handle = await stored.handle
      const bytes = await this.#readExactly(handle, { file, beginByte, endByte, room })
      this.#bytesRead += bytes.length
      refuseChange(file, stored.state, stateOf(file, handle))
      return bytes
    } catch (error) {
      throw asUnreadable(file, error)
    } finally {
      stored.readers -= 1
      await this.#closeIdle()
    }
  }

  readOnce(file: string, beginByte: number, endByte: number): Promise<Uint8Array> {
    return this.read(file, beginByte, endByte)
  }

  placeOf(file: string): FilePlace {
    const stored = this.#files.get(file)
    assert(stored !== undefined, () => `place of a file that is not open: ${file}`)
    const { absolutePath, state } = stored
    return {
      path: absolutePath,
      identity: `${absolutePath}|${identityOf(state)}`,
      sizeBytes: Number(state.sizeBytes),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const handles = [...this.#files.values()].map((stored) => stored.handle)
    this.#files.clear()
    await Promise.allSettled(handles.map(async (handle) => (await handle)?.close()))
  }

  /**
   * What the system has in memory is copied at once, unless it is long. A file that makes us wait is read by
   * threads from then on, several pieces at a time.
   */
  async #readExactly(handle: FileHandle, range: ByteRange): Promise<Uint8Array> {
    const { file, beginByte, endByte } = range
    // Every byte is read or the read fails: zeros need not be written first.
    const bytes = range.room ?? new Uint8Array(Buffer.allocUnsafeSlow(endByte - beginByte).buffer)
    assert(bytes.length === endByte - beginByte, () => `room of ${bytes.length} bytes`)
    let filled = 0
    while (filled < bytes.length) {
      const left = bytes.length - filled
      const isByThread = this.#patience.isOver || bytes.length >= LONG_BYTES
      const length = Math.min(left, isByThread ? MAX_READ_BYTES : AT_ONCE_BYTES)
      const at = beginByte + filled
      const bytesRead = isByThread
        ? (await handle.read(bytes, filled, length, at)).bytesRead
        : this.#patience.spentOn(() => readSync(handle.fd, bytes, filled, length, at))
      if (bytesRead === 0) {
        throw new AppError('UNREADABLE', `${file}: ends at byte ${beginByte + filled} now`, {
          hint: 'it became shorter while it was being read: fetch it again',
        })
      }
      filled += bytesRead
    }
    return bytes
  }

  async #closeIdle(): Promise<void> {
    if (this.#files.size <= this.#maxOpen) return
    const open = [...this.#files.values()].filter((stored) => stored.handle !== undefined)
    const idle = open.filter((stored) => stored.readers === 0)
    idle.sort((a, b) => a.lastUse - b.lastUse)
    const surplus = idle.slice(0, Math.max(0, open.length - this.#maxOpen))
    const handles = surplus.map((stored) => {
      const { handle } = stored
      stored.handle = undefined
      return handle
    })
    await Promise.allSettled(handles.map(async (handle) => (await handle)?.close()))
  }
}

async function openFile(file: string, absolutePath: string): Promise<FileHandle> {
  try {
    return await open(absolutePath, 'r')
  } catch (error) {
    throw asUnreadable(file, error)
  }
}

export const identityOf = ({ sizeBytes, changed, inode }: FileState): string =>
  `${sizeBytes}|${changed}|${inode}`

/** Of an open file: the system has it at hand, and a thread to ask would cost ten times the answer. */
export function stateOf(file: string, handle: FileHandle): FileState {
  const stat = fstatSync(handle.fd, { bigint: true })
  if (!stat.isFile()) {
    throw new AppError('UNREADABLE', `${file}: not a regular file`, {
      hint: 'weights are read from files only',
    })
  }
  if (stat.size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new AppError('LIMIT_EXCEEDED', `${file}: ${stat.size} bytes`)
  }
  return { sizeBytes: stat.size, changed: stat.mtimeNs, inode: stat.ino }
}

function refuseChange(file: string, before: FileState, now: FileState): void {
  if (
    before.sizeBytes === now.sizeBytes &&
    before.changed === now.changed &&
    before.inode === now.inode
  ) {
    return
  }
  const what =
    before.sizeBytes === now.sizeBytes
      ? 'it was written to'
      : `its size went from ${before.sizeBytes} to ${now.sizeBytes} bytes`
  throw new AppError('UNREADABLE', `${file}: changed while it was being read: ${what}`, {
    hint: 'wait until the download or copy has finished, then run again',
  })
}

/** Faults of the file system as AppError; everything else unchanged. */
export function asUnreadable(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof AppError) return error
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    return new AppError('NOT_FOUND', `${file}: does not exist`, {
      cause: error,
      hint: 'check the spelling of the path',
    })
  }
  if (typeof error.code !== 'string') return error
  return new AppError('UNREADABLE', `${file}: cannot be read (${error.code})`, {
    cause: error,
    hint: 'check permissions and the disk',
  })
}
