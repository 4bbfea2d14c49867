import type { TensorSource } from '../../../model/checkpoint.ts'
import type { Comparison, ComponentComparison, MergeFinding, Note } from '../../result.ts'
import { basis, withDirection } from '../direction.ts'
import { findMerge, mixedComponents, PARENTS_MAX, standsBeside } from './find-merges.ts'

/**
 * Fits mixtures for every component with two matching references or more. `references` open in the
 * order of `comparisons`; the parents of one component are open at the same time.
 */
export async function resolveMerges(
  candidate: TensorSource,
  references: readonly (() => Promise<TensorSource>)[],
  comparisons: readonly Comparison[],
): Promise<MergeFinding[]> {
  const findings: MergeFinding[] = []
  for (const component of mixedComponents(comparisons)) {
    const beside = comparisons
      .flatMap((comparison, index) => {
        const open = references[index]
        return open && standsBeside(comparison, component) ? [{ comparison, open }] : []
      })
      .slice(0, PARENTS_MAX)
    const parents: { comparison: Comparison; source: TensorSource }[] = []
    try {
      for (const { comparison, open } of beside) parents.push({ comparison, source: await open() })
      const finding = await findMerge(candidate, parents, component)
      if (finding) findings.push(finding)
    } finally {
      for (const { source } of parents) await source.close()
    }
  }
  return findings
}

/** Above this the weights of single parents say little. */
const COLLINEARITY_MAX = 0.95

/** Says in the component's reasons what the mixture is. */
export function withMixture<T extends ComponentComparison>(
  entry: T,
  merges: readonly MergeFinding[],
): T {
  const merge = merges.find(({ component }) => component === entry.component)
  if (!merge) return entry
  const [first, second] = merge.parents
    .map((id, index) => ({ id, weight: merge.weights[index] ?? 0 }))
    .sort((x, y) => y.weight - x.weight)
  if (!first || !second) return entry
  const notes: Note[] = [
    {
      code: 'mixture_of',
      values: {
        first: first.id,
        firstWeight: first.weight,
        second: second.id,
        secondWeight: second.weight,
        parents: merge.parents.length,
        gain: merge.gain,
      },
    },
  ]
  if (merge.collinearity !== null && merge.collinearity > COLLINEARITY_MAX) {
    notes.push({ code: 'parents_collinear', values: { collinearity: merge.collinearity } })
  }
  const bases = entry.direction?.basis ?? []
  const added = isMadeOfOthers(merge) ? [basis('mixture', 'candidate')] : []
  return withDirection({ ...entry, reasons: [...entry.reasons, ...notes] }, [...bases, ...added])
}

/** A sum of k models that leaves so little is one; a common parent of k children leaves 1/k. */
const GAIN_OF_A_SUM = 0.9
const WEIGHT_MIN = 0.05

const isMadeOfOthers = ({ kind, gain, weights }: MergeFinding): boolean =>
  kind === 'linear' &&
  gain >= GAIN_OF_A_SUM &&
  weights.filter((weight) => weight >= WEIGHT_MIN).length >= 2

/**
 * A parent of a mixture is no sibling, however much closer the other parents or their base are:
 * what was found of it before relatives were ranked stands.
 */
export function withParentsKept(
  ranked: readonly Comparison[],
  found: readonly Comparison[],
  merges: readonly MergeFinding[],
): Comparison[] {
  return ranked.map((comparison, index) => ({
    ...comparison,
    components: comparison.components.map((entry) => {
      if (entry.verdict !== 'common_origin') return entry
      const { component } = entry
      const isParent = merges.some(
        (merge) => merge.component === component && isParentOf(merge, comparison.reference.id),
      )
      const before = found[index]?.components.find((other) => other.component === component)
      return isParent && before ? before : entry
    }),
  }))
}

function isParentOf(merge: MergeFinding, id: string): boolean {
  const isWhole = merge.kind !== 'linear' || merge.gain >= GAIN_OF_A_SUM
  return isWhole && merge.parents.some((p, i) => p === id && (merge.weights[i] ?? 0) >= WEIGHT_MIN)
}
