import type { ClaimCheck } from '../result.ts'
import { isSameModel } from './claims.ts'
import type { Claims } from './fingerprint.ts'
import type { RegistrySearch } from './search-registry.ts'

/** `base_model` and "from scratch" of README.md against what the weights say. */
export function checkClaims(
  claims: Claims,
  search: RegistrySearch,
  /** Is a model of this name among those searched? */
  isHeld: (id: string) => boolean,
): ClaimCheck[] {
  const hits = search.hits.map(({ comparison }) => ({
    id: comparison.reference.id,
    verdict: comparison.verdict,
    log10P: Math.min(0, ...comparison.components.map((component) => component.log10P ?? 0)),
  }))
  const bases = claims.baseModels.map((reference): ClaimCheck => {
    const hit = hits.find(({ id }) => isSameModel(id, reference))
    if (hit) return { claim: 'base_model', reference, outcome: 'supported', log10P: hit.log10P }
    const outcome = isHeld(reference) ? 'not_supported' : 'not_searched'
    return { claim: 'base_model', reference, outcome, log10P: null }
  })
  const [strongest] = hits
  const scratch: ClaimCheck[] = claims.saysFromScratch
    ? [
        {
          claim: 'from_scratch',
          reference: strongest?.id ?? '',
          outcome: strongest ? 'contradicted' : 'supported',
          log10P: strongest?.log10P ?? null,
        },
      ]
    : []
  const declared = (id: string) => claims.baseModels.some((base) => isSameModel(id, base))
  const undeclared = hits
    // What is related through a closer model adds nothing to it.
    .filter(({ id, verdict }) => verdict !== 'common_origin' && !declared(id))
    .map(({ id, log10P }): ClaimCheck => {
      return { claim: 'undeclared', reference: id, outcome: 'found', log10P }
    })
  return [...bases, ...scratch, ...undeclared]
}
