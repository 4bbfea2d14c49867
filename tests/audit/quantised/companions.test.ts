import { describe, expect, it } from 'vitest'
import { type Files, quantisedFiles } from './quantised-files.ts'
import {
  awq,
  float4,
  float8Blocks,
  float8Rows,
  fourBit,
  gptq,
  int8Rows,
  mxfp8,
  packed,
  type Quantiser,
  rowInt8,
} from './quantisers.ts'
import { bodyAgainst, loadModel, readBack, sourceOf, wideModel } from './weights.ts'

// Weights kept as codes beside scales: read back bit for bit, and traced to their source.

type Case = readonly [name: string, Quantiser, quantization?: Record<string, unknown>]

/** Layouts that rows of 48 and 96 elements allow. */
const NARROW: readonly Case[] = [
  ['GPTQ 4-bit, groups of 16', gptq(4, 16)],
  ['GPTQ 4-bit in the order of activations', gptq(4, 16, { actOrder: true })],
  ['GPTQ 8-bit', gptq(8, 48)],
  ['GPTQ of the second version', gptq(4, 16, { version2: true }), { checkpoint_format: 'gptq_v2' }],
  ['AWQ 4-bit', awq(16), { quant_method: 'awq', version: 'gemm' }],
  ['packed 4-bit integers', packed(4, 16)],
  ['packed 4-bit integers with zero points', packed(4, 16, { asymmetric: true })],
  ['packed 8-bit integers', packed(8, 48)],
  [
    'packed integers in the order of activations',
    packed(4, 16, { asymmetric: true, actOrder: true }),
  ],
  ['INT8 by rows with zero points', int8Rows],
  ['FP8 by blocks', float8Blocks(16), { weight_block_size: [16, 16] }],
  ['FP8 by rows', float8Rows(true)],
  ['FP8 by tensor', float8Rows(false)],
  ['8-bit of bitsandbytes', rowInt8],
  ['4-bit of bitsandbytes', fourBit(false)],
  ['4-bit of bitsandbytes with quantised scales', fourBit(true)],
  ['NVFP4 of ModelOpt', float4('modelopt')],
  ['NVFP4 of compressed-tensors', float4('compressed')],
]

/** Layouts that need rows of whole 32s. */
const WIDE: readonly Case[] = [
  ['GPTQ 2-bit', gptq(2, 64)],
  ['GPTQ 3-bit', gptq(3, 64)],
  ['FP8 by blocks of 128', float8Blocks(128)],
  ['MXFP4 of gpt-oss', float4('gpt_oss')],
  ['MXFP8', mxfp8],
]

async function readsBack(files: Files, expected: ReadonlyMap<string, Float32Array>): Promise<void> {
  const read = await readBack(files)
  for (const [name, values] of expected) {
    const found = read.get(name)
    expect(found, name).toBeDefined()
    expect(Buffer.from(found!.values.buffer).equals(Buffer.from(values.buffer)), name).toBe(true)
  }
  expect([...read.keys()].filter((name) => !name.endsWith('.weight'))).toEqual([])
}

const named = (cases: readonly Case[]) => cases.map((entry) => [entry[0], entry] as const)

const FOUND = ['derived', 'reencoded', 'identical']

describe('a trained model, quantised', () => {
  it.each(named(NARROW))('%s', async (_, [, quantiser, quantization]) => {
    const model = await loadModel('s1')
    const { files, expected } = quantisedFiles(model, quantiser, quantization)
    await readsBack(files, expected)
    const own = await bodyAgainst(files, sourceOf('s1', model))
    expect(FOUND, JSON.stringify(own.reasons)).toContain(own.verdict)
    expect(own.log10P).toBeLessThanOrEqual(-9)
    const other = await bodyAgainst(files, sourceOf('s2', await loadModel('s2')))
    expect(other.verdict).toBe('no_evidence')
  })
})

describe('a simulated wide model, quantised', () => {
  const model = wideModel(1)
  it.each(named(WIDE))('%s', async (_, [, quantiser, quantization]) => {
    const { files, expected } = quantisedFiles(model, quantiser, quantization)
    await readsBack(files, expected)
    const own = await bodyAgainst(files, sourceOf('own', model))
    expect(FOUND, JSON.stringify(own.reasons)).toContain(own.verdict)
    expect(own.log10P).toBeLessThanOrEqual(-9)
    const other = await bodyAgainst(files, sourceOf('other', wideModel(2)))
    expect(other.verdict).toBe('no_evidence')
  })
})
