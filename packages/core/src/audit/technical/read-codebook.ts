import { AppError } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { CodebookEncoding } from '../../model/encoding.ts'
import { DTYPE_SIZE_BYTES, elementCount, type TensorInfo } from '../../model/tensor.ts'
import { decodeInto } from '../../numeric/decode.ts'
import { applyCodebook } from '../../numeric/dequantise/affine.ts'

type Range = { readonly first: number; readonly end: number }

/** Elements [first, end) of a tensor of bitsandbytes. */
export async function readCodebookRun(
  source: TensorSource,
  { tensor, encoding }: { readonly tensor: TensorInfo; readonly encoding: CodebookEncoding },
  range: Range,
): Promise<Float32Array> {
  const { bits, blockElements } = encoding
  // Two codes share a byte: begin at the even one.
  const first = bits === 4 ? range.first - (range.first % 2) : range.first
  const bytes = await source.readBytes(
    tensor,
    (first * bits) / 8,
    Math.ceil((range.end * bits) / 8),
  )
  const [table, scales] = await Promise.all([
    readNumbers(source, encoding.table, { first: 0, end: 2 ** bits }),
    readScales(source, encoding, {
      first: Math.floor(first / blockElements),
      end: Math.ceil(range.end / blockElements),
    }),
  ])
  const out = new Float32Array(range.end - first)
  applyCodebook(bytes, out, { bits, first, blockElements, table, scales })
  return out.subarray(range.first - first)
}

async function readScales(
  source: TensorSource,
  { absmax, nested }: CodebookEncoding,
  range: Range,
): Promise<Float32Array> {
  const stored = await readNumbers(source, absmax, range)
  if (nested === null) return stored
  const [table, outer] = await Promise.all([
    readNumbers(source, nested.table, { first: 0, end: 256 }),
    readNumbers(source, nested.absmax, {
      first: Math.floor(range.first / nested.blockElements),
      end: Math.ceil(range.end / nested.blockElements),
    }),
  ])
  const firstOuter = Math.floor(range.first / nested.blockElements)
  return stored.map((code, k) => {
    const block = Math.floor((range.first + k) / nested.blockElements) - firstOuter
    return Math.fround((table[code] ?? 0) * (outer[block] ?? 0)) + nested.offset
  })
}

/** Elements of a plain tensor as float32. */
export async function readNumbers(
  source: TensorSource,
  tensor: TensorInfo,
  { first, end }: Range,
): Promise<Float32Array> {
  const size = DTYPE_SIZE_BYTES[tensor.dtype]
  if (end > elementCount(tensor.shape)) {
    throw new AppError(
      'CHECKPOINT_INVALID',
      `tensor ${tensor.name} has ${elementCount(tensor.shape)} entries, entry ${end - 1} is asked for`,
      { hint: 'the quantised weight and the tensors beside it do not belong together' },
    )
  }
  const out = new Float32Array(end - first)
  decodeInto(await source.readBytes(tensor, first * size, end * size), tensor.dtype, out)
  return out
}
