/** P(K > k) + u·P(K = k) for fair coins: uniform if the signs are fair, whatever n is. */
export function randomisedP(k: number, n: number, u: number): number {
  let term = 0.5 ** n
  let above = 0
  let at = 0
  for (let i = 0; i <= n; i++) {
    if (i === k) at = term
    if (i > k) above += term
    term = (term * (n - i)) / (i + 1)
  }
  return Math.min(1, above + u * at)
}
