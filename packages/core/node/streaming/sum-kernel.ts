import { DTYPE_SIZE_BYTES, type Dtype } from '../../src/base/dtype.ts'
import { decodeInto } from '../../src/numeric/decode.ts'
import type { PairSums } from '../../src/numeric/pair-sums.ts'
import {
  combineLanes,
  STREAM_RUN_ELEMENTS,
  STREAM_STATE_LENGTH,
} from '../../src/numeric/stream-sums.ts'
import { instantiateIn, makeMemory, PAGE_BYTES } from '../wasm-kernel.ts'

/** The kernel's name. */
export const SUMS = 'stream-sums'
const GROUP_ELEMENTS = 8

/**
 * Elements that are hashed and added up before the next are touched: both sides stay in the
 * processor's second cache between the two. A whole number of runs.
 */
export const PIECE_ELEMENTS = 128 * STREAM_RUN_ELEMENTS
/**
 * Bytes of one side that one read brings; room for a whole number of pieces of any format. Half as many where the
 * thread that adds up reads too: both sides then stay in its second cache.
 */
export const EXTENT_BYTES = { byOthers: 2 ** 20, itself: 2 ** 19 } as const
/** Beyond an extent, so that its last group of eight can be padded. */
const PAD_BYTES = 64

type Sums = (a: number, b: number, groups: number, state: number) => void

type Exports = {
  readonly bf16Sums: Sums
  readonly f16Sums: Sums
  readonly f32Sums: Sums
  readonly hasNonFiniteHalf: (at: number, groups: number) => number
}

/** A place in the kernel's memory into which files are read. */
export type Buffer = { readonly at: number; readonly bytes: Uint8Array }

/** One side of a piece: where its elements begin in a buffer, and how they are stored. */
export type Operand = { readonly buffer: Buffer; readonly from: number; readonly dtype: Dtype }

/** The kernel of running sums with the memory that it works in. */
export class SumKernel {
  readonly #exports: Exports
  readonly #state: Float64Array
  readonly #stateAt: number
  readonly #scratch: readonly Buffer[]
  readonly buffers: readonly Buffer[]

  constructor(bufferCount: number, extentBytes: number = EXTENT_BYTES.byOthers) {
    const stride = extentBytes + PAD_BYTES
    const scratchBytes = PIECE_ELEMENTS * 4 + PAD_BYTES
    this.#stateAt = PAGE_BYTES
    const scratchAt = this.#stateAt + STREAM_STATE_LENGTH * 8
    const first = scratchAt + 2 * scratchBytes
    const memory = makeMemory(first + bufferCount * stride)
    this.#exports = instantiateIn<Exports>(memory, SUMS)
    const { buffer } = memory
    const place = (at: number, length: number) => ({
      at,
      bytes: new Uint8Array(buffer, at, length),
    })
    this.#state = new Float64Array(buffer, this.#stateAt, STREAM_STATE_LENGTH)
    this.#scratch = [0, 1].map((k) => place(scratchAt + k * scratchBytes, scratchBytes))
    this.buffers = Array.from({ length: bufferCount }, (_, k) => place(first + k * stride, stride))
  }

  begin(): void {
    this.#state.fill(0)
  }

  /**
   * Adds `count` elements of both sides: a whole number of runs, unless they are the last. What
   * follows the last element in its group of eight is overwritten with zeros.
   */
  add(a: Operand, b: Operand, count: number): void {
    const groups = Math.ceil(count / GROUP_ELEMENTS)
    const format = a.dtype === b.dtype ? a.dtype : null
    if (format === 'BF16' || format === 'F16' || format === 'F32') {
      for (const side of [a, b])
        pad(side.buffer, side.from + count * DTYPE_SIZE_BYTES[format], count)
      const [x, y] = [a.buffer.at + a.from, b.buffer.at + b.from]
      this.#sumsOf(format)(x, y, groups, this.#stateAt)
      if (format === 'F16' && this.#hasNonFinite([x, y], groups)) this.#state[0] = Number.NaN
      return
    }
    const [x, y] = [a, b].map((side, k) => this.#decoded(side, k, count))
    this.#exports.f32Sums(x ?? 0, y ?? 0, groups, this.#stateAt)
  }

  /** The sums since `begin`. Not finite where a value is not, or where its square leaves float32. */
  end(count: number): PairSums {
    return combineLanes(this.#state, count)
  }

  #sumsOf(format: 'BF16' | 'F16' | 'F32'): Sums {
    const { bf16Sums, f16Sums, f32Sums } = this.#exports
    return { BF16: bf16Sums, F16: f16Sums, F32: f32Sums }[format]
  }

  #hasNonFinite(places: readonly number[], groups: number): boolean {
    return places.some((at) => this.#exports.hasNonFiniteHalf(at, groups) === 1)
  }

  #decoded({ buffer, from, dtype }: Operand, side: number, count: number): number {
    const scratch = this.#scratch[side] as Buffer
    const values = new Float32Array(scratch.bytes.buffer, scratch.at, count)
    const size = DTYPE_SIZE_BYTES[dtype]
    decodeInto(buffer.bytes.subarray(from, from + count * size), dtype, values)
    pad(scratch, count * 4, count)
    return scratch.at
  }
}

function pad({ bytes }: Buffer, from: number, count: number): void {
  if (count % GROUP_ELEMENTS !== 0) bytes.fill(0, from, from + 32)
}
