import type { ComponentName } from '../../model/role.ts'
import type { Comparison } from '../result.ts'
import type { NonFiniteSummary } from '../technical/non-finite.ts'
import { withNonFinite } from '../technical/non-finite-notes.ts'
import type { RegistrySearch } from './search-registry.ts'

export type NonFiniteComponents = Map<ComponentName, NonFiniteSummary>

/** A search whose comparisons say which values of the suspect its fingerprint leaves out. */
export function noteNonFiniteSuspect(
  search: RegistrySearch,
  found: Readonly<NonFiniteComponents>,
): RegistrySearch {
  const noted = (comparison: Comparison): Comparison => ({
    ...comparison,
    components: comparison.components.map((component) => {
      const summary = found.get(component.component)
      return summary ? withNonFinite(component, { ...summary, model: 'candidate' }) : component
    }),
  })
  return {
    ...search,
    hits: search.hits.map((hit) => ({ ...hit, comparison: noted(hit.comparison) })),
    silent: search.silent && noted(search.silent),
  }
}
