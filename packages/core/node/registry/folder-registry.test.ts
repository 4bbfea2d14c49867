import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { searchRegistry } from '../../src/audit/registry/search-registry.ts'
import { folderRegistry } from './folder-registry.ts'
import { openFilledRegistry, openRegistry } from './open-registry.ts'
import { chunksOf } from './packs/pack-chunks.ts'
import { allOf, describeRegistry, fingerprintOf, using } from './testing/registry-contract.ts'
import { BUCKET_BYTES } from './token-buckets.ts'

const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'dokja-registry-'))

describeRegistry('a folder', async () => {
  const folder = makeFolder()
  return {
    open: (purpose) => openRegistry(folder, purpose),
    remove: async () => rmSync(folder, { recursive: true }),
  }
})

describe('the folder of a registry', () => {
  let folder = ''
  beforeEach(() => {
    folder = makeFolder()
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })
  const pack = () => join(folder, 'packs', 'last.dokjapack')
  const add = (name: string) =>
    using(openRegistry(folder, 'add'), async (store) => store.add(await fingerprintOf(name)))
  const hitsOf = (name: string) =>
    using(openRegistry(folder, 'read'), async (store) => {
      const { hits } = await searchRegistry(await fingerprintOf(name), store)
      return hits.map(({ comparison }) => comparison.reference.id)
    })

  it('keeps the place of the weights apart from the fingerprint', async () => {
    const s1 = await fingerprintOf('s1')
    await using(openRegistry(folder, 'add'), (store) => store.add(s1, { place: '/models/s1' }))
    const [file] = readdirSync(join(folder, 'models'))
    expect(readFileSync(join(folder, 'models', file!)).includes('/models/s1')).toBe(false)
    expect(s1.source.files.find(({ path }) => path === 'config.json')?.digest).toMatch(/^sha256:/)
  })

  it('notes the signers of a whole bundle once, and forgets one before other weights take its name', async () => {
    const path = join(folder, 'signers.json')
    const signedBy = `sha256:${'a'.repeat(64)}`
    const [s1, s2] = [await fingerprintOf('s1', 'model'), await fingerprintOf('s2', 'model')]
    await using(openRegistry(folder, 'add'), async (store) => {
      await store.add(s1, { signedBy })
      await store.add(await fingerprintOf('d9'), { signedBy })
      expect(existsSync(path)).toBe(false)
    })
    const signers = () => Object.keys(JSON.parse(readFileSync(path, 'utf8')).signers)
    expect(signers()).toEqual([expect.stringMatching(/^d9/), expect.stringMatching(/^model/)])
    const store = folderRegistry(folder)
    await store.add(s2, { replace: true })
    // Not only when the store is closed: a command may be ended before that.
    expect(signers()).toEqual([expect.stringMatching(/^d9/)])
    await store.close()
    expect(signers()).toEqual([expect.stringMatching(/^d9/)])
  })

  it('is empty before the first model, says so where something is needed, and is not made', async () => {
    const absent = join(folder, 'absent')
    await expect(openFilledRegistry(absent)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const search = await using(openRegistry(absent, 'read'), async (store) =>
      searchRegistry(await fingerprintOf('s1'), store),
    )
    expect(search).toMatchObject({ models: 0, compared: 0, hits: [], silent: null })
    expect(existsSync(absent)).toBe(false)
  })

  it('is searched from its pack, not from the fingerprints of models that say nothing', async () => {
    for (const name of ['s1', 's2', 'd9']) await add(name)
    const models = join(folder, 'models')
    const path = join(models, readdirSync(models).find((file) => file.startsWith('s2-'))!)
    const day = new Date('2026-01-15')
    utimesSync(path, day, day)
    expect(await hitsOf('sft1')).toEqual(['s1'])
    // Of the same size, time and number: only opening it could tell.
    writeFileSync(path, Buffer.alloc(statSync(path).size))
    utimesSync(path, day, day)
    expect(await hitsOf('sft1')).toEqual(['s1'])
    await expect(hitsOf('s2')).rejects.toThrow('not a fingerprint')
  })

  it('makes its pack anew where a fingerprint came, went or changed, or where it is damaged', async () => {
    for (const name of ['s1', 'd9']) await add(name)
    expect(await hitsOf('sft1')).toEqual(['s1'])
    const first = readFileSync(pack())
    expect(await hitsOf('sft1')).toEqual(['s1'])
    expect(readFileSync(pack()).equals(first)).toBe(true)
    await add('same1')
    expect((await hitsOf('s1')).sort()).toEqual(['s1', 'same1'])
    const models = join(folder, 'models')
    for (const file of readdirSync(models)) if (/^s/.test(file)) rmSync(join(models, file))
    expect(await hitsOf('s1')).toEqual([])
    for (const damage of [Buffer.from('nothing'), readFileSync(pack()).subarray(0, -1)]) {
      writeFileSync(pack(), damage)
      expect(await hitsOf('d9')).toEqual(['d9'])
    }
    rmSync(join(folder, 'packs'), { recursive: true })
    expect(await hitsOf('d9')).toEqual(['d9'])
  })

  it('refuses a pack whose sections are not those that it was written with', async () => {
    await add('s1')
    await hitsOf('s1')
    const bytes = readFileSync(pack())
    const damaged = { code: 'UNREADABLE', hint: /delete it/ }
    const damage = (at: number) => {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ 1
      writeFileSync(pack(), altered)
    }
    // From the end: 1 KB of the tokenizer, 8 bytes of each block, then the sketches.
    for (const at of [BUCKET_BYTES + 1, BUCKET_BYTES + 2000]) {
      damage(bytes.length - at)
      await expect(hitsOf('s1')).rejects.toMatchObject(damaged)
    }
    damage(bytes.length - 1)
    const tokenizers = using(openRegistry(folder, 'read'), (store) => allOf(store.tokenizers()))
    await expect(tokenizers).rejects.toMatchObject(damaged)
  })

  it('refuses to go on where a pack became another during the search', async () => {
    await add('s1')
    const store = folderRegistry(folder)
    await store.shapes(new Set())
    await add('s2')
    await hitsOf('s2')
    await expect(store.holders(['x'.repeat(16)])).rejects.toThrow('was changed during the search')
    await store.close()
  })

  it('is searched all the same where nothing can be written', async () => {
    await add('s1')
    // Stands for a folder without the right to write: that right is not withheld from root.
    writeFileSync(join(folder, 'packs'), '')
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('dokja-packs-'))
    expect(await hitsOf('sft1')).toEqual(['s1'])
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('dokja-packs-'))
    expect(after).toEqual(before)
  })
})

