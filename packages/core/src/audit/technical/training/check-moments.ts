import type { TensorSource } from '../../../model/checkpoint.ts'
import type { Point } from './check-links.ts'
import { type Finding, finding } from './finding.ts'
import type { TrainingRecord } from './record.ts'
import { sampleTensor, sharedTensors, tensorNamed } from './trajectory.ts'

export type MomentsAt = { readonly step: number; readonly source: TensorSource }

/** Adam's stabiliser; only moments near it depend on its exact size. */
const EPSILON = 1e-8
/**
 * Rounding of each step adds up over the memory of the averages: two parts in a thousand of float32 never
 * matter, eight of bfloat16 (1/(1−β) steps of 2^-9 each, in m² and in v) do.
 */
const ROUNDING: Readonly<Record<string, number>> = { F64: 1.02, F32: 1.02 }
const ROUNDING_COARSE = 1.3
/** Standard errors of a chance cosine below which moments count as unrelated to the updates. */
const ERRORS_MIN = 4

/** Are the optimiser's moments possible, and do they point where the weights went? */
export async function checkMoments(
  record: TrainingRecord,
  points: readonly Point[],
  moments: readonly MomentsAt[],
): Promise<readonly Finding[]> {
  const { beta1, beta2 } = record.optimiser
  if (moments.length === 0) return [finding('optimiser', 'moments_missing')]
  if (beta1 === undefined || beta2 === undefined) {
    return [finding('optimiser', 'moments_betas_unknown')]
  }
  const findings: Finding[] = []
  for (const { step, source } of moments) {
    const at = points.findIndex((point) => point.step === step)
    const found = await compareMoments(source, points, at)
    const possible = largestRatio(beta1, beta2)
    const share = possible === null ? 0 : shareAbove(found, possible)
    if (found.elements === 0) {
      findings.push(finding('optimiser', 'moments_unnamed', { values: { step } }))
    } else if (found.isZero && step > 0) {
      findings.push(finding('optimiser', 'moments_zero', { values: { step } }))
    } else if (share > 0 || found.negative > 0) {
      const values = { step, share: Math.max(share, found.negative / found.elements) }
      findings.push(finding('optimiser', 'moments_impossible', { tier: 'exact', values }))
    } else findings.push(direction(step, found))
  }
  return findings
}

/**
 * Largest m²/v of any gradients: Cauchy and Schwarz give
 * (1−β1)²/((1−β2)(1−β1²/β2)) where β1² < β2, else there is no bound.
 */
function largestRatio(beta1: number, beta2: number): number | null {
  const share = beta1 ** 2 / beta2
  return share < 1 ? (1 - beta1) ** 2 / ((1 - beta2) * (1 - share)) : null
}

type Compared = {
  readonly ratios: readonly Float64Array[]
  readonly negative: number
  readonly isZero: boolean
  /** By how much stored values may exceed the bound. */
  readonly rounding: number
  readonly elements: number
  /** Cosine of −m/√v with the update before and after; null where there is none. */
  readonly cosines: readonly number[]
}

const shareAbove = ({ ratios, elements, rounding }: Compared, limit: number): number =>
  ratios.reduce((sum, part) => sum + part.filter((ratio) => ratio > limit * rounding).length, 0) /
  Math.max(1, elements)

function direction(step: number, { cosines, elements }: Compared): Finding {
  const cosine = Math.max(-1, ...cosines)
  const least = ERRORS_MIN / Math.sqrt(elements)
  if (cosines.length === 0) {
    return finding('optimiser', 'moments_without_updates', { values: { step } })
  }
  return cosine >= least
    ? finding('optimiser', 'moments_fit', { tier: 'empirical', values: { step, cosine } })
    : finding('optimiser', 'moments_unrelated', {
        tier: 'empirical',
        values: { step, cosine, least },
      })
}

async function compareMoments(
  moments: TensorSource,
  points: readonly Point[],
  at: number,
): Promise<Compared> {
  const stored = new Set(moments.checkpoint.tensors.map((tensor) => tensor.name))
  const names = sharedTensors(
    points.map((point) => point.source),
    'matrices',
  ).filter((name) => stored.has(`exp_avg.${name}`) && stored.has(`exp_avg_sq.${name}`))
  const sums = [emptySums(), emptySums()]
  const ratios: Float64Array[] = []
  let negative = 0
  let elements = 0
  let rounding = 1
  let isZero = true
  for (const name of names) {
    const m = await sampleTensor(moments, `exp_avg.${name}`)
    const v = await sampleTensor(moments, `exp_avg_sq.${name}`)
    const move = Float64Array.from(m, (x, i) => -x / (Math.sqrt(Math.max(0, v[i] ?? 0)) + EPSILON))
    ratios.push(Float64Array.from(m, (x, i) => ratioOf(x, v[i] ?? 0)))
    negative += v.filter((x) => x < 0).length
    elements += m.length
    isZero &&= m.every((x) => x === 0) && v.every((x) => x === 0)
    rounding = Math.max(
      rounding,
      ...[`exp_avg.${name}`, `exp_avg_sq.${name}`].map(
        (part) => ROUNDING[tensorNamed(moments, part).dtype] ?? ROUNDING_COARSE,
      ),
    )
    for (const [side, sum] of sums.entries()) {
      const [from, to] = [points[at - 1 + side], points[at + side]]
      if (!from || !to) continue
      add(sum, move, [await sampleTensor(from.source, name), await sampleTensor(to.source, name)])
    }
  }
  const cosines = sums.flatMap(({ ab, aa, bb }) => (aa * bb > 0 ? [ab / Math.sqrt(aa * bb)] : []))
  return { ratios, negative, isZero, rounding, elements, cosines }
}

/** m²/v; values so small that rounding decides them are left out. */
const ratioOf = (m: number, v: number): number =>
  Math.abs(m) < 1e-18 ? 0 : (m * m) / Math.max(v, 1e-40)

type Sums = { ab: number; aa: number; bb: number }
const emptySums = (): Sums => ({ ab: 0, aa: 0, bb: 0 })

function add(
  sum: Sums,
  move: Float64Array,
  [from, to]: readonly [Float32Array, Float32Array],
): void {
  for (let i = 0; i < move.length; i++) {
    const went = (to[i] as number) - (from[i] as number)
    sum.ab += went * (move[i] as number)
    sum.aa += went * went
    sum.bb += (move[i] as number) ** 2
  }
}
