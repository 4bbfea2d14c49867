import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { AppError } from '../../src/base/errors.ts'

/** A reader sees the old file or the new one; a crash leaves at most a .partial file. */
export async function writeWhole(
  path: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`
  try {
    const file = await open(partial, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
  } catch (cause) {
    await rm(partial, { force: true })
    if (cause instanceof AppError) throw cause
    const { code } = cause as { code?: string }
    throw new AppError('UNREADABLE', `cannot write ${path}${code ? ` (${code})` : ''}`, {
      cause,
      hint: 'choose another place',
    })
  }
}
