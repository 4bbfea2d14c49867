import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CLI, dokja, modelPath, ROOT } from './run-cli.ts'

// What a script sees of the command: an exit status that means what it says, whatever happens.

const scratch = mkdtempSync(join(tmpdir(), 'dokja-edges-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const DESCENT = ['compare', modelPath('sft1'), modelPath('s1')]

describe.skipIf(!existsSync('/dev/full'))('output that cannot be written', () => {
  const toFull = (args: readonly string[]) => {
    const full = openSync('/dev/full', 'w')
    const run = spawnSync(process.execPath, [CLI, ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    return run
  }

  it('ends with 70 and never with the status of a result', () => {
    for (const args of [[...DESCENT, '--json'], DESCENT, ['--help']]) {
      const run = toFull(args)
      expect(run.status, args.join(' ')).toBe(70)
      expect(run.stderr).toMatch(/^error: cannot write to standard output: ENOSPC.*\nhint: .+\n$/)
    }
  })

  it('still writes the report that was asked for', () => {
    const out = join(scratch, 'report')
    expect(toFull([...DESCENT, '--out', out]).status).toBe(70)
    expect(readdirSync(out).sort()).toEqual(['comparison.html', 'comparison.json'])
  })
})

describe('a reader that has gone', () => {
  it('ends the command quietly, as it ends other commands', async () => {
    const child = spawn(process.execPath, [CLI, ...DESCENT, '--json'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    const status = await new Promise((resolve) => child.on('close', resolve))
    expect(stderr).toBe('')
    // 128 + SIGPIPE: what a shell shows for a command that ends this way.
    expect(status).toBe(141)
  })
})

describe('a fault of ours', () => {
  // Planted behind the first output, when every module of the command has been loaded.
  const plant = (fault: string) =>
    `data:text/javascript,process.stdout.write=()=>{setImmediate(()=>{${encodeURIComponent(fault)}});return true}`
  const runWith = (fault: string, ...flags: readonly string[]) =>
    spawnSync(process.execPath, ['--import', plant(fault), CLI, ...flags, ...DESCENT], {
      cwd: ROOT,
      encoding: 'utf8',
    })

  it.each([
    ['thrown', 'throw new Error("planted")'],
    ['rejected', 'Promise.reject(new Error("planted"))'],
  ])('that is %s where nobody catches it gives 70, and a stack only with --debug', (_, fault) => {
    const run = runWith(fault)
    expect(run.status).toBe(70)
    expect(run.stderr).toMatch(/^error: a fault in dokja itself: planted\nhint: .*--debug.*\n$/)
    const debug = runWith(fault, '--debug')
    expect(debug.status).toBe(70)
    expect(debug.stderr).toMatch(/\n\s+at /)
  })
})

describe('what cannot be done', () => {
  it.skipIf(!existsSync('/proc/self'))('is told before the work, for a folder in /proc too', () => {
    for (const out of ['/proc/dokja', '/proc/dokja/report', '/dev/null/report']) {
      const run = dokja([...DESCENT, '--out', out])
      expect(run.status, run.stderr).toBe(2)
      expect(run.stderr).toMatch(/^error: cannot write the report into \/.*\nhint: .*--out\n$/)
      expect(run.stdout).toBe('')
    }
    const registry = dokja(['registry', 'add', modelPath('s1'), '--registry', '/proc/dokja'])
    expect(registry.status).toBe(2)
    expect(registry.stderr).toMatch(/^error: .*\/proc\/dokja/)
  })

  it('leaves no folder behind when the work fails after the check', () => {
    const out = join(scratch, 'a', 'b')
    expect(dokja(['compare', modelPath('s1'), '/nonexistent', '--out', out]).status).toBe(2)
    expect(existsSync(join(scratch, 'a'))).toBe(false)
  })

  it.each([
    DESCENT,
    ['audit', modelPath('s1')],
    ['demo'],
    ['round', 'score', 'examples/korea-2026-stage1'],
    ['registry', 'list', '--registry', 'none'],
  ])('is told of a language that is not there: dokja %s', (...args) => {
    const run = dokja([...args, '--lang', 'xx'])
    expect(run.status).toBe(2)
    expect(run.stdout).toBe('')
    expect(run.stderr).toMatch(/^error: .*--lang.*'xx'.*ko or en/)
    expect(run.stderr).toMatch(/hint: /)
  })

  it('is told on standard error, and standard output stays empty with --json', () => {
    for (const args of [
      ['compare', '/nonexistent', modelPath('s1')],
      ['audit', '/nonexistent'],
      ['round', 'score', '/nonexistent'],
      ['registry', 'search', '/nonexistent', '--registry', '/nonexistent'],
      ['training', '/nonexistent'],
    ]) {
      const run = dokja([...args, '--json'])
      expect(run.status, args.join(' ')).toBe(2)
      expect(run.stdout).toBe('')
      expect(run.stderr).toMatch(/^error: .+\nhint: .+\n$/)
    }
  })
})
