import { DTYPE_SIZE_BYTES, type Dtype } from '../base/dtype.ts'

/** Genuine weights have at most 5 (3-d convolutions); beyond this bound it is not a tensor. */
export const MAX_RANK = 16

/** Bytes of a dense tensor; undefined if the count passes 2^53 − 1 on the way, zeros included. */
export function tensorSizeBytes(shape: readonly number[], dtype: Dtype): number | undefined {
  let size: number = DTYPE_SIZE_BYTES[dtype]
  let largest = size
  for (const length of shape) {
    size *= length
    largest *= Math.max(length, 1)
    // A zero must not hide an overflow that another reader, multiplying in turn, would meet.
    if (!Number.isSafeInteger(largest)) return undefined
  }
  return size
}
