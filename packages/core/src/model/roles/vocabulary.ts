import { remembered } from '../../base/remembered.ts'
import type { RoleKind } from '../role.ts'
import { isIndex } from './tensor-path.ts'

/** What the words say, before shapes and siblings decide what stays open. */
export type LeafWord =
  | RoleKind
  | 'qkv' // queries, keys and values in one
  | 'kv' // keys and values in one
  | 'gate_up' // both branches of a gated MLP in one
  | 'mlp_in' // rows are hidden units: fc1, up or both branches, as the siblings tell
  | 'mlp_out' // columns are hidden units: fc2 or down
  | 'w1'
  | 'w2'
  | 'w3'

export type Vocabulary = {
  readonly word: LeafWord
  /** True inside a second attention over another sequence. */
  readonly cross: boolean
}

const ATTENTION =
  /(?:^|_)(?:attn|attention|attentions|self_attn|selfattention|mha|msa|crossattention|sa|xattn)(?:_|\d*$)/
const CROSS =
  /(?:^|_)(?:cross_attn|crossattention|cross_attention|encoder_attn|encoder_attention|enc_dec_attention|encdecattention|inter_attention|multihead_attn|xattn)(?:_|\d*$)/
const MLP =
  /(?:^|_)(?:mlp|ffn|ff|feed_forward\d*|feedforward\d*|moe|block_sparse_moe|experts?|dense_relu_dense|dense_act_dense|dense_gated_act_dense|mlpblock|mlp_block|intermediate|ffwd|swiglu|glu)(?:_|\d*$)/
/** Mixers whose own symmetries are not known: nothing below them is queries, keys or values. */
const STATE_SPACE =
  /(?:^|_)(?:mamba\d?|ssm|linear_attn|linear_attention|delta_net|lru|rglru|recurrent|rwkv|time_mix\w*|indexer|time_mixer|short_conv|kda|gla|gated_delta\w*)(?:_|$)/

// A word is a whole token, perhaps behind the name of its branch: q_proj, attn_q, ffn_in.
const start =
  '(?:^|\\.)(?:(?:self_attn|attn|attention|cross_attn|cross|mha|sa|mlp|ffn|ff|moe|block)_)?'
const end = '$'
const suffix = '(?:_?(?:proj|projection|lin|linear|layer|mat|matrix|dense|head|weights?))?'

/** q, wq, q_proj, to_q, attn_q, query, query_layer … at the end of the path. */
function letter(short: string, long: string): RegExp {
  const forms = `w_?${short}|${short}|to_${short}|(?:linear|proj|lin|lins)_${short}|${long}`
  return new RegExp(`${start}(?:${forms})${suffix}${end}`)
}

const path = (forms: string): RegExp => new RegExp(`${start}(?:${forms})${end}`)

type Rule = { readonly word: LeafWord; readonly pattern: RegExp }

/** Words that mean attention wherever they stand. */
const ATTENTION_WORDS: readonly Rule[] = [
  { word: 'q_a', pattern: path('q_a_proj|wq_a|q_down_proj') },
  { word: 'q_b', pattern: path('q_b_proj|wq_b|q_up_proj') },
  { word: 'kv_a', pattern: path('kv_a_proj_with_mqa|kv_a_proj|wkv_a|kv_down_proj') },
  { word: 'kv_b', pattern: path('kv_b_proj|wkv_b|kv_up_proj') },
  {
    word: 'qkv',
    pattern: path(
      'qkv|qkv_proj|wqkv|w_qkv|w_pack|c_attn|query_key_value|to_qkv|linear_qkv|qkv_linear|proj_qkv|qkv_layer|att_proj|qkv_projection',
    ),
  },
  {
    word: 'q',
    pattern: path('q_proj|wq|w_q|to_q|q_lin|linear_q|query_proj|q_linear|proj_q'),
  },
  { word: 'k', pattern: path('k_proj|wk|w_k|to_k|k_lin|linear_k|key_proj|k_linear|proj_k') },
  {
    word: 'v',
    pattern: path('v_proj|wv|w_v|to_v|v_lin|linear_v|value_proj|v_linear|proj_v'),
  },
  { word: 'o', pattern: path('o_proj') },
]

