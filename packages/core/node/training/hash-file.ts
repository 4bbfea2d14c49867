import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Digest } from '../../src/base/digest.ts'
import { AppError } from '../../src/base/errors.ts'

/** SHA-256 of a file, read in pieces; null where there is no such file. */
export async function hashFile(
  path: string,
): Promise<{ readonly digest: Digest; readonly sizeBytes: number } | null> {
  try {
    const found = await stat(path)
    if (!found.isFile()) return null
    const hash = createHash('sha256')
    let sizeBytes = 0
    for await (const piece of createReadStream(path)) {
      hash.update(piece as Uint8Array)
      sizeBytes += (piece as Uint8Array).length
    }
    return { digest: `sha256:${hash.digest('hex')}`, sizeBytes }
  } catch (cause) {
    const code = (cause as { code?: string }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new AppError('UNREADABLE', `cannot read ${path}`, { cause })
  }
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
