import type { BlockFormat } from '../base/block-format.ts'
import type { Dtype } from '../base/dtype.ts'
import type { StoredTensor } from './stored-tensor.ts'

/**
 * How the stored bytes of a quantised tensor stand for its elements. The tensor itself has the
 * weight's own name and shape and the dtype F32, which is what its elements become; the tensors
 * that a quantiser put beside the codes (scales, zero points, tables) are kept here and are no
 * tensors of the model. docs/formats/quantised.md lists the formulas and their sources.
 */
export type Encoding =
  | { readonly kind: 'blocks'; readonly format: BlockFormat }
  | AffineEncoding
  | CodebookEncoding

/**
 * Element (i, j) of the matrix [rows, cols], where cols is the last axis of the shape and rows are
 * all others: factor · scale(i, j) · (code(i, j) − zero(i, j)).
 */
export type AffineEncoding = {
  readonly kind: 'affine'
  /** For reports: 'GPTQ 4-bit', 'FP8 128×128'. */
  readonly label: string
  readonly codes: CodeLayout
  readonly scales: Grid
  readonly zeros: ZeroPoints
  readonly factor: Factor
}

/** How codes lie in the storage of the tensor. */
export type CodeLayout =
  /** [rows, cols] of this type, read as numbers. */
  | { readonly kind: 'plain'; readonly dtype: Dtype }
  /** [rows, cols] in whole blocks, which have scales of their own. */
  | { readonly kind: 'blocks'; readonly format: BlockFormat }
  /** [rows, cols / 2]: E2M1, the first element in the low nibble. */
  | { readonly kind: 'float4' }
  /** [rows, words]: each row is a stream of 32-bit words filled from their low bits. */
  | { readonly kind: 'row_stream'; readonly bits: number }
  /** [words, rows]: each *column of storage* is such a stream; it runs along cols (GPTQ). */
  | { readonly kind: 'column_stream'; readonly bits: number }
  /** [cols, rows / 8]: words of eight nibbles along rows in AWQ's order. */
  | { readonly kind: 'awq' }

/** scale(i, j) is entry ⌊i / rowBlock⌋ · rowStride + group(j) · colStride of `tensor`. */
export type Grid = {
  readonly tensor: StoredTensor
  readonly rowBlock: number
  /** group(j) = ⌊j / colBlock⌋, unless the quantiser lists the group of every column. */
  readonly colBlock: number
  readonly groupOfColumn: StoredTensor | null
  readonly rowStride: number
  readonly colStride: number
}

export type ZeroPoints =
  | { readonly kind: 'constant'; readonly value: number }
  /** Stored like the scales; `plus` is what codes are moved by. */
  | { readonly kind: 'grid'; readonly grid: Grid; readonly plus: number }
  /** [words, groups]: streams along rows, one for each group (compressed-tensors). */
  | { readonly kind: 'column_stream'; readonly tensor: StoredTensor; readonly bits: number }
  /** [groups, words]: streams along rows; GPTQ's first version stores one less than it means. */
  | {
      readonly kind: 'stream'
      readonly tensor: StoredTensor
      readonly bits: number
      readonly plus: 0 | 1
    }
  /** [rows, bytes]: the groups of each row as a stream of bytes filled from their low bits (ONNX). */
  | { readonly kind: 'row_bytes'; readonly tensor: StoredTensor; readonly bits: 2 | 4 | 8 }
  /** [groups, rows / 8] in AWQ's order. */
  | { readonly kind: 'awq'; readonly tensor: StoredTensor }

/** A number that multiplies the whole tensor: `value`, times or divided by a stored scalar. */
export type Factor = {
  readonly value: number
  readonly tensor: StoredTensor | null
  readonly isDivisor: boolean
}

/**
 * bitsandbytes: element k in storage order is table[code k] · absmax[⌊k / blockElements⌋]. Codes of
 * 4 bits begin with the high nibble.
 */
export type CodebookEncoding = {
  readonly kind: 'codebook'
  readonly label: string
  readonly bits: 4 | 8
  readonly blockElements: number
  readonly table: StoredTensor
  readonly absmax: StoredTensor
  /** Where absmax is quantised itself: nestedTable[absmax] · nestedAbsmax[⌊·/n⌋] + offset. */
  readonly nested: {
    readonly blockElements: number
    readonly table: StoredTensor
    readonly absmax: StoredTensor
    readonly offset: number
  } | null
}