/** Words that need an attention around them. */
const INSIDE_ATTENTION: readonly Rule[] = [
  { word: 'qkv', pattern: path('in_proj|attn_in|attention_in|in') },
  { word: 'kv', pattern: path('kv|kv_proj|to_kv|wkv|w_kv|linear_kv|key_value|kv_linear|kv_layer') },
  { word: 'q', pattern: letter('q', 'query|queries') },
  { word: 'k', pattern: letter('k', 'key|keys') },
  { word: 'v', pattern: letter('v', 'value|values') },
  {
    word: 'o',
    pattern: path(
      'o|wo|w_o|o_lin|out|out_proj|to_out|output|proj|projection|dense|c_proj|linear_out|out_lin|attn_out|attn_output|attention_output|linear_o|proj_out|o_linear|proj_o|fc_out|out_linear|output_proj|attn_proj|final_linear|resid_proj|projection_layer',
    ),
  },
]

/** Words that mean an MLP wherever they stand. */
const MLP_WORDS: readonly Rule[] = [
  { word: 'gate_up', pattern: path('gate_up_proj|gate_up|gate_and_up_proj|ffn_gate_up') },
  { word: 'gate', pattern: path('gate_proj|w_gate|ffn_gate|wi_0|c_fc_0|mlp_gate|linear_gate') },
  { word: 'up', pattern: path('up_proj|w_up|ffn_up|wi_1|c_fc_1|mlp_up|linear_up') },
  { word: 'down', pattern: path('down_proj|w_down|ffn_down|mlp_down|linear_down') },
  {
    word: 'mlp_in',
    pattern: path(
      'fc1|c_fc|linear_?1|dense_h_to_4h|ffn_in|linear_fc1|fc_in|ff_in|mlp_in|w_in|weights_in|w12|lin1|ffn_1|ffn1|ff_proj|intermediate(?:_query)?\\.dense|intermediate_dense|up_gate_proj',
    ),
  },
  {
    word: 'mlp_out',
    pattern: path(
      'fc2|linear_?2|dense_4h_to_h|ffn_out|linear_fc2|fc_out|ff_out|mlp_out|w_out|weights_out|lin2|ffn_2|ffn2|output(?:_query)?\\.dense|ffn_output',
    ),
  },
]

/** Words that need an MLP around them. */
const INSIDE_MLP: readonly Rule[] = [
  { word: 'gate', pattern: path('gate|wg|g_proj|gate_layer|gate_linear') },
  { word: 'up', pattern: path('up|wu|v1|u_proj|up_layer|up_linear') },
  { word: 'down', pattern: path('down|wd|d_proj|down_layer|down_linear') },
  { word: 'w1', pattern: path('w_?1') },
  { word: 'w2', pattern: path('w_?2') },
  { word: 'w3', pattern: path('w_?3') },
  {
    word: 'mlp_in',
    pattern: path(
      'in|wi|in_proj|input_linear|intermediate|linear_?1|dense_?1|layer_?1|intermediate_dense|inner|expand|dense_in|first|h_to_4h|fc|intermediate_proj|input|conv_?1',
    ),
  },
  {
    word: 'mlp_out',
    pattern: path(
      'out|wo|out_proj|output_linear|output|linear_?2|dense_?2|layer_?2|output_dense|outer|contract|c_proj|dense_out|second|4h_to_h|proj|output_proj|conv_?2',
    ),
  },
]

/** Blocks without any word for attention or MLP: decided by the leaf alone. */
const BARE: readonly Rule[] = [
  { word: 'q', pattern: /(?:^|\.)(?:q|query)$/ },
  { word: 'k', pattern: /(?:^|\.)(?:k|key)$/ },
  { word: 'v', pattern: /(?:^|\.)(?:v|value)$/ },
  { word: 'o', pattern: path('wo|w_o|o|attn_out|to_out|out_proj') },
  { word: 'gate', pattern: /(?:^|\.)gate$/ },
  { word: 'up', pattern: /(?:^|\.)up$/ },
  { word: 'down', pattern: /(?:^|\.)down$/ },
  { word: 'w1', pattern: /(?:^|\.)w_?1$/ },
  { word: 'w2', pattern: /(?:^|\.)w_?2$/ },
  { word: 'w3', pattern: /(?:^|\.)w_?3$/ },
  { word: 'mlp_in', pattern: path('lin_?1|dense_?1') },
  { word: 'mlp_out', pattern: path('lin_?2|dense_?2') },
]

