import { DTYPE_SIZE_BYTES, type Dtype } from '../base/dtype.ts'
import { assert } from '../base/errors.ts'
import { float8E4M3Table, float8E5M2Table, float8E8M0Table, halfTable } from './float-tables.ts'

type Output = Float32Array | Float64Array

/** Elements handled at once where bytes must first be moved to an aligned place: 64 KB of f64. */
const BLOCK_ELEMENTS = 8192

assert(new Uint8Array(Uint16Array.of(1).buffer)[0] === 1, 'decoding needs a little-endian machine')

/**
 * Decode little-endian elements into numbers: `out[i]` is element `i * elementStep` of `bytes`.
 *
 * `bytes` may begin at any byte of its buffer; its length must be a whole number of elements.
 * Every format of 32 bits or less is exact in float64; BF16, F16, the FP8 formats and integers up
 * to 2^24 are exact in float32 too. 64-bit integers are rounded to nearest float64 (in a
 * Float32Array they are rounded twice). BOOL gives 0 or 1. NaN and infinities pass through.
 *
 * @returns the number of values written, ceil(elements / elementStep).
 */
export function decodeInto(
  bytes: Uint8Array,
  dtype: Dtype,
  out: Output,
  options: { readonly elementStep?: number } = {},
): number {
  const step = options.elementStep ?? 1
  const size = DTYPE_SIZE_BYTES[dtype]
  const decode = DECODERS[dtype]
  const elements = bytes.length / size
  assert(Number.isInteger(elements), () => `${bytes.length} bytes are not whole ${dtype} elements`)
  assert(Number.isInteger(step) && step >= 1, () => `element step ${step}`)
  const count = Math.ceil(elements / step)
  assert(out.length >= count, () => `${count} values do not fit in ${out.length}`)
  if (bytes.byteOffset % size === 0) {
    decode(bytes, out.subarray(0, count), step)
    return count
  }
  // Blocks whose length is a multiple of the step, so that each begins on a wanted element.
  const blockElements = Math.max(1, Math.floor(BLOCK_ELEMENTS / step)) * step
  const block = new Uint8Array(Math.min(blockElements, elements) * size)
  for (let first = 0, done = 0; first < elements; first += blockElements) {
    const here = Math.min(blockElements, elements - first)
    const target = block.subarray(0, here * size)
    target.set(bytes.subarray(first * size, (first + here) * size))
    const values = Math.ceil(here / step)
    decode(target, out.subarray(done, done + values), step)
    done += values
  }
  return count
}

type Decoder = (bytes: Uint8Array, out: Output, step: number) => void

/** A decoder that reads the bytes, aligned for this kind of typed array, through a view. */
function through<View>(
  view: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => View,
  sizeBytes: number,
  decode: (source: View, out: Output, step: number) => void,
): Decoder {
  return (bytes, out, step) =>
    decode(new view(bytes.buffer, bytes.byteOffset, bytes.length / sizeBytes), out, step)
}

const DECODERS: Record<Dtype, Decoder> = {
  F64: through(Float64Array, 8, copyNumbers),
  F32: through(Float32Array, 4, copyFloats),
  F16: through(Uint16Array, 2, decodeHalf),
  BF16: through(Uint16Array, 2, decodeBf16),
  F8_E4M3: (bytes, out, step) => decodeByTable(bytes, float8E4M3Table(), out, step),
  F8_E5M2: (bytes, out, step) => decodeByTable(bytes, float8E5M2Table(), out, step),
  F8_E8M0: (bytes, out, step) => decodeByTable(bytes, float8E8M0Table(), out, step),
  I64: through(Int32Array, 4, decodeWide),
  I32: through(Int32Array, 4, copyNumbers),
  I16: through(Int16Array, 2, copyNumbers),
  I8: through(Int8Array, 1, copyNumbers),
  U64: through(Uint32Array, 4, decodeWide),
  U32: through(Uint32Array, 4, copyNumbers),
  U16: through(Uint16Array, 2, copyNumbers),
  U8: copyNumbers,
  BOOL: (bytes, out, step) => {
    for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = bytes[from] ? 1 : 0
  },
}

/** BF16 is the upper half of a float32, so decoding is a shift into its bits. */
function decodeBf16(codes: Uint16Array, out: Output, step: number): void {
  if (out instanceof Float32Array) {
    shiftInto(new Int32Array(out.buffer, out.byteOffset, out.length), codes, step)
    return
  }
  const values = new Float32Array(Math.min(out.length, BLOCK_ELEMENTS))
  const bits = new Int32Array(values.buffer)
  for (let done = 0; done < out.length; done += values.length) {
    const here = Math.min(values.length, out.length - done)
    shiftInto(bits.subarray(0, here), codes.subarray(done * step), step)
    out.set(values.subarray(0, here), done)
  }
}

/** Two at a time where elements are neighbours: half the loads of the plain loop (bench/kernels.ts). */
function shiftInto(bits: Int32Array, codes: Uint16Array, step: number): void {
  let i = 0
  if (step === 1 && codes.byteOffset % 4 === 0) {
    const pairs = new Int32Array(codes.buffer, codes.byteOffset, bits.length >> 1)
    for (let k = 0; k < pairs.length; k++, i += 2) {
      const pair = pairs[k]!
      bits[i] = pair << 16
      bits[i + 1] = pair & HIGH_HALF
    }
  }
  for (let from = i * step; i < bits.length; i++, from += step) bits[i] = codes[from]! << 16
}

const HIGH_HALF = 0xffff0000 | 0

// The loops below are written once per kind of typed array, so that each stays monomorphic.

function decodeHalf(codes: Uint16Array, out: Output, step: number): void {
  const table = halfTable()
  if (out instanceof Float32Array) {
    for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = table[codes[from]!]!
  } else {
    for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = table[codes[from]!]!
  }
}

function decodeByTable(codes: Uint8Array, table: Float32Array, out: Output, step: number): void {
  if (out instanceof Float32Array) {
    for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = table[codes[from]!]!
  } else {
    for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = table[codes[from]!]!
  }
}

function copyFloats(source: Float32Array, out: Output, step: number): void {
  if (step === 1) {
    out.set(source)
  } else if (out instanceof Float32Array) {
    for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = source[from]!
  } else {
    for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = source[from]!
  }
}

type Numbers =
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

function copyNumbers(source: Numbers, out: Output, step: number): void {
  if (step === 1) {
    out.set(source)
    return
  }
  for (let i = 0, from = 0; i < out.length; i++, from += step) out[i] = source[from]!
}

/** high·2^32 is exact in float64 and the one addition rounds to nearest: no BigInt is needed. */
function decodeWide(words: Int32Array | Uint32Array, out: Output, step: number): void {
  const low = new Uint32Array(words.buffer, words.byteOffset, words.length)
  for (let i = 0, from = 0; i < out.length; i++, from += 2 * step) {
    out[i] = words[from + 1]! * 4294967296 + low[from]!
  }
}
