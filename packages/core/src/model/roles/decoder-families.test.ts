import { describe, expect, it } from 'vitest'
import { example, mismatches, structureIn } from './example-checkpoints.ts'

const sizes = { L: 3, V: 40, d: 12, q: 16, kv: 8, h: 20, hd: 4, n: 30 }
const LM = 'language_model'

const norms = (one: string, two: string): string => `
  model.layers.{L}.${one}.weight | d | language_model norm:pre_attention
  model.layers.{L}.${two}.weight | d | language_model norm:pre_mlp
  model.norm.weight | d | language_model norm:final
  model.embed_tokens.weight | V,d | embeddings embedding
  lm_head.weight | V,d | embeddings head
`

describe('decoders with one matrix per projection', () => {
  it('reads Gemma 2, whose blocks have four norms', () => {
    const gemma = example(
      `
      model.embed_tokens.weight | V,d | embeddings embedding
      model.layers.{L}.self_attn.q_proj.weight | q,d | language_model q
      model.layers.{L}.self_attn.{k_proj}.weight | kv,d | language_model k
      model.layers.{L}.self_attn.v_proj.weight | kv,d | language_model v
      model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
      model.layers.{L}.mlp.gate_proj.weight | h,d | language_model gate
      model.layers.{L}.mlp.up_proj.weight | h,d | language_model up
      model.layers.{L}.mlp.down_proj.weight | d,h | language_model down
      model.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
      model.layers.{L}.post_attention_layernorm.weight | d | language_model norm:post_attention
      model.layers.{L}.pre_feedforward_layernorm.weight | d | language_model norm:pre_mlp
      model.layers.{L}.post_feedforward_layernorm.weight | d | language_model norm:post_mlp
      model.norm.weight | d | language_model norm:final
      `,
      sizes,
      { model_type: 'gemma2', num_attention_heads: 4, head_dim: 4, rms_norm_eps: 1e-6 },
    )
    expect(mismatches(gemma)).toEqual([])
    expect(structureIn(gemma, LM)).toMatchObject({
      attention: { queryHeads: 4, keyValueHeads: 2, headDim: 4, rotary: 'half', rotaryDims: 4 },
      norm: 'rms',
    })
  })

  it('reads OLMo 2 and EXAONE 4, whose norms follow their branches', () => {
    const olmo = example(
      `
      model.embed_tokens.weight | V,d | embeddings embedding
      model.layers.{L}.self_attn.q_proj.weight | q,d | language_model q
      model.layers.{L}.self_attn.k_proj.weight | q,d | language_model k
      model.layers.{L}.self_attn.v_proj.weight | q,d | language_model v
      model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
      model.layers.{L}.self_attn.q_norm.weight | q | language_model qk_norm:q
      model.layers.{L}.self_attn.k_norm.weight | q | language_model qk_norm:k
      model.layers.{L}.mlp.gate_proj.weight | h,d | language_model gate
      model.layers.{L}.mlp.up_proj.weight | h,d | language_model up
      model.layers.{L}.mlp.down_proj.weight | d,h | language_model down
      model.layers.{L}.post_attention_layernorm.weight | d | language_model norm:post_attention
      model.layers.{L}.post_feedforward_layernorm.weight | d | language_model norm:post_mlp
      `,
      sizes,
    )
    expect(mismatches(olmo)).toEqual([])
    // A norm over all heads says nothing of their number.
    expect(structureIn(olmo, LM)?.attention).toBeUndefined()
  })

  it('reads EXAONE 3: c_fc_0 is activated, c_fc_1 is the factor', () => {
    const exaone = example(
      `
      transformer.wte.weight | V,d | embeddings embedding
      transformer.h.{L}.ln_1.weight | d | language_model norm:pre_attention
      transformer.h.{L}.ln_2.weight | d | language_model norm:pre_mlp
      transformer.h.{L}.attn.attention.q_proj.weight | q,d | language_model q
      transformer.h.{L}.attn.attention.k_proj.weight | kv,d | language_model k
      transformer.h.{L}.attn.attention.v_proj.weight | kv,d | language_model v
      transformer.h.{L}.attn.attention.out_proj.weight | d,q | language_model o
      transformer.h.{L}.attn.attention.rotary.inv_freq | 2 | language_model buffer:attn.attention.rotary.inv_freq
      transformer.h.{L}.mlp.c_fc_0.weight | h,d | language_model gate
      transformer.h.{L}.mlp.c_fc_1.weight | h,d | language_model up
      transformer.h.{L}.mlp.c_proj.weight | d,h | language_model down
      transformer.ln_f.weight | d | language_model norm:final
      lm_head.weight | V,d | embeddings head
      `,
      sizes,
      {
        model_type: 'exaone',
        hidden_size: 12,
        num_attention_heads: 4,
        num_key_value_heads: 2,
        layer_norm_epsilon: 1e-5,
      },
    )
    expect(mismatches(exaone)).toEqual([])
    expect(structureIn(exaone, LM)).toMatchObject({
      attention: { queryHeads: 4, keyValueHeads: 2, headDim: 4, rotary: 'half' },
      norm: 'rms',
      mlp: 'gated',
    })
  })

  it('reads the names of Meta and Mistral: w1 gate, w3 up, neighbours rotate together', () => {
    const meta = example(
      `
      tok_embeddings.weight | V,d | embeddings embedding
      layers.{L}.attention.wq.weight | q,d | language_model q
      layers.{L}.attention.wk.weight | kv,d | language_model k
      layers.{L}.attention.wv.weight | kv,d | language_model v
      layers.{L}.attention.wo.weight | d,q | language_model o
      layers.{L}.feed_forward.w1.weight | h,d | language_model gate
      layers.{L}.feed_forward.w2.weight | d,h | language_model down
      layers.{L}.feed_forward.w3.weight | h,d | language_model up
      layers.{L}.attention_norm.weight | d | language_model norm:pre_attention
      layers.{L}.ffn_norm.weight | d | language_model norm:pre_mlp
      norm.weight | d | language_model norm:final
      output.weight | V,d | embeddings head
      rope.freqs | 2 | language_model buffer:rope.freqs
      `,
      sizes,
      { dim: 12, n_heads: 4, n_kv_heads: 2, norm_eps: 1e-5 },
    )
    expect(mismatches(meta)).toEqual([])
    expect(structureIn(meta, LM)?.attention).toEqual({
      queryHeads: 4,
      keyValueHeads: 2,
      headDim: 4,
      rotary: 'interleaved',
      rotaryDims: 4,
    })
  })

  it('reads GPT-J, OPT, StarCoder 2, Cohere, XGLM style plain decoders', () => {
    const gptj = example(
      `
      transformer.wte.weight | V,d | embeddings embedding
      transformer.h.{L}.ln_1.{weight,bias} | d | language_model norm:pre_attention
      transformer.h.{L}.attn.bias | 1,1,n,n | language_model buffer:attn.bias
      transformer.h.{L}.attn.masked_bias |  | language_model buffer:attn.masked
      transformer.h.{L}.attn.q_proj.weight | d,d | language_model q
      transformer.h.{L}.attn.out_proj.weight | d,d | language_model o
      transformer.h.{L}.mlp.fc_in.weight | 48,d | language_model fc1
      transformer.h.{L}.mlp.fc_out.weight | d,48 | language_model fc2
      lm_head.weight | V,d | embeddings head
      lm_head.bias | V
      `,
      sizes,
      { model_type: 'gptj', n_head: 3, rotary_dim: 2 },
    )
    expect(mismatches(gptj)).toEqual([])
    expect(structureIn(gptj, LM)?.attention).toMatchObject({
      rotary: 'interleaved',
      rotaryDims: 2,
    })
    const opt = example(
      `
      model.decoder.embed_tokens.weight | V,d | embeddings embedding
      model.decoder.embed_positions.weight | n,d | language_model position:model.decoder.embed_positions
      model.decoder.layers.{L}.self_attn.k_proj.{weight} | d,d | language_model k
      model.decoder.layers.{L}.self_attn.k_proj.bias | d | language_model k
      model.decoder.layers.{L}.self_attn.out_proj.weight | d,d | language_model o
      model.decoder.layers.{L}.self_attn_layer_norm.{weight,bias} | d | language_model norm:pre_attention
      model.decoder.layers.{L}.final_layer_norm.{weight,bias} | d | language_model norm:pre_mlp
      model.decoder.layers.{L}.fc1.weight | 48,d | language_model fc1
      model.decoder.layers.{L}.fc2.weight | d,48 | language_model fc2
      model.decoder.final_layer_norm.{weight,bias} | d | language_model norm:final
      `,
      sizes,
      { model_type: 'opt', num_attention_heads: 3 },
    )
    expect(mismatches(opt)).toEqual([])
    expect(structureIn(opt, LM)).toMatchObject({ norm: 'layer', attention: { rotary: 'none' } })
    const starcoder = example(
      `${norms('input_layernorm', 'post_attention_layernorm')}
      model.layers.{L}.self_attn.q_proj.weight | q,d | language_model q
      model.layers.{L}.self_attn.k_proj.weight | kv,d | language_model k
      model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
      model.layers.{L}.mlp.c_fc.weight | h,d | language_model fc1
      model.layers.{L}.mlp.c_proj.weight | d,h | language_model fc2
      `,
      sizes,
    )
    expect(mismatches(starcoder)).toEqual([])
    const nemotron = example(
      `${norms('input_layernorm', 'post_attention_layernorm')}
      model.layers.{L}.mlp.up_proj.weight | h,d | language_model fc1
      model.layers.{L}.mlp.down_proj.weight | d,h | language_model fc2
      `,
      sizes,
    )
    expect(mismatches(nemotron)).toEqual([])
  })

  it('reads T5: wi_0 is activated, blocks hold counted sub-layers', () => {
    const t5 = example(
      `
      shared.weight | V,d | embeddings embedding
      encoder.block.{L}.layer.0.SelfAttention.{q}.weight | q,d | encoder q
      encoder.block.{L}.layer.0.SelfAttention.o.weight | d,q | encoder o
      encoder.block.{L}.layer.0.layer_norm.weight | d
      encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight | 32,4 | encoder position:layer.0.self_attention.relative_attention_bias
      encoder.block.{L}.layer.1.DenseReluDense.wi_0.weight | h,d | encoder gate
      encoder.block.{L}.layer.1.DenseReluDense.wi_1.weight | h,d | encoder up
      encoder.block.{L}.layer.1.DenseReluDense.wo.weight | d,h | encoder down
      encoder.final_layer_norm.weight | d | encoder norm:final
      decoder.block.{L}.layer.0.SelfAttention.{v}.weight | q,d | language_model v
      decoder.block.{L}.layer.1.EncDecAttention.{k}.weight | q,d | language_model k:cross
      decoder.block.{L}.layer.1.EncDecAttention.{o}.weight | d,q | language_model o:cross
      decoder.block.{L}.layer.2.DenseReluDense.wi_0.weight | h,d | language_model gate
      decoder.block.{L}.layer.2.DenseReluDense.wi_1.weight | h,d | language_model up
      decoder.block.{L}.layer.2.DenseReluDense.wo.weight | d,h | language_model down
      decoder.final_layer_norm.weight | d | language_model norm:final
      lm_head.weight | V,d | embeddings head
      `,
      sizes,
      { model_type: 't5', num_heads: 4, d_kv: 4, layer_norm_epsilon: 1e-6 },
    )
    expect(mismatches(t5)).toEqual([])
    expect(structureIn(t5, LM)).toMatchObject({ layerCount: 3, norm: 'rms', mlp: 'gated' })
  })

  it('reads BERT', () => {
    const bert = example(
      `
      bert.embeddings.word_embeddings.weight | V,d | embeddings embedding
      bert.embeddings.position_embeddings.weight | n,d | language_model position:bert.embeddings.position_embeddings
      bert.embeddings.LayerNorm.{weight,bias} | d | language_model norm:embedding
      bert.embeddings.position_ids | 1,n | language_model buffer:bert.embeddings.position_ids
      bert.encoder.layer.{L}.attention.self.query.weight | d,d | language_model q
      bert.encoder.layer.{L}.attention.self.key.weight | d,d | language_model k
      bert.encoder.layer.{L}.attention.self.value.bias | d | language_model v
      bert.encoder.layer.{L}.attention.output.dense.weight | d,d | language_model o
      bert.encoder.layer.{L}.attention.output.LayerNorm.weight | d | language_model norm:post_attention
      bert.encoder.layer.{L}.intermediate.dense.weight | h,d | language_model fc1
      bert.encoder.layer.{L}.output.dense.weight | d,h | language_model fc2
      bert.encoder.layer.{L}.output.LayerNorm.weight | d | language_model norm:post_mlp
      bert.pooler.dense.weight | d,d | language_model linear:bert.pooler.dense
      `,
      sizes,
      { model_type: 'bert', num_attention_heads: 3 },
    )
    expect(mismatches(bert)).toEqual([])
  })
})