const ROUTER = path(
  'router|router\\.(?:layer|classifier|gate|weight|linear|proj)|gate\\.(?:wg|weight)|gating|router_proj|gate_network|moe_gate|shared_experts?_gate|(?:gate\\.|moe_statics\\.|router\\.)?(?:e_score_correction|expert_bias|score_correction)(?:_bias)?',
)

const NORM =
  /(?:norm(?:_?\d+)?(?:_[a-z0-9]+)*|layrnorm|(?:^|[._])ln(?:_[a-z0-9]+|_?\d+)?|_ln|(?:^|[._])(?:bn|gn)(?:_?\d+)?)(?:\.(?:bn|ln|norm|norm_?layer))?$/
const QK_NORM =
  /(?:^|[._])(?:(?:q|k|query|key)_?(?:layer_?)?norm|(?:norm|ln|layernorm)_?(?:q|k|query|key)|(?:q|k|query|key)_?(?:layernorm|ln))$/
const LATENT_NORM = /(?:^|[._])(?:q_a|kv_a|kv|q_lora|kv_lora)_?(?:layer_?)?norm$/

const BUFFER =
  /(?:^|[._])(?:inv_freq|rotary_emb.*|rotary_pos_emb.*|freqs(?:_cis)?|freqs_(?:cos|sin)|cos_cached|sin_cached|masked|causal_mask|attn_mask|attention_mask|relative_position_index|relative_coords_table|position_ids|token_type_ids|num_batches_tracked|a_log|dt|dt_bias|alibi|slopes|.*stft.*|.*mel_(?:basis|filters?|fb)|melspec.*|.*filter_?bank.*|mel_?(?:spec|scale).*|forward_basis.*|(?:hann|hamming)_?window|window|dct_mat|fb|original_inv_freq|attn\.bias|attention\.bias|mask|tril)$/

const POSITION =
  /(?:^|[._])(?:wpe|embed_positions|pos_?embeds?|position(?:al)?_?embeddings?|pos_?embeddings?|pos_emb|relative_attention|relative_attention_bias|relative_position_bias(?:_table)?|rel_pos(?:_[hw])?|pos_conv_embed.*|embed_position|absolute_pos_embed|posemb.*|positional_encoding|position_embed(?:der)?|pe|abs_pos|pos_table|(?:pos_)?bias_[uv]|attention_biases|position_encodings?|pos_embed_\w+)$/

const EMBEDDING =
  /(?:^|[._])(?:embed_tokens|wte|word_embeddings?|tok_embeddings?|tokens?_embeddings?|token_embed|token_embd|embed_in|tok_emb|word_embed|embed|vocab_embedding|shared|embedding|embeddings|tokens_embed|emb|transformer_wte|token_emb|embedder|input_embedding|vocab(?:ulary)?)$|(?:^|\.)tokens?$/
const HEAD =
  /(?:^|[._])(?:lm_head|embed_out|output_layer|output|proj_out|head|decoder|generator|shared_head\.head|logits|unembed|unembedding|to_logits|predictions\.decoder)$/

const PATCH =
  /(?:^|[._])(?:patch_embed(?:dings?|ding)?(?:s)?(?:\..*)?|patchify.*|patch_conv|stem\.conv|patch_embedder.*|conv_in|conv2d\d|feature_extractor\.conv_layers.*)$/

export const isAttentionPath = (leaf: readonly string[]): boolean =>
  leaf.some((word) => ATTENTION.test(word) || CROSS.test(word))

export const isMlpPath = (leaf: readonly string[]): boolean => leaf.some((word) => MLP.test(word))

export const isStateSpacePath = (leaf: readonly string[]): boolean =>
  leaf.some((word) => STATE_SPACE.test(word))

