import { dot, normSquared } from '../../../numeric/kernels.ts'
import { fitMerge, type MergeSums } from './fit-merge.ts'

/** Inner products of candidate rows y with rows a and b of two parents, and of these. */
export type PairSums = {
  readonly yy: number
  readonly ya: number
  readonly yb: number
  readonly aa: number
  readonly ab: number
  readonly bb: number
}

/** Of any two parents, by their numbers; null where one of them lacks the matrix. */
export type PairsOf = (first: number, second: number) => PairSums | null

/** Products of all rows at once, so that the rows themselves need not be kept. */
export function pairsOf(y: Float32Array, parents: ReadonlyMap<number, Float32Array>): PairsOf {
  const yy = normSquared(y)
  const yx = new Map([...parents].map(([index, x]) => [index, dot(y, x)] as const))
  const xx = new Map(
    [...parents].map(([index, x]) => {
      const row = new Map([...parents].map(([other, z]) => [other, dot(x, z)] as const))
      return [index, row] as const
    }),
  )
  return (first, second) => {
    const [ya, yb] = [yx.get(first), yx.get(second)]
    const [aa, ab] = [xx.get(first)?.get(first), xx.get(first)?.get(second)]
    const bb = xx.get(second)?.get(second)
    return ya === undefined || yb === undefined || aa === undefined || ab === undefined
      ? null
      : { yy, ya, yb, aa, ab, bb: bb ?? 0 }
  }
}

export type SlerpFit = {
  /** Place between the parents: 0 is the first, 1 the second. */
  readonly t: number
  /** Angle that the weights imply, radians. */
  readonly angle: number
  /** Angle between the rows of the parents. */
  readonly angleOfRows: number
  /** ‖y − w_a·a − w_b·b‖². */
  readonly residual: number
}

/**
 * Spherical interpolation has w_a = sin((1−t)θ)/sin θ and w_b = sin(tθ)/sin θ, with θ the angle between
 * the parents: weights whose sum is above one. Of unit vectors it makes a unit vector, so that
 * w_a² + w_b² + 2·w_a·w_b·cos θ = 1 gives θ back from free least-squares weights. Null where no angle
 * does, as for every mixture whose weights add up to one or less.
 */
export function fitSlerp({ yy, ya, yb, aa, ab, bb }: PairSums): SlerpFit | null {
  const determinant = aa * bb - ab * ab
  if (!(determinant > 1e-9 * aa * bb)) return null
  const first = (ya * bb - yb * ab) / determinant
  const second = (yb * aa - ya * ab) / determinant
  if (!(first > 0 && second > 0)) return null
  const cosine = (1 - first ** 2 - second ** 2) / (2 * first * second)
  if (!(Math.abs(cosine) < 1)) return null
  const angle = Math.acos(cosine)
  return {
    t: Math.atan2(second * Math.sin(angle), first + second * cosine) / angle,
    angle,
    angleOfRows: Math.acos(Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)))),
    residual: Math.max(0, yy - first * ya - second * yb),
  }
}

/** Matrices are read in part, so the angle between their rows is not quite that of the whole. */
const ANGLE_TOLERANCE = 0.2
/** What free weights leave, of what weights that add up to one leave. */
const RESIDUAL_SHARE_MAX = 0.25

export type Slerp = {
  readonly first: number
  readonly second: number
  /** Of the second parent; the median over matrices. */
  readonly t: number
  /** For each matrix. */
  readonly places: readonly number[]
  readonly residual: number
}

/**
 * One spherical interpolation of two parents behind all matrices: those with the largest weights in
 * the sum of all. Null where that sum explains the matrices as well.
 */
export function findSlerp(
  matrices: readonly { readonly sums: MergeSums; readonly pairs: PairsOf }[],
  weights: readonly number[],
): Slerp | null {
  const [first, second] = [...weights.keys()]
    .sort((x, y) => (weights[y] ?? 0) - (weights[x] ?? 0))
    .slice(0, 2)
    .sort((x, y) => x - y)
  if (first === undefined || second === undefined) return null
  const fits = matrices.flatMap(({ pairs }) => {
    const pair = pairs(first, second)
    return (pair && fitSlerp(pair)) ?? []
  })
  if (fits.length === 0 || fits.length < matrices.length) return null
  const isSpherical = fits.filter(
    ({ angle, angleOfRows }) => Math.abs(angle - angleOfRows) <= ANGLE_TOLERANCE * angleOfRows,
  )
  const free = fits.reduce((sum, { residual }) => sum + residual, 0)
  const bound = matrices.reduce((sum, { sums }) => sum + (fitMerge(sums)?.residual ?? 0), 0)
  if (isSpherical.length < fits.length / 2 || free > RESIDUAL_SHARE_MAX * bound) return null
  const places = fits.map(({ t }) => t)
  const sorted = [...places].sort((x, y) => x - y)
  return { first, second, t: sorted[Math.floor(sorted.length / 2)] ?? 0, places, residual: free }
}
