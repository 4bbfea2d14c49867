import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { makeFolder } from './make-folder.ts'

/**
 * Results of long work in the cache folder, so that work that was killed goes on where it stopped. A key holds
 * everything that its result depends on, its version among it. Numbers are kept as JSON writes them, which gives back
 * the same bits.
 */
export type NotedResults<T> = {
  readonly find: (key: string) => Promise<T | undefined>
  readonly keep: (key: string, result: T) => Promise<void>
}

export function notedResults<T>(folder: string, schema: z.ZodType<T>): NotedResults<T> {
  const pathOf = (key: string) =>
    join(folder, `${createHash('sha256').update(key).digest('hex')}.json`)
  return {
    find: async (key) => {
      try {
        return schema.parse(JSON.parse(await readFile(pathOf(key), 'utf8')))
      } catch {
        // Absent, unreadable or of another version: the work is done again.
        return undefined
      }
    },
    keep: async (key, result) => {
      const path = pathOf(key)
      const partial = `${path}.${process.pid}.partial`
      const text = JSON.stringify(result, (_, value) =>
        typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
      )
      try {
        await makeFolder(folder)
        await writeFile(partial, text)
        await rename(partial, path)
      } catch {
        // A full or read-only disk costs time on the next run, not this one.
      }
    },
  }
}
