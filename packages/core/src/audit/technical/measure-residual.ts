import { type RowMatrix, rowMatrix, rowOf, takeRows } from '../../numeric/row-matrix.ts'
import type { RowMeasurer, StoredRows } from '../../numeric/row-pairs.ts'
import { cosinesOf, type OpenModel, sideOf } from './measure-signs.ts'
import type { RolePair } from './pairing.ts'
import { type RowRange, readRows } from './read-rows.ts'
import { measureMatrices, measureSpans, type StoredSide } from './stored-units.ts'
import { SKETCH_UNITS, SketchedRows, type UnitBatch } from './unit-batch.ts'
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
  const axes = [new Axes(measurer), new Axes(measurer)] as const
  const see: Parameters<typeof measureSpans>[2] = (rows, { first }, found) => {
    axes[0].add(rows[0], first, found.squaresA)
    axes[1].add(rows[1], first, found.squaresB)
  }
  const stored = tokens ? null : await measureSpans(measurer, [a, b], see)
  const pairs =
    stored ??
    measureMatrices(
      measurer,
      await Promise.all([
        readTokens(a, job, tokens?.candidate),
        readTokens(b, job, tokens?.reference),
      ]),
      see,
    )
  const [own, other] = [axes[0].centred(), axes[1].centred()]
  return {
    columns: { candidate: own.data, reference: other.data, tokens: own.columns },
    batch: {
      test: 'sign_residual',
      layer: null,
      expert: null,
      tensor: pair.candidate.tensor,
      ...correlateAxes(measurer, own, other),
      // From the tables as stored: scaled rows would hide how much of one is in the other.
      products: cosinesOf(pairs).products,
    },
  }
}

function correlateAxes(
  measurer: RowMeasurer,
  a: RowMatrix,
  b: RowMatrix,
): Pick<UnitBatch, 'correlations' | 'candidate' | 'reference'> {
  const pairs = measureMatrices(measurer, [a, b])
  const sketchOf = (axes: RowMatrix, signs: Uint8Array) => {
    const sketch = new SketchedRows(axes.rows, axes.columns)
    for (let j = 0; j < Math.min(axes.rows, SKETCH_UNITS); j++) sketch.set(j, rowOf(axes, j))
    return sketch.withSigns(signs)
  }
  return {
    correlations: cosinesOf(pairs).cosines,
    candidate: sketchOf(a, pairs.signsA),
    reference: sketchOf(b, pairs.signsB),
  }
}

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
  const step = Math.max(1, Math.ceil(rows.length / job.rows))
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

/** Rows of one table, each scaled to unit length, gathered as centred columns. */
class Axes {
  readonly #measurer: RowMeasurer
  readonly #blocks: { readonly columns: Float32Array; readonly rows: number }[] = []
  #sums = new Float64Array(0)

  constructor(measurer: RowMeasurer) {
    this.#measurer = measurer
  }

  /** Rows from number `first` on; 0 begins anew. */
  add(rows: StoredRows, first: number, squares: Float64Array): void {
    const { columns } = rows
    if (first === 0) {
      this.#blocks.length = 0
      this.#sums = new Float64Array(columns)
    }
    const scales = squares.map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0))
    const block = this.#measurer.columns(rows, { columns, scales, sums: this.#sums })
    this.#blocks.push({ columns: block.slice(), rows: scales.length })
  }

  /** [columns, rows]: what all tokens share is taken out, a direction that says little; odd like the column itself. */
  centred(): RowMatrix {
    const rows = this.#blocks.reduce((sum, block) => sum + block.rows, 0)
    const data = new Float32Array(rows * this.#sums.length)
    let first = 0
    for (const { columns, rows: count } of this.#blocks) {
      this.#sums.forEach((sum, j) => {
        const mean = sum / rows
        const end = (j + 1) * count
        for (let from = j * count, to = j * rows + first; from < end; from++, to++) {
          data[to] = (columns[from] as number) - mean
        }
      })
      first += count
    }
    return { data, rows: this.#sums.length, columns: rows }
  }
}
