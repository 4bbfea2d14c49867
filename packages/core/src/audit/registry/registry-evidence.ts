import type { RegistryEvidence } from '../run-audit.ts'
import { architectureKin } from './architecture-kin.ts'
import type { Catalogue } from './catalogue.ts'
import { checkClaims } from './claim-checks.ts'
import { identityOf } from './compare-fingerprints.ts'
import type { Fingerprint } from './fingerprint.ts'
import { registryTokenizers } from './registry-tokenizers.ts'
import type { RegistrySearch, SearchOptions } from './search-registry.ts'

/**
 * A search as evidence for an audit. Entries in `reread` are compared again from their weights;
 * the search stands for all others.
 */
export function registryEvidence(
  suspect: Fingerprint,
  search: RegistrySearch,
  context: {
    readonly entries: readonly Fingerprint[]
    readonly reread: ReadonlySet<number>
    readonly catalogue: Catalogue | null
    readonly scannerFor?: SearchOptions['scannerFor']
  },
): RegistryEvidence {
  const { entries, reread, catalogue } = context
  const kept = search.hits.filter((hit) => !reread.has(hit.entry))
  return {
    findings: {
      models: search.models,
      compared: search.compared,
      hypotheses: search.hypotheses,
      claims: checkClaims(suspect.claims, search, entries),
      tokenizers: registryTokenizers(suspect, search, context),
      kin: catalogue ? architectureKin(suspect.model.config, catalogue) : [],
    },
    comparisons: [...kept.map((hit) => hit.comparison), ...(search.silent ? [search.silent] : [])],
    searched: entries.flatMap((entry, at) => (reread.has(at) ? [] : [identityOf(entry)])),
  }
}
