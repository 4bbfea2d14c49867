export { DTYPE_SIZE_BYTES, type Dtype, isFloatDtype } from '../base/dtype.ts'
export type { TensorStorage } from './stored-tensor.ts'

import type { Encoding } from './encoding.ts'
import type { StoredTensor } from './stored-tensor.ts'

/**
 * A tensor of the model. Its shape and dtype are those of the elements as they are read; where an
 * encoding is given the dtype is F32, and the storage holds that encoding's codes.
 */
export type TensorInfo = StoredTensor & { readonly encoding?: Encoding }

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1)

/** Bytes of the tensor's own storage, without what an encoding keeps beside it. */
export const storedSizeBytes = ({ storage }: TensorInfo): number =>
  storage.kind === 'memory' ? storage.bytes.length : storage.endByte - storage.beginByte
