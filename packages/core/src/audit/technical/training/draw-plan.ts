import { elementCount } from '../../../model/tensor.ts'
import { legacyDouble, mt19937 } from './generators/mt19937.ts'
import { legacyNormals, zigguratNormals } from './generators/numpy-normal.ts'
import { doubleOf, pcg64 } from './generators/pcg64.ts'
import { keyOfSeed, splitKey, threefryNormals, threefryUniforms } from './generators/threefry.ts'
import { type DrawnType, erf, torchCpu } from './generators/torch-cpu.ts'

/** The generators that can be replayed here; each is checked against vectors of its library. */
export const GENERATORS = [
  'numpy-pcg64', // numpy.random.default_rng(seed), float64 draws rounded to float32
  'numpy-mt19937', // numpy.random.RandomState(seed) or numpy.random.seed(seed)
  'torch-cpu', // torch.manual_seed(seed), float32 tensors on the CPU
  'jax-threefry', // split(PRNGKey(seed), number of draws), one key a draw
] as const

export type Generator = (typeof GENERATORS)[number]

export type Law =
  | { readonly law: 'normal'; readonly mean: number; readonly std: number }
  | { readonly law: 'uniform'; readonly low: number; readonly high: number }
  | {
      readonly law: 'trunc_normal'
      readonly mean: number
      readonly std: number
      readonly low: number
      readonly high: number
      readonly method: 'inverse' | 'rejection'
    }
  | { readonly law: 'kaiming_uniform'; readonly a: number }

/** One tensor drawn whole; `tensor` null: drawn and thrown away, as by a layer initialised twice. */
export type Draw = Law & {
  readonly tensor: string | null
  readonly shape: readonly number[]
  /** A row that is set to zero after it was drawn, as the padding row of an embedding is. */
  readonly zeroRow?: number | undefined
}

export type DrawPlan = {
  readonly generator: Generator
  /** One integer, or for numpy-pcg64 a list of them. */
  readonly seed: readonly bigint[]
  readonly draws: readonly Draw[]
  /** What torch-cpu draws in; float32 when left out. */
  readonly type?: DrawnType
}

/**
 * Bits of the seed: the length of its Elias delta code, which is prefix-free, so that 2^−bits added
 * over all seeds is at most 1 and a level divided by 2^bits holds for every seed that may have been
 * tried. A list is coded as its length and its entries. PyTorch's CPU generator keeps 32 bits, and one more
 * tells the type that it draws in.
 */
export function seedBits({
  generator,
  seed,
}: {
  readonly generator: string
  readonly seed: readonly bigint[]
}): number {
  const entries = generator === 'torch-cpu' ? seed.map((entry) => entry & 0xffffffffn) : seed
  const type = generator === 'torch-cpu' ? 1 : 0
  return [BigInt(entries.length - 1), ...entries].reduce(
    (sum, entry) => sum + deltaBits(entry),
    type,
  )
}

/** Elias (1975): the delta code of value + 1. */
function deltaBits(value: bigint): number {
  const floorLog2 = (value + 1n).toString(2).length - 1
  return floorLog2 + 2 * Math.floor(Math.log2(floorLog2 + 1)) + 1
}

type Sampler = (draw: Draw, index: number) => Float32Array

/** The initial weights of a plan as float32, tensor by tensor, in the order of the draws. */
export function* replayDraws(
  plan: DrawPlan,
): Iterable<{ readonly tensor: string; readonly values: Float32Array }> {
  const sample = samplerFor(plan)
  for (const [index, draw] of plan.draws.entries()) {
    const values = sample(draw, index)
    if (draw.tensor === null) continue
    const cols = elementCount(draw.shape.slice(1))
    const { zeroRow } = draw
    if (zeroRow !== undefined) values.fill(0, zeroRow * cols, (zeroRow + 1) * cols)
    yield { tensor: draw.tensor, values }
  }
}

