import { describe, expect, it } from 'vitest'
import type { ComponentComparison } from '../../../packages/core/src/audit/result.ts'
import type { BlockFormat } from '../../../packages/core/src/base/block-format.ts'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import { dequantiseBlocks } from '../../../packages/core/src/numeric/dequantise/blocks.ts'
import { encodeBlocks } from '../../../packages/core/src/numeric/testing/encode-blocks.ts'
import { LATTICE_FORMATS, llamaGguf } from './llama-gguf.ts'
import {
  bodyAgainst,
  movedModel,
  readBack,
  sourceOf,
  wideModel,
  withCheckpoint,
} from './weights.ts'

// Simulated wide models in the formats of one to three bits. What is left of a weight is little, and
// every file draws it from the same few points: a descendant must be found all the same, by the signs
// of its units, and two strangers in the same format must not be related by the format.

const strongest = (body: ComponentComparison, test: string): number =>
  Math.min(0, ...body.tests.filter((entry) => entry.test === test).map(({ log10P }) => log10P ?? 0))

function rounded(format: BlockFormat, values: Float32Array): Float32Array {
  const out = new Float32Array(values.length)
  dequantiseBlocks(format, encodeBlocks(format, values), out)
  return out
}

describe('rounding to lattice points', () => {
  const rng = createRng('lean')
  const values = Float32Array.from({ length: 2 ** 15 }, () => rng.nextNormal())

  it.each(['IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ3_XXS', 'IQ3_S'] as const)('%s is odd', (format) => {
    const negated = rounded(
      format,
      values.map((v) => -v),
    )
    expect(negated).toEqual(rounded(format, values).map((v) => -v))
  })

  it.each(['IQ1_S', 'IQ1_M'] as const)('%s leans by less than tests can see', (format) => {
    const out = rounded(format, values)
    const runs = out.length / 8
    const means = Array.from({ length: 8 }, (_, axis) =>
      out.reduce((sum, v, i) => (i % 8 === axis ? sum + v / runs : sum), 0),
    )
    const variance = out.reduce((sum, v) => sum + v * v, 0) / out.length
    const square = means.reduce((sum, mean) => sum + mean * mean, 0) / 8
    // The cosine that two such models have in common, without what chance adds to squares of means.
    expect(Math.abs(square / variance - 1 / runs)).toBeLessThan(1e-3)
  })
})

describe('gguf files of lattice formats', () => {
  const model = wideModel(1)
  const trained = movedModel(model, 3)
  const stranger = wideModel(2)

  it.each(LATTICE_FORMATS)('%s', async (format) => {
    const files = { 'model.gguf': llamaGguf(trained, format) }
    await readBack(files)
    const own = await bodyAgainst(files, sourceOf('own', model))
    expect(own.verdict, JSON.stringify(own.reasons)).toBe('derived')
    for (const test of ['sign_up', 'sign_value', 'sign_key']) {
      expect(strongest(own, test), test).toBeLessThanOrEqual(-9)
    }
    const strangers = { 'model.gguf': llamaGguf(stranger, format) }
    const other = await withCheckpoint(strangers, (source) => bodyAgainst(files, source))
    expect(other.verdict, JSON.stringify(other.reasons)).toBe('no_evidence')
  })

  it('signs are not tested where the codes of both models lean to one side', async () => {
    // Q2_0 has the levels −1, 0, 1 and 2: rounded to nearest, rows of either model sum to more than 0.
    const [files, strangers] = [trained, stranger].map((one) => ({
      'model.gguf': llamaGguf(one, 'Q2_0'),
    }))
    const other = await withCheckpoint(strangers!, (source) => bodyAgainst(files!, source))
    expect(other.verdict).toBe('no_evidence')
    const codes = other.reasons.map(({ code }) => code)
    expect(codes).toContain('sign_convention_both')
    expect(other.tests.filter(({ test }) => test.startsWith('sign_'))).toEqual([])
  })
})
