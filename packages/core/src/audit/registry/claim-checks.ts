import type { ClaimCheck, Comparison } from '../result.ts'
import { isSameModel } from './claims.ts'
import type { Claims } from './fingerprint.ts'

/** A relative that was found, with every name under which a card may mean it. */
export type FoundRelative = { readonly comparison: Comparison; readonly ids: readonly string[] }

/**
 * `base_model` and "from scratch" of README.md against what the weights say. A card that claims to be
 * from scratch is not held against nothing: where no model was compared it is passed over.
 */
export function checkClaims(
  claims: Claims,
  search: {
    /** Strongest first. */
    readonly found: readonly FoundRelative[]
    /** Is a model of this name among those compared? */
    readonly isHeld: (id: string) => boolean
    readonly models: number
    /** Ids declared as the team's own ancestors: no card has to name them. */
    readonly own?: ReadonlySet<string>
  },
): ClaimCheck[] {
  const hits = search.found.map(({ comparison, ids }) => ({
    id: comparison.reference.id,
    ids,
    verdict: comparison.verdict,
    log10P: Math.min(0, ...comparison.components.map((component) => component.log10P ?? 0)),
  }))
  const bases = claims.baseModels.map((reference): ClaimCheck => {
    const hit = hits.find(({ ids }) => ids.some((id) => isSameModel(id, reference)))
    if (hit) return { claim: 'base_model', reference, outcome: 'supported', log10P: hit.log10P }
    const outcome = search.isHeld(reference) ? 'not_supported' : 'not_searched'
    return { claim: 'base_model', reference, outcome, log10P: null }
  })
  const [strongest] = hits
  const scratch: ClaimCheck[] =
    claims.saysFromScratch && search.models > 0
      ? [
          {
            claim: 'from_scratch',
            reference: strongest?.id ?? '',
            outcome: strongest ? 'contradicted' : 'supported',
            log10P: strongest?.log10P ?? null,
          },
        ]
      : []
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
  return [...bases, ...scratch, ...undeclared]
}
