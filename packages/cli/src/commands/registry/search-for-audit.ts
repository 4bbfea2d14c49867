import { existsSync } from 'node:fs'
import {
  type Claims,
  isSameModel,
  type NonFiniteComponents,
  noteNonFiniteSuspect,
  registryEvidence,
  type SearchedModel,
  searchRegistry,
  type TensorSource,
} from '@dokja/core'
import {
  fingerprintSource,
  type RegistryStore,
  readCatalogue,
  sketchKernel,
} from '@dokja/core/node'
import { liesIn } from './lies-in.ts'
import { type NamedReference, namedReferences } from './named-references.ts'

export const today = (): string => new Date().toISOString().slice(0, 10)

/** Relatives that are read again from their weights; more would make an audit as long as a search. */
const REREAD_MAX = 12

/**
 * Searches a registry for relatives of an open model. What was found and lies on this machine is
 * named in `places`, to be compared exactly; the rest rests on the fingerprints.
 */
export async function searchForAudit(
  source: TensorSource,
  store: RegistryStore,
  options: {
    readonly model: string
    /** References named by hand: they share the level, and stand for their entries in the registry. */
    readonly named: readonly NamedReference[]
    /** Name every model that was searched in the evidence, not only those that were found. */
    readonly isListed: boolean
    readonly onProgress?: (component: string) => void
  },
) {
  const notFinite: NonFiniteComponents = new Map()
  const suspect = await fingerprintSource(source, options.model, {
    date: today(),
    // Under the name that the report gives it.
    name: source.checkpoint.id,
    onNonFinite: (component, found) => notFinite.set(component, found),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  })
  const {
    own,
    searched,
    named: namedByCard,
  } = await survey(store, { ...options, claims: suspect.claims })
  const scanner = sketchKernel()
  const found = await searchRegistry(suspect, store, {
    scanner,
    without: own,
    otherHypotheses: options.named.length,
  })
  const search = noteNonFiniteSuspect(found, notFinite)
  const named = await namedReferences(store, options.named)
  const reread = new Map<string, string>()
  for (const { entry } of search.hits) {
    if (reread.size === REREAD_MAX) break
    const place = await store.placeOf(entry)
    if (place === null || !existsSync(place) || named.has(entry)) continue
    reread.set(entry, place)
  }
  return {
    search,
    places: [...reread.values()],
    evidence: await registryEvidence(suspect, search, {
      registry: store,
      without: own,
      searched,
      named: namedByCard,
      reread: new Set([...reread.keys(), ...named]),
      catalogue: await readCatalogue(),
      scanner,
    }),
  }
}

/**
 * One pass over the list. A model is not its own relative: entries made from the very same folder
 * are left out.
 */
async function survey(
  store: RegistryStore,
  options: { readonly model: string; readonly claims: Claims; readonly isListed: boolean },
) {
  const isOwn = liesIn([options.model])
  const own = new Set<string>()
  const named = new Map<string, string[]>()
  const searched: SearchedModel[] = []
  for await (const { entry, identity, place } of store.listed()) {
    if (isOwn(place)) {
      own.add(entry)
      continue
    }
    if (options.isListed) searched.push({ entry, identity })
    for (const base of options.claims.baseModels) {
      if (isSameModel(identity.id, base)) named.set(base, [...(named.get(base) ?? []), entry])
    }
  }
  return { own, searched, named }
}
