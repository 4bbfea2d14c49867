import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { servedBytes, startTestHub } from '../../packages/core/node/remote/testing/hub-server.ts'
import { dokja, dokjaAside, modelPath, ROOT } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'dokja-training-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const recordOf = (run: string): string => modelPath(`training/${run}/training-record.yaml`)

describe('dokja training', () => {
  it('ends 0 for an honest record beside references, in JSON and files', () => {
    const out = join(folder, 'report')
    const submitted = modelPath('training/run-a/step-0420')
    const run = dokja([
      'training',
      recordOf('run-a'),
      '--against',
      modelPath('s2'),
      '--submitted',
      submitted,
      '--json',
      '--out',
      out,
    ])
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
    const report = JSON.parse(run.stdout)
    expect(report).toMatchObject({
      schemaVersion: 'dokja.training/1',
      outcome: 'consistent',
      statement: 'consistent with training from the claimed initialisation',
      isCommittedDuringTraining: false,
      contradicts: [],
    })
    const codes = report.consistent.map((entry: { code: string }) => entry.code)
    expect(codes).toEqual(
      expect.arrayContaining(['init_replays', 'submitted_equal', 'references_clear']),
    )
    expect(JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'))).toEqual(report)
    for (const name of ['training.txt', 'training.html']) {
      expect(readFileSync(join(out, name), 'utf8')).not.toMatch(
        /\bproved\b(?!\. A training record)/,
      )
    }
  })

  it('searches a registry, leaves out its own folders and what --own names', () => {
    const registry = join(folder, 'known')
    const models = ['s1', 'training/run-b/step-0300'].map(modelPath)
    expect(dokja(['registry', 'add', ...models, '--registry', registry]).status).toBe(0)
    const judge = (...more: string[]) =>
      dokja(['training', recordOf('run-b'), '--registry', registry, '--json', ...more])
    const clear = judge()
    expect(clear.status).toBe(0)
    const found = JSON.parse(clear.stdout).consistent
    expect(found.map((entry: { code: string }) => entry.code)).toContain('registry_clear')
    // The same checkpoint under a name that says nothing of where it lies.
    rmSync(join(registry, 'places.json'))
    expect(judge().status).toBe(1)
    const own = judge('--own', 'step-0300')
    expect(own.status).toBe(0)
    expect(JSON.parse(own.stdout).missing).toContainEqual(
      expect.objectContaining({
        code: 'registry_left_out',
        values: { models: 1, names: 'step-0300' },
      }),
    )
    expect(judge('--own', 'step-0301').stderr).toContain('holds no model named step-0301')
    expect(dokja(['training', recordOf('run-b'), '--own', 's1']).status).toBe(2)
  })

  it('reads references and the submission from an address where that is allowed', async () => {
    const names = ['config.json', 'model.safetensors']
    const serve = (model: string) =>
      names.map((name) => {
        const bytes = readFileSync(join(ROOT, modelPath(model), name))
        return [name, servedBytes(new Uint8Array(bytes))] as const
      })
    const hub = await startTestHub(new Map(serve('training/run-b/step-0300')))
    try {
      const args = ['training', recordOf('run-b'), '--submitted', 'org/model', '--json']
      const env = { HF_ENDPOINT: hub.endpoint, XDG_CACHE_HOME: join(folder, 'cache') }
      expect((await dokjaAside(args, env)).status).toBe(2)
      const read = await dokjaAside([...args, '--allow-private-hosts'], env)
      expect(read.status).toBe(3)
      const codes = JSON.parse(read.stdout).consistent.map((entry: { code: string }) => entry.code)
      expect(codes).toContain('submitted_equal')
      const against = [...args, '--allow-private-hosts', '--against', 'org/model']
      expect((await dokjaAside(against, env)).status).toBe(1)
    } finally {
      await hub.close()
    }
  }, 60_000)

  it('ends 3 without references, in Korean where that is asked', () => {
    const run = dokja(['training', recordOf('run-b'), '--lang', 'ko'])
    expect(run.status).toBe(3)
    expect(run.stdout).toContain('판단할 수 없습니다')
    expect(run.stdout).not.toMatch(/\{\w+|기재 없음/)
  })

  it('ends 1 when the record is contradicted, and names what contradicts it', () => {
    const copy = join(folder, 'run-b')
    cpSync(join(ROOT, modelPath('training/run-b')), copy, { recursive: true })
    const path = join(copy, 'training-record.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace('seed: 20260401', 'seed: 20260402'))
    const run = dokja(['training', path, '--against', modelPath('s2')])
    expect(run.status).toBe(1)
    expect(run.stdout).toMatch(/differ from what the declared\s+seed gives/)
  })

  it('ends 2 for a record that is none, with the place and a remedy', () => {
    const path = join(folder, 'bad.yaml')
    writeFileSync(path, 'schemaVersion: dokja.training-record/1\n')
    const run = dokja(['training', path])
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(/error: .*bad\.yaml is not a valid training record/)
    expect(run.stderr).toContain('hint: docs/formats/training-record.md')
    expect(dokja(['training', join(folder, 'absent.yaml')]).status).toBe(2)
  })

  it('makes commitments and checks them', () => {
    const files = ['--file', join(folder, 'c.jsonl'), '--openings', join(folder, 'o.jsonl')]
    for (const step of ['0000', '0060']) {
      const checkpoint = modelPath(`training/run-b/step-${step}`)
      const run = dokja([
        'training',
        'commit',
        '--checkpoint',
        checkpoint,
        '--log',
        modelPath('training/run-b/log.csv'),
        '--author',
        'test',
        '--json',
        ...files,
      ])
      expect(run.status).toBe(0)
      expect(JSON.parse(run.stdout)).toMatchObject({ schemaVersion: 'dokja.training-commit/1' })
    }
    const verified = dokja(['training', 'commit', '--verify', '--json', ...files])
    expect(JSON.parse(verified.stdout)).toMatchObject({ isSound: true, entries: 2, opened: 2 })
    expect(verified.status).toBe(0)
    const openings = join(folder, 'o.jsonl')
    writeFileSync(
      openings,
      readFileSync(openings, 'utf8').replace(/"sizeBytes":\d+/, '"sizeBytes":7'),
    )
    expect(dokja(['training', 'commit', '--verify', ...files]).status).toBe(1)
    expect(dokja(['training', 'commit']).status).toBe(2)
  })
})
