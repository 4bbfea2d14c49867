/** A table of scales or zero points as it was read: entry (r, g) at r · rowStride + g · colStride. */
export type GridValues = {
  readonly values: Float32Array
  readonly rowStride: number
  readonly colStride: number
  /** Rows that share an entry; `firstRow` is the matrix row at which the table begins. */
  readonly rowBlock: number
  readonly firstRow: number
  /** Group of every column. */
  readonly groups: Int32Array
}

/**
 * Turns codes into values in place: factor · scale · (code − zero), rounded to float32 once (the
 * difference of codes is exact, products are formed in float64).
 *
 * `codes` is [rows, cols], row 0 being row `firstRow` of the matrix.
 */
export function applyAffine(
  codes: Float32Array,
  matrix: { readonly cols: number; readonly firstRow: number },
  terms: {
    readonly scales: GridValues
    readonly zeros: GridValues | number
    readonly factor: number
  },
): void {
  const { cols, firstRow } = matrix
  const { scales, zeros, factor } = terms
  const rows = cols === 0 ? 0 : codes.length / cols
  for (let i = 0; i < rows; i++) {
    const scaleRow = rowPlace(scales, firstRow + i)
    const zeroRow = typeof zeros === 'number' ? 0 : rowPlace(zeros, firstRow + i)
    for (let j = 0; j < cols; j++) {
      const scale = scales.values[scaleRow + scales.groups[j]! * scales.colStride]!
      const zero =
        typeof zeros === 'number'
          ? zeros
          : zeros.values[zeroRow + zeros.groups[j]! * zeros.colStride]!
      codes[i * cols + j] = scale * (codes[i * cols + j]! - zero) * factor
    }
  }
}

const rowPlace = (grid: GridValues, row: number): number =>
  (Math.floor(row / grid.rowBlock) - Math.floor(grid.firstRow / grid.rowBlock)) * grid.rowStride

/**
 * table[code] · scale[⌊k / block⌋] for elements k = first … of a flat run; `scales` begins with
 * the block of `first`. Codes of 4 bits begin with the high nibble, `first` must then be even.
 */
export function applyCodebook(
  bytes: Uint8Array,
  out: Float32Array,
  layout: {
    readonly bits: 4 | 8
    readonly first: number
    readonly blockElements: number
    readonly table: Float32Array
    readonly scales: Float32Array
  },
): void {
  const { bits, first, blockElements, table, scales } = layout
  const firstBlock = Math.floor(first / blockElements)
  for (let k = 0; k < out.length; k++) {
    const code = bits === 8 ? bytes[k]! : (bytes[k >> 1]! >> (k & 1 ? 0 : 4)) & 15
    out[k] = table[code]! * scales[Math.floor((first + k) / blockElements) - firstBlock]!
  }
}
