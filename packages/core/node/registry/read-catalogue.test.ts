import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { architectureKin } from '../../src/audit/registry/architecture-kin.ts'
import { readCatalogue } from './read-catalogue.ts'

describe('the list of public models', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dokja-list-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('names at least 150 models, each once, with a source for whatever is called verified', async () => {
    const { models } = await readCatalogue()
    expect(models.length).toBeGreaterThanOrEqual(150)
    expect(new Set(models.map(({ id }) => id.toLowerCase())).size).toBe(models.length)
    for (const model of models) {
      if (!model.verified) continue
      expect(model.sources.length, model.id).toBeGreaterThan(0)
      expect(Object.keys(model.architecture).length, model.id).toBeGreaterThan(1)
    }
    expect(models.filter(({ verified }) => verified).length).toBeGreaterThanOrEqual(150)
    expect(models.filter(({ country }) => country === 'KR').length).toBeGreaterThan(10)
  })

  it('says of every commit where it was read, and has everything for at least 150 models', async () => {
    const { models } = await readCatalogue()
    const pinned = models.filter(({ commit }) => commit !== null)
    for (const { id, commitSource } of pinned) expect(commitSource, id).toBeDefined()
    for (const { id, commit, commitSource } of pinned) {
      expect(commitSource?.alternatives ?? [], id).not.toContain(commit)
    }
    // One commit names one repository; a former name of it is the only reason for two entries.
    const shared = pinned.filter(({ commit }, at) => {
      return pinned.findIndex((other) => other.commit === commit) !== at
    })
    expect(shared.map(({ id }) => id)).toEqual(['meta-llama/Meta-Llama-3.1-8B'])
    const complete = pinned.filter(
      ({ country, licence, architecture }) =>
        country !== null && licence !== null && Object.keys(architecture).length > 1,
    )
    expect(complete.length).toBeGreaterThanOrEqual(150)
  })

  it('refuses a list whose facts name no source, and a source without its commit', async () => {
    const { models } = await readCatalogue()
    const pinned = models.find(({ commitSource }) => commitSource !== undefined)!
    const read = (model: object) => {
      const path = join(folder, 'list.json')
      const head = { schemaVersion: 'dokja.catalogue/1', date: '2026-01-15' }
      const sources = Object.fromEntries(pinned.sources.map((key) => [key, 'somewhere']))
      writeFileSync(path, JSON.stringify({ ...head, sources, models: [model] }))
      return readCatalogue(path)
    }
    const { commitSource, licenceSource, ...bare } = pinned
    await expect(read(bare)).resolves.toMatchObject({ models: [{ id: pinned.id }] })
    await expect(read({ ...bare, commitSource })).rejects.toThrow(
      `no source is called ${commitSource?.source}`,
    )
    await expect(read({ ...bare, commit: null, commitSource })).rejects.toThrow('and no commit')
    await expect(read({ ...bare, commit: 'abc1234' })).rejects.toThrow('commit')
  })

  it('tells which public architecture a configuration follows and what was changed', async () => {
    const catalogue = await readCatalogue()
    const llama = catalogue.models.find(({ id }) => id === 'meta-llama/Llama-3.1-8B')!
    const [kin] = architectureKin({ ...llama.architecture, vocab_size: 196_608 }, catalogue)
    expect(kin?.changed).toEqual([{ key: 'vocab_size', own: 196_608, theirs: 128_256 }])
    expect(kin?.same).toContain('intermediate_size')
    expect(architectureKin({ hidden_size: 48, num_hidden_layers: 3 }, catalogue)).toEqual([])
  })
})
