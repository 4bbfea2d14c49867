import { existsSync, realpathSync } from 'node:fs'
import {
  type Claims,
  isSameModel,
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
    /** References named by hand; they share the level. */
    readonly named: readonly string[]
    /** Name every model that was searched in the evidence, not only those that were found. */
    readonly isListed: boolean
    readonly onProgress?: (component: string) => void
  },
) {
  const suspect = await fingerprintSource(source, options.model, {
    date: today(),
    // Under the name that the report gives it.
    name: source.checkpoint.id,
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  })
  const { own, searched, held } = await survey(store, { ...options, claims: suspect.claims })
  const search = await searchRegistry(suspect, store, {
    scanner: sketchKernel(),
    without: own,
    otherHypotheses: options.named.length,
  })
  const reread = new Map<string, string>()
  for (const { entry } of search.hits) {
    if (reread.size === REREAD_MAX) break
    const place = await store.placeOf(entry)
    if (place === null || !existsSync(place) || options.named.includes(place)) continue
    reread.set(entry, place)
  }
  return {
    search,
    places: [...reread.values()],
    evidence: registryEvidence(suspect, search, {
      searched,
      isHeld: (id) => held.has(id),
      reread: new Set(reread.keys()),
      catalogue: await readCatalogue(),
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
  const here = existsSync(options.model) ? realpathSync(options.model) : null
  const isOwn = (place: string | null) =>
    here !== null && place !== null && existsSync(place) && realpathSync(place) === here
  const own = new Set<string>()
  const held = new Set<string>()
  const searched: SearchedModel[] = []
  for await (const { entry, identity, place } of store.listed()) {
    if (isOwn(place)) {
      own.add(entry)
      continue
    }
    if (options.isListed) searched.push({ entry, identity })
    for (const base of options.claims.baseModels) if (isSameModel(identity.id, base)) held.add(base)
  }
  return { own, searched, held }
}
