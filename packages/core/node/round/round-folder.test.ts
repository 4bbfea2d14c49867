import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { nextEntry, parseRecord } from '../../src/round/seal/record.ts'
import { createKeyFile, readKeyFile } from './key-file.ts'
import {
  appendToRecord,
  createRoundFolder,
  readInputFiles,
  readRecord,
  readRoundFolder,
} from './round-folder.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dokja-round-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing thrown',
    (error) => (error instanceof AppError ? error.code : String(error)),
  )
const note = (text: string) => ({
  time: '2026-01-05T00:00:00Z',
  author: 'office',
  kind: 'note.added',
  body: { text },
})

describe('a round in a folder', () => {
  it('is made with a plan and never over one', async () => {
    await createRoundFolder(folder, { stageId: 'stage-1' })
    expect(readFileSync(join(folder, '.gitattributes'), 'utf8')).toBe('* -text\n')
    expect((await readRoundFolder(folder)).files).toEqual([])
    expect(await codeOf(createRoundFolder(folder, { stageId: 'stage-1' }))).toBe('USAGE')
  })

  it('takes its files from one level of folders, in a fixed order, notes and hidden files aside', async () => {
    for (const path of ['rows/b', 'panels', 'facts'])
      mkdirSync(join(folder, path), { recursive: true })
    for (const path of [
      'rows/a.csv',
      'rows/b/2.jsonl',
      'rows/b/1.csv',
      'rows/README.md',
      'rows/.x',
      'panels/p.csv',
      'facts/f.csv',
    ]) {
      writeFileSync(join(folder, path), path)
    }
    const files = await readInputFiles(folder)
    expect(files.map(({ role, name, path }) => `${role} ${name} ${path}`)).toEqual([
      'rows a rows/a.csv',
      'rows b rows/b/1.csv',
      'rows b rows/b/2.jsonl',
      'panel p panels/p.csv',
      'facts f facts/f.csv',
    ])
    expect(new TextDecoder().decode(files[0]?.bytes)).toBe('rows/a.csv')
  })

  it('does not follow links out of the folder', async () => {
    mkdirSync(join(folder, 'rows'))
    symlinkSync('/etc/passwd', join(folder, 'rows', 'a.csv'))
    expect(await codeOf(readInputFiles(folder))).toBe('FORMAT_UNSUPPORTED')
  })

  it('says what is missing', async () => {
    expect(await codeOf(readRoundFolder(folder))).toBe('NOT_FOUND')
  })
})

describe('the record on disk', () => {
  it('grows by whole lines, each on the one before', async () => {
    await appendToRecord(folder, (entries) => nextEntry(entries, note('one')))
    await appendToRecord(folder, (entries) => nextEntry(entries, note('two')))
    const { text, path } = await readRecord(folder)
    expect(parseRecord(text, path)).toHaveLength(2)
    expect(text.endsWith('\n')).toBe(true)
  })

  it('keeps two writers apart', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        appendToRecord(folder, (entries) => nextEntry(entries, note(String(i)))),
      ),
    )
    const done = tries.filter((attempt) => attempt.status === 'fulfilled').length
    const { text, path } = await readRecord(folder)
    expect(parseRecord(text, path)).toHaveLength(done)
    expect(done).toBeGreaterThan(0)
    for (const attempt of tries) {
      if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'USAGE' })
    }
    expect(existsSync(join(folder, '.record.jsonl.lock'))).toBe(false)
  })

  it('is left as it was when the new entry cannot be made or the old ones are damaged', async () => {
    await appendToRecord(folder, (entries) => nextEntry(entries, note('one')))
    const before = readFileSync(join(folder, 'record.jsonl'), 'utf8')
    await expect(
      appendToRecord(folder, () => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(readFileSync(join(folder, 'record.jsonl'), 'utf8')).toBe(before)
    writeFileSync(join(folder, 'record.jsonl'), before.replace('one', 'won'))
    expect(await codeOf(appendToRecord(folder, (e) => nextEntry(e, note('two'))))).toBe(
      'LOG_INVALID',
    )
    expect(existsSync(join(folder, '.record.jsonl.lock'))).toBe(false)
  })
})

describe('a key file', () => {
  it('is readable by its owner only, is never overwritten, and reads back', async () => {
    const path = join(folder, 'keys', 'office.json')
    const key = await createKeyFile(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await readKeyFile(path)).toEqual(key)
    expect(await codeOf(createKeyFile(path))).toBe('USAGE')
  })

  it('is refused when others may read it, or when it is something else', async () => {
    const path = join(folder, 'key.json')
    await createKeyFile(path)
    chmodSync(path, 0o644)
    expect(await codeOf(readKeyFile(path))).toBe('USAGE')
    const other = join(folder, 'other.json')
    writeFileSync(other, '{}', { mode: 0o600 })
    expect(await codeOf(readKeyFile(other))).toBe('SCHEMA_INVALID')
    expect(await codeOf(readKeyFile(join(folder, 'none.json')))).toBe('NOT_FOUND')
  })
})

describe('git', () => {
  it('gives the plan back byte for byte, whatever its line-end setting', async () => {
    await createRoundFolder(folder, { stageId: 'stage-1' })
    const before = readFileSync(join(folder, 'plan.yaml'))
    const git = (...args: string[]) =>
      execFileSync(
        'git',
        [
          '-c',
          'core.autocrlf=true',
          '-c',
          'user.name=x',
          '-c',
          'user.email=x@example.org',
          ...args,
        ],
        { cwd: folder, stdio: 'pipe' },
      )
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'plan')
    rmSync(join(folder, 'plan.yaml'))
    git('checkout', '--', 'plan.yaml')
    expect(readFileSync(join(folder, 'plan.yaml')).equals(before)).toBe(true)
  })
})
