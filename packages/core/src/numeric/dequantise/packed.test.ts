import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyAffine, applyCodebook, type GridValues } from './affine.ts'
import { unpackAwq, unpackColumnStreams, unpackRowBytes, unpackRowStreams } from './packed.ts'

/** All codes of a row as one long number, cut into words: no position is computed. */
function wordsOfRow(codes: readonly number[], bits: number): number[] {
  const text = codes
    .map((code) => code.toString(2).padStart(bits, '0'))
    .reverse()
    .join('')
  const whole = Math.ceil(text.length / 32)
  const padded = text.padStart(whole * 32, '0')
  return Array.from({ length: whole }, (_, w) => {
    const end = padded.length - 32 * w
    return Number.parseInt(padded.slice(end - 32, end), 2)
  })
}

const matrices = fc
  .record({
    bits: fc.constantFrom(2, 3, 4, 8),
    rows: fc.integer({ min: 1, max: 5 }),
    seed: fc.array(fc.nat(255), { minLength: 1, maxLength: 70 }),
  })
  .map(({ bits, rows, seed }) =>
    Array.from({ length: rows }, (_, row) => seed.map((v) => (v * (row + 1)) % 2 ** bits)).map(
      (codes) => ({ codes, bits }),
    ),
  )

describe('packed codes', () => {
  it('come back from rows of words, from columns of words, and from bytes', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const bits = matrix[0]!.bits
        const cols = matrix[0]!.codes.length
        const rows = matrix.length
        const expected = matrix.flatMap(({ codes }) => codes)
        const words = matrix.map(({ codes }) => wordsOfRow(codes, bits))
        const wordsPerRow = words[0]!.length
        const out = new Float32Array(rows * cols)
        unpackRowStreams(Uint32Array.from(words.flat()), out, { cols, bits, wordsPerRow })
        expect([...out]).toEqual(expected)
        const turned = Array.from({ length: wordsPerRow }, (_, w) => words.map((row) => row[w]!))
        const again = new Float32Array(rows * cols)
        unpackColumnStreams(Uint32Array.from(turned.flat()), again, { cols, bits })
        expect([...again]).toEqual(expected)
        if (bits === 3) return
        const perRow = Math.ceil((cols * bits) / 8)
        const bytes = words.flatMap((row) =>
          [...new Uint8Array(Uint32Array.from(row).buffer)].slice(0, perRow),
        )
        const third = new Float32Array(rows * cols)
        unpackRowBytes(Uint8Array.from(bytes), third, { cols, bits: bits as 2 | 4 | 8 })
        expect([...third]).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('of AWQ interleave even and odd outputs', () => {
    // Nibbles from the lowest: outputs 0, 2, 4, 6, 1, 3, 5, 7.
    const words = Uint32Array.of(0x75316420, 0xfdb9eca8)
    const all = new Float32Array(16)
    unpackAwq(words, all, { lines: 1, first: 0 })
    expect([...all]).toEqual(Array.from({ length: 16 }, (_, i) => i))
    const some = new Float32Array(6)
    unpackAwq(words, some, { lines: 1, first: 5 })
    expect([...some]).toEqual([5, 6, 7, 8, 9, 10])
    const lines = new Float32Array(4)
    unpackAwq(words, lines, { lines: 2, first: 3 })
    expect([...lines]).toEqual([3, 11, 4, 12])
  })
})

describe('scales', () => {
  const grid = (values: number[], more: Partial<GridValues>): GridValues => ({
    values: Float32Array.from(values),
    rowStride: 1,
    colStride: 0,
    rowBlock: 1,
    firstRow: 0,
    groups: Int32Array.of(0, 0, 1),
    ...more,
  })

  it('belong to rows, groups of columns and blocks of rows', () => {
    const codes = Float32Array.of(1, 2, 3, 4, 5, 6)
    applyAffine(
      codes,
      { cols: 3, firstRow: 0 },
      { scales: grid([10, 100], {}), zeros: 1, factor: 2 },
    )
    expect([...codes]).toEqual([0, 20, 40, 600, 800, 1000])
    const listed = Float32Array.of(1, 2, 3, 4, 5, 6)
    const scales = grid([1, 10, 100, 1000], { rowStride: 2, colStride: 1 })
    const zeros = grid([1, 2], { rowStride: 0, colStride: 1 })
    applyAffine(listed, { cols: 3, firstRow: 0 }, { scales, zeros, factor: 1 })
    expect([...listed]).toEqual([0, 1, 10, 300, 400, 4000])
    // Rows 3 and 4 of a matrix whose blocks have two rows: blocks 1 and 2, of which 1 is first.
    const inside = Float32Array.of(1, 1, 1, 1, 1, 1)
    const blocks = grid([7, 8], { rowBlock: 2, firstRow: 3 })
    applyAffine(inside, { cols: 3, firstRow: 3 }, { scales: blocks, zeros: 0, factor: 1 })
    expect([...inside]).toEqual([7, 7, 7, 8, 8, 8])
  })

  it('of a codebook belong to runs of elements, counted from the first that is read', () => {
    const table = Float32Array.from({ length: 16 }, (_, i) => i)
    const out = new Float32Array(4)
    const layout = {
      bits: 4,
      first: 6,
      blockElements: 4,
      table,
      scales: Float32Array.of(1, 10),
    } as const
    applyCodebook(Uint8Array.of(0x12, 0x34), out, layout)
    expect([...out]).toEqual([1, 2, 30, 40])
  })
})
