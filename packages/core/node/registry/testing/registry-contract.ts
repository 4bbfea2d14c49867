import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf } from '../../../src/audit/registry/compare-content.ts'
import { identityOf } from '../../../src/audit/registry/compare-fingerprints.ts'
import type { Fingerprint } from '../../../src/audit/registry/fingerprint.ts'
import { memoryEntry, memoryRegistry } from '../../../src/audit/registry/memory-registry.ts'
import { registryTokenizers } from '../../../src/audit/registry/registry-tokenizers.ts'
import { queriesOf } from '../../../src/audit/registry/scan-sketches.ts'
import { type RegistrySearch, searchRegistry } from '../../../src/audit/registry/search-registry.ts'
import type { SearchableRegistry } from '../../../src/audit/registry/searchable-registry.ts'
import { keyOf } from '../../../src/audit/registry/sketch.ts'
import { assert } from '../../../src/base/errors.ts'
import { fingerprintPlace } from '../fingerprint-place.ts'
import { fileNameOf } from '../registry-folder.ts'
import type { RegistryStore } from '../registry-store.ts'
import { sketchKernel } from '../sketch-kernel.ts'

const MODELS = join(import.meta.dirname, '../../../../../testdata/models')

/** A place that holds no registry yet, and can be opened as often as a test likes. */
export type RegistryHome = {
  readonly open: (purpose: 'read' | 'add') => Promise<RegistryStore>
  readonly remove: () => Promise<void>
}

export const fingerprintOf = async (name: string, as: string = name): Promise<Fingerprint> =>
  (await fingerprintPlace(join(MODELS, name), { date: '2026-01-15', name: as })).fingerprint

/** The test models, and one of another depth, which holds layers of s1 at other places. */
export async function registeredModels(): Promise<Fingerprint[]> {
  const names = readdirSync(MODELS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(calibration|training)$/.test(entry.name))
    .map((entry) => entry.name)
  const models: Fingerprint[] = []
  for (const name of names) models.push(await fingerprintOf(name))
  const all = [...models, pruned(await fingerprintOf('s1', 'org/pruned'))]
  return all.sort((x, y) => (fileNameOf(x) < fileNameOf(y) ? -1 : 1))
}

const pruned = (model: Fingerprint): Fingerprint => ({
  ...model,
  components: model.components.map((component) => ({
    ...component,
    content: [],
    sketches: component.sketches
      .filter(({ role }) => role !== 'residual')
      .map((sketch) => ({
        ...sketch,
        layers: 2,
        bits: sketch.bits.slice(64 * 8),
        valid: sketch.valid.slice(8),
      })),
  })),
})

/** What a search says, without the names that its registry gives to entries. */
const saidBy = async (
  suspect: Fingerprint,
  registry: SearchableRegistry,
  without: string | null,
): Promise<string> => {
  const search: RegistrySearch = await searchRegistry(suspect, registry, {
    scanner: sketchKernel(),
    ...(without === null ? {} : { without: new Set([without]) }),
  })
  return JSON.stringify({ ...search, hits: search.hits.map(({ comparison }) => comparison) })
}

async function tokenizersBeside(model: Fingerprint, registry: SearchableRegistry, own: string) {
  const [without, scanner] = [new Set([own]), sketchKernel()]
  const search = await searchRegistry(model, registry, { scanner, without })
  const context = { registry, without, catalogue: null, scanner }
  return registryTokenizers(model, search, context)
}

