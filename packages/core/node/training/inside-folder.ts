import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { AppError } from '../../src/base/errors.ts'

/**
 * Refuses paths that a link leads out of the folder: a record speaks of what lies beside it, and an auditor's
 * other files are not its business. What is absent is no fault here. Throws AppError UNREADABLE.
 */
export async function insideFolder(folder: string, paths: readonly string[]): Promise<void> {
  const root = await realpath(folder === '' ? '.' : folder)
  const seen = new Set<string>()
  for (const path of paths) {
    if (seen.has(path)) continue
    seen.add(path)
    const target = await realpath(join(folder, path)).catch(() => null)
    if (target === null || target === root || target.startsWith(`${root}${sep}`)) continue
    throw new AppError(
      'UNREADABLE',
      `${path} is a link that leads out of the folder of the record`,
      {
        hint: 'put the files themselves into the folder, or the record into the folder that holds them',
      },
    )
  }
}
