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

/** What tensors are drawn in. A type draws for itself: bfloat16 is no rounding of what float32 draws. */
export type DrawnType = 'float32' | 'bfloat16'

export function torchCpu(seed: number, type: DrawnType = 'float32'): TorchCpu {
  const next = mt19937(seed)
  if (type === 'bfloat16') return inBfloat16(next)
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

/**
 * In bfloat16: uniforms from the low 8 bits of a draw, and every operation of Box and Muller rounded, so that
 * values agree to the last bit. Truncated normals are not replayed in this type (`replayFault`).
 */
function inBfloat16(next: Uint32Source): TorchCpu {
  const double = doubleNormals(next)
  const unit = (): number => (next() & 0xff) / 256
  const uniform: TorchCpu['uniform'] = (count, low, high) => {
    const from = toBfloat16(low)
    const width = toBfloat16(toBfloat16(high) - from)
    return Float32Array.from({ length: count }, () =>
      toBfloat16(Math.fround(unit() * width) + from),
    )
  }
  const normal: TorchCpu['normal'] = (count, mean, std) =>
    count < BLOCK
      ? Float32Array.from({ length: count }, () => toBfloat16(double() * std + mean))
      : blocksOf(count, unit, (out, at) => roundedBlock(out, at, { mean, std }))
  return {
    uniform,
    normal,
    truncatedNormal: (count) => new Float32Array(count),
  }
}

const word = new Float32Array(1)
const bits = new Uint32Array(word.buffer)

/** Nearest bfloat16, ties to even; through float32, as PyTorch converts. */
function toBfloat16(value: number): number {
  word[0] = value
  const pattern = bits[0] as number
  bits[0] = (pattern + 0x7fff + ((pattern >>> 16) & 1)) & 0xffff0000
  return word[0] as number
}

function roundedBlock(
  values: Float32Array,
  at: number,
  law: { readonly mean: number; readonly std: number },
): void {
  const [mean, std] = [toBfloat16(law.mean), toBfloat16(law.std)]
  const scaled = (value: number): number => toBfloat16(toBfloat16(value * std) + mean)
  for (let i = at; i < at + HALF; i++) {
    const logarithm = toBfloat16(Math.log(toBfloat16(1 - (values[i] as number))))
    const radius = toBfloat16(Math.sqrt(-2 * logarithm))
    const angle = toBfloat16(2 * Math.PI * (values[i + HALF] as number))
    values[i] = scaled(toBfloat16(radius * toBfloat16(Math.cos(angle))))
    values[i + HALF] = scaled(toBfloat16(radius * toBfloat16(Math.sin(angle))))
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
const blockNormals = (
  next: Uint32Source,
  law: { readonly count: number; readonly mean: number; readonly std: number },
): Float32Array =>
  blocksOf(
    law.count,
    () => unit24(next),
    (out, at) => transformBlock(out, at, law),
  )

function blocksOf(
  count: number,
  unit: () => number,
  transform: (values: Float32Array, at: number) => void,
): Float32Array {
  const out = Float32Array.from({ length: count }, unit)
  for (let at = 0; at + BLOCK <= count; at += BLOCK) transform(out, at)
  if (count % BLOCK !== 0) {
    const at = count - BLOCK
    for (let i = 0; i < BLOCK; i++) out[at + i] = unit()
    transform(out, at)
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
