import { readTransform } from '../src/audit/technical/replay/read-transform.ts'
import type { StoredTransform } from '../src/audit/technical/replay/stored-transform.ts'
import type { Digest } from '../src/base/digest.ts'
import { AppError } from '../src/base/errors.ts'
import { LocalFileStore } from './checkpoint/file-store.ts'
import { hashFile } from './hash-file.ts'

/**
 * A recovered transform from its file, and the digest that a report names it by. Throws AppError
 * NOT_FOUND, UNREADABLE, or what the reader of the format throws.
 */
export async function openTransform(
  path: string,
): Promise<{ readonly transform: StoredTransform; readonly digest: Digest }> {
  const files = new LocalFileStore()
  try {
    const transform = await readTransform(await files.add(path, path))
    const hashed = await hashFile(path)
    if (hashed) return { transform, digest: hashed.digest }
    throw new AppError('UNREADABLE', `${path}: is gone`, { hint: 'name the file again' })
  } finally {
    await files.close()
  }
}
