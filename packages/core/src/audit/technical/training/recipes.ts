import type { JsonValue } from '../../../base/canonical-json.ts'
import type { Draw } from './draw-plan.ts'

/** How a library initialises a model, as draws in order; both were checked against the library. */
export const RECIPES = ['huggingface-llama', 'huggingface-gpt2'] as const

export type Recipe = (typeof RECIPES)[number]

type Numbers = (key: string, fallback?: number) => number

/**
 * The draws of a configuration, or the name of the key that is missing. PyTorch layers draw when they
 * are made, and `_init_weights` draws again: the first draws are thrown away, yet they move the
 * generator, so they are part of the recipe.
 */
export function drawsOfRecipe(
  recipe: Recipe,
  config: JsonValue | undefined,
): { readonly draws: readonly Draw[] } | { readonly missing: string } {
  const fields =
    config !== null && typeof config === 'object' && !Array.isArray(config) ? config : {}
  let missing: string | null = null
  const number: Numbers = (key, fallback) => {
    const value = (fields as Record<string, JsonValue>)[key]
    if (typeof value === 'number') return value
    if (fallback !== undefined) return fallback
    missing ??= key
    return 1
  }
  const isTied = (fields as Record<string, JsonValue>)['tie_word_embeddings']
  const draws =
    recipe === 'huggingface-llama' ? llamaDraws(number, isTied === true) : gpt2Draws(number)
  return missing === null ? { draws } : { missing }
}

const made = (shape: readonly number[]): Draw => ({
  law: 'kaiming_uniform',
  a: Math.sqrt(5),
  tensor: null,
  shape,
})

const normal = (tensor: string | null, shape: readonly number[], std: number): Draw => ({
  law: 'normal',
  mean: 0,
  std,
  tensor,
  shape,
})

function llamaDraws(number: Numbers, isTied: boolean): Draw[] {
  const width = number('hidden_size')
  const hidden = number('intermediate_size')
  const heads = number('num_attention_heads')
  const headDim = number('head_dim', width / heads)
  const queries = heads * headDim
  const keys = number('num_key_value_heads', heads) * headDim
  const vocabulary = [number('vocab_size'), width]
  const std = number('initializer_range')
  const layers = number('num_hidden_layers')
  const linears = Array.from({ length: layers }, (_, layer) => {
    const at = `model.layers.${layer}.`
    return [
      [`${at}self_attn.q_proj.weight`, [queries, width]],
      [`${at}self_attn.k_proj.weight`, [keys, width]],
      [`${at}self_attn.v_proj.weight`, [keys, width]],
      [`${at}self_attn.o_proj.weight`, [width, queries]],
      [`${at}mlp.gate_proj.weight`, [hidden, width]],
      [`${at}mlp.up_proj.weight`, [hidden, width]],
      [`${at}mlp.down_proj.weight`, [width, hidden]],
    ] as const
  }).flat()
  const bodyDraws = [
    normal('model.embed_tokens.weight', vocabulary, std),
    ...linears.map(([name, shape]) => normal(name, shape, std)),
  ]
  return [
    normal(null, vocabulary, 1),
    ...linears.map(([, shape]) => made(shape)),
    ...bodyDraws,
    made(vocabulary),
    ...(isTied ? [] : [normal('lm_head.weight', vocabulary, std)]),
  ]
}

function gpt2Draws(number: Numbers): Draw[] {
  const width = number('n_embd')
  const hidden = number('n_inner', 4 * width)
  const layers = number('n_layer')
  const std = number('initializer_range')
  const scaled = std / Math.sqrt(2 * layers)
  const tables = [
    ['transformer.wte.weight', [number('vocab_size'), width]],
    ['transformer.wpe.weight', [number('n_positions'), width]],
  ] as const
  const blocks = Array.from({ length: layers }, (_, layer) => `transformer.h.${layer}.`)
  const shapes = {
    attn: [width, 3 * width],
    out: [width, width],
    fc: [width, hidden],
    down: [hidden, width],
  }
  const initial = blocks.flatMap(() => [
    normal(null, shapes.attn, 0.02),
    normal(null, shapes.out, 0.02),
    normal(null, shapes.fc, 0.02),
    normal(null, shapes.down, 0.02),
  ])
  const kept = blocks.flatMap((at) => [
    normal(`${at}attn.c_attn.weight`, shapes.attn, std),
    normal(null, shapes.out, std),
    normal(`${at}attn.c_proj.weight`, shapes.out, scaled),
    normal(`${at}mlp.c_fc.weight`, shapes.fc, std),
    normal(null, shapes.down, std),
    normal(`${at}mlp.c_proj.weight`, shapes.down, scaled),
  ])
  return [
    ...tables.map(([, shape]) => normal(null, shape, 1)),
    ...initial,
    ...tables.map(([name, shape]) => normal(name, shape, std)),
    ...kept,
    made([number('vocab_size'), width]),
  ]
}
