import type { ModelIdentity } from '../result.ts'
import type { RegistryEvidence } from '../run-audit.ts'
import { architectureKin } from './architecture-kin.ts'
import type { Catalogue } from './catalogue.ts'
import { checkClaims } from './claim-checks.ts'
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
    /** The models that were searched, and which of the names of the card is among them. */
    readonly searched: readonly SearchedModel[]
    readonly isHeld: (id: string) => boolean
    readonly reread: ReadonlySet<string>
    readonly catalogue: Catalogue | null
    readonly scanner?: RunScanner
  },
): Promise<RegistryEvidence> {
  const { searched, isHeld, reread, catalogue } = context
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
      isHeld,
      models: search.models,
    }),
    isHeld,
    comparisons: [...kept.map((hit) => hit.comparison), ...(search.silent ? [search.silent] : [])],
    searched: searched.flatMap(({ entry, identity }) => (reread.has(entry) ? [] : [identity])),
  }
}
