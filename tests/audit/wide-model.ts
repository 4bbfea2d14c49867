import type { MemoryTensor } from '../../packages/core/src/audit/testing/memory-model.ts'
import { createRng, type Rng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import { randomRotation } from './hadamard.ts'
import type { Loaded } from './transforms.ts'

// A Llama-style model with random weights, wide enough that rows are projected before they are
// matched, and a hidden descendant of it. Simulated.

const WIDTH = 1024
const UNITS = 512
const LAYERS = 1
const TOKENS = 1536
const HEAD = 64

const config = {
  model_type: 'llama',
  hidden_size: WIDTH,
  intermediate_size: UNITS,
  num_hidden_layers: LAYERS,
  num_attention_heads: WIDTH / HEAD,
  num_key_value_heads: WIDTH / HEAD,
  head_dim: HEAD,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  vocab_size: TOKENS,
  tie_word_embeddings: true,
}

const ATTENTION = ['q_proj', 'k_proj', 'v_proj'].map((name) => `self_attn.${name}`)
const READERS = [...ATTENTION, 'mlp.gate_proj', 'mlp.up_proj']
const WRITERS = ['self_attn.o_proj', 'mlp.down_proj']
const NORMS = ['input_layernorm', 'post_attention_layernorm']
const layers = Array.from({ length: LAYERS }, (_, layer) => `model.layers.${layer}.`)

export function wideModel(seed: string): Loaded {
  const rng = createRng(seed)
  const normal = (rows: number, cols: number): MemoryTensor => ({
    shape: [rows, cols],
    values: Float32Array.from({ length: rows * cols }, () => 0.02 * rng.nextNormal()),
  })
  const tensors: Record<string, MemoryTensor> = {
    'model.embed_tokens.weight': normal(TOKENS, WIDTH),
    'model.norm.weight': freshNorm(rng),
  }
  for (const at of layers) {
    for (const name of [...ATTENTION, 'self_attn.o_proj']) {
      tensors[`${at}${name}.weight`] = normal(WIDTH, WIDTH)
    }
    for (const name of ['gate', 'up'])
      tensors[`${at}mlp.${name}_proj.weight`] = normal(UNITS, WIDTH)
    tensors[`${at}mlp.down_proj.weight`] = normal(WIDTH, UNITS)
    for (const name of NORMS) tensors[`${at}${name}.weight`] = freshNorm(rng)
  }
  return { config, tensors, texts: new Map() }
}

const freshNorm = (rng: Rng): MemoryTensor => ({
  shape: [WIDTH],
  values: Float32Array.from({ length: WIDTH }, () => Math.exp(0.3 * rng.nextNormal())),
})

/** Further training (noise of `level` deviations), a rotated stream with new norms, units in another order. */
export function hiddenDescendant(model: Loaded, level: number): Loaded {
  const rng = createRng('descendant')
  const rotation = randomRotation(WIDTH, rng)
  const tensors: Record<string, MemoryTensor> = {}
  const copied = (name: string): Float32Array =>
    model.tensors[name]!.values.map((x) => x + 0.02 * level * rng.nextNormal())
  const keep = (name: string, values: Float32Array) => {
    tensors[name] = { shape: model.tensors[name]!.shape, values }
  }
  /** W → W diag(γ) R diag(1/γ′), with the norm γ before W replaced by γ′. */
  const read = (name: string, norm: string | null) => {
    const values = copied(name)
    const own = norm && model.tensors[norm]!.values
    for (let i = 0; own && i < values.length; i++) values[i]! *= own[i % WIDTH]!
    rotation.rows(values)
    if (norm) {
      tensors[norm] ??= freshNorm(rng)
      const next = tensors[norm].values
      for (let i = 0; i < values.length; i++) values[i]! /= next[i % WIDTH]!
    }
    keep(name, values)
  }
  read('model.embed_tokens.weight', null)
  keep('model.norm.weight', freshNorm(rng).values)
  for (const at of layers) {
    for (const name of READERS) {
      read(`${at}${name}.weight`, `${at}${NORMS[name.startsWith('mlp') ? 1 : 0]}.weight`)
    }
    for (const name of WRITERS) {
      const values = copied(`${at}${name}.weight`)
      rotation.columns(values)
      keep(`${at}${name}.weight`, values)
    }
    reorderUnits(tensors, at, randomPermutation(rng, UNITS))
  }
  return { ...model, tensors }
}

function reorderUnits(
  tensors: Record<string, MemoryTensor>,
  at: string,
  order: ArrayLike<number>,
): void {
  for (const part of ['gate', 'up', 'down']) {
    const name = `${at}mlp.${part}_proj.weight`
    const { shape, values } = tensors[name]!
    const moved = new Float32Array(values.length)
    const isDown = part === 'down'
    for (let i = 0; i < values.length; i++) {
      const [row, column] = [Math.floor(i / shape[1]!), i % shape[1]!]
      const from = isDown ? row * UNITS + order[column]! : order[row]! * WIDTH + column
      moved[i] = values[from]!
    }
    tensors[name] = { shape, values: moved }
  }
}
