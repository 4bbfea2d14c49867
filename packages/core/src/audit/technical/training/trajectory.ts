import { AppError } from '../../../base/errors.ts'
import type { TensorSource } from '../../../model/checkpoint.ts'
import type { MatrixView } from '../../../model/role.ts'
import { elementCount, type TensorInfo } from '../../../model/tensor.ts'
import { dot } from '../../../numeric/kernels.ts'
import { type RowRange, readRows } from '../read-rows.ts'

/**
 * Inner products of checkpoints over the same elements: everything about slopes, lengths and angles
 * of a path follows from them. `gram[i][j]` = Σ θ_i·θ_j over `elements` elements, in float64.
 */
export type Trajectory = {
  readonly gram: readonly Float64Array[]
  readonly elements: number
  /** Relative rounding of the coarsest type that a value is stored in. */
  readonly rounding: number
}

export type Kind = 'matrices' | 'vectors'

/** Elements read of one tensor, in four evenly spaced runs of rows. */
const ELEMENTS_PER_TENSOR = 65_536
const RUNS = 4

/** Tensors that every checkpoint has at one shape, floating point, in the order of their names. */
export function sharedTensors(sources: readonly TensorSource[], kind: Kind): string[] {
  const [first, ...rest] = sources.map(
    (source) => new Map(source.checkpoint.tensors.map((tensor) => [tensor.name, tensor])),
  )
  const shapeOf = (tensor: TensorInfo | undefined): string => tensor?.shape.join('x') ?? ''
  return [...(first ?? new Map<string, TensorInfo>()).values()]
    .filter((tensor) => (kind === 'matrices') === tensor.shape.length >= 2)
    .filter((tensor) => elementCount(tensor.shape) > 1 && /^(F|BF)/.test(tensor.dtype))
    .filter((tensor) => rest.every((other) => shapeOf(other.get(tensor.name)) === shapeOf(tensor)))
    .map((tensor) => tensor.name)
}

/**
 * Reads the same elements of every checkpoint. Products of places i ≥ j that are not wanted are NaN: of a
 * thousand checkpoints only a few thousand of the half million are. Throws AppError UNREADABLE, VALUE_INVALID.
 */
export async function measureTrajectory(
  sources: readonly TensorSource[],
  kind: Kind,
  isWanted: (i: number, j: number) => boolean = () => true,
): Promise<Trajectory> {
  const gram = sources.map((_, i) =>
    Float64Array.from(sources, (_, j) =>
      isWanted(Math.max(i, j), Math.min(i, j)) ? 0 : Number.NaN,
    ),
  )
  let elements = 0
  let rounding = 0
  for (const name of sharedTensors(sources, kind)) {
    const points: Float32Array[] = []
    for (const source of sources) {
      const values = await sampleTensor(source, name)
      points.push(values)
      rounding = Math.max(rounding, roundingOf(tensorNamed(source, name).dtype, values))
    }
    elements += points[0]?.length ?? 0
    addProducts(gram, points)
  }
  return { gram, elements, rounding }
}

function addProducts(gram: readonly Float64Array[], points: readonly Float32Array[]): void {
  for (const [i, row] of gram.entries()) {
    for (let j = 0; j <= i; j++) {
      if (Number.isNaN(row[j])) continue
      row[j] = (row[j] as number) + dot(points[i] as Float32Array, points[j] as Float32Array)
      ;(gram[j] as Float64Array)[i] = row[j] as number
    }
  }
}

const ROUNDING: Readonly<Record<string, number>> = { F64: 2 ** -24, F32: 2 ** -24, F16: 2 ** -11 }
const COARSEST = 2 ** -9

/** Half a unit in the last place; float32 that holds nothing but bfloat16 values is bfloat16. */
function roundingOf(dtype: string, values: Float32Array): number {
  return !isConstant(values) && isBfloat16(values) ? COARSEST : (ROUNDING[dtype] ?? COARSEST)
}

/** Whether every value is one that bfloat16 can hold. */
export function isBfloat16(values: Float32Array): boolean {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  return words.every((word) => (word & 0xffff) === 0)
}

/** The sampled elements of one tensor, equal places for equal shapes; whole rows. */
export async function sampleTensor(
  source: TensorSource,
  name: string,
  options: { readonly rows?: number } = {},
): Promise<Float32Array> {
  const tensor = tensorNamed(source, name)
  const view = wholeView(tensor)
  const rows = options.rows ?? Math.max(1, Math.floor(ELEMENTS_PER_TENSOR / view.cols))
  try {
    return await readRows(source, tensor, { view, ranges: spreadRows(view, rows) })
  } catch (error) {
    // A record has many checkpoints of one shape: say in which of them the value stands.
    if (!(error instanceof AppError) || error.code !== 'VALUE_INVALID') throw error
    const { hint } = error
    const message = `${source.checkpoint.id}: ${error.message}`
    throw new AppError(error.code, message, { cause: error, ...(hint ? { hint } : {}) })
  }
}

export const isConstant = (values: Float32Array): boolean =>
  values.every((value) => value === values[0])

export function tensorNamed(source: TensorSource, name: string): TensorInfo {
  const found = source.checkpoint.tensors.find((tensor) => tensor.name === name)
  if (!found) throw new RangeError(`no tensor ${name}`)
  return found
}

/** A tensor as rows of its last dimensions; a vector is one column. */
export function wholeView(tensor: TensorInfo): MatrixView {
  const rows = tensor.shape[0] ?? 1
  const cols = elementCount(tensor.shape) / Math.max(1, rows)
  return { rows, cols, offset: 0, rowStep: cols, colStep: 1, segments: [{ first: 0, count: rows }] }
}

function spreadRows({ rows }: MatrixView, wanted: number): RowRange[] {
  if (wanted >= rows) return [{ first: 0, count: rows }]
  const runs = Math.min(RUNS, wanted)
  return Array.from({ length: runs }, (_, run) => ({
    first: Math.floor((run * rows) / runs),
    count: Math.floor(((run + 1) * wanted) / runs) - Math.floor((run * wanted) / runs),
  }))
}

/** ⟨θ_a − θ_b, θ_c − θ_d⟩. */
export function productOfSteps(
  { gram }: Trajectory,
  [a, b]: readonly [number, number],
  [c, d]: readonly [number, number],
): number {
  const at = (i: number, j: number): number => gram[i]?.[j] ?? 0
  return at(a, c) - at(a, d) - at(b, c) + at(b, d)
}

/** Root mean square of θ_to − θ_from per element. */
export function stepRms(trajectory: Trajectory, from: number, to: number): number {
  const square = productOfSteps(trajectory, [to, from], [to, from])
  return Math.sqrt(Math.max(0, square) / Math.max(1, trajectory.elements))
}

/** ⟨θ_0, θ_i⟩ / ⟨θ_0, θ_0⟩: how much of the start is in point i. */
export const slopeOnStart = ({ gram }: Trajectory, i: number): number | null => {
  const own = gram[0]?.[0] ?? 0
  return own > 0 ? (gram[0]?.[i] ?? 0) / own : null
}
