import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DTYPE_SIZE_BYTES, type Dtype } from '../base/dtype.ts'
import { roundToBf16Bits } from './bf16.ts'
import { decodeInto } from './decode.ts'
import { decodeReference } from './reference/decode.ts'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../testdata/vectors/${name}`, import.meta.url), 'utf8'))
const DTYPES = Object.keys(DTYPE_SIZE_BYTES) as Dtype[]

describe('decoding tensor bytes', () => {
  it.each(read('float-codes.json').cases as { dtype: Dtype; codes: number[]; values: string[] }[])(
    'gives the values of ml_dtypes and NumPy for $dtype',
    ({ dtype, codes, values }) => {
      const bytes =
        DTYPE_SIZE_BYTES[dtype] === 1
          ? Uint8Array.from(codes)
          : new Uint8Array(Uint16Array.from(codes).buffer)
      const out = new Float64Array(codes.length)
      decodeInto(bytes, dtype, out)
      expect(Array.from(out)).toEqual(values.map((text) => Number(text.replace('inf', 'Infinity'))))
    },
  )

  it.each(DTYPES)('agrees with the plain reader for %s at any offset and step', (dtype) => {
    const size = DTYPE_SIZE_BYTES[dtype]
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 40 * size }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 7 }),
        (raw, offset, elementStep) => {
          const whole = raw.length - (raw.length % size)
          const held = new Uint8Array(offset + whole)
          held.set(raw.subarray(0, whole), offset)
          const bytes = held.subarray(offset)
          const expected = decodeReference(bytes, dtype).filter((_, i) => i % elementStep === 0)
          const wide = new Float64Array(expected.length)
          const narrow = new Float32Array(expected.length)
          expect(decodeInto(bytes, dtype, wide, { elementStep })).toBe(expected.length)
          decodeInto(bytes, dtype, narrow, { elementStep })
          expect(Array.from(wide)).toEqual(expected)
          expect(Array.from(narrow)).toEqual(Array.from(Float32Array.from(expected)))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('joins blocks correctly when long input is unaligned', () => {
    const held = Uint8Array.from({ length: 100_001 }, (_, i) => (i * 73 + (i >> 7)) & 0xff)
    const bytes = held.subarray(1)
    for (const elementStep of [1, 3, 8191, 20_000]) {
      const expected = decodeReference(bytes, 'I16').filter((_, i) => i % elementStep === 0)
      const out = new Float64Array(expected.length)
      decodeInto(bytes, 'I16', out, { elementStep })
      expect(Array.from(out)).toEqual(expected)
    }
  })

  it('refuses part of an element and an output that is too short', () => {
    expect(() => decodeInto(new Uint8Array(3), 'BF16', new Float32Array(2))).toThrow('whole BF16')
    expect(() => decodeInto(new Uint8Array(4), 'BF16', new Float32Array(1))).toThrow('do not fit')
  })
})

describe('rounding to bfloat16', () => {
  it('agrees with ml_dtypes, ties and overflow included', () => {
    const [{ float32Bits, bf16Bits }] = read('bf16-rounding.json').cases
    const values = new Float32Array(Uint32Array.from(float32Bits as number[]).buffer)
    const codes = new Uint16Array(values.length)
    roundToBf16Bits(values, codes)
    expect(Array.from(codes)).toEqual(bf16Bits)
  })

  it('writes every NaN alike and leaves bfloat16 values as they are', () => {
    const nans = new Float32Array(Uint32Array.of(0x7fc00000, 0xffc00001, 0x7f800001).buffer)
    const codes = new Uint16Array(3)
    roundToBf16Bits(nans, codes)
    expect(Array.from(codes)).toEqual([0x7fc0, 0x7fc0, 0x7fc0])
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
    const values = new Float32Array(65536)
    decodeInto(new Uint8Array(all.buffer), 'BF16', values)
    const again = new Uint16Array(65536)
    roundToBf16Bits(values, again)
    for (let i = 0; i < 65536; i++) {
      if (!Number.isNaN(values[i])) expect(again[i]).toBe(i)
    }
  })
})
