import type { Classified } from './classify.ts'
import { isIndex } from './tensor-path.ts'

type SlotRule = { readonly slot: string; readonly pattern: RegExp }

/** Where in a block each family puts the norm that it calls so. */
const BLOCK_NORMS: readonly SlotRule[] = [
  { slot: 'pre_cross', pattern: /(?:encoder_attn|cross_?attn|cross_?attention)_?(?:layer_?)?norm/ },
  { slot: 'post_attention', pattern: /^(?:post_self_attn_layernorm|post_attn_norm)$/ },
  { slot: 'post_mlp', pattern: /^(?:post_(?:feedforward|mlp|ffn|ffw)_(?:layer_?)?norm)$/ },
  { slot: 'pre_mlp', pattern: /^(?:pre_(?:feedforward|mlp|ffn|ffw)_(?:layer_?)?norm)$/ },
  {
    slot: 'pre_attention',
    pattern:
      /^(?:input_layernorm|input_norm|ln_?1|attention_norm|attn_norm|self_attn_layer_norm|layernorm_before|(?:layer_)?norm_?1|ln_attn|self_attn_norm|pre_attention_(?:layer_?)?norm|attn_ln|self_attention_layer_norm|norm_attn_norm\.norm_1|norm_mha|sa_layer_norm|ln_before_attn)$/,
  },
  {
    slot: 'pre_mlp',
    pattern:
      /^(?:ln_?2|ffn_norm|layernorm_after|(?:layer_)?norm_?2|final_layer_norm|mlp_norm|ln_mlp|norm_attn_norm\.norm_2|mlp_ln|norm_ff|output_layer_norm|ff_norm)$/,
  },
  { slot: 'post_attention', pattern: /^attention\.output\.layer_norm$/ },
  { slot: 'post_mlp', pattern: /^output\.layer_norm$/ },
  { slot: 'q_a', pattern: /(?:^|\.)q_a_(?:layer_?)?norm$/ },
  { slot: 'kv_a', pattern: /(?:^|\.)kv(?:_a)?_(?:layer_?)?norm$/ },
]

const FINAL =
  /(?:^|\.)(?:norm|ln_f|ln_final|ln_out|final_(?:layer_?)?norm|layer_?norm|post_layernorm|ln_post|norm_f|final_ln|model_norm|fc_norm|ln|norm_out|out_norm)$/
const EMBEDDING =
  /(?:^|\.)(?:ln_pre|pre_layrnorm|pre_layernorm|.*embed\w*(?:\.|_)(?:layer_?)?norm|norm_pre|layernorm_embedding|emb_ln)$/

/**
 * The same place under every family's name, so that norms of two models can be laid beside
 * each other: pre_attention, post_attention, pre_mlp, post_mlp, pre_cross, q_a, kv_a, q, k,
 * final, embedding. Any other norm keeps its path.
 */
export function normSlot(item: Classified, normLeaves: ReadonlySet<string>): string {
  const { entry, word } = item
  const path = (entry.layer === null ? entry.tokens : entry.leaf)
    .filter((token) => !isIndex(token) || entry.layer === null)
    .join('.')
    // A.X-K2 keeps the norm proper one level deeper.
    .replace(/(?<=norm)\.norm$/, '')
  if (word === 'qk_norm') return /(?:^|[._])(?:k|key)(?:_|$)|norm_?k(?:ey)?$/.test(path) ? 'k' : 'q'
  if (entry.layer === null) {
    if (EMBEDDING.test(path)) return 'embedding'
    return FINAL.test(path) ? 'final' : path
  }
  // post_attention_layernorm stands before the MLP unless the block names a norm there too.
  if (/^post_attention_(?:layer_?)?norm$/.test(path)) {
    const twoSided = [...normLeaves].some((leaf) =>
      /^(?:pre|post)_(?:feedforward|mlp|ffn)/.test(leaf),
    )
    const hasInput = [...normLeaves].some((leaf) => /^(?:input_|pre_attention)/.test(leaf))
    return twoSided || !hasInput ? 'post_attention' : 'pre_mlp'
  }
  return BLOCK_NORMS.find(({ pattern }) => pattern.test(path))?.slot ?? entry.leaf.join('.')
}
