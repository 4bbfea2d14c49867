import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../make-folder.ts'

/**
 * Ranges that were read before, by content identity: an audit that was interrupted asks for the
 * same ranges again and goes on where it stopped. A range is written whole or not at all.
 */
export type RangeCache = {
  readonly get: (key: RangeKey) => Promise<Uint8Array | undefined>
  readonly put: (key: RangeKey, bytes: Uint8Array) => Promise<void>
}

export type RangeKey = {
  /** What fixes the bytes: commit and digest, or address, size and validator. */
  readonly content: string
  readonly beginByte: number
  readonly endByte: number
}

/** `$DOKJA_CACHE`, else the user's cache folder. */
export function defaultCacheFolder(): string {
  const { DOKJA_CACHE, XDG_CACHE_HOME } = process.env
  return DOKJA_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'dokja')
}

export function folderRangeCache(folder: string): RangeCache {
  const placeOf = ({ content, beginByte, endByte }: RangeKey) => {
    const name = createHash('sha256').update(content).digest('hex')
    const inside = join(folder, 'ranges', name.slice(0, 2), name)
    return { inside, path: join(inside, `${beginByte}-${endByte}`) }
  }
  let counter = 0
  return {
    get: async (key) => {
      try {
        const bytes = await readFile(placeOf(key).path)
        return bytes.length === key.endByte - key.beginByte ? new Uint8Array(bytes) : undefined
      } catch {
        // Absent or unreadable: it is fetched again.
        return undefined
      }
    },
    put: async (key, bytes) => {
      const { inside, path } = placeOf(key)
      const partial = `${path}.${process.pid}.${counter++}.partial`
      try {
        await makeFolder(inside)
        await writeFile(partial, bytes)
        await rename(partial, path)
      } catch {
        // A full or read-only disk costs time on the next run, not this audit.
      }
    },
  }
}

export const noRangeCache: RangeCache = {
  get: async () => undefined,
  put: async () => {},
}
