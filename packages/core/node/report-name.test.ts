import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { reportName, reportNames } from './report-name.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dokja-names-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('the name of a model in a report', () => {
  it.each([
    ['models/ours', 'models/ours'],
    ['./models/ours/', './models/ours'],
    ['/home/kim/secret/ours', 'ours'],
    ['../kim/secret/ours', 'ours'],
    ['models/../../kim/ours', 'ours'],
    ['/home/kim/ours.gguf', 'ours.gguf'],
    ['/home/kim/ours/model.safetensors', 'ours/model.safetensors'],
    ['/home/kim/ours/model-00001-of-00002.safetensors', 'ours/model-00001-of-00002.safetensors'],
    ['/home/kim/model', 'model'],
    [
      `/home/kim/.cache/hub/models--org--ours/snapshots/${'0a'.repeat(20)}`,
      `models--org--ours/${'0a'.repeat(20)}`,
    ],
  ])('%s is called %s', (path, name) => {
    expect(reportName(path)).toBe(name)
  })

  it('is the folder’s own name for the working folder', () => {
    expect(reportName('.')).toBe(process.cwd().split('/').at(-1))
  })

  it('is never shared by two models of one report', () => {
    const places = ['a/model', 'b/model', 'c/model'].map((path) => join(scratch, path))
    for (const place of places) mkdirSync(place, { recursive: true })
    const names = reportNames([...places, places[0] as string, 'org/on-a-hub@main'])
    expect([...names]).toEqual([
      [places[0], 'model'],
      [places[1], 'model (2)'],
      [places[2], 'model (3)'],
    ])
  })
})
