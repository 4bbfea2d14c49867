import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { architectureKin } from '../../src/audit/registry/architecture-kin.ts'
import { keyFromSeed } from '../../src/round/seal/envelope.ts'
import { readBundle, writeBundle } from './bundle-file.ts'
import { fingerprintPlace } from './fingerprint-place.ts'
import { readCatalogue } from './read-catalogue.ts'
import { addFingerprint, readFilledRegistry, readRegistry } from './registry-folder.ts'

const MODELS = join(import.meta.dirname, '../../../../testdata/models')
const fingerprintOf = async (name: string, as?: string) =>
  (
    await fingerprintPlace(join(MODELS, name), {
      date: '2026-01-15',
      ...(as === undefined ? {} : { name: as }),
    })
  ).fingerprint

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dokja-registry-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('a registry folder', () => {
  it('keeps what was added, with the place of the weights apart from it', async () => {
    const s1 = await fingerprintOf('s1')
    expect(await addFingerprint(folder, s1, { place: '/models/s1' })).toMatchObject({
      outcome: 'added',
    })
    expect(await readRegistry(folder)).toMatchObject([{ fingerprint: s1, place: '/models/s1' }])
    const [entry] = await readRegistry(folder)
    expect(readFileSync(join(folder, 'models', entry!.file)).includes('/models/s1')).toBe(false)
    expect(s1.source.files.find((file) => file.path === 'config.json')?.digest).toMatch(/^sha256:/)
  })

  it('changes nothing for equal weights and refuses other weights under the same name', async () => {
    await addFingerprint(folder, await fingerprintOf('s1', 'model'))
    expect(await addFingerprint(folder, await fingerprintOf('s1', 'model'))).toMatchObject({
      outcome: 'unchanged',
    })
    const other = await fingerprintOf('s2', 'model')
    expect((await addFingerprint(folder, other)).outcome).toBe('conflict')
    expect((await addFingerprint(folder, other, { replace: true })).outcome).toBe('replaced')
    expect(await readRegistry(folder)).toHaveLength(1)
  })

  it('is empty before the first model, and says so where something is needed', async () => {
    expect(await readRegistry(folder)).toEqual([])
    await expect(readFilledRegistry(folder)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a bundle', () => {
  const key = keyFromSeed(new Uint8Array(32).fill(7))

  it('carries fingerprints and a signature that covers all of them', async () => {
    const path = join(folder, 'registry.dokjareg')
    const models = [await fingerprintOf('s2'), await fingerprintOf('s1')]
    const written = await writeBundle(path, models, key)
    const opened = await readBundle(path)
    expect(opened.signedBy).toBe(written.keyId)
    expect(opened.fingerprints.map((one) => one.source.id)).toEqual(['s1', 's2'])
    await writeBundle(path, models, null)
    expect((await readBundle(path)).signedBy).toBeNull()
  })

  it('is refused when a fingerprint or the list was exchanged', async () => {
    const path = join(folder, 'registry.dokjareg')
    await writeBundle(path, [await fingerprintOf('s1')], key)
    const bytes = readFileSync(path)
    const altered = Buffer.from(bytes)
    altered[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1
    writeFileSync(path, altered)
    await expect(readBundle(path)).rejects.toThrow('the fingerprint of s1 was altered')
    // The list of one bundle under the signature of another.
    const other = join(folder, 'other.dokjareg')
    await writeBundle(other, [await fingerprintOf('s2')], key)
    const read = (file: Buffer) => {
      const length = file.readUInt32LE(8)
      return JSON.parse(file.subarray(12, 12 + length).toString())
    }
    const header = Buffer.from(
      JSON.stringify({
        manifest: read(bytes).manifest,
        signature: read(readFileSync(other)).signature,
      }),
    )
    const size = Buffer.alloc(4)
    size.writeUInt32LE(header.length)
    const rest = bytes.subarray(12 + bytes.readUInt32LE(8))
    cpSync(path, `${path}.old`)
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 8), size, header, rest]))
    await expect(readBundle(path)).rejects.toThrow('it covers another list')
  })
})

describe('the list of public models', () => {
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
