import type { TensorSource } from '../../../model/checkpoint.ts'
import { mapRoles } from '../../../model/roles/map-roles.ts'
import { elementCount } from '../../../model/tensor.ts'
import { log10NormalTail } from '../../../stats/log-tails.ts'
import { kolmogorovSmirnov } from '../../../stats/uniformity.ts'
import { type Draw, kaimingBound } from './draw-plan.ts'
import { type Finding, finding } from './finding.ts'
import { declaredDraws } from './recipes.ts'
import type { TrainingRecord } from './record.ts'
import { isConstant, sampleTensor, sharedTensors, tensorNamed } from './trajectory.ts'

const LOG10_ALPHA = -9
/** Values of a tensor that the distribution test looks at, evenly spaced. */
const VALUES_TESTED = 4000
/** Side of the block whose largest singular value is looked at. */
const BLOCK_SIDE = 256
/** Scales of the Tracy–Widom law above its centre: chance below 1e-6 for a random matrix. */
const SCALES_ABOVE = 8

/**
 * Is step 0 what nobody has trained yet? Vectors are constant; matrices follow the declared law and
 * have no direction that stands out of noise.
 */
export async function examineStart(
  record: TrainingRecord,
  start: TensorSource,
): Promise<readonly Finding[]> {
  const laws = declaredLaws(record, start)
  const vectors = bornConstant(start).filter((name) => !laws.has(name))
  for (const tensor of vectors) {
    if (!isConstant(await sampleTensor(start, tensor))) {
      return [finding('start', 'constants_moved', { values: { tensor } })]
    }
  }
  const drawn = await examineDrawn(start, laws)
  return [finding('start', 'starts_at_zero', { values: { vectors: vectors.length } }), ...drawn]
}

/** Norm weights and biases; other vectors (rotary frequencies, decay rates) may be computed. */
function bornConstant(start: TensorSource): string[] {
  const known = mapRoles(start.checkpoint).roles.filter(
    (role) => role.kind === 'norm' || role.kind === 'qk_norm' || role.part === 'bias',
  )
  const names = new Set(known.map((role) => role.tensor))
  return sharedTensors([start], 'vectors').filter((name) => names.has(name))
}

async function examineDrawn(
  start: TensorSource,
  laws: ReadonlyMap<string, Draw>,
): Promise<Finding[]> {
  const matrices = sharedTensors([start], 'matrices')
  const vectors = sharedTensors([start], 'vectors').filter((name) => laws.has(name))
  const level = LOG10_ALPHA - Math.log10(Math.max(1, laws.size))
  const without: string[] = []
  for (const tensor of [...matrices, ...vectors]) {
    const values = await sampleTensor(start, tensor, { rows: BLOCK_SIDE })
    const standing = standingOut(values, tensorNamed(start, tensor).shape)
    if (standing.ratio > standing.limit) {
      const facts = { tensor, ...standing }
      return [finding('start', 'not_random', { tier: 'empirical', values: facts })]
    }
    const draw = laws.get(tensor)
    const log10P = draw ? departure(values, draw) : 0
    if (!draw) without.push(tensor)
    else if (log10P <= level) {
      const facts = { tensor, law: draw.law, log10P: log10P + Math.log10(laws.size) }
      return [finding('start', 'not_fresh', { tier: 'exact', values: facts })]
    }
  }
  const tensors = matrices.length + vectors.length - without.length
  const fresh = finding('start', 'fresh_draw', { tier: 'exact', values: { tensors } })
  const unknown = finding('start', 'law_unknown', { values: { tensors: without.length } })
  return [...(tensors > 0 ? [fresh] : []), ...(without.length > 0 ? [unknown] : [])]
}

function declaredLaws(record: TrainingRecord, start: TensorSource): Map<string, Draw> {
  const found = declaredDraws(record.initialisation, start.checkpoint)
  const draws = 'draws' in found ? found.draws : []
  return new Map(draws.flatMap((draw) => (draw.tensor === null ? [] : [[draw.tensor, draw]])))
}

/** log10 p of the Kolmogorov–Smirnov test against the declared law. */
function departure(values: Float32Array, draw: Draw): number {
  const step = Math.max(1, Math.ceil(values.length / VALUES_TESTED))
  const chosen = values.filter((_, i) => i % step === 0)
  return kolmogorovSmirnov(Float64Array.from(chosen, (value) => distribution(value, draw))).log10P
}

function distribution(value: number, draw: Draw): number {
  const clip = (share: number): number => Math.min(1, Math.max(0, share))
  switch (draw.law) {
    case 'normal':
      return clip(normalShare((value - draw.mean) / draw.std))
    case 'uniform':
      return clip((value - draw.low) / (draw.high - draw.low))
    case 'kaiming_uniform': {
      const bound = kaimingBound(draw.shape, draw.a)
      return clip((value + bound) / (2 * bound))
    }
    case 'trunc_normal': {
      const at = (x: number): number => normalShare((x - draw.mean) / draw.std)
      const mass = at(draw.high) - at(draw.low)
      return mass > 0 ? clip((at(value) - at(draw.low)) / mass) : 0
    }
  }
}

const normalShare = (z: number): number => 10 ** log10NormalTail(-z)

/**
 * Largest singular value of a block against what independent entries of the same variance give:
 * (√(n−1)+√m)², plus eight scales of its Tracy–Widom law (Johnstone 2001). What training learns
 * stands far out of it: a rank-one part of the strength of the noise already doubles it.
 */
function standingOut(
  values: Float32Array,
  shape: readonly number[],
): { ratio: number; limit: number } {
  const cols = elementCount(shape.slice(1))
  const width = Math.min(cols, BLOCK_SIDE)
  const height = Math.min(Math.floor(values.length / cols), BLOCK_SIDE)
  const rows = Array.from({ length: height }, (_, i) => values.subarray(i * cols, i * cols + width))
  const square = rows.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0)
  if (height < 8 || width < 8 || square === 0) return { ratio: 0, limit: 1 }
  const ratio = largestSquare(rows, width) / (square / (height * width))
  const near = Math.sqrt(height - 1) + Math.sqrt(width)
  const scale = near * (1 / Math.sqrt(height - 1) + 1 / Math.sqrt(width)) ** (1 / 3)
  return { ratio, limit: near ** 2 + SCALES_ABOVE * scale }
}

/** λ_max of the Gram matrix by power iteration from a fixed start; from below, so never too large. */
function largestSquare(rows: readonly Float32Array[], width: number): number {
  let direction = Float64Array.from({ length: width }, (_, i) => 1 + ((i * 7) % 11) / 10)
  let value = 0
  for (let round = 0; round < 60; round++) {
    const length = Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0))
    if (length === 0) return 0
    const unit = direction.map((x) => x / length)
    const next = new Float64Array(width)
    value = 0
    for (const row of rows) {
      const along = row.reduce((sum, x, j) => sum + x * (unit[j] as number), 0)
      value += along * along
      row.forEach((x, j) => {
        next[j] = (next[j] as number) + along * x
      })
    }
    direction = next
  }
  return value
}
