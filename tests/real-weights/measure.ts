import { openCheckpoint } from '../../packages/core/node/checkpoint/open-checkpoint.ts'
import { type TfjsModel, weightValues } from './tfjs-model.ts'

/** A tensor ready to be measured. */
export type Measured = {
  readonly name: string
  readonly shape: readonly number[]
  /** Row-major, decoded at every call. */
  readonly values: () => Float32Array
}

export type Match = {
  readonly name: string
  readonly shape: readonly number[]
  readonly other: string
  readonly correlation: number
}

export type Summary = {
  readonly tensors: number
  /** Mean of the correlations, weighted by element counts. */
  readonly weighted: number
  /** The same over absolute values. */
  readonly weightedAbsolute: number
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Float weights with at least `minElements` numbers; smaller ones correlate by luck. */
export const measuredWeights = (model: TfjsModel, minElements = 64): Measured[] =>
  [...model.weights.values()]
    .filter(({ dtype, shape }) => dtype === 'float32' && elements(shape) >= minElements)
    .map((weight) => ({
      name: weight.name,
      shape: weight.shape,
      values: () => weightValues(weight),
    }))

const STORED = { F32: 'float32', F16: 'float16' } as const

/** The same of an ONNX or safetensors file, through the product's own reader. */
export const measuredFile = async (path: string, minElements = 64): Promise<Measured[]> => {
  const source = await openCheckpoint(path)
  try {
    const measured: Measured[] = []
    for (const tensor of source.checkpoint.tensors) {
      const { name, shape, dtype } = tensor
      if ((dtype !== 'F32' && dtype !== 'F16') || elements(shape) < minElements) continue
      const size = elements(shape) * (dtype === 'F32' ? 4 : 2)
      const bytes = new Uint8Array(await source.readBytes(tensor, 0, size))
      const weight = {
        name,
        shape,
        dtype: 'float32',
        stored: STORED[dtype],
        affine: undefined,
        bytes,
      } as const
      measured.push({ name, shape, values: () => weightValues(weight) })
    }
    return measured
  } finally {
    await source.close()
  }
}

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Pearson's r, in two passes over doubles; undefined if one side is constant. */
export const pearson = (a: Float32Array, b: Float32Array): number | undefined =>
  correlate(spread(a), spread(b))

type Spread = { readonly values: Float32Array; readonly mean: number; readonly norm: number }

const spread = (values: Float32Array): Spread => {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { values, mean, norm: Math.sqrt(squares) }
}

const correlate = (a: Spread, b: Spread): number | undefined => {
  const { length } = a.values
  if (length !== b.values.length) throw new Error(`${length} numbers beside ${b.values.length}`)
  if (a.norm === 0 || b.norm === 0) return undefined
  let product = 0
  for (let i = 0; i < length; i++) product += (a.values[i]! - a.mean) * (b.values[i]! - b.mean)
  return product / (a.norm * b.norm)
}

const shapeKey = ({ shape }: Measured): string => shape.join()

type Candidate = Spread & { readonly tensor: Measured }

const candidate = (tensor: Measured): Candidate => ({ tensor, ...spread(tensor.values()) })

const matchPair = (a: Candidate, b: Candidate): Match[] => {
  const correlation = correlate(a, b)
  if (correlation === undefined) return []
  return [{ name: a.tensor.name, shape: a.tensor.shape, other: b.tensor.name, correlation }]
}

/** Tensors of one name and shape in both. */
export const matchByName = (a: readonly Measured[], b: readonly Measured[]): Match[] => {
  const byName = new Map(b.map((tensor) => [tensor.name, tensor]))
  return a.flatMap((tensor) => {
    const other = byName.get(tensor.name)
    return other === undefined || shapeKey(other) !== shapeKey(tensor)
      ? []
      : matchPair(candidate(tensor), candidate(other))
  })
}

/** For each tensor of `a` the tensor of `b` of that shape with the largest |r|. */
export const matchByContent = (a: readonly Measured[], b: readonly Measured[]): Match[] => {
  const wantedShapes = new Set(a.map(shapeKey))
  const comparable = b.filter((tensor) => wantedShapes.has(shapeKey(tensor)))
  const byShape = Map.groupBy(comparable.map(candidate), ({ tensor }) => shapeKey(tensor))
  return a.flatMap((tensor) => {
    const others = byShape.get(shapeKey(tensor))
    if (others === undefined) return []
    const wanted = candidate(tensor)
    const matches = others.flatMap((other) => matchPair(wanted, other))
    matches.sort((x, y) => Math.abs(y.correlation) - Math.abs(x.correlation))
    return matches.slice(0, 1)
  })
}

/** Median, min and max are of |r|. */
export const summarise = (matches: readonly Match[]): Summary => {
  const size = ({ shape }: Match) => elements(shape)
  const total = matches.reduce((sum, match) => sum + size(match), 0)
  const mean = (value: (match: Match) => number) =>
    matches.reduce((sum, match) => sum + size(match) * value(match), 0) / total
  const sorted = matches.map(({ correlation }) => Math.abs(correlation)).sort((a, b) => a - b)
  return {
    tensors: matches.length,
    weighted: mean(({ correlation }) => correlation),
    weightedAbsolute: mean(({ correlation }) => Math.abs(correlation)),
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  }
}
