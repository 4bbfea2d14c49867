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
  [16, blocks('IQ2_XXS')],
  [17, blocks('IQ2_XS')],
  [18, blocks('IQ3_XXS')],
  [19, blocks('IQ1_S')],
  [20, blocks('IQ4_NL')],
  [21, blocks('IQ3_S')],
  [22, blocks('IQ2_S')],
  [23, blocks('IQ4_XS')],
  [24, plain('I8')],
  [25, plain('I16')],
  [26, plain('I32')],
  [27, plain('I64')],
  [28, plain('F64')],
  [29, blocks('IQ1_M')],
  [30, plain('BF16')],
  [34, blocks('TQ1_0')],
  [35, blocks('TQ2_0')],
  [39, blocks('MXFP4')],
  [40, blocks('NVFP4')],
  [41, blocks('Q1_0')],
  [42, blocks('Q2_0')],
])

export const ggmlType = (code: number): GgmlType | undefined => TYPES.get(code)

/** Elements and bytes of the smallest unit that is stored. */
export function unitOf(type: GgmlType): { readonly elements: number; readonly sizeBytes: number } {
  if (type.kind === 'plain') return { elements: 1, sizeBytes: DTYPE_SIZE_BYTES[type.dtype] }
  return type.kind === 'blocks' ? BLOCK_FORMATS[type.format] : type
}
