import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DTYPE_SIZE_BYTES, type Dtype } from '../../src/base/dtype.ts'
import { createRng } from '../../src/base/rng.ts'
import { decodeInto } from '../../src/numeric/decode.ts'
import { pairSums } from '../../src/numeric/pair-sums.ts'
import { streamSumsReference } from '../../src/numeric/reference/stream-sums.ts'
import { STREAM_RUN_ELEMENTS } from '../../src/numeric/stream-sums.ts'
import { SumKernel } from './sum-kernel.ts'

/** Codes of moderate numbers: random bits with the exponent kept away from its ends. */
function codes(dtype: Dtype, count: number, seed: number): Uint8Array {
  const rng = createRng(seed)
  const size = DTYPE_SIZE_BYTES[dtype]
  const bytes = Uint8Array.from({ length: count * size }, () => rng.nextInt(256))
  for (let at = size - 1; at < bytes.length; at += size) {
    const sign = bytes[at]! & 0x80
    if (dtype === 'BF16' || dtype === 'F32') bytes[at] = sign | 0x3c | (bytes[at]! & 3)
    if (dtype === 'F16') bytes[at] = sign | (bytes[at]! & 0x3f)
    if (dtype === 'F8_E4M3') bytes[at] = sign | (bytes[at]! & 0x3f)
    if (dtype === 'F64') {
      bytes[at] = sign | 0x3f
      bytes[at - 1] = 0x90
    }
  }
  return bytes
}

function numbers(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const values = new Float32Array(bytes.length / DTYPE_SIZE_BYTES[dtype])
  decodeInto(bytes, dtype, values)
  return values
}

/** The kernel over two sequences that arrive in pieces of `runs` runs. */
function streamed(
  a: { readonly bytes: Uint8Array; readonly dtype: Dtype },
  b: { readonly bytes: Uint8Array; readonly dtype: Dtype },
  runs: number,
) {
  const kernel = new SumKernel(2)
  const [own, other] = [kernel.buffers[0]!, kernel.buffers[1]!]
  const count = a.bytes.length / DTYPE_SIZE_BYTES[a.dtype]
  kernel.begin()
  for (let first = 0; first < count; first += runs * STREAM_RUN_ELEMENTS) {
    const here = Math.min(runs * STREAM_RUN_ELEMENTS, count - first)
    for (const [side, buffer] of [
      [a, own],
      [b, other],
    ] as const) {
      const size = DTYPE_SIZE_BYTES[side.dtype]
      // What a buffer held before must not matter.
      buffer.bytes.fill(0x7f)
      buffer.bytes.set(side.bytes.subarray(first * size, (first + here) * size))
    }
    kernel.add(
      { buffer: own, from: 0, dtype: a.dtype },
      { buffer: other, from: 0, dtype: b.dtype },
      here,
    )
  }
  return kernel.end(count)
}

describe('running sums', () => {
  const dtypes = fc.constantFrom<Dtype>('BF16', 'F16', 'F32', 'F8_E4M3', 'F64', 'I8')

  it('have the bits of the slow twin, whatever the formats and however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 500, max: 3000 })),
          a: dtypes,
          b: dtypes,
          runs: fc.integer({ min: 1, max: 4 }),
          seed: fc.integer({ min: 0, max: 1e6 }),
        }),
        ({ count, a, b, runs, seed }) => {
          const x = codes(a, count, seed)
          const y = codes(b, count, seed + 1)
          const kernel = streamed({ bytes: x, dtype: a }, { bytes: y, dtype: b }, runs)
          expect(kernel).toEqual(streamSumsReference(numbers(x, a), numbers(y, b)))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('are the same for a copy in a wider format', () => {
    const narrow = codes('BF16', 5000, 7)
    const wide = new Uint8Array(numbers(narrow, 'BF16').buffer)
    const other = codes('BF16', 5000, 8)
    const a = streamed({ bytes: narrow, dtype: 'BF16' }, { bytes: other, dtype: 'BF16' }, 2)
    const b = streamed({ bytes: wide, dtype: 'F32' }, { bytes: other, dtype: 'BF16' }, 3)
    expect(a).toEqual(b)
  })

  it('agree with float64 sums to the stated error', () => {
    const x = codes('F32', 200_000, 3)
    const y = codes('F32', 200_000, 4)
    const kernel = streamed({ bytes: x, dtype: 'F32' }, { bytes: y, dtype: 'F32' }, 8)
    const exact = pairSums(numbers(x, 'F32'), numbers(y, 'F32'))
    expect(Math.abs(kernel.sumAA / exact.sumAA - 1)).toBeLessThan(4e-6)
    const scale = Math.sqrt(exact.sumAA * exact.sumBB)
    expect(Math.abs(kernel.sumAB - exact.sumAB) / scale).toBeLessThan(4e-6)
  })

  it.each(['BF16', 'F16', 'F32'] as const)('are not finite where a %s value is not', (dtype) => {
    for (const code of [0x7f80_0000, 0xff80_0000, 0x7fc0_0000]) {
      const bytes = codes(dtype, 700, 5)
      const view = new DataView(bytes.buffer)
      if (dtype === 'F32') view.setUint32(4 * 333, code, true)
      else if (dtype === 'BF16') view.setUint16(2 * 333, code >>> 16, true)
      else
        view.setUint16(
          2 * 333,
          code === 0x7fc0_0000 ? 0x7e00 : 0x7c00 | ((code >>> 16) & 0x8000),
          true,
        )
      const clean = { bytes: codes(dtype, 700, 6), dtype }
      for (const sums of [
        streamed({ bytes, dtype }, clean, 1),
        streamed(clean, { bytes, dtype }, 1),
      ]) {
        expect(Object.values(sums).every(Number.isFinite)).toBe(false)
      }
    }
  })
})
