import { erfInverse } from './erf-inverse.ts'
import { mt19937, type Uint32Source } from './mt19937.ts'

/**
 * PyTorch's CPU generator for float32 tensors (ATen/native/cpu/DistributionTemplates.h,
 * ATen/core/DistributionsHelper.h). Uniforms are exact. Normals agree to a few units in the last
 * place of float32 only: PyTorch evaluates log, sin and cos by vector code that differs between
 * processors, so its own results do too.
 */
export type TorchCpu = {
  /** `tensor.uniform_(low, high)`: the low 24 bits of one draw per element. */
  readonly uniform: (count: number, low: number, high: number) => Float32Array
  /** `tensor.normal_(mean, std)` on a contiguous tensor. */
  readonly normal: (count: number, mean: number, std: number) => Float32Array
  /**
   * `torch.nn.init.trunc_normal_(tensor, mean, std, a, b)`. 'inverse': the distribution inverted, the
   * older code; 'rejection': the whole tensor drawn again until every value is inside, the newer one.
   */
  readonly truncatedNormal: (count: number, law: TruncatedNormal) => Float32Array
}

export type TruncatedNormal = {
  readonly mean: number
  readonly std: number
  readonly low: number
  readonly high: number
  readonly method: 'inverse' | 'rejection'
}

const BLOCK = 16
const HALF = 8

export function torchCpu(seed: number): TorchCpu {
  const next = mt19937(seed)
  const double = doubleNormals(next)
  const uniform = (count: number, low: number, high: number): Float32Array => {
    const from = Math.fround(low)
    const width = Math.fround(Math.fround(high) - from)
    // One rounding: compilers fuse the product and the sum.
    return Float32Array.from({ length: count }, () => unit24(next) * width + from)
  }
  const normal: TorchCpu['normal'] = (count, mean, std) =>
    count < BLOCK
      ? Float32Array.from({ length: count }, () => double() * std + mean)
      : blockNormals(next, { count, mean, std })
  return {
    uniform,
    normal,
    truncatedNormal: (count, law) =>
      law.method === 'inverse' ? truncate(count, law, uniform) : reject(count, law, normal),
  }
}

function reject(count: number, law: TruncatedNormal, normal: TorchCpu['normal']): Float32Array {
  const low = Math.fround(law.low)
  const high = Math.fround(law.high)
  const values = normal(count, law.mean, law.std)
  const isOutside = (value: number): boolean => value < low || value > high
  while (values.some(isOutside)) {
    const again = normal(count, law.mean, law.std)
    for (let i = 0; i < count; i++) {
      if (isOutside(values[i] as number)) values[i] = again[i] as number
    }
  }
  return values
}

const unit24 = (next: Uint32Source): number => (next() & 0xffffff) / 16777216

/** Box and Muller over blocks of 16 uniforms: element i with i + 8; the tail block is redrawn. */
function blockNormals(
  next: Uint32Source,
  law: { readonly count: number; readonly mean: number; readonly std: number },
): Float32Array {
  const out = Float32Array.from({ length: law.count }, () => unit24(next))
  for (let at = 0; at + BLOCK <= law.count; at += BLOCK) transformBlock(out, at, law)
  if (law.count % BLOCK !== 0) {
    const at = law.count - BLOCK
    for (let i = 0; i < BLOCK; i++) out[at + i] = unit24(next)
    transformBlock(out, at, law)
  }
  return out
}

function transformBlock(
  values: Float32Array,
  at: number,
  law: { readonly mean: number; readonly std: number },
): void {
  for (let i = at; i < at + HALF; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - (values[i] as number)))
    const angle = Math.fround(2 * Math.PI * (values[i + HALF] as number))
    values[i] = radius * Math.cos(angle) * law.std + law.mean
    values[i + HALF] = radius * Math.sin(angle) * law.std + law.mean
  }
}

/** Tensors below 16 elements: pairs in float64, the second kept for the next draw. */
function doubleNormals(next: Uint32Source): () => number {
  let kept: number | undefined
  const unit53 = (): number => {
    const high = next()
    const low = next()
    return ((high & 0x1fffff) * 4294967296 + low) / 9007199254740992
  }
  return () => {
    if (kept !== undefined) {
      const value = kept
      kept = undefined
      return value
    }
    const angle = 2 * Math.PI * unit53()
    const radius = Math.sqrt(-2 * Math.log1p(-unit53()))
    kept = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

function truncate(count: number, law: TruncatedNormal, uniform: TorchCpu['uniform']): Float32Array {
  const share = (x: number): number => (1 + erf((x - law.mean) / law.std / Math.SQRT2)) / 2
  const values = uniform(count, 2 * share(law.low) - 1, 2 * share(law.high) - 1)
  const scale = law.std * Math.SQRT2
  return values.map((u) => Math.min(law.high, Math.max(law.low, erfInverse(u) * scale + law.mean)))
}

/** erf by its Taylor series, |x| ≤ 5: enough for truncation bounds. */
export function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}
