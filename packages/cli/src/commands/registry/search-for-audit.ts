import { existsSync, realpathSync } from 'node:fs'
import {
  type NonFiniteComponents,
  noteNonFiniteSuspect,
  registryEvidence,
  searchRegistry,
  type TensorSource,
} from '@dokja/core'
import {
  fingerprintSource,
  kernelScanner,
  type RegistryEntry,
  readCatalogue,
  readFilledRegistry,
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
  options: {
    readonly folder: string
    readonly model: string
    /** References named by hand; they share the level. */
    readonly named: readonly string[]
    readonly onProgress?: (component: string) => void
  },
) {
  const entries = otherThan(await readFilledRegistry(options.folder), options.model)
  const notFinite: NonFiniteComponents = new Map()
  const suspect = await fingerprintSource(source, options.model, {
    date: today(),
    // Under the name that the report gives it.
    name: source.checkpoint.id,
    onNonFinite: (component, found) => notFinite.set(component, found),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  })
  const fingerprints = entries.map((entry) => entry.fingerprint)
  const found = await searchRegistry(suspect, fingerprints, {
    scannerFor: kernelScanner,
    otherHypotheses: options.named.length,
  })
  const search = noteNonFiniteSuspect(found, notFinite)
  const reread = search.hits
    .map((hit) => hit.entry)
    .filter((at) => isHere(entries[at]) && !options.named.includes(entries[at]?.place ?? ''))
    .slice(0, REREAD_MAX)
  return {
    search,
    places: reread.flatMap((at) => entries[at]?.place ?? []),
    evidence: registryEvidence(suspect, search, {
      entries: fingerprints,
      reread: new Set(reread),
      catalogue: await readCatalogue(),
      scannerFor: kernelScanner,
    }),
  }
}

/** A model is not its own relative: entries made from the very same folder are left out. */
export function otherThan(entries: readonly RegistryEntry[], model: string): RegistryEntry[] {
  if (!existsSync(model)) return [...entries]
  const own = realpathSync(model)
  return entries.filter(
    ({ place }) => place === null || !existsSync(place) || realpathSync(place) !== own,
  )
}

const isHere = (entry: RegistryEntry | undefined): boolean =>
  typeof entry?.place === 'string' && existsSync(entry.place)
