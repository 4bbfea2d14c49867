import { AppError, assert } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { Role } from '../../model/role.ts'
import type { TensorInfo } from '../../model/tensor.ts'
import { exactSum } from '../../numeric/exact-sum.ts'
import { rowDots, rowNormsSquared } from '../../numeric/kernels.ts'
import { RoomPool } from '../../numeric/room-pool.ts'
import { type RowMatrix, rowMatrix, takeRows } from '../../numeric/row-matrix.ts'
import type { RowMeasurer } from '../../numeric/row-measurer.ts'
import type { RowPairs } from '../../numeric/row-pairs.ts'
import { NonFiniteLog } from './non-finite.ts'
import type { RolePair } from './pairing.ts'
import { type RowSource, readRows } from './read-rows.ts'
import type { SignUnits } from './sign-units.ts'
import { measureStored, type StoredUnits } from './stored-units.ts'
import { type Products, sketchSide, type UnitBatch } from './unit-batch.ts'

/** One model with its tensors by name. */
export type OpenModel = {
  readonly source: RowSource
  /** What of it is no number; tests leave that out. */
  readonly nonFinite: NonFiniteLog
  readonly tensors: ReadonlyMap<string, TensorInfo>
}

export function openModel(source: TensorSource): OpenModel {
  const nonFinite = new NonFiniteLog()
  return {
    source: { ...source, nonFinite, rooms: new RoomPool() },
    nonFinite,
    tensors: new Map(source.checkpoint.tensors.map((tensor) => [tensor.name, tensor])),
  }
}

export function tensorOf(model: OpenModel, role: Role): TensorInfo {
  const tensor = model.tensors.get(role.tensor)
  if (tensor) return tensor
  throw new AppError('CHECKPOINT_INVALID', `tensor ${role.tensor} is named but not stored`)
}

/** Reads the units of one pair of matrices from both models and correlates them. */
export async function measureUnits(
  candidate: OpenModel,
  reference: OpenModel,
  job: { readonly pair: RolePair; readonly units: SignUnits; readonly measurer: RowMeasurer },
): Promise<UnitBatch> {
  const { pair, units } = job
  const sides = {
    candidate: {
      ...sideOf(candidate, pair.candidate),
      ranges: units.candidateRanges,
      members: units.candidateMembers,
    },
    reference: {
      ...sideOf(reference, pair.reference),
      ranges: units.referenceRanges,
      members: units.referenceMembers,
    },
  }
  return {
    test: units.test,
    layer: pair.candidate.layer,
    expert: pair.candidate.expert,
    tensor: pair.candidate.tensor,
    ...((await correlateStored(job.measurer, sides)) ?? (await correlateDecoded(sides))),
  }
}

export const sideOf = (model: OpenModel, role: Role) => ({
  source: model.source,
  tensor: tensorOf(model, role),
  view: role.view,
})

type Sides = { readonly candidate: StoredUnits; readonly reference: StoredUnits }
type Correlated = Pick<UnitBatch, 'correlations' | 'products' | 'candidate' | 'reference'>

async function correlateStored(measurer: RowMeasurer, sides: Sides): Promise<Correlated | null> {
  const measured = await measureStored(measurer, sides)
  if (!measured) return null
  const { pairs, candidate, reference } = measured
  const { cosines, products } = cosinesOf(pairs)
  const correlations = unitMeans(cosines, sides.candidate.members)
  return { correlations, products, candidate, reference }
}

async function correlateDecoded({ candidate, reference }: Sides): Promise<Correlated> {
  const [a, b] = await Promise.all(
    [candidate, reference].map((side) => readRows(side.source, side.tensor, side)),
  )
  assert(a !== undefined && b !== undefined, 'two sides')
  const { cols } = candidate.view
  const { cosines, products } = correlateRows(
    inUnitOrder(a, cols, candidate.members),
    inUnitOrder(b, cols, reference.members),
  )
  let at = 0
  const places = candidate.members.map((rows) => rows.map(() => at++))
  return {
    correlations: unitMeans(cosines, places),
    products,
    candidate: sketchSide(a, cols, candidate.members),
    reference: sketchSide(b, cols, reference.members),
  }
}

/** Mean cosine of each unit's rows, which stand at these places. */
function unitMeans(cosines: Float64Array, units: SignUnits['candidateMembers']): Float64Array {
  return Float64Array.from(units, (places) => {
    let sum = 0
    for (const at of places) sum += cosines[at] ?? 0
    return sum / places.length
  })
}

/** Rows in the order in which units list them; the rows themselves when that is their order. */
function inUnitOrder(
  values: Float32Array,
  cols: number,
  members: SignUnits['candidateMembers'],
): RowMatrix {
  const order = members.flat()
  const matrix = rowMatrix(values, cols)
  return order.every((row, index) => row === index) ? matrix : takeRows(matrix, order)
}

function correlateRows(
  a: RowMatrix,
  b: RowMatrix,
): { readonly cosines: Float64Array; readonly products: Products } {
  return cosinesOf({
    products: rowDots(a, b),
    squaresA: rowNormsSquared(a),
    squaresB: rowNormsSquared(b),
  })
}

/** Cosine of each row pair (0 where a row is zero) and the sums over all of them. */
export function cosinesOf(pairs: Pick<RowPairs, 'products' | 'squaresA' | 'squaresB'>) {
  const { squaresA: aa, squaresB: bb } = pairs
  const products = { ab: exactSum(pairs.products), aa: exactSum(aa), bb: exactSum(bb) }
  const cosines = pairs.products.map((product, i) => {
    const scale = (aa[i] ?? 0) * (bb[i] ?? 0)
    return scale > 0 ? product / Math.sqrt(scale) : 0
  })
  return { cosines, products }
}
