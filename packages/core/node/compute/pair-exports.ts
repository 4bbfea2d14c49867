import { DTYPE_SIZE_BYTES } from '../../src/model/tensor.ts'
import { decodeInto } from '../../src/numeric/decode.ts'
import type { RowPairs, StoredRows } from '../../src/numeric/row-pairs.ts'

type Pairs = (a: number, b: number, rows: number, columns: number, out: number) => number

type Starts = (
  rows: number,
  columns: number,
  places: number,
  count: number,
  kept: number,
  scratch: number,
  out: number,
) => void

type BlockDots = (
  a: number,
  b: number,
  rows: number,
  columns: number,
  blocks: number,
  out: number,
) => void

/** packages/core/wasm/row-pairs.ts; matrices are byte offsets. */
export type PairExports = {
  readonly blockDots: BlockDots
  readonly bf16Pairs: Pairs
  readonly f32Pairs: Pairs
  readonly bf16Starts: Starts
  readonly f32Starts: Starts
}

/** What the kernel wrote of this many pairs of rows. */
export function writtenPairs(buffer: ArrayBuffer, at: number, rows: number): RowPairs {
  const numbers = (part: number) => new Float64Array(buffer, at + part * rows * 8, rows).slice()
  const signs = (part: number) => new Uint8Array(buffer, at + 24 * rows + part * rows, rows).slice()
  return {
    products: numbers(0),
    squaresA: numbers(1),
    squaresB: numbers(2),
    signsA: signs(0),
    signsB: signs(1),
  }
}

/** Stored rows at `at`: bfloat16 and float32 as they are, other formats as float32. */
export function putRows(buffer: ArrayBuffer, at: number, { bytes, dtype }: StoredRows): void {
  if (dtype === 'BF16' || dtype === 'F32') new Uint8Array(buffer, at, bytes.length).set(bytes)
  else putDecoded(buffer, at, { bytes, dtype })
}

/** The same, as float32 whatever they are. */
export function putDecoded(
  buffer: ArrayBuffer,
  at: number,
  { bytes, dtype }: Pick<StoredRows, 'bytes' | 'dtype'>,
): void {
  decodeInto(bytes, dtype, new Float32Array(buffer, at, bytes.length / DTYPE_SIZE_BYTES[dtype]))
}