/** Why a plan cannot be replayed; null when it can. */
export function replayFault(plan: DrawPlan): string | null {
  const unknown = plan.draws.find((draw) => !canDraw(plan.generator, draw))
  if (unknown) return `${plan.generator} has no law ${unknown.law} here`
  if (plan.generator !== 'numpy-pcg64' && plan.seed.length !== 1) {
    return `${plan.generator} takes one seed, ${plan.seed.length} are given`
  }
  if (plan.type === 'bfloat16' && plan.draws.some(({ law }) => law === 'trunc_normal')) {
    return 'trunc_normal in bfloat16'
  }
  if (plan.draws.some(isRarelyInside)) return 'trunc_normal by rejection in a narrow range'
  const seed = plan.seed[0] ?? 0n
  if (plan.generator !== 'torch-cpu' && plan.generator !== 'numpy-pcg64' && seed >= 2n ** 32n) {
    return `${plan.generator} takes a seed below 2^32`
  }
  return null
}

/** PyTorch rejects normals only where more than 0.3 of them lie inside; else it draws otherwise. */
function isRarelyInside(draw: Draw): boolean {
  if (draw.law !== 'trunc_normal' || draw.method !== 'rejection') return false
  const share = (x: number): number => erf((x - draw.mean) / draw.std / Math.SQRT2) / 2
  return share(draw.high) - share(draw.low) <= 0.3
}

const canDraw = (generator: Generator, { law }: Draw): boolean =>
  generator === 'torch-cpu' || law === 'normal' || law === 'uniform'

function samplerFor(plan: DrawPlan): Sampler {
  const low32 = Number((plan.seed[0] ?? 0n) & 0xffffffffn)
  switch (plan.generator) {
    case 'numpy-pcg64': {
      const next = pcg64(plan.seed)
      return doubleSampler(zigguratNormals(next), () => doubleOf(next))
    }
    case 'numpy-mt19937': {
      const next = mt19937(low32)
      return doubleSampler(legacyNormals(next), () => legacyDouble(next))
    }
    case 'jax-threefry': {
      const key = keyOfSeed(low32)
      return (draw, index) => jaxSample(splitKey(key, index), draw)
    }
    case 'torch-cpu':
      return torchSampler(low32, plan.type)
  }
}

/** NumPy: mean + std·z in float64, then one rounding. */
function doubleSampler(normal: () => number, uniform: () => number): Sampler {
  return (draw) => {
    const length = elementCount(draw.shape)
    if (draw.law === 'normal') {
      return Float32Array.from({ length }, () => draw.mean + draw.std * normal())
    }
    if (draw.law === 'uniform') {
      return Float32Array.from({ length }, () => draw.low + (draw.high - draw.low) * uniform())
    }
    return new Float32Array(length)
  }
}

function jaxSample(key: readonly [number, number], draw: Draw): Float32Array {
  const count = elementCount(draw.shape)
  if (draw.law === 'uniform') return threefryUniforms(key, count, draw)
  const values = threefryNormals(key, count)
  if (draw.law !== 'normal') return values
  const std = Math.fround(draw.std)
  return values.map((value) => Math.fround(value * std) + draw.mean)
}

function torchSampler(seed: number, type?: DrawnType): Sampler {
  const torch = torchCpu(seed, type)
  return (draw) => {
    const count = elementCount(draw.shape)
    switch (draw.law) {
      case 'normal':
        return torch.normal(count, draw.mean, draw.std)
      case 'uniform':
        return torch.uniform(count, draw.low, draw.high)
      case 'trunc_normal':
        return torch.truncatedNormal(count, draw)
      case 'kaiming_uniform': {
        const bound = kaimingBound(draw.shape, draw.a)
        return torch.uniform(count, -bound, bound)
      }
    }
  }
}

/** √3·gain/√fan_in with the gain of a leaky ReLU of slope a (He et al. 2015); rows are outputs. */
export function kaimingBound(shape: readonly number[], a: number): number {
  const fanIn = elementCount(shape.slice(1))
  return (Math.sqrt(3) * Math.sqrt(2 / (1 + a * a))) / Math.sqrt(fanIn)
}
