import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { AppError } from '../../src/base/errors.ts'

/**
 * A text file of bounded size. Whatever is no plain file is refused before it is opened for reading further:
 * a pipe would never end. Throws AppError NOT_FOUND, UNREADABLE, LIMIT_EXCEEDED.
 */
export async function readText(path: string, maxBytes: number): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const found = await file.stat()
      if (!found.isFile()) throw new AppError('UNREADABLE', `${path} is not a plain file`)
      if (found.size > maxBytes) {
        throw new AppError('LIMIT_EXCEEDED', `${path} has ${found.size} bytes, over ${maxBytes}`)
      }
      const bytes = await file.readFile()
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const code = (cause as { code?: string }).code
    if (code === 'ENOENT') throw new AppError('NOT_FOUND', `there is no ${path}`, { cause })
    throw new AppError('UNREADABLE', `cannot read ${path} as UTF-8 text`, { cause })
  }
}
