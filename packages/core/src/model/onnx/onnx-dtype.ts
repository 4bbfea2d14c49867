import type { Dtype } from '../../base/dtype.ts'

/** Field numbers of TensorProto (onnx.proto) that carry elements. */
export const CARRIER = {
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
} as const

export type OnnxDtype = {
  readonly dtype: Dtype
  /** Where elements lie that are not raw. */
  readonly carrier: number
  /** How they lie there: fixed width, or a varint that holds a number in [lowest, highest]. */
  readonly encoding:
    | { readonly kind: 'fixed' }
    | { readonly kind: 'varint'; readonly lowest: number; readonly highest: number }
    | { readonly kind: 'varint64' }
}

const small = (dtype: Dtype, lowest: number, highest: number): OnnxDtype => ({
  dtype,
  carrier: CARRIER.int32Data,
  encoding: { kind: 'varint', lowest, highest },
})
const I32 = 2 ** 31

/** TensorProto.DataType to our types. 8- and 16-bit floats lie in int32_data as their bits. */
const READ: ReadonlyMap<number, OnnxDtype> = new Map([
  [1, { dtype: 'F32', carrier: CARRIER.floatData, encoding: { kind: 'fixed' } }],
  [2, small('U8', 0, 0xff)],
  [3, small('I8', -0x80, 0x7f)],
  [4, small('U16', 0, 0xffff)],
  [5, small('I16', -0x8000, 0x7fff)],
  [6, small('I32', -I32, I32 - 1)],
  [7, { dtype: 'I64', carrier: CARRIER.int64Data, encoding: { kind: 'varint64' } }],
  [9, small('BOOL', 0, 1)],
  [10, small('F16', 0, 0xffff)],
  [11, { dtype: 'F64', carrier: CARRIER.doubleData, encoding: { kind: 'fixed' } }],
  [
    12,
    {
      dtype: 'U32',
      carrier: CARRIER.uint64Data,
      encoding: { kind: 'varint', lowest: 0, highest: 2 * I32 - 1 },
    },
  ],
  [13, { dtype: 'U64', carrier: CARRIER.uint64Data, encoding: { kind: 'varint64' } }],
  [16, small('BF16', 0, 0xffff)],
  [17, small('F8_E4M3', 0, 0xff)],
  [19, small('F8_E5M2', 0, 0xff)],
])

/** Types that ONNX defines and that are not read as weights. */
const UNREAD: ReadonlyMap<number, string> = new Map([
  [8, 'STRING'],
  [14, 'COMPLEX64'],
  [15, 'COMPLEX128'],
  [18, 'FLOAT8E4M3FNUZ'],
  [20, 'FLOAT8E5M2FNUZ'],
  [21, 'UINT4'],
  [22, 'INT4'],
  [23, 'FLOAT4E2M1'],
  [24, 'FLOAT8E8M0'],
  [25, 'UINT2'],
  [26, 'INT2'],
])

export type DtypeLookup =
  | { readonly kind: 'read'; readonly type: OnnxDtype }
  | { readonly kind: 'unread'; readonly name: string }
  | { readonly kind: 'unknown' }

export function lookUpDtype(dataType: number): DtypeLookup {
  const type = READ.get(dataType)
  if (type !== undefined) return { kind: 'read', type }
  const name = UNREAD.get(dataType)
  return name === undefined ? { kind: 'unknown' } : { kind: 'unread', name }
}
