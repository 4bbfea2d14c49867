import type { JsonValue } from '../../base/canonical-json.ts'
import { modelTypeOf, rotaryPairsOf } from './architectures.ts'
import { type Metadata, type MetadataValue, TOKENS_KEY } from './metadata.ts'

/** Keys below the architecture's name, and the `config.json` keys that say the same. */
const KEYS: readonly (readonly [from: string, to: string])[] = [
  ['embedding_length', 'hidden_size'],
  ['block_count', 'num_hidden_layers'],
  ['feed_forward_length', 'intermediate_size'],
  ['context_length', 'max_position_embeddings'],
  ['attention.head_count', 'num_attention_heads'],
  ['attention.head_count_kv', 'num_key_value_heads'],
  ['attention.layer_norm_rms_epsilon', 'rms_norm_eps'],
  ['attention.layer_norm_epsilon', 'layer_norm_eps'],
  ['rope.freq_base', 'rope_theta'],
  ['expert_count', 'num_local_experts'],
  ['expert_used_count', 'num_experts_per_tok'],
  ['vocab_size', 'vocab_size'],
]

/**
 * What a `config.json` of the same model would say, from the metadata of a GGUF file. Values that
 * differ from layer to layer are left out. `rope_pairs_neighbours` is this program's own key: the
 * converter of llama.cpp reorders the query and key rows of some architectures.
 */
export function configFromGguf(metadata: Metadata): JsonValue | undefined {
  const architecture = metadata.get('general.architecture')
  if (typeof architecture !== 'string') return undefined
  const value = (key: string) => uniform(metadata.get(`${architecture}.${key}`))
  const config: Record<string, JsonValue> = { model_type: modelTypeOf(architecture) }
  for (const [from, to] of KEYS) {
    const found = value(from)
    if (found !== undefined) config[to] = found
  }
  const neighbours = rotaryPairsOf(architecture)
  if (neighbours !== undefined) config['rope_pairs_neighbours'] = neighbours === 'neighbours'
  const alibi = value('attention.max_alibi_bias')
  if (typeof alibi === 'number' && alibi > 0) config['alibi'] = true
  const tokens = metadata.get(TOKENS_KEY)
  if (config['vocab_size'] === undefined && typeof tokens === 'object') {
    config['vocab_size'] = tokens.count
  }
  return { ...config, ...headSizes(value) }
}

/** Ordinary heads have one size; latent attention states its ranks and both parts of a head. */
function headSizes(value: (key: string) => JsonValue | undefined): Record<string, JsonValue> {
  const sizes: Record<string, JsonValue> = {}
  const rank = value('attention.kv_lora_rank')
  const rotated = value('rope.dimension_count')
  const head = value('attention.key_length_mla') ?? value('attention.key_length')
  if (typeof rank !== 'number') {
    if (head !== undefined) sizes['head_dim'] = head
    if (rotated !== undefined) sizes['rotary_dim'] = rotated
    return sizes
  }
  sizes['kv_lora_rank'] = rank
  const queryRank = value('attention.q_lora_rank')
  if (queryRank !== undefined) sizes['q_lora_rank'] = queryRank
  const valueSize = value('attention.value_length_mla') ?? value('attention.value_length')
  if (valueSize !== undefined) sizes['v_head_dim'] = valueSize
  if (typeof rotated === 'number' && typeof head === 'number' && head > rotated) {
    sizes['qk_rope_head_dim'] = rotated
    sizes['qk_nope_head_dim'] = head - rotated
  }
  return sizes
}

/** A number, text or flag; of a list its only value. */
function uniform(value: MetadataValue | undefined): JsonValue | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined
  if (typeof value !== 'object') return value
  const [first, ...others] = new Set(value.values ?? [])
  return others.length === 0 ? uniform(first) : undefined
}

/**
 * The vocabulary as `tokenizer.json` would hold it, so that tokens of two models can be matched by
 * their texts; undefined where the file has none. Of a text that stands twice the first row counts.
 */
export function tokenizerFromGguf(metadata: Metadata): string | undefined {
  const tokens = metadata.get(TOKENS_KEY)
  if (typeof tokens !== 'object' || tokens.values === null || tokens.count === 0) return undefined
  const rows = new Map<string, number>()
  tokens.values.forEach((token, row) => {
    if (typeof token === 'string' && token !== '' && !rows.has(token)) rows.set(token, row)
  })
  const entries = [...rows].map(([token, row]) => `${JSON.stringify(token)}:${row}`)
  return `{"model":{"vocab":{${entries.join(',')}}}}`
}
