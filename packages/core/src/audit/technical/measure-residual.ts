import { type RowMatrix, rowMatrix, rowOf, takeRows } from '../../numeric/row-matrix.ts'
import type { RowMeasurer } from '../../numeric/row-measurer.ts'
import { cosinesOf, type OpenModel, sideOf } from './measure-signs.ts'
import type { RolePair } from './pairing.ts'
import { type RowRange, readRows } from './read-rows.ts'
import { measureMatrices, measureSpans, type StoredSide } from './stored-units.ts'
import { type SideSketch, SKETCH_UNITS, SketchedRows, type UnitBatch } from './unit-batch.ts'
import type { SharedTokens } from './vocabulary.ts'

type ResidualJob = {
  readonly pair: RolePair
  readonly rows: number
  /** Where the vocabularies differ: rows of the same token in both; null where rows correspond. */
  readonly tokens: SharedTokens | null
  readonly measurer: RowMeasurer
}

/** Columns of both embeddings as rows, [d, tokens]: features of the residual dimensions. */
export type ColumnPair = {
  readonly candidate: Float32Array
  readonly reference: Float32Array
  readonly tokens: number
  /** E x⁴ / (E x²)² over all entries of either; 3 for normal numbers, 0 where all are zero. */
  readonly kurtosis: { readonly candidate: number; readonly reference: number }
}

/**
 * Residual dimensions through embeddings: unit j is column j, c_j = cos(Â[:,j], B̂[:,j]) over rows
 * (tokens) that both have, each row scaled to unit length and each column centred. Row lengths do not change when a
 * column flips, so c_j is odd in column j.
 */
export async function measureResidual(
  candidate: OpenModel,
  reference: OpenModel,
  job: ResidualJob,
): Promise<{ readonly batch: UnitBatch; readonly columns: ColumnPair }> {
  const { pair, measurer, tokens } = job
  const ranges = spreadRanges(pair.rows, job.rows)
  const [a, b] = [
    { ...sideOf(candidate, pair.candidate), ranges },
    { ...sideOf(reference, pair.reference), ranges },
  ]
  const count = tokens ? tokensRead(tokens.candidate, job.rows) : rowCount(ranges)
  const axes = measurer.axes({ rows: count, columns: pair.cols })
  const see: Parameters<typeof measureSpans>[2] = (rows, { first }, found) => {
    axes.add(0, rows[0], { first, squares: found.squaresA })
    axes.add(1, rows[1], { first, squares: found.squaresB })
  }
  const stored = tokens ? null : await measureSpans(measurer, [a, b], see)
  const rows =
    stored ??
    measureMatrices(
      measurer,
      await Promise.all([
        readTokens(a, job, tokens?.candidate),
        readTokens(b, job, tokens?.reference),
      ]),
      see,
    )
  const { tables, pairs, kurtosis } = axes.measure()
  return {
    columns: {
      candidate: tables[0].data,
      reference: tables[1].data,
      tokens: count,
      kurtosis: { candidate: kurtosis[0], reference: kurtosis[1] },
    },
    batch: {
      test: 'sign_residual',
      layer: null,
      expert: null,
      tensor: pair.candidate.tensor,
      correlations: cosinesOf(pairs).cosines,
      // From the tables as stored: scaled rows would hide how much of one is in the other.
      products: cosinesOf(rows).products,
      candidate: sketchOf(tables[0], pairs.signsA),
      reference: sketchOf(tables[1], pairs.signsB),
    },
  }
}

function sketchOf(axes: RowMatrix, signs: Uint8Array): SideSketch {
  const sketch = new SketchedRows(axes.rows, axes.columns)
  for (let j = 0; j < Math.min(axes.rows, SKETCH_UNITS); j++) sketch.set(j, rowOf(axes, j))
  return sketch.withSigns(signs)
}

const rowCount = (ranges: readonly RowRange[]): number =>
  ranges.reduce((sum, { count }) => sum + count, 0)

/** Of many tokens every so many. */
const stepOf = (tokens: readonly number[], rows: number): number =>
  Math.max(1, Math.ceil(tokens.length / rows))

const tokensRead = (tokens: readonly number[], rows: number): number =>
  Math.ceil(tokens.length / stepOf(tokens, rows))

/** The same tokens of either table: spread rows of equal number, or rows of equal token. */
async function readTokens(
  { source, tensor, view, ranges }: StoredSide,
  job: ResidualJob,
  rows: readonly number[] | undefined,
): Promise<RowMatrix> {
  const whole = [{ first: 0, count: view.rows }]
  const values = await readRows(source, tensor, { view, ranges: rows ? whole : ranges })
  const matrix = rowMatrix(values, view.cols)
  if (!rows) return matrix
  const step = stepOf(rows, job.rows)
  return takeRows(
    matrix,
    rows.filter((_, index) => index % step === 0),
  )
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
