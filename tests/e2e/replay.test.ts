import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesOf, servedModels } from '../../packages/core/node/remote/testing/open-served.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import * as change from '../audit/transforms.ts'
import { writeModel } from '../audit/written-model.ts'
import { dokja, dokjaAside, modelPath } from './run-cli.ts'

// Simulated models: a rotated copy is compared, its transform written, and replayed by the command.

const scratch = mkdtempSync(join(tmpdir(), 'dokja-replay-'))
const served = servedModels()
const suspect = join(scratch, 'suspect')
const out = join(scratch, 'report')
const NAME = 'transform-language_model.safetensors'
const file = join(out, NAME)
const base = modelPath('s1')

beforeAll(async () => {
  const hide = change.allOf(change.rotateResidual, change.permuteUnits, change.scaleUnits)
  writeModel(suspect, hide(await change.load('sft1'), createRng('replayed')))
  const run = dokja(['compare', suspect, base, '--out', out, '--workers', '1'])
  expect(run.status).toBe(1)
  expect(run.stdout).toContain(`npx dokja replay suspect ${base} ${file} --json`)
})
afterAll(async () => {
  await served.close()
  served.end()
  rmSync(scratch, { recursive: true, force: true })
})

const report = (folder: string, name: string) =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
const bodyOf = (document: { components: { component: string }[] }) =>
  document.components.find(({ component }) => component === 'language_model') as unknown as {
    transform: { heldOut: object; digest: string; file: object }
  }

describe('a report with a recovered transform', () => {
  it('has it in full beside it, under its digest, with nothing half-written', () => {
    expect(readdirSync(out).sort()).toEqual(['comparison.html', 'comparison.json', NAME])
    const bytes = readFileSync(file)
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    const { transform } = bodyOf(report(out, 'comparison'))
    expect(transform.file).toEqual({ name: NAME, sizeBytes: bytes.length, digest })
    const html = readFileSync(join(out, 'comparison.html'), 'utf8')
    expect(html).toContain(digest.replace('sha256:', ''))
    expect(html).toContain(`replay suspect testdata/models/s1 ${NAME} --json`)
  })

  it('is the same with any number of workers and from an audit', () => {
    const again = join(scratch, 'again')
    const audited = join(scratch, 'audited')
    dokja(['compare', suspect, base, '--out', again, '--workers', '2'])
    dokja(['audit', suspect, '--against', modelPath('s2'), base, '--out', audited])
    expect(readFileSync(join(again, NAME))).toEqual(readFileSync(file))
    const name = 'transform-2-language_model.safetensors'
    expect(readdirSync(audited)).toContain(name)
    expect(readFileSync(join(audited, name))).toEqual(readFileSync(file))
    expect(bodyOf(report(audited, 'audit')).transform.file).toMatchObject({ name })
  })

  it('names no file where none was asked for', () => {
    const run = dokja(['compare', suspect, base, '--json'])
    expect(bodyOf(JSON.parse(run.stdout)).transform).not.toHaveProperty('file')
  })
})

describe('dokja replay', () => {
  it('prints one JSON document with the figures of the report, and ends with 0', () => {
    const run = dokja(['replay', suspect, base, file, '--json'])
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
    const replay = JSON.parse(run.stdout)
    const { transform } = bodyOf(report(out, 'comparison'))
    expect(replay.outcome).toBe('reproduced')
    expect(replay.replayed).toEqual(transform.heldOut)
    expect(replay.transform.digest).toBe(transform.digest)
    expect(replay.transform.fileDigest).toBe((transform.file as { digest: string }).digest)
    expect(replay.layers[0]).toMatchObject({ kind: 'down', layer: 0, compared: 96, of: 96 })
  })

  it('speaks both languages', () => {
    const english = dokja(['replay', suspect, base, file])
    expect(english.stdout).toContain('[ok] The transform gives what the file states')
    expect(english.stdout).toMatch(/MLP down +not seen +0\.99\d\d +0\.0\d\d\d +13,824/)
    const korean = dokja(['replay', suspect, base, file, '--lang', 'ko'])
    expect(korean.stdout).toContain('파일에 적힌 수치가 그대로 나왔습니다')
    expect(dokja(['replay', '--help']).stdout).toContain('Example:')
  })

  it('ends with 1 for models that the transform does not carry over', () => {
    const run = dokja(['replay', modelPath('s2'), base, file])
    expect(run.status).toBe(1)
    expect(run.stdout).toContain('[!!] The transform does not give what the file states')
    expect(run.stdout).toContain('The file names suspect as the candidate')
  })

  it('ends with 2 for a file or model that is none, naming it, with a hint', () => {
    const cut = join(scratch, 'cut.safetensors')
    writeFileSync(cut, readFileSync(file).subarray(0, 3000))
    const weights = join(modelPath('s1'), 'model.safetensors')
    for (const [args, names] of [
      [[suspect, base, cut], /cut\.safetensors: truncated/],
      [[suspect, base, weights], /model\.safetensors: is no recovered transform/],
      [[suspect, base, join(scratch, 'none')], /none: does not exist/],
      [[modelPath('gpt2-a'), base, file], /layers? 0/],
    ] as const) {
      const run = dokja(['replay', ...args, '--json'])
      expect(run.status, run.stderr).toBe(2)
      expect(run.stdout).toBe('')
      expect(run.stderr).toMatch(/^error: .+\nhint: .+\n$/)
      expect(run.stderr).toMatch(names)
    }
  })

  it('reads a model behind an address as it reads a folder', async () => {
    const { address } = await served.plain(filesOf('s1'))
    const args = ['replay', suspect, address, file, '--allow-private-hosts', '--json']
    const run = await dokjaAside(args, { DOKJA_CACHE: join(scratch, 'cache') })
    expect(run.status).toBe(0)
    const replay = JSON.parse(run.stdout)
    expect(replay.reference).toContain(address)
    expect(replay.kinds).toEqual(
      JSON.parse(dokja(['replay', suspect, base, file, '--json']).stdout).kinds,
    )
    // What a server that states no version sends is kept nowhere.
    expect(existsSync(join(scratch, 'cache'))).toBe(false)
  })
})