function firstMatch(rules: readonly Rule[], text: string): LeafWord | undefined {
  return rules.find(({ pattern }) => pattern.test(text))?.word
}

/** Indices inside a leaf (to_out.0, mlp.2) carry no word. */
const wordsOf = (leaf: readonly string[]): string =>
  leaf.filter((token) => !isIndex(token)).join('.')

// The words of one block come again in every other.
const isBuffer = remembered((text) => BUFFER.test(text))
const isPosition = remembered((text) => POSITION.test(text))

/** Deterministic by construction, whatever stands around it. */
export const isBufferPath = (tokens: readonly string[]): boolean => isBuffer(wordsOf(tokens))

export const isPositionPath = (tokens: readonly string[]): boolean => isPosition(wordsOf(tokens))

/**
 * Reads the words below a block index, or of a tensor outside the blocks. `rank` is the tensor's
 * number of axes longer than 1.
 */
export function wordInBlock(
  leaf: readonly string[],
  rank: number,
  isInBlock: boolean,
): Vocabulary | undefined {
  return readWords(
    [rank <= 1 ? 'vector' : 'matrix', isInBlock ? 'inside' : 'outside', ...leaf].join(' '),
  )
}

/** No word has a space in it. */
const readWords = remembered((text) => {
  const [kind, place, ...leaf] = text.split(' ')
  return readWord(leaf, kind === 'vector' ? 1 : 2, place === 'inside')
})

function readWord(
  leaf: readonly string[],
  rank: number,
  isInBlock: boolean,
): Vocabulary | undefined {
  const text = wordsOf(leaf)
  const cross = leaf.some((token) => CROSS.test(token))
  const found = (word: LeafWord): Vocabulary => ({ word, cross })
  const attention = isAttentionPath(leaf)
  const mlp = isMlpPath(leaf)
  if (rank <= 1) {
    if (LATENT_NORM.test(text)) return found('norm')
    if (QK_NORM.test(text)) return found('qk_norm')
    if (NORM.test(text)) return found('norm')
  }
  if (ROUTER.test(text)) return found('router')
  if (isStateSpacePath(leaf) || isInsideNorm(leaf)) return undefined
  const isAttention = attention && !isMlpAfterAttention(leaf)
  const word = isAttention
    ? (firstMatch(ATTENTION_WORDS, text) ?? firstMatch(INSIDE_ATTENTION, text))
    : (firstMatch(ATTENTION_WORDS, text) ??
      firstMatch(MLP_WORDS, text) ??
      (mlp ? firstMatch(INSIDE_MLP, text) : undefined) ??
      (mlp || !isInBlock ? undefined : firstMatch(BARE, text)))
  return word === undefined ? undefined : found(word)
}

/** A.X-K2 keeps a small network inside its norms, adapters one beside the layers. */
const isInsideNorm = (leaf: readonly string[]): boolean =>
  leaf
    .slice(0, -1)
    .some((token) => /layer_?norm$|rms_?norm$|^norm\d*$|^adapters?$|_adapter$/.test(token))

/** attention.mlp.fc: the deeper word decides. */
function isMlpAfterAttention(leaf: readonly string[]): boolean {
  const attention = leaf.findLastIndex((token) => ATTENTION.test(token) || CROSS.test(token))
  // JetMoE keeps experts inside its attention: those are no MLP.
  const mlp = leaf.findLastIndex((token) => MLP.test(token) && !/experts?$/.test(token))
  return mlp > attention
}

/** Reads the words of a tensor outside the blocks. */
export function wordOutside(tokens: readonly string[], rank: number): LeafWord | undefined {
  const text = wordsOf(tokens)
  if (rank >= 3 && (PATCH.test(text) || /(?:^|[._])conv_?\d*(?:\.conv)?$/.test(text)))
    return 'patch'
  if (rank === 2 && PATCH.test(text)) return 'patch'
  if (rank <= 1 && NORM.test(text)) return 'norm'
  if (rank === 2 && EMBEDDING.test(text)) return 'embedding'
  if (rank === 2 && HEAD.test(text)) return 'head'
  return undefined
}
