import { BLOCK_FORMATS, type BlockFormat } from '../../../packages/core/src/base/block-format.ts'
import {
  type GgufPair,
  type GgufTensor,
  ggufBytes,
} from '../../../packages/core/src/model/gguf/testing/gguf-bytes.ts'
import { encodeBlocks } from '../../../packages/core/src/numeric/testing/encode-blocks.ts'
import { halfBits } from '../../../packages/core/src/numeric/testing/put-bits.ts'
import type { Model } from './weights.ts'

/** ggml's numbers of the formats. */
const TYPE: Partial<Record<BlockFormat, number>> = {
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 6,
  Q5_1: 7,
  Q8_0: 8,
  Q2_K: 10,
  Q3_K: 11,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  Q8_K: 15,
  IQ4_NL: 20,
  IQ4_XS: 23,
  TQ1_0: 34,
  TQ2_0: 35,
  MXFP4: 39,
  NVFP4: 40,
  Q1_0: 41,
  Q2_0: 42,
  IQ2_XXS: 16,
  IQ2_XS: 17,
  IQ2_S: 22,
  IQ3_XXS: 18,
  IQ3_S: 21,
  IQ1_S: 19,
  IQ1_M: 29,
}

/** Two to three and a half bits for an element: places in fixed codebooks. */
export const LATTICE_FORMATS = [
  'IQ1_S',
  'IQ1_M',
  'IQ2_XXS',
  'IQ2_XS',
  'IQ2_S',
  'IQ3_XXS',
  'IQ3_S',
] as const satisfies readonly BlockFormat[]

export const GGUF_FORMATS = (Object.keys(TYPE) as BlockFormat[]).filter(
  (format) => !LATTICE_FORMATS.some((lattice) => lattice === format),
)

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^model\.embed_tokens/, 'token_embd'],
  [/^lm_head/, 'output'],
  [/^model\.norm/, 'output_norm'],
  [/^model\.layers\.(\d+)\.input_layernorm/, 'blk.$1.attn_norm'],
  [/^model\.layers\.(\d+)\.post_attention_layernorm/, 'blk.$1.ffn_norm'],
  [/^model\.layers\.(\d+)\.self_attn\.o_proj/, 'blk.$1.attn_output'],
  [/^model\.layers\.(\d+)\.self_attn\.([qkv])_proj/, 'blk.$1.attn_$2'],
  [/^model\.layers\.(\d+)\.mlp\.(gate|up|down)_proj/, 'blk.$1.ffn_$2'],
]

/** Rows j and j + half of every head become rows 2j and 2j + 1, as the converter leaves them. */
export function permuteRows(values: Float32Array, cols: number, heads: number): Float32Array {
  const rows = values.length / cols
  const headDim = rows / heads
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / headDim)
    const inHead = row % headDim
    const half = Math.floor(inHead / (headDim / 2))
    const to = head * headDim + 2 * (inHead % (headDim / 2)) + half
    out.set(values.subarray(row * cols, (row + 1) * cols), to * cols)
  }
  return out
}

/**
 * A Llama model as llama.cpp's converter writes it: its names, permuted query and key rows, norms
 * in F32, matrices in `format` where their rows are whole blocks, else in F16.
 */
export function llamaGguf({ weights, config }: Model, format: BlockFormat | 'F16'): Uint8Array {
  const number = (key: string): number => Number(config[key])
  const metadata: GgufPair[] = [
    ['general.architecture', { text: 'llama' }],
    ['llama.embedding_length', { u32: number('hidden_size') }],
    ['llama.block_count', { u32: number('num_hidden_layers') }],
    ['llama.feed_forward_length', { u32: number('intermediate_size') }],
    ['llama.attention.head_count', { u32: number('num_attention_heads') }],
    ['llama.attention.head_count_kv', { u32: number('num_key_value_heads') }],
    ['llama.attention.layer_norm_rms_epsilon', { f32: 1e-6 }],
    ['llama.rope.dimension_count', { u32: number('head_dim') }],
  ]
  const tensors = Object.entries(weights).map(([name, { shape, values }]): GgufTensor => {
    const cols = shape.at(-1) ?? 1
    const query = /q_proj/.test(name)
    const heads = number(query ? 'num_attention_heads' : 'num_key_value_heads')
    const stored = query || /k_proj/.test(name) ? permuteRows(values, cols, heads) : values
    const [pattern, words = ''] = NAMES.find(([known]) => known.test(name)) ?? [/$/, name]
    return { name: name.replace(pattern, words), shape, ...encode(stored, shape, format) }
  })
  return ggufBytes({ metadata, tensors })
}

function encode(
  values: Float32Array,
  shape: readonly number[],
  format: BlockFormat | 'F16',
): { readonly type: number; readonly bytes: Uint8Array } {
  if (shape.length < 2) return { type: 0, bytes: new Uint8Array(values.slice().buffer) }
  const fits = format !== 'F16' && (shape.at(-1) ?? 1) % BLOCK_FORMATS[format].elements === 0
  if (format !== 'F16' && fits) {
    return { type: TYPE[format] ?? -1, bytes: encodeBlocks(format, values) }
  }
  return { type: 1, bytes: new Uint8Array(Uint16Array.from(values, halfBits).buffer) }
}