export async function using<T>(
  opened: Promise<RegistryStore>,
  work: (store: RegistryStore) => Promise<T>,
): Promise<T> {
  const store = await opened
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Suspects whose searches differ: copies, relatives, borrowed parts, other depths, strangers. */
const SUSPECTS = ['s1', 'cpt1', 's1-int4', 'vlm-borrowed-tuned', 'moe-own1', 'gpt2-a', 'd9', 's3']

type Filled = { home: RegistryHome; models: readonly Fingerprint[] }

/** What every home of a registry must do, held against the registry in memory. */
export function describeRegistry(name: string, makeHome: () => Promise<RegistryHome>): void {
  describe(`a registry in ${name}`, () => {
    let filled: Filled | undefined
    const get = (): Filled => {
      assert(filled, 'the registry was not filled')
      return filled
    }
    beforeAll(async () => {
      const home = await makeHome()
      const models = await registeredModels()
      filled = { home, models }
      await using(home.open('add'), async (store) => {
        // The order in which they are added is not the order of the registry.
        for (const model of [...models].reverse()) {
          expect((await store.add(model)).outcome).toBe('added')
        }
      })
    }, 60_000)
    afterAll(() => filled?.home.remove())
    expectReading(get)
    expectAdding(get)
    expectSigners(get)
  })
}

function expectReading(get: () => Filled): void {
  it('lists what was added in the order of its names, and gives it back as it was', async () => {
    const { home, models } = get()
    await using(home.open('read'), async (store) => {
      expect(await store.count()).toBe(models.length)
      const listed = await allOf(store.listed())
      expect(listed.map(({ entry }) => entry)).toEqual(models.map(fileNameOf))
      expect(listed.map(({ identity }) => identity)).toEqual(models.map(identityOf))
      for (const model of models) expect(await store.load(fileNameOf(model))).toEqual(model)
      await expect(store.load('absent.dokjafp')).rejects.toMatchObject({ name: 'AppError' })
    })
  })

  it('says of every suspect the same as a search in memory, to the last bit', async () => {
    const { home, models } = get()
    const memory = memoryRegistry(models)
    await using(home.open('read'), async (store) => {
      for (const name of [...SUSPECTS, 'org/pruned']) {
        const at = models.findIndex(({ source }) => source.id === name)
        const model = models[at]
        assert(model, `no model ${name}`)
        const said = await saidBy(model, store, fileNameOf(model))
        expect(said === (await saidBy(model, memory, memoryEntry(at))), name).toBe(true)
        expect((await saidBy(model, store, null)) === (await saidBy(model, memory, null))).toBe(
          true,
        )
      }
    })
  })

  it('gives every tokenizer in order, and base rates like those of a registry in memory', async () => {
    const { home, models } = get()
    await using(home.open('read'), async (store) => {
      const held = await allOf(store.tokenizers())
      const own = models.filter(({ tokenizer }) => tokenizer !== null)
      expect(own.length).toBeGreaterThan(20)
      expect(held).toEqual(
        own.map((one) => ({
          entry: fileNameOf(one),
          id: one.source.id,
          tokenizer: one.tokenizer,
        })),
      )
      const at = models.findIndex(({ source }) => source.id === 'cpt1')
      const model = models[at]
      assert(model, 'no model cpt1')
      const said = await tokenizersBeside(model, store, fileNameOf(model))
      expect(said).toEqual(await tokenizersBeside(model, memoryRegistry(models), memoryEntry(at)))
      expect(said?.models).toBe(own.length - 1)
      expect(said?.baseRates.unrelatedPairs).toBeGreaterThan(20)
    })
  })

  it('gives all sketches of the keys that are asked for and no others, each once', async () => {
    const { home, models } = get()
    const keys = new Set(['up/48', 'value/48'])
    const seen = new Map<string, number>()
    let counted = 0
    await using(home.open('read'), async (store) => {
      for await (const batch of store.sketches(keys)) {
        for (const { shape, owners } of batch) {
          expect(keys).toContain(keyOf(shape))
          for (const { entry } of owners) seen.set(entry, (seen.get(entry) ?? 0) + 1)
        }
      }
      for (const { sketches } of await store.shapes(keys)) counted += sketches
    })
    const expected = models.flatMap((model) => {
      const own = queriesOf(model).filter(({ sketch }) => keys.has(keyOf(sketch))).length
      return own > 0 ? [[fileNameOf(model), own] as const] : []
    })
    expect(expected.length).toBeGreaterThan(5)
    expect([...seen].sort()).toEqual(expected.sort())
    expect(counted).toBe(expected.reduce((sum, [, own]) => sum + own, 0))
  })
}

function expectAdding(get: () => Filled): void {
  it('changes nothing for equal weights, refuses others under the same name, replaces when told', async () => {
    const { home, models } = get()
    const [s1, s2] = [await fingerprintOf('s1', 'model'), await fingerprintOf('s2', 'model')]
    const later = { ...s1, source: { ...s1.source, date: '2026-02-01' } }
    const entry = fileNameOf(s1)
    const add = async (model: Fingerprint, place: string, replace = false) =>
      using(home.open('add'), (store) => store.add(model, { place, replace }))
    const held = () =>
      using(home.open('read'), async (store) => ({
        model: await store.load(entry),
        listed: (await allOf(store.listed())).find((model) => model.entry === entry),
        place: await store.placeOf(entry),
        holdsS1: (await store.holders([...blocksOf(s1)])).includes(entry),
        holdsS2: (await store.holders([...blocksOf(s2)])).includes(entry),
        models: await store.count(),
      }))
    expect(await add(s1, '/elsewhere')).toEqual({ file: entry, outcome: 'added' })
    expect((await add(later, '/models/s1')).outcome).toBe('unchanged')
    expect((await add(s2, '/models/s2')).outcome).toBe('conflict')
    const place = '/models/s1'
    const listed = { entry, identity: identityOf(s1), place, signedBy: null }
    const count = models.length + 1
    expect(await held()).toEqual({
      ...{ model: s1, listed, place, holdsS1: true, holdsS2: false, models: count },
    })
    expect((await add(s2, '/models/s2', true)).outcome).toBe('replaced')
    const now = { ...listed, identity: identityOf(s2), place: '/models/s2' }
    expect(await held()).toEqual({
      ...{ model: s2, listed: now, place: now.place, holdsS1: false, holdsS2: true, models: count },
    })
    await using(home.open('read'), async (store) => {
      const { hits } = await searchRegistry(s1, store, { scanner: sketchKernel() })
      expect(hits.map((hit) => hit.entry)).not.toContain(entry)
      expect(hits.length).toBeGreaterThan(3)
    })
  })
}

function expectSigners(get: () => Filled): void {
  it('keeps whose signature an entry came under, for as long as it holds what was signed', async () => {
    const { home } = get()
    const [first, second] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [
      string,
      string,
    ]
    const [s1, s2] = [await fingerprintOf('s1', 'signed'), await fingerprintOf('s2', 'signed')]
    const add = async (model: Fingerprint, signedBy: string | null, replace = false) => {
      const { outcome } = await using(home.open('add'), (store) =>
        store.add(model, { replace, signedBy }),
      )
      const signer = await using(home.open('read'), async (store) => {
        const listed = await allOf(store.listed())
        return listed.find(({ entry }) => entry === fileNameOf(s1))?.signedBy
      })
      return [outcome, signer]
    }
    expect(await add(s1, first)).toEqual(['added', first])
    expect(await add(s1, null)).toEqual(['unchanged', first])
    expect(await add(s2, second)).toEqual(['conflict', first])
    expect(await add(s1, second)).toEqual(['unchanged', second])
    expect(await add(s2, null, true)).toEqual(['replaced', null])
    expect(await add(s1, first, true)).toEqual(['replaced', first])
  })
}
