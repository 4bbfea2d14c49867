import type { JsonValue } from '../../base/canonical-json.ts'
import type { Rng } from '../../base/rng.ts'
import type { MemoryTensor } from './memory-model.ts'

/** Sizes of a simulated transformer; small enough for thousands of draws. */
export type TransformerShape = {
  readonly hidden: number
  readonly inner: number
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly vocabulary: number
}

export const SMALL_SHAPE: TransformerShape = {
  hidden: 24,
  inner: 40,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  vocabulary: 64,
}

export type Weights = Readonly<Record<string, MemoryTensor>>

export const configOf = (shape: TransformerShape): JsonValue => ({
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: shape.hidden,
  intermediate_size: shape.inner,
  num_hidden_layers: shape.layers,
  num_attention_heads: shape.heads,
  num_key_value_heads: shape.keyValueHeads,
  head_dim: shape.hidden / shape.heads,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  vocab_size: shape.vocabulary,
})

/**
 * Simulated weights, not trained: rows share strong directions and differ in size, as rows of
 * trained models do, so that a test that leaned on independent or equally sized rows would fail.
 * The directions come from `scene` (what two trainings on the same data have in common), the signs
 * and the order of units from `rng` (what the initialisation decided).
 */
export function randomTransformer(shape: TransformerShape, rng: Rng, scene: Rng): Weights {
  const { hidden, inner, layers, heads, keyValueHeads, vocabulary } = shape
  const headDim = hidden / heads
  const tensors: Record<string, MemoryTensor> = {}
  const add = (name: string, rows: number, cols: number) => {
    tensors[name] = { shape: [rows, cols], values: anisotropic(rows, cols, { rng, scene }) }
  }
  add('model.embed_tokens.weight', vocabulary, hidden)
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`
    add(`${at}.self_attn.q_proj.weight`, heads * headDim, hidden)
    add(`${at}.self_attn.k_proj.weight`, keyValueHeads * headDim, hidden)
    add(`${at}.self_attn.v_proj.weight`, keyValueHeads * headDim, hidden)
    add(`${at}.self_attn.o_proj.weight`, hidden, heads * headDim)
    add(`${at}.mlp.gate_proj.weight`, inner, hidden)
    add(`${at}.mlp.up_proj.weight`, inner, hidden)
    add(`${at}.mlp.down_proj.weight`, hidden, inner)
    tensors[`${at}.input_layernorm.weight`] = norm(hidden, rng)
    tensors[`${at}.post_attention_layernorm.weight`] = norm(hidden, rng)
  }
  tensors['model.norm.weight'] = norm(hidden, rng)
  return tensors
}

function norm(size: number, rng: Rng): MemoryTensor {
  return {
    shape: [size],
    values: Float32Array.from({ length: size }, () => 1 + 0.05 * rng.nextNormal()),
  }
}

/** Rows = random sign × (shared directions with heavy-tailed sizes + own noise). */
function anisotropic(
  rows: number,
  cols: number,
  source: { readonly rng: Rng; readonly scene: Rng },
): Float32Array {
  const directions = [0, 1, 2].map((k) =>
    Float64Array.from({ length: cols }, () => source.scene.nextNormal() / (k + 1)),
  )
  const values = new Float32Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    const size = Math.exp(source.rng.nextNormal()) * (source.rng.nextUint32() & 1 ? 1 : -1)
    const mix = directions.map(() => source.rng.nextNormal())
    for (let j = 0; j < cols; j++) {
      const common = directions.reduce((sum, d, k) => sum + (mix[k] ?? 0) * (d[j] ?? 0), 0)
      values[i * cols + j] = size * (common + 0.5 * source.rng.nextNormal())
    }
  }
  return values
}
