import { rowNormsSquared } from '../../../numeric/kernels.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'

/** Outside of these lengths float32 products may overflow or vanish. */
const LENGTH_MIN = 1e-15
const LENGTH_MAX = 1e15

/**
 * Products of rows with directions, every row taken as if it had length one: whoever rescales
 * single units chooses their lengths. The products are scaled rather than the rows, which are
 * longer; rows of unusual length are scaled beforehand. Zero rows stay zero. Each result depends on
 * its row alone, and a negated row gives exactly negated products.
 */
export function unitProducts(
  rows: RowMatrix,
  directions: RowMatrix,
  engine: MatrixEngine,
): RowMatrix {
  const lengths = rowNormsSquared(rows).map(Math.sqrt)
  const isUnusual = (length: number) => length > 0 && (length < LENGTH_MIN || length > LENGTH_MAX)
  const unusual = Array.from(lengths.keys()).filter((row) => isUnusual(lengths[row] ?? 0))
  const usual = unusual.length === 0 ? rows : { ...rows, data: rows.data.slice() }
  for (const row of unusual) {
    scaleRow(usual, row, 1 / (lengths[row] ?? 1))
    lengths[row] = 1
  }
  const products = engine.multiply(usual, directions)
  lengths.forEach((length, row) => {
    if (length > 0) scaleRow(products, row, 1 / length)
  })
  return products
}

function scaleRow({ data, columns }: RowMatrix, row: number, factor: number): void {
  for (let at = row * columns, end = at + columns; at < end; at++) {
    data[at] = (data[at] as number) * factor
  }
}
