import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_FORMATS, type BlockFormat } from '../../base/block-format.ts'
import { dequantiseReference } from '../reference/dequantise.ts'
import { dequantiseBlocks } from './blocks.ts'

const FORMATS = Object.keys(BLOCK_FORMATS) as BlockFormat[]

const VECTORS = join(import.meta.dirname, '../../../../../testdata/vectors')
const casesOf = <T>(name: string): readonly ({ readonly format: BlockFormat } & T)[] =>
  JSON.parse(readFileSync(join(VECTORS, name), 'utf8')).cases

const blocks = casesOf<{ bytes: string; values: string }>('ggml-blocks.json')
const wholeCodebooks = casesOf<{ bytes: string; sha256: string }>('ggml-codebooks.json')

function dequantised(format: BlockFormat, bytes: Uint8Array): Float32Array {
  const { elements, sizeBytes } = BLOCK_FORMATS[format]
  const out = new Float32Array((bytes.length / sizeBytes) * elements)
  dequantiseBlocks(format, bytes, out)
  return out
}

describe('blocks of quantised weights', () => {
  it.each(blocks)('$format gives the float32 bits of the gguf package', (vector) => {
    const bytes = Buffer.from(vector.bytes, 'hex')
    const expected = Buffer.from(vector.values, 'hex')
    const out = dequantised(vector.format, bytes)
    expect(Buffer.from(out.buffer).toString('hex')).toBe(expected.toString('hex'))
    const twin = Float32Array.from(dequantiseReference(vector.format, bytes))
    expect(Buffer.from(twin.buffer).equals(expected)).toBe(true)
  })

  it.each(wholeCodebooks)('$format gives every point of its codebook', (vector) => {
    const values = dequantised(vector.format, Buffer.from(vector.bytes, 'base64'))
    expect(createHash('sha256').update(values).digest('hex')).toBe(vector.sha256)
  })

  it.each(FORMATS)('%s agrees with its twin on any bytes, from any offset', (format) => {
    const { sizeBytes } = BLOCK_FORMATS[format]
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 2 * sizeBytes, maxLength: 2 * sizeBytes }),
        fc.integer({ min: 0, max: 3 }),
        (block, shift) => {
          const moved = new Uint8Array(block.length + shift)
          moved.set(block, shift)
          const fast = dequantised(format, moved.subarray(shift))
          const slow = dequantiseReference(format, block)
          for (let i = 0; i < slow.length; i++) {
            // NaN and signed zeros apart, which nothing downstream tells apart.
            if (Number.isNaN(slow[i]) && Number.isNaN(fast[i])) continue
            if (fast[i] !== slow[i]) throw new Error(`${i}: ${fast[i]} is not ${slow[i]}`)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  // An index beyond a table would give NaN: the scales are those of valid blocks.
  it.each(wholeCodebooks)('$format stays within its codebook for any indices', (vector) => {
    const { sizeBytes } = BLOCK_FORMATS[vector.format]
    const block = Buffer.from(vector.bytes, 'base64').subarray(0, sizeBytes)
    // The scale of a block lies in its first two bytes, or in the four highest nibbles of IQ1_M.
    const scale = vector.format === 'IQ1_M' ? [48, 56] : [0, 2]
    fc.assert(
      fc.property(fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes }), (bytes) => {
        bytes.set(block.subarray(scale[0], scale[1]), scale[0])
        expect(dequantised(vector.format, bytes).every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses lengths that are not whole blocks', () => {
    expect(() => dequantiseBlocks('Q4_K', new Uint8Array(143), new Float32Array(256))).toThrow()
    expect(() => dequantiseBlocks('Q8_0', new Uint8Array(34), new Float32Array(31))).toThrow()
  })
})
