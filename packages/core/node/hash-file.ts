import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Digest } from '../src/base/digest.ts'
import { digestSchema } from '../src/base/digest-schema.ts'
import { AppError } from '../src/base/errors.ts'
import { type NotedResults, notedResults } from './noted-results.ts'

export type HashedFile = { readonly digest: Digest; readonly sizeBytes: number }

export type HashOptions = {
  /** Digests of large files are noted there, and not taken again while size, times and inode stay; null notes none. */
  readonly cacheFolder?: string | null
  /** Bytes from which a file is large. */
  readonly notedBytes?: number
}

const VERSION = 'dokja.digest/1'
/** Hashed in less than a tenth of a second: not worth a note. */
const NOTED_BYTES = 64 * 2 ** 20
const PIECE_BYTES = 2 ** 20

const hashedSchema = z.strictObject({ digest: digestSchema, sizeBytes: z.int().min(0) })

/** SHA-256 of a file, read in pieces; null where there is no such file. Throws AppError UNREADABLE. */
export async function hashFile(
  path: string,
  { cacheFolder = null, notedBytes = NOTED_BYTES }: HashOptions = {},
): Promise<HashedFile | null> {
  try {
    const before = await identityOf(path)
    if (before === null) return null
    const isNoted = cacheFolder !== null && before.sizeBytes >= notedBytes
    const noted = isNoted ? digestsIn(cacheFolder) : null
    const held = await noted?.find(before.key)
    if (held) return held
    const hashed = await readAndHash(path)
    if ((await identityOf(path))?.key === before.key) await noted?.keep(before.key, hashed)
    return hashed
  } catch (cause) {
    const code = (cause as { code?: string }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new AppError('UNREADABLE', `cannot read ${path}`, { cause })
  }
}

const digestsIn = (folder: string): NotedResults<HashedFile> =>
  notedResults<HashedFile>(join(folder, 'digests'), hashedSchema)

/** With the time of its last change of any kind, which unpacking another archive in the same place cannot set. */
async function identityOf(path: string) {
  const found = await stat(path, { bigint: true })
  if (!found.isFile()) return null
  const state = `${found.size}|${found.mtimeNs}|${found.ctimeNs}|${found.ino}`
  return { key: JSON.stringify([VERSION, resolve(path), state]), sizeBytes: Number(found.size) }
}

async function readAndHash(path: string): Promise<HashedFile> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    hash.update(piece as Uint8Array)
    sizeBytes += (piece as Uint8Array).length
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes }
}

/** SHA-256 of the first bytes of a file, for every one of these lengths that it has, in one reading. */
export async function hashBeginnings(
  path: string,
  lengths: readonly number[],
): Promise<ReadonlyMap<number, Digest>> {
  const found = new Map<number, Digest>()
  const size = await stat(path).then(
    (file) => (file.isFile() ? file.size : 0),
    () => 0,
  )
  const hash = createHash('sha256')
  let done = 0
  for (const end of [...new Set(lengths)].sort((x, y) => x - y)) {
    if (end < 1 || end > size) continue
    for await (const piece of createReadStream(path, { start: done, end: end - 1 })) {
      hash.update(piece as Uint8Array)
    }
    done = end
    found.set(end, `sha256:${hash.copy().digest('hex')}`)
  }
  return found
}
