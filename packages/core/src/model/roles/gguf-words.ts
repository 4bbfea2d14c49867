/**
 * llama.cpp glues what other names keep apart: ffn_gate_exps is gate_proj of all experts in one
 * tensor, shexp the shared expert, inp what chooses among experts. Source: the tensor names of
 * gguf-py (constants.py, TENSOR_NAMES).
 */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['ffn_gate_exps', ['mlp', 'experts', 'gate_proj']],
  ['ffn_up_exps', ['mlp', 'experts', 'up_proj']],
  ['ffn_down_exps', ['mlp', 'experts', 'down_proj']],
  ['ffn_gate_up_exps', ['mlp', 'experts', 'gate_up_proj']],
  ['ffn_gate_shexp', ['mlp', 'shared_experts', 'gate_proj']],
  ['ffn_up_shexp', ['mlp', 'shared_experts', 'up_proj']],
  ['ffn_down_shexp', ['mlp', 'shared_experts', 'down_proj']],
  ['ffn_gate_inp', ['mlp', 'router']],
  ['ffn_gate_inp_shexp', ['mlp', 'shared_expert_gate']],
  ['exp_probs_b', ['mlp', 'router', 'e_score_correction']],
  ['attn_q_a', ['self_attn', 'q_a_proj']],
  ['attn_q_b', ['self_attn', 'q_b_proj']],
  ['attn_kv_a_mqa', ['self_attn', 'kv_a_proj_with_mqa']],
  ['attn_kv_b', ['self_attn', 'kv_b_proj']],
  ['attn_q_a_norm', ['self_attn', 'q_a_layernorm']],
  ['attn_kv_a_norm', ['self_attn', 'kv_a_layernorm']],
  ['attn_sinks', ['self_attn', 'sinks']],
])

/** First words of the tensors of a multimodal projector file, by what follows them. */
const TOWERS: readonly (readonly [pattern: RegExp, word: string])[] = [
  [
    /^v\.(?:blk|patch_embd|position_embd|class_embd|pre_ln|post_ln|norm_embd)(?:\.|$)/,
    'vision_tower',
  ],
  [/^a\.(?:blk|conv1d|position_embd|pre_ln|post_ln)(?:\.|$)/, 'audio_tower'],
  [/^mm\./, 'mm_projector'],
]

/** The words of a name as other formats would give them. */
export function plainWords(tokens: readonly string[]): string[] {
  const text = tokens.join('.')
  const tower = TOWERS.find(([pattern]) => pattern.test(text))?.[1]
  const words = tower === undefined ? tokens : [tower, ...tokens.slice(1)]
  if (words[0] === 'output_norm' && words.length === 2) return ['norm', ...words.slice(1)]
  return words.flatMap((word) => WORDS.get(word) ?? [word])
}
