import { BLOCK_FORMATS } from '../../base/block-format.ts'
import { AppError, unreachable } from '../../base/errors.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { AffineEncoding, Grid, ZeroPoints } from '../../model/encoding.ts'
import { DTYPE_SIZE_BYTES, elementCount, type TensorInfo } from '../../model/tensor.ts'
import { decodeInto } from '../../numeric/decode.ts'
import { applyAffine, type GridValues } from '../../numeric/dequantise/affine.ts'
import { dequantiseBlocks } from '../../numeric/dequantise/blocks.ts'
import {
  unpackAwq,
  unpackColumnStreams,
  unpackRowBytes,
  unpackRowStreams,
} from '../../numeric/dequantise/packed.ts'
import { readNumbers } from './read-codebook.ts'
import { readRectangle, wordsOf } from './read-rectangle.ts'

type Rows = { readonly first: number; readonly count: number }
type Quantised = { readonly tensor: TensorInfo; readonly encoding: AffineEncoding }
type Matrix = { readonly rows: number; readonly cols: number }

/** Whole rows of a quantised matrix, [count, cols]; every axis but the last counts rows. */
export async function readAffineRows(
  source: TensorSource,
  { tensor, encoding }: Quantised,
  rows: Rows,
): Promise<Float32Array> {
  const cols = tensor.shape.at(-1) ?? 1
  const matrix = { rows: elementCount(tensor.shape) / Math.max(1, cols), cols }
  const values = await readCodes(source, { tensor, encoding }, { ...matrix, ...rows })
  const groups = await groupsOf(source, encoding.scales, cols)
  const scales = await readGrid(source, encoding.scales, { ...rows, groups })
  const zeros = await readZeros(source, encoding, { ...rows, ...matrix, groups })
  const factor = await readFactor(source, encoding)
  applyAffine(values, { cols, firstRow: rows.first }, { scales, zeros, factor })
  return values
}

async function readCodes(
  source: TensorSource,
  { tensor, encoding }: Quantised,
  { first, count, rows, cols }: Rows & Matrix,
): Promise<Float32Array> {
  const out = new Float32Array(count * cols)
  const { codes } = encoding
  switch (codes.kind) {
    case 'plain': {
      const rowBytes = cols * DTYPE_SIZE_BYTES[codes.dtype]
      const bytes = await source.readBytes(tensor, first * rowBytes, (first + count) * rowBytes)
      decodeInto(bytes, codes.dtype, out)
      return out
    }
    case 'blocks': {
      const { elements, sizeBytes } = BLOCK_FORMATS[codes.format]
      const rowBytes = (cols / elements) * sizeBytes
      const bytes = await source.readBytes(tensor, first * rowBytes, (first + count) * rowBytes)
      dequantiseBlocks(codes.format, bytes, out)
      return out
    }
    case 'float4': {
      const bytes = await source.readBytes(tensor, (first * cols) / 2, ((first + count) * cols) / 2)
      dequantiseBlocks('F4', bytes, out)
      return out
    }
    case 'row_stream': {
      const wordsPerRow = Math.ceil((cols * codes.bits) / 32)
      const rowBytes = wordsPerRow * 4
      const bytes = await source.readBytes(tensor, first * rowBytes, (first + count) * rowBytes)
      unpackRowStreams(wordsOf(bytes), out, { cols, bits: codes.bits, wordsPerRow })
      return out
    }
    case 'column_stream': {
      const bytes = await readRectangle(source, tensor, {
        lines: (cols * codes.bits) / 32,
        lineBytes: rows * 4,
        beginByte: first * 4,
        endByte: (first + count) * 4,
      })
      unpackColumnStreams(wordsOf(bytes), out, { cols, bits: codes.bits })
      return out
    }
    case 'awq': {
      await readAwq(source, tensor, { first, rows, lines: cols, out })
      return out
    }
    default:
      return unreachable(codes)
  }
}

async function readAwq(
  source: TensorSource,
  tensor: TensorInfo,
  job: {
    readonly first: number
    readonly rows: number
    readonly lines: number
    readonly out: Float32Array
  },
): Promise<void> {
  const { first, rows, lines, out } = job
  const count = out.length / lines
  const firstWord = Math.floor(first / 8)
  const bytes = await readRectangle(source, tensor, {
    lines,
    lineBytes: (rows / 8) * 4,
    beginByte: firstWord * 4,
    endByte: Math.ceil((first + count) / 8) * 4,
  })
  unpackAwq(wordsOf(bytes), out, { lines, first: first - firstWord * 8 })
}

/** The group of every column. A listed group is checked when its scale is looked up. */
async function groupsOf(source: TensorSource, grid: Grid, cols: number): Promise<Int32Array> {
  const { groupOfColumn, colBlock } = grid
  if (groupOfColumn === null)
    return Int32Array.from({ length: cols }, (_, j) => Math.floor(j / colBlock))
  const listed = await readNumbers(source, groupOfColumn, { first: 0, end: cols })
  const groups = Int32Array.from(listed)
  const count = grid.tensor.shape[0] ?? 0
  const wrong = groups.findIndex((group) => group < 0 || group >= count)
  if (wrong < 0) return groups
  throw new AppError(
    'CHECKPOINT_INVALID',
    `tensor ${groupOfColumn.name} puts column ${wrong} into group ${groups[wrong]} of ${count}`,
    { hint: 'the file is damaged: fetch it again' },
  )
}

