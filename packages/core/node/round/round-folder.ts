import { lstat, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src/base/errors.ts'
import { planTemplate } from '../../src/round/plan/template.ts'
import type { InputFile } from '../../src/round/rows/table.ts'
import type { RoundInput, TextFile } from '../../src/round/run-round.ts'
import { formatEntry, parseRecord, type RecordEntry } from '../../src/round/seal/record.ts'
import { makeFolder } from '../make-folder.ts'

/**
 * A round as a folder that lives well in git:
 *   plan.yaml      the rules
 *   record.jsonl   the append-only record
 *   rows/          <source>.csv or .jsonl, or <source>/*.csv
 *   panels/        <panel>.csv
 *   facts/         published aggregates, any name
 */
const PLAN = 'plan.yaml'
const RECORD = 'record.jsonl'
const ROLE_OF_FOLDER = { rows: 'rows', panels: 'panel', facts: 'facts' } as const
type Folder = keyof typeof ROLE_OF_FOLDER
const FOLDERS = Object.keys(ROLE_OF_FOLDER) as Folder[]

/** Git must not rewrite line ends: the seal covers every byte of the plan. */
const GIT_ATTRIBUTES = '* -text\n'

/** Everything that `runRound` needs, with paths relative to the folder. */
export async function readRoundFolder(folder: string): Promise<RoundInput> {
  const [plan, record, files] = await Promise.all([
    readPlan(folder),
    readRecord(folder),
    readInputFiles(folder),
  ])
  return { plan, record, files }
}

export async function readPlan(folder: string): Promise<TextFile> {
  return { text: await readText(join(folder, PLAN)), path: PLAN }
}

/** The text of the record; empty when nothing has been recorded. */
export async function readRecord(folder: string): Promise<TextFile> {
  try {
    return { text: await readText(join(folder, RECORD)), path: RECORD }
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return { text: '', path: RECORD }
    throw error
  }
}

export async function readInputFiles(folder: string): Promise<InputFile[]> {
  const perFolder = await Promise.all(FOLDERS.map((name) => listFolder(folder, name)))
  return Promise.all(
    perFolder.flat().map(async (file) => ({
      ...file,
      bytes: new Uint8Array(await readFile(join(folder, file.path))),
    })),
  )
}

type Listed = Omit<InputFile, 'bytes'>

async function listFolder(folder: string, name: Folder): Promise<Listed[]> {
  const role = ROLE_OF_FOLDER[name]
  const listed: Listed[] = []
  for (const entry of await entriesOf(join(folder, name))) {
    const path = `${name}/${entry.name}`
    if (entry.isDirectory()) {
      for (const inner of await entriesOf(join(folder, path))) {
        const innerPath = `${path}/${inner.name}`
        if (!inner.isFile()) throw unexpected(innerPath)
        if (isData(inner.name)) listed.push({ role, name: entry.name, path: innerPath })
      }
    } else if (!entry.isFile()) throw unexpected(path)
    else if (isData(entry.name)) {
      listed.push({ role, name: entry.name.replace(/\.(csv|jsonl)$/, ''), path })
    }
  }
  return listed
}

/** Notes and hidden files may lie beside the data. Anything else is read, and refused by name. */
const isData = (name: string) => !name.startsWith('.') && !name.endsWith('.md')

const unexpected = (path: string) =>
  new AppError('FORMAT_UNSUPPORTED', `${path} is neither a file nor one level of folders`, {
    hint: 'links and deeper folders are not followed: put the files themselves there',
  })

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw unreadable(folder, error)
  }
}

/** Makes a new round folder with a commented plan. Refuses a folder that has a plan. */
export async function createRoundFolder(
  folder: string,
  options: { readonly stageId: string },
): Promise<readonly string[]> {
  const plan = join(folder, PLAN)
  if (await exists(plan)) {
    throw new AppError('USAGE', `${plan} exists already`, { hint: 'choose another folder' })
  }
  try {
    for (const name of FOLDERS) await makeFolder(join(folder, name))
    for (const name of FOLDERS) await writeFile(join(folder, name, '.gitkeep'), '')
    await writeFile(join(folder, '.gitattributes'), GIT_ATTRIBUTES)
    await writeFile(plan, planTemplate(options), { flag: 'wx' })
  } catch (error) {
    throw unreadable(folder, error)
  }
  return [plan]
}

/**
 * Appends the entry that `make` builds on the record as it is now. A lock file keeps two commands
 * from building on the same last line; the line is on disk when this returns.
 */
export async function appendToRecord(
  folder: string,
  make: (entries: readonly RecordEntry[]) => RecordEntry,
): Promise<RecordEntry> {
  const lock = join(folder, `.${RECORD}.lock`)
  const handle = await open(lock, 'wx').catch((error) => {
    if (codeOf(error) === 'EEXIST') {
      throw new AppError('USAGE', `another command is writing ${join(folder, RECORD)}`, {
        hint: `wait for it; if none is running, remove ${lock}`,
      })
    }
    throw unreadable(folder, error)
  })
  try {
    const { text, path } = await readRecord(folder)
    const entry = make(parseRecord(text, path))
    const record = await open(join(folder, RECORD), 'a')
    try {
      await record.appendFile(formatEntry(entry))
      await record.sync()
    } finally {
      await record.close()
    }
    return entry
  } finally {
    await handle.close()
    await rm(lock, { force: true })
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new AppError('NOT_FOUND', `there is no ${path}`, {
        cause: error,
        hint: '`dokja round new DIR` makes a round',
      })
    }
    if (error instanceof TypeError) {
      throw new AppError('UNREADABLE', `${path} is not UTF-8 text`, { cause: error })
    }
    throw unreadable(path, error)
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

const codeOf = (error: unknown) => (error as { code?: string } | null)?.code

const unreadable = (path: string, cause: unknown) =>
  new AppError('UNREADABLE', `cannot read or write ${path}: ${(cause as Error).message}`, { cause })