describe('the division into packs', () => {
  const folder = makeFolder()
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const names = Array.from({ length: 5000 }, (_, at) => `model-${String(at).padStart(5, '0')}`)
  const divide = (files: readonly string[], path = import.meta.filename) => [
    ...chunksOf(files, () => path),
  ]

  it('holds every file once, in order, in packs of about 128 and at most 512', () => {
    const chunks = divide(names)
    expect(chunks.flatMap(({ files }) => files.map(({ file }) => file))).toEqual(names)
    const sizes = chunks.map(({ files }) => files.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(512)
    expect(chunks.length).toBeGreaterThan(5000 / 128 / 2)
    expect(chunks.length).toBeLessThan((5000 / 128) * 2)
    expect(new Set(chunks.map(({ name }) => name)).size).toBe(chunks.length)
  })

  it('changes one or two packs where a file comes', () => {
    const before = new Map(divide(names).map((chunk) => [chunk.name, JSON.stringify(chunk)]))
    for (const added of ['model-00000-a', 'model-02345-b', 'model-04999-c']) {
      const after = divide([...names, added].sort())
      const changed = after.filter((chunk) => before.get(chunk.name) !== JSON.stringify(chunk))
      expect(changed.length).toBeGreaterThan(0)
      expect(changed.length).toBeLessThanOrEqual(2)
    }
  })

  it('passes over files that are gone', () => {
    expect(divide(names, join(folder, 'absent'))).toEqual([])
  })

  it('names several packs and searches them like one', async () => {
    mkdirSync(join(folder, 'models'), { recursive: true })
    const source = makeFolder()
    try {
      const { file } = await folderRegistry(source).add(await fingerprintOf('s1'))
      for (const name of names.slice(0, 300)) {
        cpSync(join(source, 'models', file), join(folder, 'models', `${name}.dokjafp`))
      }
      const stranger = await fingerprintOf('s2')
      const without = new Set(['model-00007.dokjafp'])
      const { models, compared, hypotheses, hits } = await using(
        openRegistry(folder, 'read'),
        (store) => searchRegistry(stranger, store, { without }),
      )
      expect(readdirSync(join(folder, 'packs')).length).toBeGreaterThan(1)
      expect({ models, compared, hits }).toEqual({ models: 299, compared: 299, hits: [] })
      const one = await searchRegistry(stranger, folderRegistry(source))
      expect(hypotheses).toBe(299 * one.hypotheses)
    } finally {
      rmSync(source, { recursive: true })
    }
  })
})
