import { assert } from '../../base/errors.ts'
import type { MatrixView } from '../../model/role.ts'
import { DTYPE_SIZE_BYTES, type TensorInfo } from '../../model/tensor.ts'
import { decodeInto } from '../../numeric/decode.ts'
import { type RowSource, settleNonFinite, storedRuns } from './read-rows.ts'

/** Largest span read in one piece, and the largest gap between two rows of a span where bytes are cheap. */
const SPAN_BYTES = 8 * 2 ** 20
const GAP_BYTES = 2 ** 16

/** Stored row by row and as plain numbers: a row can be read without the others. */
export const hasPlainRows = (tensor: TensorInfo, view: MatrixView): boolean =>
  view.colStep === 1 && tensor.encoding === undefined

/**
 * Many single logical rows, given in ascending order, as float32, [rows, cols]. Rows near each
 * other are read in one span, and only those asked for are converted. For plain rows only.
 * Throws as `readRows` does.
 */
export async function readScattered(
  source: RowSource,
  tensor: TensorInfo,
  options: {
    readonly view: MatrixView
    readonly rows: readonly number[]
    /** Largest gap that is read along with the rows on either side of it. */
    readonly gapBytes?: number
  },
): Promise<Float32Array> {
  const { view, gapBytes = GAP_BYTES } = options
  assert(hasPlainRows(tensor, view), `${tensor.name} is not stored row by row`)
  const size = DTYPE_SIZE_BYTES[tensor.dtype]
  const rowBytes = view.cols * size
  const ranges = options.rows.map((first) => ({ first, count: 1 }))
  const stored = storedRuns(view, ranges).flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, i) => first + i),
  )
  assert(stored.length === options.rows.length, 'row segments shorter than the view')
  const begins = stored.map((row) => (view.offset + row * view.rowStep) * size)
  const out = new Float32Array(begins.length * view.cols)
  for (let first = 0; first < begins.length; ) {
    const end = spanEnd(begins, first, { rowBytes, gapBytes })
    const begin = begins[first] as number
    const bytes = await source.readBytes(tensor, begin, (begins[end - 1] as number) + rowBytes)
    for (; first < end; first++) {
      const at = (begins[first] as number) - begin
      const target = out.subarray(first * view.cols, (first + 1) * view.cols)
      decodeInto(bytes.subarray(at, at + rowBytes), tensor.dtype, target)
    }
  }
  settleNonFinite(out, { source, tensor, view, ranges })
  return out
}

/** The first row from `first` on that does not go into the same span. */
function spanEnd(
  begins: readonly number[],
  first: number,
  { rowBytes, gapBytes }: { readonly rowBytes: number; readonly gapBytes: number },
): number {
  const begin = begins[first] as number
  let end = first + 1
  for (; end < begins.length; end++) {
    const [last, next] = [begins[end - 1] as number, begins[end] as number]
    const isNear = next > last && next - (last + rowBytes) <= gapBytes
    if (!isNear || next + rowBytes - begin > SPAN_BYTES) break
  }
  return end
}
