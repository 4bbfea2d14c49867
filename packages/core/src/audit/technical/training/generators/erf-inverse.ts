/** M. Giles, "Approximating the erfinv function" (2010), single precision: what XLA evaluates. */
const CENTRE = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3,
  -4.17768164e-3, 2.46640727e-1, 1.50140941,
]
const TAILS = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3,
  9.43887047e-3, 1.00167406, 2.83297682,
]

/** erf⁻¹(x) for |x| < 1, relative error below 4e-7. */
export function erfInverse(x: number): number {
  const w = -Math.log1p(-x * x)
  const centred = w < 5
  const at = centred ? w - 2.5 : Math.sqrt(w) - 3
  return (centred ? CENTRE : TAILS).reduce((sum, coefficient) => sum * at + coefficient, 0) * x
}
