import type { Factor, Grid } from '../encoding.ts'
import type { StoredTensor } from '../stored-tensor.ts'
import { elementCount } from '../tensor.ts'

export const ONE: Factor = { value: 1, tensor: null, isDivisor: false }

/** Scales kept as [rows, groups]. */
export function rowGrid(
  tensor: StoredTensor,
  groups: number,
  block: { readonly colBlock: number; readonly rowBlock?: number },
): Grid {
  const { colBlock, rowBlock = 1 } = block
  return { tensor, rowBlock, colBlock, groupOfColumn: null, rowStride: groups, colStride: 1 }
}

/** Scales kept as [groups, rows]. */
export function columnGrid(
  tensor: StoredTensor,
  rows: number,
  group: { readonly colBlock: number; readonly groupOfColumn: StoredTensor | null },
): Grid {
  return { tensor, rowBlock: 1, ...group, rowStride: 1, colStride: rows }
}

/**
 * The table of scales of a [rows, cols] matrix, told from its shape: one for all, one for each
 * row, one for each run of columns, or one for each block of rows and columns. Undefined where the
 * shape fits none of these.
 */
export function gridFor(
  scales: StoredTensor,
  matrix: { readonly rows: number; readonly cols: number },
  blockShape: readonly [number, number] = [128, 128],
): Grid | undefined {
  const { rows, cols } = matrix
  const count = elementCount(scales.shape)
  const common = { tensor: scales, groupOfColumn: null }
  if (count === 1) {
    return { ...common, rowBlock: rows, colBlock: cols, rowStride: 0, colStride: 0 }
  }
  const [tableRows, tableCols] = tableShape(scales.shape, rows)
  if (tableRows === rows && cols % tableCols === 0) {
    return rowGrid(scales, tableCols, { colBlock: cols / tableCols })
  }
  const [rowBlock, colBlock] = blockShape
  const isBlocks =
    tableRows === Math.ceil(rows / rowBlock) && tableCols === Math.ceil(cols / colBlock)
  return isBlocks ? rowGrid(scales, tableCols, { rowBlock, colBlock }) : undefined
}

/** [rows] is one column; of more axes the last counts columns. */
function tableShape(shape: readonly number[], rows: number): readonly [number, number] {
  if (shape.length === 1) return shape[0] === rows ? [rows, 1] : [1, shape[0] ?? 1]
  return [elementCount(shape.slice(0, -1)), shape.at(-1) ?? 1]
}
