import type { TensorSource } from '../../../model/checkpoint.ts'
import { fisherCombine } from '../../../stats/fisher.ts'
import { compareModels } from '../../compare-models.ts'
import type { Comparison, ComponentComparison } from '../../result.ts'

/** Level of every exact decision here, before it is shared between the tests of one kind. */
export const LOG10_ALPHA = -9

export type ComponentDependence = {
  readonly component: string
  /** log10 p that the two are independent; null when no exact test could be made. */
  readonly log10P: number | null
}

export type Dependence = {
  readonly comparison: Comparison
  readonly components: readonly ComponentDependence[]
  /** Over all components, for statements about the whole model. */
  readonly log10P: number | null
}

/** How strongly two checkpoints depend on each other, per component and in all. */
export async function measureDependence(
  later: TensorSource,
  earlier: TensorSource,
): Promise<Dependence> {
  const comparison = await compareModels(later, earlier)
  const parts = comparison.components.filter((part) => part.component !== 'tokenizer')
  return {
    comparison,
    components: parts.map((part) => ({ component: part.component, log10P: pooled([part]) })),
    log10P: pooled(parts),
  }
}

const ORDER = ['sign_residual', 'sign_latent', 'sign_value', 'sign_key', 'sign_up']

/**
 * Fisher over the sign families in their triangular order (docs/methods/combining.md), or the
 * smallest corrected p of any exact test; the better of the two at twice its value.
 */
function pooled(parts: readonly ComponentComparison[]): number | null {
  const signs = parts
    .flatMap((part) => part.tests)
    .filter((test) => test.tier === 'exact' && test.layer === null && test.log10P !== null)
    .filter((test) => ORDER.includes(test.test))
    .sort((x, y) => ORDER.indexOf(x.test) - ORDER.indexOf(y.test))
    .map((test) => Math.max(-1e6, test.log10P ?? 0))
  const corrected = parts.flatMap((part) => (part.log10P === null ? [] : [part.log10P]))
  const found = [
    ...(signs.length > 0 ? [fisherCombine(signs)] : []),
    ...(corrected.length > 0 ? [Math.min(...corrected) + Math.log10(parts.length)] : []),
  ]
  return found.length === 0 ? null : Math.min(0, Math.min(...found) + Math.log10(2))
}
