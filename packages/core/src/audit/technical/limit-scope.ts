import type { ComponentName } from '../../model/role.ts'
import type { ComponentComparison, Note } from '../result.ts'

/**
 * What a detection limit does not cover. A limit is a correlation of units laid side by side; who
 * rearranged them beyond what was undone leaves no correlation to find. docs/methods/aligned-tests.md
 */
export function limitNote(component: ComponentName, isAligned: boolean): Note {
  const excluded =
    component === 'embeddings' ? 'axes_moved' : isAligned ? 'beyond_alignment' : 'any_order'
  return { code: 'limit_excludes', values: { excluded } }
}

/**
 * Tables of a body that was found behind moved axes: silent as stored, because their columns stand
 * elsewhere, and no test of their own remains once they have served to find where to.
 */
export function behindMovedAxes(
  tables: ComponentComparison,
  body: Pick<ComponentComparison, 'transform'> | null,
): ComponentComparison {
  const kind = body?.transform?.residual.kind
  const isMoved = kind === 'signed_permutation' || kind === 'rotation'
  if (tables.verdict !== 'no_evidence' || !isMoved) return tables
  const kept = tables.reasons.filter(({ code }) => !STATED_LIMITS.includes(code))
  return {
    ...tables,
    verdict: 'not_testable',
    minDetectableCorrelation: null,
    reasons: [{ code: 'axes_rearranged', values: {} }, ...kept],
  }
}

const STATED_LIMITS: readonly Note['code'][] = ['nothing_found', 'limit_excludes']
