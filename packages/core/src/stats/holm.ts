/**
 * Holm's step-down adjusted p-values (Holm 1979), log10 in and out, in the order given. Holds the
 * family-wise error under any dependence between the hypotheses.
 */
export function holmAdjust(log10Ps: readonly number[]): number[] {
  const order = log10Ps.map((_, index) => index).sort((i, j) => log10Ps[i]! - log10Ps[j]!)
  const adjusted = new Array<number>(log10Ps.length).fill(0)
  let running = Number.NEGATIVE_INFINITY
  order.forEach((index, rank) => {
    running = Math.max(running, log10Ps[index]! + Math.log10(log10Ps.length - rank))
    adjusted[index] = Math.min(0, running)
  })
  return adjusted
}
