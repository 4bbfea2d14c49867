import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { fingerprintPlace } from '../../packages/core/node/registry/fingerprint-place.ts'
import { isSameModel } from '../../packages/core/src/audit/registry/claims.ts'
import type { Claims, Fingerprint } from '../../packages/core/src/audit/registry/fingerprint.ts'
import {
  memoryEntry,
  memoryRegistry,
} from '../../packages/core/src/audit/registry/memory-registry.ts'
import { registryEvidence } from '../../packages/core/src/audit/registry/registry-evidence.ts'
import { searchRegistry } from '../../packages/core/src/audit/registry/search-registry.ts'
import { claimTexts } from '../../packages/core/src/render/registry/registry-text.ts'
import { MODELS } from './models.ts'

const models = new Map<string, Fingerprint>()
beforeAll(async () => {
  for (const name of ['s1', 's2', 's3', 'sft1', 'gpt2-a']) {
    const { fingerprint } = await fingerprintPlace(join(MODELS, name), { date: '2026-01-15' })
    models.set(name, fingerprint)
  }
  models.set('bare', withoutSketches(model('gpt2-a')))
})

const model = (name: string): Fingerprint => {
  const found = models.get(name)
  if (!found) throw new Error(`no model ${name}`)
  return found
}

/** A model of which no part can be compared. */
const withoutSketches = (one: Fingerprint): Fingerprint => ({
  ...one,
  source: { ...one.source, id: 'bare' },
  components: one.components.map((part) => ({ ...part, sketches: [], content: [], norms: null })),
})

/** What is said of a card of one model beside a registry of others. */
async function checked(name: string, claims: Partial<Claims>, held: readonly string[]) {
  const own = model(name)
  const suspect = { ...own, claims: { ...own.claims, ...claims } }
  const registry = memoryRegistry(held.map(model))
  const named = new Map(
    suspect.claims.baseModels.flatMap((base) => {
      const entries = held.flatMap((id, at) => (isSameModel(id, base) ? [memoryEntry(at)] : []))
      return entries.length > 0 ? [[base, entries] as const] : []
    }),
  )
  const search = await searchRegistry(suspect, registry)
  const context = { registry, named, searched: [], catalogue: null, reread: new Set<string>() }
  return (await registryEvidence(suspect, search, { ...context, without: new Set() })).claims
}

async function outcomes(...all: Parameters<typeof checked>) {
  return (await checked(...all)).map(
    ({ claim, reference, outcome }) => `${claim} ${reference}: ${outcome}`,
  )
}

describe('a card beside the weights', () => {
  it.each<[string, string, Partial<Claims>, readonly string[], readonly string[]]>([
    ['names its base', 'sft1', { baseModels: ['s1'] }, ['s1', 's2'], ['base_model s1: supported']],
    [
      'names another base and says "from scratch"',
      'sft1',
      { baseModels: ['s2'], saysFromScratch: true },
      ['s1', 's2'],
      ['base_model s2: not_supported', 'from_scratch s1: contradicted', 'undeclared s1: found'],
    ],
    [
      'names two, one of which is in no registry',
      'sft1',
      { baseModels: ['s1', 'org/absent'] },
      ['s1', 's2'],
      ['base_model s1: supported', 'base_model org/absent: not_searched'],
    ],
    [
      'names a base of which nothing can be compared',
      's3',
      { baseModels: ['bare'] },
      ['bare', 's1'],
      ['base_model bare: not_testable'],
    ],
    [
      'says "from scratch", and nothing speaks against it',
      's3',
      { saysFromScratch: true },
      ['s1', 's2'],
      ['from_scratch : supported'],
    ],
    [
      'says "from scratch" where no model can be compared',
      's3',
      { saysFromScratch: true },
      ['bare'],
      ['from_scratch : not_testable'],
    ],
    [
      'says "from scratch" and names a base',
      's3',
      { baseModels: ['s1'], saysFromScratch: true },
      ['s1'],
      ['base_model s1: not_supported', 'from_scratch s1: disputed'],
    ],
    ['says nothing of what was found', 'sft1', {}, ['s1'], ['undeclared s1: found']],
  ])('that %s', async (_, name, claims, held, expected) => {
    expect(await outcomes(name, claims, held)).toEqual(expected)
    const said = await checked(name, claims, held)
    for (const language of ['ko', 'en'] as const) {
      expect(claimTexts(said, language)).toHaveLength(expected.length)
    }
  })
})
