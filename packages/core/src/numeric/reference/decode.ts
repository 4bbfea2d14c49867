import { DTYPE_SIZE_BYTES, type Dtype } from '../../base/dtype.ts'
import { float8E4M3Value, float8E5M2Value, float8E8M0Value, halfValue } from '../float-tables.ts'

/** One element at a time through a DataView; 64-bit integers through BigInt. */
export function decodeReference(bytes: Uint8Array, dtype: Dtype): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const size = DTYPE_SIZE_BYTES[dtype]
  return Array.from({ length: bytes.length / size }, (_, i) => readOne(view, dtype, i * size))
}

function readOne(view: DataView, dtype: Dtype, at: number): number {
  switch (dtype) {
    case 'F64':
      return view.getFloat64(at, true)
    case 'F32':
      return view.getFloat32(at, true)
    case 'F16':
      return halfValue(view.getUint16(at, true))
    case 'BF16':
      return bf16Value(view.getUint16(at, true))
    case 'F8_E4M3':
      return float8E4M3Value(view.getUint8(at))
    case 'F8_E5M2':
      return float8E5M2Value(view.getUint8(at))
    case 'F8_E8M0':
      return float8E8M0Value(view.getUint8(at))
    case 'I64':
      return Number(view.getBigInt64(at, true))
    case 'I32':
      return view.getInt32(at, true)
    case 'I16':
      return view.getInt16(at, true)
    case 'I8':
      return view.getInt8(at)
    case 'U64':
      return Number(view.getBigUint64(at, true))
    case 'U32':
      return view.getUint32(at, true)
    case 'U16':
      return view.getUint16(at, true)
    case 'U8':
      return view.getUint8(at)
    case 'BOOL':
      return view.getUint8(at) ? 1 : 0
  }
}

/** bfloat16: 1 sign, 8 exponent (bias 127), 7 fraction bits. */
function bf16Value(code: number): number {
  const sign = code >> 15 ? -1 : 1
  const exponent = (code >> 7) & 255
  const fraction = code & 127
  if (exponent === 255) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * fraction * 2 ** -133
  return sign * (128 + fraction) * 2 ** (exponent - 134)
}
