import type { ModelIdentity } from '../result.ts'
import type { RegistryEvidence } from '../run-audit.ts'
import { architectureKin } from './architecture-kin.ts'
import type { Catalogue } from './catalogue.ts'
import { type BaseSearched, checkClaims } from './claim-checks.ts'
import { compareFingerprints } from './compare-fingerprints.ts'
import type { Fingerprint } from './fingerprint.ts'
import { registryTokenizers } from './registry-tokenizers.ts'
import type { RunScanner } from './scan-rows.ts'
import type { RegistrySearch } from './search-registry.ts'
import type { SearchableRegistry } from './searchable-registry.ts'

export type SearchedModel = { readonly entry: string; readonly identity: ModelIdentity }

/**
 * A search as evidence for an audit. Entries in `reread` are compared again from their weights;
 * the search stands for all others.
 */
export async function registryEvidence(
  suspect: Fingerprint,
  search: RegistrySearch,
  context: {
    readonly registry: SearchableRegistry
    /** Entries of it that were not searched: the suspect's own. */
    readonly without: ReadonlySet<string>
    /** The models that were searched, and the entries of those that the card names. */
    readonly searched: readonly SearchedModel[]
    readonly named: ReadonlyMap<string, readonly string[]>
    readonly reread: ReadonlySet<string>
    readonly catalogue: Catalogue | null
    readonly scanner?: RunScanner
  },
): Promise<RegistryEvidence> {
  const { searched, reread, catalogue } = context
  const bases = await searchedBases(suspect, search, context)
  const searchedAs = (base: string): BaseSearched => bases.get(base) ?? 'not_searched'
  const kept = search.hits.filter((hit) => !reread.has(hit.entry))
  return {
    findings: {
      models: search.models,
      compared: search.compared,
      hypotheses: search.hypotheses,
      tokenizers: await registryTokenizers(suspect, search, context),
      kin: catalogue ? architectureKin(suspect.model.config, catalogue) : [],
    },
    claims: checkClaims(suspect.claims, {
      found: search.hits.map(({ comparison }) => ({ comparison, ids: [comparison.reference.id] })),
      searchedAs,
      silence: search.silent?.verdict === 'no_evidence' ? 'no_evidence' : 'not_testable',
    }),
    searchedAs,
    comparisons: [...kept.map((hit) => hit.comparison), ...(search.silent ? [search.silent] : [])],
    searched: searched.flatMap(({ entry, identity }) => (reread.has(entry) ? [] : [identity])),
  }
}

/** Which of the models that the card names could be compared: silence of the others says nothing. */
async function searchedBases(
  suspect: Fingerprint,
  search: RegistrySearch,
  context: {
    readonly registry: SearchableRegistry
    readonly named: ReadonlyMap<string, readonly string[]>
  },
): Promise<Map<string, BaseSearched>> {
  const found = new Set(search.hits.map(({ entry }) => entry))
  const bases = new Map<string, BaseSearched>()
  for (const [base, entries] of context.named) {
    let searched: BaseSearched = 'not_testable'
    for (const entry of entries) {
      if (searched === 'compared') break
      const isCompared =
        found.has(entry) ||
        compareFingerprints(suspect, await context.registry.load(entry), search).verdict !==
          'not_testable'
      if (isCompared) searched = 'compared'
    }
    bases.set(base, searched)
  }
  return bases
}
