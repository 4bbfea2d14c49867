import { elementCount, type TensorInfo } from '../../model/tensor.ts'
import { isAllFinite } from '../../numeric/kernels.ts'

/** Values of one tensor that are NaN or infinite, as far as it was read. */
type Found = { read: number; notFinite: number; readonly rows: Set<number> }

export type NonFiniteSummary = {
  /** The first tensor by name that holds such values, and its first row of them. */
  readonly tensor: string
  readonly row: number
  /** Different rows that hold them, and tensors that have such rows. */
  readonly rows: number
  readonly tensors: number
  /** Of all values read of the tensors asked about, 0 to 1. */
  readonly share: number
}

const ALL_FINITE = { count: 0, rows: new Set<number>() }

/**
 * Which weights of one model are no numbers. A model runs with NaN in rows that nothing uses, such
 * as tokens that never occur; so one such row must not end an audit, or anybody could end it.
 */
export class NonFiniteLog {
  readonly #tensors = new Map<string, Found>()

  /** `rows`: stored rows, counted along the last axis, that hold the `notFinite` values. */
  note(tensor: string, read: number, bad: { readonly count: number; readonly rows: Set<number> }) {
    const found = this.#tensors.get(tensor) ?? { read: 0, notFinite: 0, rows: new Set() }
    this.#tensors.set(tensor, found)
    found.read += read
    found.notFinite += bad.count
    for (const row of bad.rows) found.rows.add(row)
  }

  noteFinite(tensor: string, read: number) {
    this.note(tensor, read, ALL_FINITE)
  }

  /** Null where every value that was read of these tensors is finite. */
  summaryOf(tensors: ReadonlySet<string>): NonFiniteSummary | null {
    const seen = [...this.#tensors].filter(([name]) => tensors.has(name))
    const bad = seen.filter(([, { rows }]) => rows.size > 0).sort((x, y) => (x[0] < y[0] ? -1 : 1))
    const [first] = bad
    if (!first) return null
    const sum = (value: (found: Found) => number) =>
      seen.reduce((total, [, found]) => total + value(found), 0)
    return {
      tensor: first[0],
      row: [...first[1].rows].reduce((least, row) => Math.min(least, row)),
      rows: sum(({ rows }) => rows.size),
      tensors: bad.length,
      share: sum(({ notFinite }) => notFinite) / sum(({ read }) => read),
    }
  }
}

/** Values of one row as it is stored: the last axis, or one for a vector. */
export const storedRowLength = ({ shape }: TensorInfo): number =>
  shape.length < 2 || elementCount(shape) === 0 ? 1 : (shape.at(-1) ?? 1)

export const isNotFinite = (value: number): boolean => value - value !== 0

/**
 * Makes what is not finite in either of two arrays 0 in both, so that it counts as no difference.
 * False, and nothing changed, where the two are not finite at different places.
 */
export function leaveOutTogether(a: Float32Array, b: Float32Array): boolean {
  if (isAllFinite(a) && isAllFinite(b)) return true
  if (a.some((value, i) => isNotFinite(value) !== isNotFinite(b[i] as number))) return false
  leaveOutOfBoth(a, b)
  return true
}

export function leaveOutOfBoth(a: Float32Array, b: Float32Array): void {
  if (isAllFinite(a) && isAllFinite(b)) return
  for (let i = 0; i < a.length; i++) {
    if (!isNotFinite(a[i] as number) && !isNotFinite(b[i] as number)) continue
    a[i] = 0
    b[i] = 0
  }
}
