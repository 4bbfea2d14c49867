export { DTYPE_SIZE_BYTES, type Dtype, isFloatDtype } from '../base/dtype.ts'

import type { Dtype } from '../base/dtype.ts'

/** Where the little-endian, row-major bytes of a tensor lie. */
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

export type TensorInfo = {
  readonly name: string
  readonly dtype: Dtype
  /** Row-major; [] is a scalar. */
  readonly shape: readonly number[]
  readonly storage: TensorStorage
}

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1)
