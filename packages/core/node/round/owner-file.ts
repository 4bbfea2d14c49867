import { open, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { AppError } from '../../src/base/errors.ts'
import { makeFolder } from '../make-folder.ts'

/** Outside of any round folder, so that a commit of the round cannot publish it. */
export function ownerFilePath(name: string): string {
  const home = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  return join(home, 'dokja', name)
}

/** Writes JSON readable by its owner only. Never overwrites: fails with EEXIST. */
export async function createOwnerFile(path: string, document: unknown): Promise<void> {
  await makeFolder(dirname(path))
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(document, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * The JSON of a file that only its owner may read, undefined where it is none. Throws AppError
 * USAGE where others may read it, and what the file system throws where it cannot be read.
 */
export async function readOwnerFile(path: string): Promise<unknown> {
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new AppError('USAGE', `${path} can be read by others`, { hint: `chmod 600 ${path}` })
  }
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
