import { BLOCK_FORMATS, type BlockFormat } from '../../base/block-format.ts'
import { assert, unreachable } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { TensorInfo } from '../../model/tensor.ts'
import { dequantiseBlocks } from '../../numeric/dequantise/blocks.ts'
import { readAffineRows } from './read-affine.ts'
import { readCodebookRun } from './read-codebook.ts'

/**
 * Elements [first, end) of a quantised tensor, in the order of its shape, as float32. Reads the
 * blocks, rows and scales that these elements need and nothing else.
 * Throws AppError UNREADABLE through the source, CHECKPOINT_INVALID if stored groups or codes
 * point outside of their tables.
 */
export async function readEncoded(
  source: TensorSource,
  tensor: TensorInfo,
  range: { readonly first: number; readonly end: number },
): Promise<Float32Array> {
  const { encoding } = tensor
  assert(encoding !== undefined, `tensor ${tensor.name} is not quantised`)
  switch (encoding.kind) {
    case 'blocks':
      return readBlocks(source, tensor, { ...range, format: encoding.format })
    case 'codebook':
      return readCodebookRun(source, { tensor, encoding }, range)
    case 'affine': {
      const cols = tensor.shape.at(-1) ?? 1
      const firstRow = Math.floor(range.first / cols)
      const rows = { first: firstRow, count: Math.ceil(range.end / cols) - firstRow }
      const values = await readAffineRows(source, { tensor, encoding }, rows)
      const skipped = firstRow * cols
      return values.subarray(range.first - skipped, range.end - skipped)
    }
    default:
      return unreachable(encoding)
  }
}

async function readBlocks(
  source: TensorSource,
  tensor: TensorInfo,
  range: { readonly first: number; readonly end: number; readonly format: BlockFormat },
): Promise<Float32Array> {
  const { elements, sizeBytes } = BLOCK_FORMATS[range.format]
  const firstBlock = Math.floor(range.first / elements)
  const endBlock = Math.ceil(range.end / elements)
  const bytes = await source.readBytes(tensor, firstBlock * sizeBytes, endBlock * sizeBytes)
  const values = new Float32Array((endBlock - firstBlock) * elements)
  dequantiseBlocks(range.format, bytes, values)
  const skipped = firstBlock * elements
  return values.subarray(range.first - skipped, range.end - skipped)
}
