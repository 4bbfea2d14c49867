import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError } from '../src/base/errors.ts'

/**
 * Makes a folder and those above it that are missing; gives back what it made, outermost first.
 * Node's own recursive mkdir never returns for a place that refuses new folders as if they had no
 * parent, as /proc does: it makes the parent, which is there, and tries again.
 * Throws AppError UNREADABLE.
 */
export async function makeFolder(path: string): Promise<readonly string[]> {
  const missing: string[] = []
  for (let at = resolve(path); !(await isFolder(at, path)); at = dirname(at)) missing.unshift(at)
  const made: string[] = []
  for (const folder of missing) {
    try {
      await mkdir(folder)
      made.push(folder)
    } catch (cause) {
      // Somebody else made it in the meantime.
      if (codeOf(cause) !== 'EEXIST') throw cannotMake(path, cause)
    }
  }
  return made
}

async function isFolder(at: string, wanted: string): Promise<boolean> {
  try {
    if ((await stat(at)).isDirectory()) return true
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return false
    throw cannotMake(wanted, cause)
  }
  throw cannotMake(wanted, new Error(`${at} is not a folder`))
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

function cannotMake(path: string, cause: unknown): AppError {
  const why = codeOf(cause) ?? (cause instanceof Error ? cause.message : '')
  return new AppError('UNREADABLE', `cannot make the folder ${path} (${why})`, {
    cause,
    hint: 'choose another place',
  })
}
