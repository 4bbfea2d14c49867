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
