import type { ClaimCheck } from '../result.ts'
import { isSameModel } from './claims.ts'
import type { Claims } from './fingerprint.ts'
import type { RegistrySearch } from './search-registry.ts'

/** Of a model that a card names: is it in the registry, and could any part of it be compared? */
export type BaseSearched = 'compared' | 'not_testable' | 'not_searched'

/** `base_model` and "from scratch" of README.md against what the weights say. */
export function checkClaims(
  claims: Claims,
  search: RegistrySearch,
  searchedAs: (base: string) => BaseSearched,
): ClaimCheck[] {
  const hits = search.hits.map(({ comparison }) => ({
    id: comparison.reference.id,
    verdict: comparison.verdict,
    log10P: Math.min(0, ...comparison.components.map((component) => component.log10P ?? 0)),
  }))
  const bases = claims.baseModels.map((reference): ClaimCheck => {
    const hit = hits.find(({ id }) => isSameModel(id, reference))
    if (hit) return { claim: 'base_model', reference, outcome: 'supported', log10P: hit.log10P }
    const searched = searchedAs(reference)
    const outcome = searched === 'compared' ? 'not_supported' : searched
    return { claim: 'base_model', reference, outcome, log10P: null }
  })
  const declared = (id: string) => claims.baseModels.some((base) => isSameModel(id, base))
  const undeclared = hits
    // What is related through a closer model adds nothing to it.
    .filter(({ id, verdict }) => verdict !== 'common_origin' && !declared(id))
    .map(({ id, log10P }): ClaimCheck => {
      return { claim: 'undeclared', reference: id, outcome: 'found', log10P }
    })
  const scratch = claims.saysFromScratch ? [checkFromScratch(claims, search, hits[0])] : []
  return [...bases, ...scratch, ...undeclared]
}

function checkFromScratch(
  { baseModels }: Claims,
  search: RegistrySearch,
  strongest: { readonly id: string; readonly log10P: number } | undefined,
): ClaimCheck {
  const claim = 'from_scratch'
  if (strongest) {
    const { id: reference, log10P } = strongest
    return { claim, reference, outcome: 'contradicted', log10P }
  }
  const [base] = baseModels
  if (base !== undefined) return { claim, reference: base, outcome: 'disputed', log10P: null }
  const outcome = search.silent?.verdict === 'no_evidence' ? 'supported' : 'not_testable'
  return { claim, reference: '', outcome, log10P: null }
}
