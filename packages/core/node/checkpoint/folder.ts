import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { AppError } from '../../src/base/errors.ts'
import { asUnreadable } from './file-store.ts'

export type FolderEntry = {
  readonly name: string
  readonly absolutePath: string
  readonly kind: 'file' | 'folder' | 'broken_link' | 'other'
  readonly sizeBytes: number
}

/** What lies directly in a folder, by name; links are followed to see what they lead to. */
export type Folder = {
  readonly path: string
  /** A listing of a server: it has no links, and none of it is this machine's. */
  readonly isRemote?: boolean
  readonly entries: ReadonlyMap<string, FolderEntry>
}

/** Throws AppError NOT_FOUND or UNREADABLE. */
export async function listFolder(path: string): Promise<Folder> {
  let names: string[]
  try {
    names = await readdir(path)
  } catch (error) {
    throw asUnreadable(path, error)
  }
  const entries = new Map<string, FolderEntry>()
  for (const name of names.sort()) entries.set(name, await entryAt(name, join(path, name)))
  return { path, entries }
}

async function entryAt(name: string, absolutePath: string): Promise<FolderEntry> {
  try {
    const found = await stat(absolutePath)
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other'
    return { name, absolutePath, kind, sizeBytes: found.size }
  } catch (error) {
    // ENOENT here is a link whose target is gone; what cannot be seen is no candidate either.
    if (error instanceof Error && 'code' in error) {
      return { name, absolutePath, kind: 'broken_link', sizeBytes: 0 }
    }
    throw error
  }
}

export function filesOf(folder: Folder): readonly FolderEntry[] {
  return [...folder.entries.values()].filter((entry) => entry.kind === 'file')
}

/**
 * Whether an entry's true place is inside its folder, or in the `blobs` of the Hugging Face cache
 * that the folder is a snapshot of. Texts from anywhere else are not read: a repository with a
 * link named README.md could otherwise carry a private file of this machine into a report.
 */
export async function staysInside(folder: Folder, entry: FolderEntry): Promise<boolean> {
  if (folder.isRemote === true) return true
  try {
    const root = await realpath(folder.path)
    const target = await realpath(entry.absolutePath)
    return allowedRoots(root).some((allowed) => target.startsWith(allowed + sep))
  } catch (error) {
    throw asUnreadable(entry.name, error)
  }
}

function allowedRoots(root: string): readonly string[] {
  const parts = root.split(sep)
  const at = parts.lastIndexOf('snapshots')
  const repository = parts[at - 1] ?? ''
  if (at < 1 || !/^(models|datasets|spaces)--/.test(repository)) return [root]
  return [root, [...parts.slice(0, at), 'blobs'].join(sep)]
}

/** The named file, or AppError CHECKPOINT_INVALID saying that it is missing. */
export function requireFile(folder: Folder, name: string, namedBy: string): FolderEntry {
  const entry = folder.entries.get(name)
  if (entry?.kind === 'file') return entry
  const what =
    entry === undefined
      ? 'is missing'
      : entry.kind === 'broken_link'
        ? 'is a link that leads nowhere'
        : 'is not a file'
  throw new AppError('CHECKPOINT_INVALID', `${name}: named by ${namedBy}, but it ${what}`, {
    hint: 'fetch the missing file into the same folder',
  })
}