/** The entries of a table that these rows need. */
async function readGrid(
  source: TensorSource,
  grid: Grid,
  { first, count, groups }: Rows & { readonly groups: Int32Array },
): Promise<GridValues> {
  const { tensor, rowBlock, rowStride, colStride } = grid
  const firstEntry = Math.floor(first / rowBlock)
  const endEntry = Math.ceil((first + count) / rowBlock)
  const base = { rowBlock, firstRow: first, groups }
  const groupCount = groups.reduce((most, group) => Math.max(most, group + 1), 1)
  if (rowStride !== 1 || colStride <= 1) {
    const begin = firstEntry * rowStride
    const end = (endEntry - 1) * rowStride + (groupCount - 1) * colStride + 1
    const values = await readNumbers(source, tensor, { first: begin, end })
    return { ...base, values, rowStride, colStride }
  }
  // [groups, rows]: the rows wanted are a part of every line.
  const size = DTYPE_SIZE_BYTES[tensor.dtype]
  const bytes = await readRectangle(source, tensor, {
    lines: groupCount,
    lineBytes: colStride * size,
    beginByte: firstEntry * size,
    endByte: endEntry * size,
  })
  const width = endEntry - firstEntry
  const values = new Float32Array(groupCount * width)
  decodeInto(bytes, tensor.dtype, values)
  return { ...base, values, rowStride: 1, colStride: width }
}

type ZeroRequest = Rows & Matrix & { readonly groups: Int32Array }

async function readZeros(
  source: TensorSource,
  { zeros }: AffineEncoding,
  request: ZeroRequest,
): Promise<GridValues | number> {
  switch (zeros.kind) {
    case 'constant':
      return zeros.value
    case 'grid': {
      const grid = await readGrid(source, zeros.grid, request)
      return { ...grid, values: grid.values.map((value) => value + zeros.plus) }
    }
    case 'column_stream': {
      const { tensor, bits } = zeros
      const [words = 0, lines = 0] = tensor.shape
      const bytes = await source.readBytes(tensor, 0, words * lines * 4)
      const { first, count, rows, groups } = request
      const values = new Float32Array(lines * rows)
      unpackColumnStreams(wordsOf(bytes), values, { cols: rows, bits })
      return { ...tableFrom(values, lines, { rows, first, count }), firstRow: first, groups }
    }
    case 'row_bytes': {
      const { tensor, bits } = zeros
      const { first, count, groups } = request
      const [, bytesPerRow = 0] = tensor.shape
      const cols = groups.reduce((most, group) => Math.max(most, group + 1), 1)
      const bytes = await source.readBytes(
        tensor,
        first * bytesPerRow,
        (first + count) * bytesPerRow,
      )
      const values = new Float32Array(count * cols)
      unpackRowBytes(bytes, values, { cols, bits })
      return { values, rowStride: cols, colStride: 1, rowBlock: 1, firstRow: first, groups }
    }
    case 'stream':
      return readStreamZeros(source, zeros, request)
    case 'awq': {
      const lines = zeros.tensor.shape[0] ?? 0
      const values = new Float32Array(lines * request.count)
      const { first, rows, groups } = request
      await readAwq(source, zeros.tensor, { first, rows, lines, out: values })
      return { values, rowStride: lines, colStride: 1, rowBlock: 1, firstRow: first, groups }
    }
    default:
      return unreachable(zeros)
  }
}

/** Rows [first, first + count) of a table kept as [groups, rows]. */
function tableFrom(
  all: Float32Array,
  lines: number,
  { rows, first, count }: Rows & { readonly rows: number },
) {
  const values = new Float32Array(lines * count)
  for (let group = 0; group < lines; group++) {
    values.set(all.subarray(group * rows + first, group * rows + first + count), group * count)
  }
  return { values, rowStride: 1, colStride: count, rowBlock: 1 }
}

/** GPTQ keeps one stream of zero points along the rows for every group. */
async function readStreamZeros(
  source: TensorSource,
  zeros: Extract<ZeroPoints, { kind: 'stream' }>,
  { first, count, rows, groups }: ZeroRequest,
): Promise<GridValues> {
  const { tensor, bits, plus } = zeros
  const [lines = 0, wordsPerRow = 0] = tensor.shape
  const bytes = await source.readBytes(tensor, 0, lines * wordsPerRow * 4)
  const all = new Float32Array(lines * rows)
  unpackRowStreams(wordsOf(bytes), all, { cols: rows, bits, wordsPerRow })
  // The sum wraps: a zero point of 0 is stored as the largest code.
  const meant = all.map((code) => (code + plus) & (2 ** bits - 1))
  return { ...tableFrom(meant, lines, { rows, first, count }), firstRow: first, groups }
}

async function readFactor(source: TensorSource, { factor }: AffineEncoding): Promise<number> {
  if (factor.tensor === null) return factor.value
  const [stored = 1] = await readNumbers(source, factor.tensor, { first: 0, end: 1 })
  return factor.value * (factor.isDivisor ? 1 / stored : stored)
}
