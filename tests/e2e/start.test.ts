import { spawnSync } from 'node:child_process'
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CLI, dokja, ROOT } from './run-cli.ts'

// The command starts from the modules joined at installation, and never from joined modules of
// sources that have changed since.

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokja-start-'))
  await mkdir(join(folder, 'bin'))
  await mkdir(join(folder, 'src'))
  await mkdir(join(folder, 'joined'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await cp(CLI, join(folder, 'bin', 'dokja.js'))
  await writeFile(join(folder, 'src', 'main.ts'), "console.log('from sources' satisfies string)")
  await writeFile(join(folder, 'joined', 'main.js'), "console.log('from joined modules')")
})

afterEach(() => rm(folder, { recursive: true }))

async function noteSources(): Promise<void> {
  const { size, mtimeMs } = await stat(join(folder, 'src', 'main.ts'))
  const noted = JSON.stringify([['../src/main.ts', size, mtimeMs]])
  await writeFile(join(folder, 'joined', 'sources.json'), noted)
}

const start = (env: Record<string, string> = {}, args: readonly string[] = []): string =>
  spawnSync(process.execPath, [join(folder, 'bin', 'dokja.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  }).stdout.trim()

test('joined modules are taken while every source is as it was', async () => {
  await noteSources()
  expect(start()).toBe('from joined modules')
  expect(start({ DOKJA_JOINED: '0' })).toBe('from sources')
})

test('a source that was written to, or is gone, is not passed over', async () => {
  await noteSources()
  const later = new Date(Date.now() + 5000)
  await utimes(join(folder, 'src', 'main.ts'), later, later)
  expect(start()).toBe('from sources')
  const missing = JSON.stringify([['../src/gone.ts', 1, 1]])
  await writeFile(join(folder, 'joined', 'sources.json'), missing)
  expect(start()).toBe('from sources')
})

test('without a list of sources, or with a broken one, joined modules are not used', async () => {
  expect(start()).toBe('from sources')
  await writeFile(join(folder, 'joined', 'sources.json'), '[["../src/main.ts",')
  expect(start()).toBe('from sources')
})

test('a command looks at its own sources, and what is no command at all of them', async () => {
  await noteSources()
  const missing = JSON.stringify([['../src/gone.ts', 1, 1]])
  await writeFile(join(folder, 'joined', 'sources-compare.json'), missing)
  expect(start({}, ['--debug', 'compare'])).toBe('from sources')
  expect(start({}, ['audit'])).toBe('from joined modules')
  expect(start({}, ['../joined/sources-compare'])).toBe('from joined modules')
  await writeFile(join(folder, 'joined', 'sources-compare.json'), '[]')
  await writeFile(join(folder, 'joined', 'sources.json'), missing)
  expect(start({}, ['compare'])).toBe('from joined modules')
  expect(start({}, ['audit'])).toBe('from sources')
})

test('every source that a comparison loads is in its list', async () => {
  const joined = join(ROOT, 'packages', 'cli', 'joined')
  const noted = JSON.parse(await readFile(join(joined, 'sources-compare.json'), 'utf8'))
  const files = noted.map(([file]: [string]) => resolve(joined, file))
  // What opens an address is loaded only once one is given.
  for (const file of ['cli/src/main.ts', 'core/src/index.ts', 'core/node/remote/http-client.ts']) {
    expect(files).toContain(join(ROOT, 'packages', file))
  }
  expect(files).not.toContain(join(ROOT, 'packages', 'cli', 'src', 'commands', 'training.ts'))
})

test('a process whose command never ends has no verdict', async () => {
  await noteSources()
  await writeFile(join(folder, 'joined', 'main.js'), 'export const ended = new Promise(() => {})')
  const { status } = spawnSync(process.execPath, [join(folder, 'bin', 'dokja.js')])
  expect([0, 1, 2, 3]).not.toContain(status)
})

test('without code compiled before, or with code of nothing, joined modules run all the same', async () => {
  const joined = join(ROOT, 'packages', 'cli', 'joined')
  const copy = join(folder, 'packages', 'cli', 'joined')
  await cp(joined, copy, { recursive: true })
  const help = dokja(['compare', '--help']).stdout
  const again = (): string =>
    spawnSync(process.execPath, ['-e', RUN, join(copy, 'main.js'), 'compare', '--help'], {
      encoding: 'utf8',
    }).stdout
  expect(again()).toBe(help)
  const compiled = (await readdir(copy)).filter((name) => name.endsWith('.compiled'))
  expect(compiled.length).toBeGreaterThan(3)
  for (const name of compiled) await writeFile(join(copy, name), 'no code')
  expect(again()).toBe(help)
  for (const name of compiled) await rm(join(copy, name))
  expect(again()).toBe(help)
})

const RUN = 'require(process.argv[1])'

test('the sources give the same comparison, threads, kernels and catalogue included', () => {
  const args = ['compare', 'testdata/models/sft1', 'testdata/models/s1', '--json', '--full']
  const kin = ['registry', 'kin', 'testdata/models/s1']
  for (const command of [args, kin]) {
    const usual = dokja(command)
    const fromSources = spawnSync(process.execPath, [CLI, ...command], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: { ...process.env, LANG: 'C', LC_ALL: 'C', NO_COLOR: '1', DOKJA_JOINED: '0' },
    })
    expect(usual.stderr).toBe(fromSources.stderr)
    expect(usual.stdout).toBe(fromSources.stdout)
    expect(usual.stdout.length).toBeGreaterThan(100)
  }
})
