import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../src/base/errors.ts'
import { makeFolder } from '../make-folder.ts'

const PUBLISHED = 'published'

/** Private views live beside the public one; git must not carry them out by accident. */
const IGNORE = 'teams/\npanel/\n'

/**
 * Puts a whole publication in the place of the one before it: all files are written first, so that
 * nobody finds half of it. `commit` runs between writing and showing; when it throws, nothing shows.
 */
export async function replacePublished(
  folder: string,
  files: ReadonlyMap<string, string>,
  commit: () => Promise<void>,
): Promise<readonly string[]> {
  const target = join(folder, PUBLISHED)
  const partial = `${target}.partial`
  const previous = `${target}.previous`
  try {
    await rm(partial, { recursive: true, force: true })
    for (const [path, text] of [['.gitignore', IGNORE] as const, ...files]) {
      const place = join(partial, path)
      await makeFolder(dirname(place))
      await writeFile(place, text)
    }
    await commit()
    await rm(previous, { recursive: true, force: true })
    await rename(target, previous).catch((error: { code?: string }) => {
      if (error.code !== 'ENOENT') throw error
    })
    await rename(partial, target)
    await rm(previous, { recursive: true, force: true })
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    if (error instanceof AppError) throw error
    throw new AppError('UNREADABLE', `cannot write into ${target}`, { cause: error })
  }
  return [...files.keys()].map((path) => join(target, path))
}
