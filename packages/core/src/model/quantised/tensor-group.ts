import type { StoredTensor } from '../stored-tensor.ts'
import type { TensorInfo } from '../tensor.ts'

/** What recognising one quantised weight came to. */
export type Recognised =
  /** The weight, and the names of the tensors that it replaces (its own included). */
  | { readonly kind: 'weight'; readonly weight: TensorInfo; readonly uses: readonly string[] }
  /** It looks like one, but its parts do not fit together: it is left as it is stored. */
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'other' }

export const OTHER: Recognised = { kind: 'other' }
export const unfit = (reason: string): Recognised => ({ kind: 'unfit', reason })

export type Lookup = (name: string) => TensorInfo | undefined

/** Reads a whole small tensor. */
export type SmallReader = (tensor: StoredTensor) => Promise<Uint8Array>

export const sameShape = (tensor: StoredTensor, shape: readonly number[]): boolean =>
  tensor.shape.length === shape.length && tensor.shape.every((size, axis) => size === shape[axis])

/** The last axis is columns, all others count rows. */
export function matrixOf(shape: readonly number[]): {
  readonly rows: number
  readonly cols: number
} {
  return { rows: shape.slice(0, -1).reduce((a, b) => a * b, 1), cols: shape.at(-1) ?? 1 }
}
