import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, sep } from 'node:path'
import {
  COMMITTED,
  commitmentOf,
  type Manifest,
  type Opening,
} from '../../src/audit/technical/training/commitment.ts'
import { AppError } from '../../src/base/errors.ts'
import {
  formatEntry,
  nextEntry,
  parseRecord,
  type RecordEntry,
} from '../../src/round/seal/record.ts'
import { hashFile } from '../hash-file.ts'
import { datedCommitments, parseOpenings } from './read-record.ts'

export type CommitRequest = {
  /** Folder of one checkpoint; all of its files are fixed. */
  readonly checkpoint: string
  /** Logs, data order, configuration: fixed as they are now. */
  readonly others: readonly string[]
  /** The append-only file that may be published at once. */
  readonly commitments: string
  /** What opens the commitments; kept back, readable by its owner only. */
  readonly openings: string
  readonly time: string
  readonly author: string
}

/**
 * Appends one commitment. Everything is hashed before anything is written, and the opening is on disk
 * before the commitment is: a commitment that nobody can open would be worthless.
 */
export async function commitCheckpoint(request: CommitRequest): Promise<RecordEntry> {
  const manifest: Manifest = {
    schemaVersion: 'dokja.training-manifest/1',
    checkpoint: await fixFolder(request.checkpoint),
    others: await Promise.all(request.others.map((path) => fixFile(path, shownPath(path)))),
  }
  const salt = randomBytes(32).toString('hex')
  const commitment = commitmentOf(salt, manifest)
  return withLock(request.commitments, async () => {
    const text = await textOrEmpty(request.commitments)
    const entry = nextEntry(parseRecord(text, request.commitments), {
      time: request.time,
      author: request.author,
      kind: COMMITTED,
      body: { commitment },
    })
    const opening: Opening = { salt, commitment, manifest }
    await append(request.openings, `${JSON.stringify(opening)}\n`, 0o600)
    await append(request.commitments, formatEntry(entry), 0o644)
    return entry
  })
}

export type CommitmentCheck = {
  readonly entries: number
  readonly opened: number
  /** Commitments that nothing opens yet: not a fault while training runs. */
  readonly unopened: number
  /** Openings that fit no commitment, by their line. */
  readonly faults: readonly string[]
}

/** Checks the chain, and every opening where the file of openings is given. Throws LOG_INVALID. */
export async function verifyCommitments(
  commitments: string,
  openings: string | null,
): Promise<CommitmentCheck> {
  const text = await textOrEmpty(commitments)
  if (text === '') throw new AppError('NOT_FOUND', `there is no ${commitments}`)
  const known = new Set(datedCommitments(text, commitments).map((entry) => entry.commitment))
  const given = openings ? parseOpenings(await textOrEmpty(openings), openings) : []
  const faults = given.flatMap(({ salt, manifest, commitment }, i) => {
    if (commitmentOf(salt, manifest) !== commitment) return [`line ${i + 1}: does not open`]
    return known.has(commitment) ? [] : [`line ${i + 1}: its commitment was never made`]
  })
  const opened = given.length - faults.length
  return { entries: known.size, opened, unopened: known.size - opened, faults }
}

/** Openings are shown one day: where a file lies on this machine is nobody's business. */
const shownPath = (path: string): string =>
  isAbsolute(path) || path.startsWith('..') ? basename(path) : path.replace(/^\.[\\/]/, '')

async function fixFolder(folder: string): Promise<Manifest['checkpoint']> {
  let names: string[]
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true })
    names = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort()
  } catch (cause) {
    throw new AppError('NOT_FOUND', `there is no folder ${folder}`, { cause })
  }
  if (names.length === 0) throw new AppError('CHECKPOINT_INVALID', `${folder} has no files`)
  const files: Manifest['checkpoint'] = []
  for (const name of names) {
    files.push(await fixFile(join(folder, name), name.split(sep).join('/')))
  }
  return files
}

async function fixFile(path: string, name: string): Promise<Manifest['others'][number]> {
  const found = await hashFile(path)
  if (!found) throw new AppError('NOT_FOUND', `there is no file ${path}`)
  return { path: name, ...found }
}

async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const handle = await open(lock, 'wx').catch((cause) => {
    const isTaken = (cause as { code?: string }).code === 'EEXIST'
    throw isTaken
      ? new AppError('USAGE', `another command is writing ${path}`, {
          hint: `wait for it; if none is running, remove ${lock}`,
        })
      : new AppError('UNREADABLE', `cannot write ${path}`, { cause })
  })
  try {
    return await work()
  } finally {
    await handle.close()
    await rm(lock, { force: true })
  }
}

async function append(path: string, line: string, mode: number): Promise<void> {
  try {
    const file = await open(path, 'a', mode)
    try {
      await file.appendFile(line)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new AppError('UNREADABLE', `cannot write ${path}`, { cause })
  }
}

async function textOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return ''
    throw new AppError('UNREADABLE', `cannot read ${path}`, { cause })
  }
}
