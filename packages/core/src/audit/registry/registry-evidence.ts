import type { ModelIdentity } from '../result.ts'
import type { RegistryEvidence } from '../run-audit.ts'
import { architectureKin, type Catalogue } from './catalogue.ts'
import { checkClaims } from './claim-checks.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { RegistrySearch } from './search-registry.ts'

export type SearchedModel = { readonly entry: string; readonly identity: ModelIdentity }

/**
 * A search as evidence for an audit. Entries in `reread` are compared again from their weights;
 * the search stands for all others.
 */
export function registryEvidence(
  suspect: Fingerprint,
  search: RegistrySearch,
  context: {
    /** The models that were searched, and which of the names of the card is among them. */
    readonly searched: readonly SearchedModel[]
    readonly isHeld: (id: string) => boolean
    readonly reread: ReadonlySet<string>
    readonly catalogue: Catalogue | null
  },
): RegistryEvidence {
  const { searched, isHeld, reread, catalogue } = context
  const kept = search.hits.filter((hit) => !reread.has(hit.entry))
  return {
    findings: {
      models: search.models,
      compared: search.compared,
      hypotheses: search.hypotheses,
      claims: checkClaims(suspect.claims, search, isHeld),
      kin: catalogue ? architectureKin(suspect.model.config, catalogue) : [],
    },
    comparisons: [...kept.map((hit) => hit.comparison), ...(search.silent ? [search.silent] : [])],
    searched: searched.flatMap(({ entry, identity }) => (reread.has(entry) ? [] : [identity])),
  }
}
