import type { JsonValue } from '../../base/canonical-json.ts'

/** Facts of config.json that say which architecture a model follows. */
export const ARCHITECTURE_KEYS = [
  'model_type',
  'hidden_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
  'head_dim',
  'intermediate_size',
  'moe_intermediate_size',
  'vocab_size',
  'num_experts',
  'num_experts_per_tok',
  'rope_theta',
  'tie_word_embeddings',
] as const

export type ArchitectureKey = (typeof ARCHITECTURE_KEYS)[number]
export type Architecture = { readonly [K in ArchitectureKey]?: string | number | boolean }

/** Other names of the same fact. */
const SYNONYMS: Readonly<Partial<Record<ArchitectureKey, readonly string[]>>> = {
  hidden_size: ['n_embd', 'd_model', 'dim'],
  num_hidden_layers: ['n_layer', 'num_layers', 'n_layers', 'depth'],
  num_attention_heads: ['n_head', 'num_heads', 'n_heads'],
  num_key_value_heads: ['n_kv_heads', 'num_kv_heads', 'multi_query_group_num'],
  intermediate_size: ['n_inner', 'ffn_dim', 'ffn_hidden_size', 'mlp_hidden_size'],
  num_experts: ['n_routed_experts', 'num_local_experts', 'n_experts'],
  num_experts_per_tok: ['moe_topk', 'top_k'],
  head_dim: ['kv_channels'],
}

const SECTIONS = ['text_config', 'llm_config', 'language_config']

/** Reads the language model's section of a config.json, or its top level. */
export function architectureOf(config: JsonValue | undefined): Architecture {
  const root = recordOf(config)
  if (root === null) return {}
  const nested = SECTIONS.map((key) => recordOf(root[key])).find((section) => section !== null)
  const scopes = nested ? [nested, root] : [root]
  const found: Record<string, string | number | boolean> = {}
  for (const key of ARCHITECTURE_KEYS) {
    for (const name of [key, ...(SYNONYMS[key] ?? [])]) {
      const value = scopes.map((scope) => scope[name]).find(isFact)
      if (value === undefined) continue
      found[key] = value
      break
    }
  }
  return found
}

const isFact = (value: JsonValue | undefined): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

function recordOf(value: JsonValue | undefined): Readonly<Record<string, JsonValue>> | null {
  const isRecord = value !== null && typeof value === 'object' && !Array.isArray(value)
  return isRecord ? (value as Readonly<Record<string, JsonValue>>) : null
}
