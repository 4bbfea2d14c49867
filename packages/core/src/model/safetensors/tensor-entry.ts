import type { JsonValue } from '../../base/canonical-json.ts'
import { DTYPE_SIZE_BYTES, type Dtype } from '../../base/dtype.ts'
import { AppError } from '../../base/errors.ts'
import { isPrintable, quoted } from '../../base/quoted.ts'
import type { Encoding } from '../encoding.ts'
import { MAX_RANK, tensorSizeBytes } from '../tensor-size.ts'

/** Offsets count from the first byte of the data section. */
export type TensorEntry = {
  readonly name: string
  readonly dtype: Dtype
  readonly encoding?: Encoding
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

/** Element types that the format defines and that are not read here. */
const UNREAD_DTYPES: ReadonlySet<string> = new Set([
  'F6_E2M3',
  'F6_E3M2',
  'F8_E4M3FNUZ',
  'F8_E5M2FNUZ',
  'C64',
])

const SAVE_AGAIN =
  'the file is damaged or was written by a faulty program: fetch it again, or save it again with the safetensors library'

export function safetensorsError(file: string, what: string, hint = SAVE_AGAIN): AppError {
  return new AppError('SAFETENSORS_INVALID', `${file}: ${what}`, { hint })
}

/** Checks everything about one header entry that can be said without the others. */
export function readTensorEntry(file: string, name: string, value: JsonValue): TensorEntry {
  const fail = (what: string, hint?: string) =>
    safetensorsError(file, `tensor ${quoted(name)} ${what}`, hint)
  if (!isPrintable(name)) throw fail('has control characters in its name')
  if (!isRecord(value)) throw fail('is not described by an object')
  for (const key of Object.keys(value)) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      throw fail(`has the unknown field ${quoted(key)}`)
    }
  }
  const dtype = readDtype(value['dtype'], fail)
  const shape = readNaturals(value['shape'])
  if (shape === undefined) throw fail('has a shape that is not a list of non-negative integers')
  if (shape.length > MAX_RANK) {
    throw fail(`has ${shape.length} dimensions, more than the ${MAX_RANK} allowed`)
  }
  const [begin, end, ...more] = readNaturals(value['data_offsets']) ?? []
  if (begin === undefined || end === undefined || more.length > 0) {
    throw fail('has data_offsets that are not two non-negative integers')
  }
  if (end < begin) throw fail(`ends at ${end}, before it begins at ${begin}`)
  const sizeBytes = dtype === 'F4' ? halfByteSize(shape) : tensorSizeBytes(shape, dtype)
  if (sizeBytes === undefined) throw fail(`has a shape [${shape}] whose size overflows`)
  if (end - begin !== sizeBytes) {
    throw fail(`[${shape}] of ${dtype} needs ${sizeBytes} bytes, its offsets hold ${end - begin}`)
  }
  if (dtype !== 'F4') return { name, dtype, shape, begin, end }
  if (!Number.isInteger(sizeBytes)) throw fail(`[${shape}] of F4 does not fill whole bytes`)
  return { name, dtype: 'F32', encoding: PACKED_HALF_BYTES, shape, begin, end }
}

const PACKED_HALF_BYTES: Encoding = { kind: 'blocks', format: 'F4' }

/** Two elements to a byte; a fraction where their number is odd. */
function halfByteSize(shape: readonly number[]): number | undefined {
  const elements = tensorSizeBytes(shape, 'U8')
  return elements === undefined ? undefined : elements / 2
}

export function isRecord(
  value: JsonValue | undefined,
): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readDtype(
  value: JsonValue | undefined,
  fail: (what: string, hint?: string) => AppError,
): Dtype | 'F4' {
  if (typeof value !== 'string') throw fail('has no dtype')
  if (value === 'F4') return value
  if (Object.hasOwn(DTYPE_SIZE_BYTES, value)) return value as Dtype
  const known = [...Object.keys(DTYPE_SIZE_BYTES), 'F4'].join(', ')
  if (UNREAD_DTYPES.has(value)) {
    throw fail(
      `has dtype ${value}, which the format defines but which is not read here`,
      `read are ${known}: convert the tensor to one of these`,
    )
  }
  throw fail(`has the unknown dtype ${quoted(value)}`, `the format's types read here are ${known}`)
}

function readNaturals(value: JsonValue | undefined): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined
  const naturals: number[] = []
  for (const entry of value) {
    if (typeof entry !== 'number' || !Number.isSafeInteger(entry) || entry < 0) return undefined
    naturals.push(entry)
  }
  return naturals
}
