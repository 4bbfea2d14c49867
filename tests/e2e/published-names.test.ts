import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dokja, modelPath, ROOT } from './run-cli.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dokja-published-'))
const at = (...parts: string[]) => join(scratch, 'accounts-of-kim', ...parts)

beforeAll(() => {
  for (const [model, place] of [
    ['sft1', 'ours'],
    ['s1', 'theirs/model'],
    ['s2', 'others/model'],
    ['vlm-donor', 'known'],
  ] as const) {
    cpSync(join(ROOT, modelPath(model)), at(place), { recursive: true })
  }
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Everything that leaves the machine: what was printed and what was written. */
const published = (stdout: string, folder: string): string =>
  [stdout, ...readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))].join('')

describe('what is published', () => {
  it('names models of an audit by their folders, apart, and no place of this machine', () => {
    const [registry, out] = [at('registry'), at('audit')]
    expect(dokja(['registry', 'add', at('known'), '--registry', registry]).status).toBe(0)
    const references = [at('theirs', 'model'), at('others', 'model')]
    const run = dokja([
      ...['audit', at('ours'), '--own', references[1] ?? '', '--against', ...references],
      ...['--registry', registry, '--full', '--workers', '1', '--out', out],
    ])
    expect(run.stderr).toBe('')
    const all = published(run.stdout, out)
    expect(all).not.toContain(scratch)
    expect(all).not.toContain('accounts-of-kim')
    const report = JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8'))
    expect(report.candidate.id).toBe('ours')
    expect(report.references.searched.map(({ id }: { id: string }) => id)).toEqual([
      'model',
      'model (2)',
      'known',
    ])
    expect(report.references.matched).toEqual(['model'])
    expect(report.comparisons[0].fullRead.files.candidate[0].digest).toMatch(/^sha256:/)
  })

  it('names both models of a comparison so', () => {
    const out = at('comparison')
    const run = dokja(['compare', at('ours'), at('theirs', 'model'), '--out', out])
    expect(run.status).toBe(1)
    const all = published(run.stdout, out)
    expect(all).not.toContain('accounts-of-kim')
    expect(all).toContain('npx dokja compare ours model --json')
  })

  it('names nothing else of a training record that was judged', () => {
    const out = at('training')
    cpSync(join(ROOT, 'testdata/models/training'), at('records'), { recursive: true })
    const run = dokja([
      ...['training', at('records', 'run-a', 'training-record.yaml')],
      ...['--against', at('theirs', 'model'), '--out', out],
    ])
    expect(run.stderr).toBe('')
    expect(published(run.stdout, out)).not.toContain('accounts-of-kim')
  })
})
