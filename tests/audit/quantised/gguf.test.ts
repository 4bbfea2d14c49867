import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ComponentComparison } from '../../../packages/core/src/audit/result.ts'
import { GGUF_FORMATS, llamaGguf, permuteRows } from './llama-gguf.ts'
import { bodyAgainst, loadModel, readBack, sourceOf, wideModel } from './weights.ts'

// GGUF files of the trained tiny models and, for formats whose blocks their rows do not divide,
// of simulated wide ones: each must be found against its source and against no other.

const VECTORS = join(import.meta.dirname, '../../../testdata/vectors')

type WrittenTensor = {
  readonly name: string
  readonly shape: readonly number[]
  readonly sum: number
  readonly first: string
}

const FOUND = ['derived', 'reencoded', 'identical']

/** log10 p of the sign-flip test of keys, over all layers. */
const strongestKeyTest = ({ tests }: ComponentComparison): number =>
  Math.min(0, ...tests.filter(({ test }) => test === 'sign_key').map(({ log10P }) => log10P ?? 0))

describe('gguf files of a trained model', () => {
  it.each(['F16', 'Q8_0', 'Q4_0', 'IQ4_NL', 'MXFP4'] as const)('%s', async (format) => {
    const files = { 'model.gguf': llamaGguf(await loadModel('s1'), format) }
    const own = await bodyAgainst(files, sourceOf('s1', await loadModel('s1')))
    expect(FOUND, JSON.stringify(own.reasons)).toContain(own.verdict)
    expect(own.log10P).toBeLessThanOrEqual(-9)
    expect(strongestKeyTest(own)).toBeLessThanOrEqual(-9)
    const other = await bodyAgainst(files, sourceOf('s2', await loadModel('s2')))
    expect(other.verdict).toBe('no_evidence')
  })

  it('agrees in its keys only if the rows are taken in the order that the file states', async () => {
    const model = await loadModel('s1')
    const config = { ...model.config, rope_pairs_neighbours: true }
    // The same rows, not permuted, under a configuration that says they were.
    const claimed = await bodyAgainst(
      { 'model.gguf': llamaGguf(model, 'F16') },
      sourceOf('s1', { ...model, config }),
    )
    expect(strongestKeyTest(claimed)).toBeGreaterThan(-4)
    expect(FOUND).toContain(claimed.verdict)
  })

  it('holds the key rows in the order that the file states', async () => {
    const model = await loadModel('s1')
    const read = await readBack({ 'model.gguf': llamaGguf(model, 'F16') })
    const key = model.weights['model.layers.1.self_attn.k_proj.weight']!
    const expected = permuteRows(key.values, 48, 2)
    const stored = read.get('blk.1.attn_k.weight')!
    expect(stored.shape).toEqual([24, 48])
    // bfloat16 values of this size are exact in binary16 but for the smallest.
    const worst = stored.values.reduce(
      (most, v, i) => Math.max(most, Math.abs(v - expected[i]!)),
      0,
    )
    expect(worst).toBeLessThan(1e-7)
  })
})

describe('gguf files of a simulated wide model', () => {
  const model = wideModel(1)
  it.each(GGUF_FORMATS)('%s', async (format) => {
    const files = { 'model.gguf': llamaGguf(model, format) }
    await readBack(files)
    const own = await bodyAgainst(files, sourceOf('own', model))
    expect(FOUND, JSON.stringify(own.reasons)).toContain(own.verdict)
    expect(own.log10P).toBeLessThanOrEqual(-9)
    const other = await bodyAgainst(files, sourceOf('other', wideModel(2)))
    expect(other.verdict).toBe('no_evidence')
  })
})

describe('a file written by llama.cpp’s own package', () => {
  it('is read to the same shapes and the same float32 bits', async () => {
    const file = readFileSync(join(VECTORS, 'written-by-gguf-py.gguf'))
    const { tensors } = JSON.parse(
      readFileSync(join(VECTORS, 'written-by-gguf-py.json'), 'utf8'),
    ) as { readonly tensors: readonly WrittenTensor[] }
    const read = await readBack({ 'model.gguf': file })
    expect(read.size).toBe(tensors.length)
    for (const { name, shape, sum, first } of tensors) {
      const found = read.get(name)!
      const bits = new Uint32Array(
        found.values.buffer,
        found.values.byteOffset,
        found.values.length,
      )
      expect(found.shape, name).toEqual(shape)
      expect(Buffer.from(bits.slice(0, 4).buffer).toString('hex'), name).toBe(first)
      expect(
        bits.reduce((total, word) => (total + word) % 2 ** 32, 0),
        name,
      ).toBe(sum)
    }
  })
})
