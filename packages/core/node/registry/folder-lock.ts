import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/base/errors.ts'
import { makeFolder } from '../make-folder.ts'

const LOCK = 'adding.lock'
const PAUSE_MS = 15
/** Nobody holds it as long: it was left by a process that was ended. */
const LEFT_AFTER_MS = 10_000
const PATIENCE_MS = 60_000

/**
 * Lets one process at a time look into a registry and write what follows from it: of two that add at
 * once, the second would otherwise write its list over the first one's. Readers wait for nobody.
 * Throws AppError UNREADABLE where the folder cannot be written, or is held for a minute.
 */
export async function whileAdding<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(folder)
  const path = join(folder, LOCK)
  const until = Date.now() + PATIENCE_MS
  while (!(await take(path))) {
    if (Date.now() > until) throw held(path)
    await removeLeft(path)
    await sleep(PAUSE_MS * (1 + Math.random()))
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close()
    return true
  } catch (cause) {
    if ((cause as { code?: string }).code === 'EEXIST') return false
    throw new AppError('UNREADABLE', `cannot write ${path}`, {
      cause,
      hint: 'choose another place',
    })
  }
}

/** Moves it away before it is removed: of several that find it too old, one succeeds. */
async function removeLeft(path: string): Promise<void> {
  const away = `${path}.${randomBytes(4).toString('hex')}.partial`
  try {
    const { mtimeMs, ino } = await stat(path)
    if (Date.now() - mtimeMs < LEFT_AFTER_MS) return
    await rename(path, away)
    // Somebody else was quicker, and this one is new.
    if ((await stat(away)).ino !== ino) await rename(away, path)
    else await rm(away, { force: true })
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
  }
}

const held = (path: string): AppError =>
  new AppError('UNREADABLE', `${path}: another process is adding to this registry`, {
    hint: 'wait until it has ended; where none is running, delete the file',
  })
