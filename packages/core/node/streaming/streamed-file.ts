import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '../../src/base/errors.ts'
import {
  asUnreadable,
  type FilePlace,
  type FileStore,
  identityOf,
  stateOf,
} from '../checkpoint/file-store.ts'
import type { Patience } from '../checkpoint/patience.ts'

/** A file that is read from front to back, and at places. */
export type StreamedFile = {
  readonly sizeBytes: number
  /** Bytes [beginByte, beginByte + target.length) into `target`; throws where they are not there. */
  readonly readInto: (beginByte: number, target: Uint8Array) => Promise<void>
  /** Throws AppError UNREADABLE where the file is no longer the one that was opened. */
  readonly checkUnchanged: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * A file of this machine, read straight into the place where it is added up: by this thread while `patience` is not
 * over, then by others; always by others where there is none.
 */
export async function openPlace(
  file: string,
  place: FilePlace,
  patience: Patience | null,
): Promise<StreamedFile> {
  const path = place.path ?? ''
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw asUnreadable(file, error)
  })
  const checkUnchanged = async () => {
    const now = `${path}|${identityOf(stateOf(file, handle))}`
    if (now !== place.identity) {
      throw new AppError('UNREADABLE', `${file}: changed while it was being read`, {
        hint: 'wait until the download or copy has finished, then run again',
      })
    }
  }
  try {
    await checkUnchanged()
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    sizeBytes: place.sizeBytes,
    readInto: async (beginByte, target) => {
      for (let filled = 0; filled < target.length; ) {
        const at = beginByte + filled
        const left = target.length - filled
        const bytesRead = await readSome(handle, { target, filled, left, at }, patience).catch(
          (error: unknown) => {
            throw asUnreadable(file, error)
          },
        )
        if (bytesRead === 0) throw new AppError('UNREADABLE', `${file}: ends at byte ${at} now`)
        filled += bytesRead
      }
    },
    checkUnchanged,
    close: () => handle.close(),
  }
}

type Piece = {
  readonly target: Uint8Array
  readonly filled: number
  readonly left: number
  readonly at: number
}

async function readSome(
  handle: FileHandle,
  { target, filled, left, at }: Piece,
  patience: Patience | null,
): Promise<number> {
  if (patience === null || patience.isOver) {
    return (await handle.read(target, filled, left, at)).bytesRead
  }
  return patience.spentOn(() => readSync(handle.fd, target, filled, left, at))
}

/** A file behind any store, such as a server; each of its reads was checked by the store. */
export function streamFrom(file: string, store: FileStore): StreamedFile {
  return {
    sizeBytes: store.placeOf(file).sizeBytes,
    readInto: async (beginByte, target) => {
      target.set(await store.readOnce(file, beginByte, beginByte + target.length))
    },
    checkUnchanged: async () => {},
    close: async () => {},
  }
}
