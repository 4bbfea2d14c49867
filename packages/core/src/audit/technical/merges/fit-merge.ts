import { normSquared } from '../../../numeric/kernels.ts'
import { choleskyFactor, choleskySolve } from '../../../stats/cholesky.ts'

/** Inner products of the differences from the first parent: what least squares needs, additive. */
export type MergeSums = {
  readonly parents: number
  /** Gram matrix of (x_i − x_0, i = 1…), row-major. */
  readonly gram: Float64Array
  /** ⟨y − x_0, x_i − x_0⟩. */
  readonly cross: Float64Array
  /** ‖y − x_0‖². */
  readonly total: number
  /** ‖y − x_i‖² for each parent alone. */
  readonly alone: Float64Array
}

export function mergeSums(y: Float32Array, parents: readonly Float32Array[]): MergeSums {
  const [first = new Float32Array(y.length), ...others] = parents
  const target = difference(y, first)
  const steps = others.map((x) => difference(x, first))
  const size = steps.length
  const gram = new Float64Array(size * size)
  const cross = new Float64Array(size)
  steps.forEach((a, i) => {
    cross[i] = inner(a, target)
    steps.forEach((b, j) => {
      gram[i * size + j] = inner(a, b)
    })
  })
  const alone = Float64Array.from(parents, (x) => normSquared(difference(y, x)))
  return { parents: parents.length, gram, cross, total: normSquared(target), alone }
}

const difference = (a: Float32Array, b: Float32Array): Float32Array =>
  a.map((value, i) => value - (b[i] ?? 0))

function inner(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

export function addSums(a: MergeSums, b: MergeSums): MergeSums {
  const add = (x: Float64Array, y: Float64Array) => x.map((value, i) => value + (y[i] ?? 0))
  return {
    parents: a.parents,
    gram: add(a.gram, b.gram),
    cross: add(a.cross, b.cross),
    total: a.total + b.total,
    alone: add(a.alone, b.alone),
  }
}

export type MergeFit = {
  /** One for each parent, adding up to one. */
  readonly weights: readonly number[]
  /** ‖y − Σ w_i x_i‖². */
  readonly residual: number
  /** Largest |correlation| between two differences from the first parent; null for two parents. */
  readonly collinearity: number | null
}

/**
 * Sum-to-one least squares: b minimises ‖y − x_0 − Σ b_i (x_i − x_0)‖, weights are (1 − Σb, b). Null
 * where the parents cannot be told apart (equal, or exactly collinear).
 */
export function fitMerge({ gram, cross, total, parents }: MergeSums): MergeFit | null {
  const size = parents - 1
  const factor = choleskyFactor(gram, size)
  if (!factor) return null
  const steps = choleskySolve(factor, cross)
  const explained = steps.reduce((sum, b, i) => sum + b * (cross[i] ?? 0), 0)
  return {
    weights: [1 - steps.reduce((sum, b) => sum + b, 0), ...steps],
    residual: Math.max(0, total - explained),
    collinearity: size > 1 ? largestCorrelation(gram, size) : null,
  }
}

function largestCorrelation(gram: Float64Array, size: number): number {
  let largest = 0
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const scale = Math.sqrt((gram[i * size + i] ?? 0) * (gram[j * size + j] ?? 0))
      if (scale > 0) largest = Math.max(largest, Math.abs((gram[i * size + j] ?? 0) / scale))
    }
  }
  return largest
}
