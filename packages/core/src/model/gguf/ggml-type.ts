import { BLOCK_FORMATS, type BlockFormat } from '../../base/block-format.ts'
import { DTYPE_SIZE_BYTES, type Dtype } from '../../base/dtype.ts'

/** How the elements of a tensor of one ggml type are stored. */
export type GgmlType =
  | { readonly kind: 'plain'; readonly name: string; readonly dtype: Dtype }
  | { readonly kind: 'blocks'; readonly name: string; readonly format: BlockFormat }
  /** Sized, so that its place can be checked, but not decoded. */
  | {
      readonly kind: 'unread'
      readonly name: string
      readonly elements: number
      readonly sizeBytes: number
      readonly reason: string
    }

const plain = (dtype: Dtype): GgmlType => ({ kind: 'plain', name: dtype, dtype })
const blocks = (format: BlockFormat): GgmlType => ({ kind: 'blocks', name: format, format })
const unread = (name: string, elements: number, sizeBytes: number, reason: string): GgmlType => ({
  kind: 'unread',
  name,
  elements,
  sizeBytes,
  reason,
})

const LATTICE = 'its lattice tables are not part of this program'

/** Numbers of `enum ggml_type` (ggml.h). Numbers that are missing were withdrawn. */
const TYPES: ReadonlyMap<number, GgmlType> = new Map<number, GgmlType>([
  [0, plain('F32')],
  [1, plain('F16')],
  [2, blocks('Q4_0')],
  [3, blocks('Q4_1')],
  [6, blocks('Q5_0')],
  [7, blocks('Q5_1')],
  [8, blocks('Q8_0')],
  [9, unread('Q8_1', 32, 36, 'programs disagree about the length of its blocks')],
  [10, blocks('Q2_K')],
  [11, blocks('Q3_K')],
  [12, blocks('Q4_K')],
  [13, blocks('Q5_K')],
  [14, blocks('Q6_K')],
  [15, blocks('Q8_K')],
  [16, unread('IQ2_XXS', 256, 66, LATTICE)],
  [17, unread('IQ2_XS', 256, 74, LATTICE)],
  [18, unread('IQ3_XXS', 256, 98, LATTICE)],
  [19, unread('IQ1_S', 256, 50, LATTICE)],
  [20, blocks('IQ4_NL')],
  [21, unread('IQ3_S', 256, 110, LATTICE)],
  [22, unread('IQ2_S', 256, 82, LATTICE)],
  [23, blocks('IQ4_XS')],
  [24, plain('I8')],
  [25, plain('I16')],
  [26, plain('I32')],
  [27, plain('I64')],
  [28, plain('F64')],
  [29, unread('IQ1_M', 256, 56, LATTICE)],
  [30, plain('BF16')],
  [34, blocks('TQ1_0')],
  [35, blocks('TQ2_0')],
  [39, blocks('MXFP4')],
])

export const ggmlType = (code: number): GgmlType | undefined => TYPES.get(code)

/** Elements and bytes of the smallest unit that is stored. */
export function unitOf(type: GgmlType): { readonly elements: number; readonly sizeBytes: number } {
  if (type.kind === 'plain') return { elements: 1, sizeBytes: DTYPE_SIZE_BYTES[type.dtype] }
  return type.kind === 'blocks' ? BLOCK_FORMATS[type.format] : type
}
