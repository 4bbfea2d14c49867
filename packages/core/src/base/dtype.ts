/** Element types of stored tensors, named as safetensors names them; sizes in bytes. */
export const DTYPE_SIZE_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const

export type Dtype = keyof typeof DTYPE_SIZE_BYTES

export const isFloatDtype = (dtype: Dtype): boolean =>
  dtype === 'F64' ||
  dtype === 'F32' ||
  dtype === 'F16' ||
  dtype === 'BF16' ||
  dtype === 'F8_E4M3' ||
  dtype === 'F8_E5M2'
