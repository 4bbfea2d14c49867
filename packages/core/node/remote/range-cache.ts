import { createHash, randomBytes } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../make-folder.ts'

/**
 * Ranges that were read before, by content identity: an audit that was interrupted asks for the
 * same ranges again and goes on where it stopped. A range is kept behind its digest: after a crash or
 * on a failing disk a file can have its length without its bytes, and those would be read as weights.
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
  return {
    get: async (key) => {
      try {
        return await readKept(placeOf(key).path, key.endByte - key.beginByte)
      } catch {
        // Absent or unreadable: it is fetched again.
        return undefined
      }
    },
    put: async (key, bytes) => {
      const { inside, path } = placeOf(key)
      // Not by process: containers that share a cache have processes of one number.
      const partial = `${path}.${randomBytes(6).toString('hex')}.partial`
      try {
        await makeFolder(inside)
        await writeFile(partial, [digestOf(bytes), bytes])
        await rename(partial, path)
      } catch {
        // A full or read-only disk costs time on the next run, not this audit.
        await rm(partial, { force: true }).catch(() => {})
      }
    },
  }
}

const DIGEST_BYTES = 32

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** What a range was kept as; undefined where that is not what was written. */
async function readKept(path: string, sizeBytes: number): Promise<Uint8Array | undefined> {
  if ((await stat(path)).size !== DIGEST_BYTES + sizeBytes) return undefined
  const kept = await readFile(path)
  const bytes = new Uint8Array(kept.subarray(DIGEST_BYTES))
  return digestOf(bytes).equals(kept.subarray(0, DIGEST_BYTES)) ? bytes : undefined
}

export const noRangeCache: RangeCache = {
  get: async () => undefined,
  put: async () => {},
}
