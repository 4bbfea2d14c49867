import type { Role } from '../../../model/role.ts'
import { scaleColumns } from '../../../numeric/column-maps.ts'
import { type RowMatrix, rowMatrix, takeRows } from '../../../numeric/row-matrix.ts'
import { type OpenModel, tensorOf } from '../measure-signs.ts'
import { readRows } from '../read-rows.ts'
import { hasPlainRows, readScattered } from '../read-scattered.ts'

/** A matrix of a model, read in pieces, so that a large one is never held as a whole. */
export type RowSource = {
  readonly rows: number
  readonly columns: number
  /** These rows in this order. */
  readonly take: (chosen: readonly number[]) => Promise<RowMatrix>
  /** All rows in ascending order, some at a time; what is shown may be neither kept nor changed. */
  readonly visit: (see: (piece: RowMatrix, first: number) => void) => Promise<void>
}

/** Values that are read and converted at once: 64 MiB. */
const PIECE_VALUES = 2 ** 24
/** A matrix up to this size is read once and kept. */
export const HELD_VALUES = 2 ** 22

/** `factors`, where given, multiply the columns. */
export function rowSource(
  model: OpenModel,
  role: Role,
  factors: Float32Array | null = null,
): RowSource {
  const { rows, cols: columns } = role.view
  const folded = (values: Float32Array): RowMatrix => {
    const matrix = rowMatrix(values, columns)
    if (factors) scaleColumns(matrix, factors)
    return matrix
  }
  const tensor = tensorOf(model, role)
  const read = async (first: number, count: number): Promise<RowMatrix> =>
    folded(await readRows(model.source, tensor, { view: role.view, ranges: [{ first, count }] }))
  if (rows * columns <= HELD_VALUES) return keptSource({ rows, columns }, () => read(0, rows))
  const step = Math.max(1, Math.floor(PIECE_VALUES / columns))
  const visit: RowSource['visit'] = async (see) => {
    for (let first = 0; first < rows; first += step) {
      see(await read(first, Math.min(step, rows - first)), first)
    }
  }
  if (!hasPlainRows(tensor, role.view)) {
    // Stored by columns, or packed: a piece would cost as much reading as all of it.
    return {
      rows,
      columns,
      take: async (chosen) => takeRows(await read(0, rows), chosen),
      visit: async (see) => see(await read(0, rows), 0),
    }
  }
  return { rows, columns, take: scatteredRows(model, role, { factors }), visit }
}

/** Single rows and no byte between them, however small the matrix; null where that cannot be done. */
export function sparseRows(
  model: OpenModel,
  role: Role,
  factors: Float32Array | null = null,
): Pick<RowSource, 'columns' | 'take'> | null {
  if (!hasPlainRows(tensorOf(model, role), role.view)) return null
  return { columns: role.view.cols, take: scatteredRows(model, role, { factors, gapBytes: 0 }) }
}

function scatteredRows(
  model: OpenModel,
  role: Role,
  { factors, ...gap }: { readonly factors: Float32Array | null; readonly gapBytes?: number },
): RowSource['take'] {
  const { view } = role
  return async (chosen) => {
    const ascending = chosen.toSorted((x, y) => x - y)
    const options = { view, rows: ascending, ...gap }
    const values = await readScattered(model.source, tensorOf(model, role), options)
    const matrix = rowMatrix(values, view.cols)
    if (factors) scaleColumns(matrix, factors)
    const place = new Map(ascending.map((row, at) => [row, at]))
    return takeRows(
      matrix,
      chosen.map((row) => place.get(row) ?? 0),
    )
  }
}

function keptSource(
  size: Pick<RowSource, 'rows' | 'columns'>,
  read: () => Promise<RowMatrix>,
): RowSource {
  let kept: Promise<RowMatrix> | null = null
  const matrix = () => {
    kept ??= read()
    return kept
  }
  return {
    ...size,
    take: async (chosen) => takeRows(await matrix(), chosen),
    visit: async (see) => see(await matrix(), 0),
  }
}

/** Columns as rows: [chosen, rows of the source]. */
export async function takeColumns(
  source: RowSource,
  chosen: readonly number[],
): Promise<RowMatrix> {
  const width = source.rows
  const data = new Float32Array(chosen.length * width)
  await source.visit((piece, first) => {
    for (let i = 0; i < piece.rows; i++) {
      const row = i * piece.columns
      for (let c = 0; c < chosen.length; c++) {
        data[c * width + first + i] = piece.data[row + (chosen[c] as number)] as number
      }
    }
  })
  return { data, rows: chosen.length, columns: width }
}

/** All of it, for matrices known to be small; may not be changed. */
export async function readWhole({ rows, columns, visit }: RowSource): Promise<RowMatrix> {
  let whole: RowMatrix | null = null
  await visit((piece, first) => {
    if (piece.rows === rows) {
      whole = piece
      return
    }
    whole ??= rowMatrix(new Float32Array(rows * columns), columns)
    whole.data.set(piece.data, first * columns)
  })
  return whole ?? rowMatrix(new Float32Array(0), columns)
}
