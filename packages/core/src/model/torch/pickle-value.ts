import type { Dtype } from '../../base/dtype.ts'

/** What the stream describes: plain data only, nothing is ever called or constructed. */
export type PickleValue =
  | { readonly kind: 'scalar'; readonly value: number | bigint | boolean | string | null }
  | { readonly kind: 'list'; readonly items: PickleValue[] }
  | { readonly kind: 'table'; readonly items: Map<string, PickleValue> }
  | { readonly kind: 'name'; readonly global: string }
  | {
      readonly kind: 'storage'
      readonly dtype: Dtype
      readonly key: string
      readonly count: number
    }
  | {
      readonly kind: 'tensor'
      readonly storage: Extract<PickleValue, { kind: 'storage' }>
      readonly offset: number
      readonly shape: readonly number[]
      readonly strides: readonly number[]
    }

/** Types of storages, by the name under which torch pickles them. */
const STORAGES: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['torch.DoubleStorage', 'F64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
])

export const storageDtype = (global: string): Dtype | undefined => STORAGES.get(global)

export const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2'
export const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter'
export const ORDERED_DICT = 'collections.OrderedDict'

/** The only names that a stream may mention. */
export const isKnownName = (global: string): boolean =>
  STORAGES.has(global) ||
  global === REBUILD_TENSOR ||
  global === REBUILD_PARAMETER ||
  global === ORDERED_DICT
