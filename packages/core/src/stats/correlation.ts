import { assert } from '../base/errors.ts'
import { exactSum } from '../numeric/exact-sum.ts'

/**
 * Centred Pearson correlation of two equally long sequences, in [−1, 1]; undefined for fewer than
 * two values or where one does not vary. Two passes, so that it keeps its digits for values far
 * from zero (norm weights near 1). Exactly odd under negation of one sequence.
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  assert(x.length === y.length, `correlation of ${x.length} and ${y.length} values`)
  const dx = centred(x)
  const dy = centred(y)
  const scale =
    Math.sqrt(exactSum(dx.map((v) => v * v))) * Math.sqrt(exactSum(dy.map((v) => v * v)))
  if (!(scale > 0) || isConstant(x) || isConstant(y)) return undefined
  const r = exactSum(dx.map((value, i) => value * dy[i]!)) / scale
  return Math.max(-1, Math.min(1, r))
}

/** Spearman's rank correlation: Pearson of the ranks, equal values sharing their mean rank. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  assert(x.length === y.length, `correlation of ${x.length} and ${y.length} values`)
  return pearson(ranks(x), ranks(y))
}

/** Ranks from 1; equal values share the mean of their places. NaN is a fault. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!)
  const out = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    const value = values[order[from]!]!
    assert(!Number.isNaN(value), 'rank of NaN')
    let to = from + 1
    while (to < order.length && values[order[to]!] === value) to++
    for (let place = from; place < to; place++) out[order[place]!] = (from + 1 + to) / 2
    from = to
  }
  return out
}

function centred(values: ArrayLike<number>): Float64Array {
  const mean = values.length > 0 ? exactSum(values) / values.length : 0
  return Float64Array.from(values, (value) => value - mean)
}

/** The mean of equal values may differ from them by rounding, so the spread does not tell. */
function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false
  return true
}
