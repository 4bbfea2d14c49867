import { describe, expect, it } from 'vitest'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import {
  type GgufTensor,
  ggufBytes,
} from '../../../packages/core/src/model/gguf/testing/gguf-bytes.ts'
import { float4 } from './quantisers.ts'
import { readBack, withCheckpoint } from './weights.ts'

// NVFP4 as llama.cpp's converter repacks it from safetensors: blocks with the scales of 16, and the
// scale of the whole tensor in a tensor of its own.

const SHAPE = [24, 128] as const
const rng = createRng(5)
const values = Float32Array.from({ length: 24 * 128 }, () => 0.02 * rng.nextNormal())

/** Two codes to a byte in turn become the two halves of 16; four scales stand before 64 codes. */
function repacked(codes: Uint8Array, scales: Uint8Array): Uint8Array {
  const nibble = (i: number) => (codes[i >> 1]! >> (4 * (i & 1))) & 15
  const blocks = scales.length / 4
  return Uint8Array.from({ length: blocks * 36 }, (_, at) => {
    const block = Math.floor(at / 36)
    const inBlock = (at % 36) - 4
    if (inBlock < 0) return scales[block * 4 + inBlock + 4]!
    const first = block * 64 + 16 * (inBlock >> 3) + (inBlock & 7)
    return nibble(first) | (nibble(first + 8) << 4)
  })
}

const f32 = (name: string, ...numbers: number[]): GgufTensor => ({
  name,
  shape: [numbers.length],
  type: 0,
  bytes: new Uint8Array(Float32Array.from(numbers).buffer),
})

describe('the scale of a whole tensor', () => {
  const { tensors, expected } = float4('modelopt')('x', values, SHAPE)
  const [codes, scales, outer] = tensors.map(({ bytes }) => bytes)
  const factor = new DataView(outer!.buffer, outer!.byteOffset).getFloat32(0, true)
  const bytes = repacked(codes!, scales!)
  const weight: GgufTensor = { name: 'blk.0.ffn_up.weight', shape: SHAPE, type: 40, bytes }
  const scale = f32('blk.0.ffn_up.scale', factor)

  it('multiplies NVFP4, which then has the values that it has in safetensors', async () => {
    const inputs = f32('blk.0.ffn_up.input_scale', 3)
    const file = ggufBytes({ tensors: [scale, weight, inputs] })
    const read = await readBack({ 'model.gguf': file })
    expect([...read.keys()].sort()).toEqual(['blk.0.ffn_up.input_scale', 'blk.0.ffn_up.weight'])
    expect(read.get('blk.0.ffn_up.weight')?.values).toEqual(expected)
  })

  it('is one for each expert where experts are stored together', async () => {
    const experts = { ...weight, name: 'blk.0.ffn_up_exps.weight', shape: [2, 12, 128] }
    const both = f32('blk.0.ffn_up_exps.scale', factor, 2 * factor)
    const read = await readBack({ 'model.gguf': ggufBytes({ tensors: [experts, both] }) })
    const second = expected.map((v, i) => (i < 12 * 128 ? v : 2 * v))
    expect(read.get('blk.0.ffn_up_exps.weight')?.values).toEqual(second)
  })

  it('is not applied where its shape does not tell how, with a note', async () => {
    const two = f32('blk.0.ffn_up.scale', factor, factor)
    const file = ggufBytes({ tensors: [weight, two] })
    await withCheckpoint({ 'model.gguf': file }, async ({ checkpoint }) => {
      expect(checkpoint.tensors.map(({ name }) => name)).toContain('blk.0.ffn_up.scale')
      expect(checkpoint.notes.join()).toMatch(/not applied: the scale of "blk.0.ffn_up.weight"/)
    })
  })

  it('stays a parameter of its own beside other blocks', async () => {
    const plain = { ...weight, type: 8, bytes: new Uint8Array(24 * 4 * 34) }
    const read = await readBack({ 'model.gguf': ggufBytes({ tensors: [plain, scale] }) })
    expect(read.has('blk.0.ffn_up.scale')).toBe(true)
  })
})
