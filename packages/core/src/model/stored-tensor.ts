import type { Dtype } from '../base/dtype.ts'

/** Where the little-endian bytes of a tensor lie. */
export type TensorStorage =
  | {
      readonly kind: 'file'
      /** Path relative to the checkpoint's folder, as listed in `Checkpoint.files`. */
      readonly file: string
      /** Absolute offsets in that file, end exclusive. */
      readonly beginByte: number
      readonly endByte: number
    }
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }

/** A dense array of plain elements, row-major. */
export type StoredTensor = {
  readonly name: string
  readonly dtype: Dtype
  /** [] is a scalar. */
  readonly shape: readonly number[]
  readonly storage: TensorStorage
}
