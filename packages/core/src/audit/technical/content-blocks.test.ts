import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roundToBf16Bits } from '../../numeric/bf16.ts'
import { decodeInto } from '../../numeric/decode.ts'
import { plainMeasurer } from '../../numeric/row-measurer.ts'
import { normalRows } from '../../numeric/testing/random-rows.ts'
import * as blocks from './content-blocks.ts'
import { encodingRelation } from './reencoding.ts'

const LENGTH = 1024

const areUnrelated = (a: Uint16Array, b: Uint16Array) => blocks.areUnrelated(a, b, plainMeasurer)
const areDifferent = (a: Uint16Array, b: Uint16Array) => blocks.areDifferent(a, b, plainMeasurer)

const codesOf = (values: Float32Array): Uint16Array => {
  const codes = new Uint16Array(values.length)
  roundToBf16Bits(values, codes)
  return codes
}

const valuesOf = (codes: Uint16Array): Float32Array => {
  const values = new Float32Array(codes.length)
  decodeInto(new Uint8Array(codes.buffer), 'BF16', values)
  return values
}

const normal = (seed: number): Float32Array => normalRows(seed, 1, LENGTH).data

/** Rounded to a grid of these many steps on either side of zero. */
function onGrid(values: Float32Array, levels: number): Float32Array {
  const step = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / levels
  return values.map((value) => Math.round(value / step) * step)
}

describe('blocks told apart by their codes', () => {
  it('are unrelated where they were drawn apart', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(areUnrelated(codesOf(normal(2 * seed)), codesOf(normal(2 * seed + 1)))).toBe(true)
    }
  })

  it('are never unrelated where one may be the other on a coarser grid', () => {
    const scale = fc.constantFrom(1e-30, 1e-3, 0.02, 1, 7, 1e30)
    const moved = fc.double({ min: 0, max: 2, noNaN: true })
    const levels = fc.constantFrom(0, 1, 2, 7, 8, 127)
    fc.assert(
      fc.property(fc.nat(), scale, moved, levels, (seed, size, noise, steps) => {
        const own = normal(seed).map((value) => value * size)
        const other = normal(seed + 1)
        const changed = own.map((value, i) => value + size * noise * (other[i] as number))
        const stored = codesOf(steps > 0 ? onGrid(changed, steps) : changed)
        const [a, b] = [stored, codesOf(own)]
        const forms = { cols: LENGTH, dtypes: ['BF16', 'BF16'] as const }
        const kinds = [
          encodingRelation(valuesOf(a), valuesOf(b), forms).kind,
          encodingRelation(valuesOf(b), valuesOf(a), forms).kind,
        ]
        if (areUnrelated(a, b)) expect(kinds).toEqual(['none', 'none'])
        expect(areUnrelated(b, a) && steps === 0 && noise === 0).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('are different where one value is, and are decoded where they are equal', () => {
    const a = codesOf(normal(1))
    expect(areDifferent(a, a.slice())).toBe(false)
    expect(areDifferent(a, a.with(LENGTH - 1, (a.at(-1) as number) ^ 1))).toBe(true)
    expect(areDifferent(a.with(3, 0x7fc1), a.with(3, 0x7fc2))).toBe(false)
    expect(areDifferent(new Uint16Array(LENGTH).fill(7), a)).toBe(false)
  })

  it('are decoded where one is constant, or holds what is no number', () => {
    const [a, b] = [codesOf(normal(1)), codesOf(normal(2))]
    expect(areUnrelated(new Uint16Array(LENGTH).fill(0x3f80), b)).toBe(false)
    expect(areUnrelated(a, new Uint16Array(LENGTH))).toBe(true)
    for (const code of [0x7f80, 0xff80, 0x7fc1]) {
      expect(areUnrelated(a.with(LENGTH - 1, code), b)).toBe(false)
      expect(areUnrelated(a, b.with(LENGTH - 1, code))).toBe(false)
    }
  })
})
