import { AppError, assert } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { Role } from '../../model/role.ts'
import type { TensorInfo } from '../../model/tensor.ts'
import { exactSum } from '../../numeric/exact-sum.ts'
import { dot, normSquared, rowDots, rowNormsSquared } from '../../numeric/kernels.ts'
import { type RowMatrix, rowMatrix, takeRows } from '../../numeric/row-matrix.ts'
import type { RowMeasurer, RowPairs } from '../../numeric/row-pairs.ts'
import { NonFiniteLog } from './non-finite.ts'
import type { RolePair } from './pairing.ts'
import { type RowRange, type RowSource, readRows } from './read-rows.ts'
import type { SignUnits } from './sign-units.ts'
import { measureStored, type StoredSide } from './stored-units.ts'
import { type Products, sketchSide, type UnitBatch } from './unit-batch.ts'
import type { SharedTokens } from './vocabulary.ts'

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
    source: { ...source, nonFinite },
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

const sideOf = (model: OpenModel, role: Role) => ({
  source: model.source,
  tensor: tensorOf(model, role),
  view: role.view,
})

type Sides = { readonly candidate: StoredSide; readonly reference: StoredSide }
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

/** Cosine of each row pair (0 where a row is zero) and the sums over all of them. */
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

function cosinesOf(pairs: Pick<RowPairs, 'products' | 'squaresA' | 'squaresB'>) {
  const { squaresA: aa, squaresB: bb } = pairs
  const products = { ab: exactSum(pairs.products), aa: exactSum(aa), bb: exactSum(bb) }
  const cosines = pairs.products.map((product, i) => {
    const scale = (aa[i] ?? 0) * (bb[i] ?? 0)
    return scale > 0 ? product / Math.sqrt(scale) : 0
  })
  return { cosines, products }
}

/**
 * Residual dimensions through embeddings: unit j is column j, c_j = cos(Â[:,j], B̂[:,j]) over rows
 * (tokens) that both have, each row scaled to unit length and each column centred. Row lengths do not change when a
 * column flips, so c_j is odd in column j.
 */
export async function measureResidual(
  candidate: OpenModel,
  reference: OpenModel,
  job: {
    readonly pair: RolePair
    readonly rows: number
    /** Where the vocabularies differ: rows of the same token in both; null where rows correspond. */
    readonly tokens: SharedTokens | null
  },
): Promise<{ readonly batch: UnitBatch; readonly columns: ColumnPair }> {
  const { pair } = job
  const [a, b] = await readTokens(candidate, reference, job)
  const columns = {
    candidate: transposeUnitRows(a, pair.cols),
    reference: transposeUnitRows(b, pair.cols),
    tokens: a.length / pair.cols,
  }
  const { cosines } = correlateRows(
    rowMatrix(columns.candidate, columns.tokens),
    rowMatrix(columns.reference, columns.tokens),
  )
  const members = Array.from({ length: pair.cols }, (_, j) => [j])
  return {
    columns,
    batch: {
      test: 'sign_residual',
      layer: null,
      expert: null,
      tensor: pair.candidate.tensor,
      correlations: cosines,
      // From the tables as stored: scaled rows would hide how much of one is in the other.
      products: { ab: dot(a, b), aa: normSquared(a), bb: normSquared(b) },
      candidate: sketchSide(columns.candidate, columns.tokens, members),
      reference: sketchSide(columns.reference, columns.tokens, members),
    },
  }
}

/** The same tokens of both tables: spread rows of equal number, or rows of equal token. */
async function readTokens(
  candidate: OpenModel,
  reference: OpenModel,
  job: { readonly pair: RolePair; readonly rows: number; readonly tokens: SharedTokens | null },
): Promise<readonly [Float32Array, Float32Array]> {
  const { pair, tokens } = job
  const read = async (model: OpenModel, role: Role, rows: readonly number[] | undefined) => {
    const whole = [{ first: 0, count: role.view.rows }]
    const ranges = rows ? whole : spreadRanges(pair.rows, job.rows)
    const values = await readRows(model.source, tensorOf(model, role), { view: role.view, ranges })
    if (!rows) return values
    const step = Math.max(1, Math.ceil(rows.length / job.rows))
    const chosen = rows.filter((_, index) => index % step === 0)
    return takeRows(rowMatrix(values, role.view.cols), chosen).data
  }
  return Promise.all([
    read(candidate, pair.candidate, tokens?.candidate),
    read(reference, pair.reference, tokens?.reference),
  ])
}

/** Columns of both embeddings as rows, [d, tokens]: features of the residual dimensions. */
export type ColumnPair = {
  readonly candidate: Float32Array
  readonly reference: Float32Array
  readonly tokens: number
}

/** `count` of `rows` rows in four evenly spaced runs: the first tokens alone are often bytes. */
function spreadRanges(rows: number, count: number): RowRange[] {
  if (count >= rows) return [{ first: 0, count: rows }]
  const runs = Math.min(4, count)
  return Array.from({ length: runs }, (_, run) => ({
    first: Math.floor((run * rows) / runs),
    count: Math.floor(((run + 1) * count) / runs) - Math.floor((run * count) / runs),
  }))
}

/** Rows scaled to unit length, as centred columns: [cols, rows]. In tiles, which stay in the cache. */
function transposeUnitRows(values: Float32Array, cols: number): Float32Array {
  const rows = values.length / cols
  const out = new Float32Array(values.length)
  const scales = new Float64Array(rows)
  for (let t = 0; t < rows; t++) {
    const squares = squaresInOrder(values, t * cols, (t + 1) * cols)
    if (squares > 0) scales[t] = 1 / Math.sqrt(squares)
  }
  for (let t = 0; t < rows; t += TILE_ROWS) {
    const endRow = Math.min(t + TILE_ROWS, rows)
    for (let j = 0; j < cols; j += TILE_COLUMNS) {
      const endColumn = Math.min(j + TILE_COLUMNS, cols)
      for (let k = j; k < endColumn; k++) {
        for (let u = t; u < endRow; u++) {
          out[k * rows + u] = (values[u * cols + k] as number) * (scales[u] as number)
        }
      }
    }
  }
  for (let j = 0; j < cols; j++) centre(out.subarray(j * rows, (j + 1) * rows))
  return out
}

const TILE_ROWS = 16
const TILE_COLUMNS = 64

function squaresInOrder(values: Float32Array, begin: number, end: number): number {
  let squares = 0
  for (let i = begin; i < end; i++) squares += (values[i] as number) ** 2
  return squares
}

/** Takes out what all tokens share, a direction that says little; odd like the column itself. */
function centre(values: Float32Array): void {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  const mean = sum / values.length
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - mean
}
