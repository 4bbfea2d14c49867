import type { Comparison } from '../result.ts'
import { isSameModel } from './claims.ts'
import type { ClaimCheck } from './findings.ts'
import type { Claims } from './fingerprint.ts'

/** Of a model that a card names: is it among those searched, and could any part of it be compared? */
export type BaseSearched = 'compared' | 'not_testable' | 'not_searched'

/** A relative that was found, with every name under which a card may mean it. */
export type FoundRelative = { readonly comparison: Comparison; readonly ids: readonly string[] }

export type ClaimedSearch = {
  /** Strongest first. */
  readonly found: readonly FoundRelative[]
  readonly searchedAs: (base: string) => BaseSearched
  /** What finding nothing is worth: nothing where no part could be compared; null where no model was. */
  readonly silence: 'no_evidence' | 'not_testable' | null
  /** Ids declared as the team's own ancestors: no card has to name them. */
  readonly own?: ReadonlySet<string>
}

/**
 * `base_model` and "from scratch" of README.md against what the weights say. A card that claims to be
 * from scratch is not held against nothing: where no model was compared it is passed over.
 */
export function checkClaims(claims: Claims, search: ClaimedSearch): ClaimCheck[] {
  const hits = search.found.map(({ comparison, ids }) => ({
    id: comparison.reference.id,
    ids,
    verdict: comparison.verdict,
    log10P: Math.min(0, ...comparison.components.map((component) => component.log10P ?? 0)),
  }))
  const bases = claims.baseModels.map((reference): ClaimCheck => {
    const hit = hits.find(({ ids }) => ids.some((id) => isSameModel(id, reference)))
    if (hit) return { claim: 'base_model', reference, outcome: 'supported', log10P: hit.log10P }
    const searched = search.searchedAs(reference)
    const outcome = searched === 'compared' ? 'not_supported' : searched
    return { claim: 'base_model', reference, outcome, log10P: null }
  })
  const isDeclared = (ids: readonly string[]) =>
    claims.baseModels.some((base) => ids.some((id) => isSameModel(id, base)))
  const undeclared = hits
    // What is related through a closer model adds nothing to it.
    .filter(({ id, ids, verdict }) => {
      return verdict !== 'common_origin' && !isDeclared(ids) && !search.own?.has(id)
    })
    .map(({ id, log10P }): ClaimCheck => {
      return { claim: 'undeclared', reference: id, outcome: 'found', log10P }
    })
  const scratch = claims.saysFromScratch ? checkFromScratch(claims, search, hits[0]) : []
  return [...bases, ...scratch, ...undeclared]
}

function checkFromScratch(
  { baseModels }: Claims,
  { silence }: ClaimedSearch,
  strongest: { readonly id: string; readonly log10P: number } | undefined,
): ClaimCheck[] {
  const claim = 'from_scratch'
  if (strongest) {
    const { id: reference, log10P } = strongest
    return [{ claim, reference, outcome: 'contradicted', log10P }]
  }
  const [base] = baseModels
  if (base !== undefined) return [{ claim, reference: base, outcome: 'disputed', log10P: null }]
  if (silence === null) return []
  const outcome = silence === 'no_evidence' ? 'supported' : 'not_testable'
  return [{ claim, reference: '', outcome, log10P: null }]
}
