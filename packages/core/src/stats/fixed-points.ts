import { AppError, assert } from '../base/errors.ts'
import { type Rng, randomPermutation } from '../base/rng.ts'
import { exactSum } from '../numeric/exact-sum.ts'
import { rowNormsSquared } from '../numeric/kernels.ts'
import type { Likeness } from '../numeric/likeness.ts'
import { type MatrixEngine, plainEngine } from '../numeric/matrix-engine.ts'
import type { RowMatrix } from '../numeric/row-matrix.ts'
import { log10FixedPointTail, log10PooledFixedPointTail } from './fixed-point-bound.ts'

export type FixedPoints =
  | {
      readonly kind: 'tested'
      /** Matched pairs whose two rows have the same index. */
      readonly fixed: number
      /** Pairs that are each other's nearest. */
      readonly matched: number
      /** Live rows: the fewer of the two sides. */
      readonly n: number
      readonly log10P: number
    }
  | { readonly kind: 'inconclusive'; readonly reason: string }

export type MatchOptions = {
  /**
   * Draws the two shuffles; its seed belongs in the evidence. Blocks that are pooled need a fork
   * each: with one shuffle for all, ties would make their counts dependent.
   */
  readonly rng: Rng
  /** 'cosine' unless given. 'absolute-cosine' does not look at signs, so a sign test may follow. */
  readonly distance?: Likeness
  /** Rows whose norm is at most this share of their side's root mean square norm are dropped. */
  readonly negligibleNorm?: number
  /** Computes the likenesses; the answer does not depend on which. */
  readonly engine?: MatrixEngine
  /** `rowNormsSquared` of either matrix, where the caller has them. */
  readonly squares?: RowSquares
}

export type RowSquares = { readonly a: Float64Array; readonly b: Float64Array }

/**
 * Fixed-point test of independence: match the rows of `a` and `b` (n and m rows of the same
 * columns) as mutual nearest neighbours and count the pairs with equal index. If one model is
 * independent of the other and the order of its rows is uniform given the rows, the matching, which
 * never sees the order, hits an index by chance only: about once in all.
 *
 * Valid whichever of the two models carries the assumption. Whatever the matcher finds, ties,
 * duplicates and dead rows included, the p-value holds; a bad matcher only loses power.
 *
 * @throws AppError VALUE_INVALID where a row holds NaN or infinity.
 */
export function matchRows(a: RowMatrix, b: RowMatrix, options: MatchOptions): FixedPoints {
  return fixedPointsOf(mutualNearest(a, b, options))
}

/** The same of rows that were matched already. */
export function fixedPointsOf({ match, liveA, liveB }: Matching): FixedPoints {
  const n = Math.min(liveA, liveB)
  if (n === 0) return { kind: 'inconclusive', reason: 'one side has no row of noticeable norm' }
  let fixed = 0
  let matched = 0
  for (let i = 0; i < match.length; i++) {
    if (match[i]! >= 0) matched++
    if (match[i] === i) fixed++
  }
  return {
    kind: 'tested',
    fixed,
    matched,
    n,
    log10P: log10FixedPointTail({ fixed, matched, rows: n }),
  }
}

/** One log10 p for several independently permuted blocks, such as the layers of a model. */
export function pooledFixedPointLog10P(points: readonly FixedPoints[]): number {
  const blocks = points.flatMap((point) =>
    point.kind === 'tested' ? [{ fixed: point.fixed, matched: point.matched, rows: point.n }] : [],
  )
  assert(blocks.length > 0, 'no block was tested')
  return log10PooledFixedPointTail(blocks)
}

/**
 * Matches rows that are each other's nearest. Both sides are shuffled
 * before matching and the shuffles undone after: nearest neighbours prefer low indices among equal
 * rows, and that preference must not meet the order in which the models store their rows.
 */
export function mutualNearest(a: RowMatrix, b: RowMatrix, options: MatchOptions): Matching {
  const negligible = options.negligibleNorm ?? 1e-6
  const squares = options.squares ?? { a: rowNormsSquared(a), b: rowNormsSquared(b) }
  const orderA = shuffledLiveRows(squares.a, { rng: options.rng.fork('a'), negligible })
  const orderB = shuffledLiveRows(squares.b, { rng: options.rng.fork('b'), negligible })
  const engine = options.engine ?? plainEngine
  const nearest = engine.nearest(a, b, {
    by: options.distance ?? 'cosine',
    order: { a: orderA, b: orderB },
  })
  const match = new Int32Array(a.rows).fill(-1)
  const nearestOfA = new Int32Array(a.rows).fill(-1)
  const likenessOfA = new Float64Array(a.rows).fill(Number.NEGATIVE_INFINITY)
  for (let i = 0; i < orderA.length; i++) {
    const [row, j] = [orderA[i]!, nearest.ofA[i]!]
    if (j < 0) continue
    nearestOfA[row] = orderB[j]!
    likenessOfA[row] = nearest.likenessOfA[i]!
    if (nearest.ofB[j] === i) match[row] = orderB[j]!
  }
  return { match, nearestOfA, likenessOfA, liveA: orderA.length, liveB: orderB.length }
}

export type Matching = {
  /** For each row of `a` the row of `b` matched with it, or −1. Injective. */
  readonly match: Int32Array
  /** The most alike row of `b` whether it is matched or not, or −1, and how alike it is, or −∞. */
  readonly nearestOfA: Int32Array
  readonly likenessOfA: Float64Array
  /** Rows of noticeable norm. */
  readonly liveA: number
  readonly liveB: number
}

/** Which rows live is decided by norms alone, which do not depend on the order. */
function shuffledLiveRows(
  squares: Float64Array,
  options: { readonly rng: Rng; readonly negligible: number },
): Uint32Array {
  const bad = squares.findIndex((square) => !Number.isFinite(square))
  if (bad >= 0) {
    throw new AppError('VALUE_INVALID', `row ${bad} to be matched is not finite`, {
      hint: 'the weights behind it hold NaN or infinite values: test only finite rows',
    })
  }
  const floor = (options.negligible ** 2 * exactSum(squares)) / Math.max(1, squares.length)
  return randomPermutation(options.rng, squares.length).filter((row) => squares[row]! > floor)
}
