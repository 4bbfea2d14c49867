import type { RoleKind } from '../../model/role.ts'
import type { RolePair } from './pairing.ts'

/**
 * How many bytes of each model may be read, and how they are shared out. The rule looks at
 * shapes only, so it cannot depend on the weights: row subsets chosen this way keep every exact
 * test exact.
 */
export type SamplingRule = {
  /** Bound on the bytes of each model, headers aside. */
  readonly budgetBytes: number
  /** Read every row where the whole component set fits the budget. */
  readonly isComplete: boolean
}

/** Every layer of a 7B model keeps the rows that are worth a seek; headers take up to 1 MB besides. */
export const DEFAULT_BUDGET_BYTES = 32_000_000

/** Fewer rows than this per matrix would waste the seek. */
const ROWS_MIN = 32

/** Shares of the budget by kind; kinds that a model lacks pass their share on to the others. */
const SHARES: Partial<Record<RoleKind, number>> = {
  up: 0.3,
  v: 0.2,
  k: 0.14,
  kv_b: 0.12,
  kv_a: 0.06,
  q_a: 0.06,
  embedding: 0.1,
  head: 0.04,
  gate: 0.1,
  fc1: 0.2,
  linear: 0.2,
  conv: 0.2,
}

const CONTENT_SHARE = 0.16

export type SamplingPlan = {
  readonly isComplete: boolean
  readonly contentBytes: number
  /** The pairs of this kind to read, and how many rows of each. */
  readonly rowsOf: (kind: RoleKind, pairs: readonly RolePair[]) => readonly SampledPair[]
}

export type SampledPair = { readonly pair: RolePair; readonly rows: number }

export function planSampling(
  rule: SamplingRule,
  options: { readonly kinds: readonly RoleKind[]; readonly elementBytes: number },
): SamplingPlan {
  if (rule.isComplete) {
    return {
      isComplete: true,
      contentBytes: Number.POSITIVE_INFINITY,
      rowsOf: (_kind, pairs) => pairs.map((pair) => ({ pair, rows: pair.rows })),
    }
  }
  const present = [...new Set(options.kinds)].filter((kind) => SHARES[kind] !== undefined)
  const shareSum = present.reduce((sum, kind) => sum + (SHARES[kind] ?? 0), CONTENT_SHARE)
  return {
    isComplete: false,
    contentBytes: (rule.budgetBytes * CONTENT_SHARE) / shareSum,
    rowsOf: (kind, pairs) => {
      const share = (rule.budgetBytes * (SHARES[kind] ?? 0)) / shareSum
      return spreadRows(pairs, { shareBytes: share, elementBytes: options.elementBytes })
    },
  }
}

/** Even shares; where even ROWS_MIN rows of each would be too much, evenly spaced pairs. */
function spreadRows(
  pairs: readonly RolePair[],
  options: { readonly shareBytes: number; readonly elementBytes: number },
): SampledPair[] {
  const cols = Math.max(1, ...pairs.map((pair) => pair.cols))
  const rowBytes = cols * options.elementBytes
  const pairsMax = Math.max(1, Math.floor(options.shareBytes / (ROWS_MIN * rowBytes)))
  const stride = Math.max(1, Math.ceil(pairs.length / pairsMax))
  const chosen = pairs.filter((_, index) => index % stride === 0)
  const rows = Math.max(
    ROWS_MIN,
    Math.floor(options.shareBytes / Math.max(1, chosen.length) / rowBytes),
  )
  return chosen.map((pair) => ({ pair, rows: Math.min(pair.rows, rows) }))
}
