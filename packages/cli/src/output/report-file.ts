import { rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, type TransformFile } from '@dokja/core'
import { makeFolder } from '@dokja/core/node'

/**
 * Makes sure that a report can be written before the work for it begins, and leaves nothing behind.
 * Throws AppError UNREADABLE.
 */
export async function checkReportFolder(folder: string | undefined): Promise<void> {
  if (folder === undefined) return
  const probe = join(folder, `.dokja.${process.pid}.partial`)
  let made: readonly string[] = []
  try {
    made = await makeFolder(folder)
    await writeFile(probe, '')
  } catch (cause) {
    throw cannotWrite(folder, cause)
  } finally {
    await rm(probe, { force: true }).catch(() => {})
    for (const path of made.toReversed()) await rmdir(path).catch(() => {})
  }
}

/** Bytes are made when their turn comes, so that one file is in memory at a time. */
export type ReportFile = readonly [name: string, content: string | (() => Uint8Array)]

/** Writes files by name so that a reader never finds half of one. Throws AppError UNREADABLE. */
export async function writeReportFiles(
  folder: string,
  files: readonly ReportFile[],
): Promise<readonly string[]> {
  try {
    await makeFolder(folder)
    for (const [name, content] of files) {
      await writeInPlace(join(folder, name), typeof content === 'string' ? content : content())
    }
  } catch (cause) {
    throw cannotWrite(folder, cause)
  }
  return files.map(([name]) => join(folder, name))
}

async function writeInPlace(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.partial`
  try {
    await writeFile(partial, content)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {})
    throw error
  }
}

/**
 * Writes NAME.json, NAME.html and, where there is one, NAME.txt; before them what they name, so that
 * a report never names a file that is not there.
 */
export const writeReport = (
  folder: string,
  name: string,
  content: {
    readonly document: unknown
    readonly html: string
    readonly text?: string
    readonly transforms?: readonly TransformFile[]
  },
): Promise<readonly string[]> =>
  writeReportFiles(folder, [
    ...(content.transforms ?? []).map((file): ReportFile => [file.name, file.bytes]),
    [`${name}.json`, `${JSON.stringify(content.document, null, 2)}\n`],
    [`${name}.html`, content.html],
    ...(content.text === undefined ? [] : [[`${name}.txt`, content.text] as const]),
  ])

const cannotWrite = (folder: string, cause: unknown): AppError =>
  new AppError('UNREADABLE', `cannot write the report into ${folder}`, {
    cause,
    hint: 'choose another folder with --out',
  })