describe('names that no family uses', () => {
  it('reads backbone.h.0.attention.wq and net/block_3/ffn_in without a config', () => {
    const odd = example(
      `
      backbone.tok_emb | V,d | embeddings embedding
      backbone.h.{L}.attention.wq | q,d | language_model q
      backbone.h.{L}.attention.wk | kv,d | language_model k
      backbone.h.{L}.attention.wv | kv,d | language_model v
      backbone.h.{L}.attention.wo | d,q | language_model o
      backbone.h.{L}.ffn.w_gate | h,d | language_model gate
      backbone.h.{L}.ffn.w_up | h,d | language_model up
      backbone.h.{L}.ffn.w_down | d,h | language_model down
      backbone.h.{L}.attn_norm.g | d
      `,
      sizes,
    )
    expect(mismatches(odd)).toEqual([])
    const slashes = example(
      `
      net/embed/table | V,d
      net/block_{L}/attn_qkv | 3*d,d | language_model q + k + v
      net/block_{L}/attn_out | d,d | language_model o
      net/block_{L}/ffn_in | h,d | language_model fc1
      net/block_{L}/ffn_in_b | h | language_model fc1
      net/block_{L}/ffn_out | d,h | language_model fc2
      net/block_{L}/ln_1/scale | d
      `,
      sizes,
    )
    expect(mismatches(slashes)).toEqual([])
    expect(structureIn(slashes, LM)?.layerCount).toBe(3)
  })

  it('finds blocks counted by a word that it does not know', () => {
    const odd = example(
      `
      unit{L}.mixer_attn.q_lin.weight | q,d | language_model q
      unit{L}.mixer_attn.k_lin.weight | kv,d | language_model k
      unit{L}.mixer_attn.v_lin.weight | kv,d | language_model v
      unit{L}.mixer_attn.out_lin.weight | d,q | language_model o
      unit{L}.ffwd.expand.weight | h,d | language_model fc1
      unit{L}.ffwd.contract.weight | d,h | language_model fc2
      `,
      sizes,
    )
    expect(mismatches(odd)).toEqual([])
    expect(structureIn(odd, LM)?.layerCount).toBe(3)
  })

  it('reads Flax kernels, which are stored [in, out]', () => {
    const flax = example(
      `
      params/encoder/layers_{L}/attention/query/kernel | d,q | language_model q
      params/encoder/layers_{L}/attention/out/kernel | q,d | language_model o
      params/encoder/layers_{L}/mlp/wi/kernel | d,h | language_model fc1
      params/encoder/layers_{L}/mlp/wo/kernel | h,d | language_model fc2
      `,
      sizes,
    )
    expect(mismatches(flax)).toEqual([])
  })
})
