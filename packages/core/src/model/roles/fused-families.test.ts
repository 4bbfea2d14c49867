import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../base/canonical-json.ts'
import { example, mismatches, structureIn } from './example-checkpoints.ts'

const sizes = { L: 2, V: 40, d: 12, q: 16, kv: 8, h: 20, hd: 4, n: 30 }
const LM = 'language_model'

describe('decoders with fused projections', () => {
  it('reads Phi-3', () => {
    const phi3 = example(
      `
      model.layers.{L}.self_attn.qkv_proj.weight | 32,d | language_model q + k + v
      model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
      model.layers.{L}.mlp.gate_up_proj.weight | 2*h,d | language_model gate + up
      model.layers.{L}.mlp.down_proj.weight | d,h | language_model down
      model.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
      `,
      sizes,
      { model_type: 'phi3', num_attention_heads: 4, num_key_value_heads: 2, rms_norm_eps: 1e-5 },
    )
    expect(mismatches(phi3)).toEqual([])
    expect(structureIn(phi3, LM)?.attention).toMatchObject({ keyValueHeads: 2, headDim: 4 })
  })

  it('reads ChatGLM 2 to GLM-4: groups behind each other, gate and up in one, half rotated', () => {
    const glm = example(
      `
      transformer.embedding.word_embeddings.weight | V,d | embeddings embedding
      transformer.rotary_pos_emb.inv_freq | 1 | language_model buffer:transformer.rotary_pos_emb.inv_freq
      transformer.encoder.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
      transformer.encoder.layers.{L}.self_attention.query_key_value.weight | 32,d | language_model q + k + v
      transformer.encoder.layers.{L}.self_attention.query_key_value.bias | 32 | language_model q + k + v
      transformer.encoder.layers.{L}.self_attention.dense.weight | d,q | language_model o
      transformer.encoder.layers.{L}.post_attention_layernorm.weight | d | language_model norm:pre_mlp
      transformer.encoder.layers.{L}.mlp.dense_h_to_4h.weight | 2*h,d | language_model gate + up
      transformer.encoder.layers.{L}.mlp.dense_4h_to_h.weight | d,h | language_model down
      transformer.encoder.final_layernorm.weight | d | language_model norm:final
      transformer.output_layer.weight | V,d | embeddings head
      `,
      sizes,
      {
        model_type: 'chatglm',
        num_attention_heads: 4,
        kv_channels: 4,
        multi_query_group_num: 2,
        rmsnorm: true,
      },
    )
    expect(mismatches(glm)).toEqual([])
    expect(structureIn(glm, LM)).toMatchObject({
      attention: { queryHeads: 4, keyValueHeads: 2, rotary: 'interleaved', rotaryDims: 2 },
      norm: 'rms',
      mlp: 'gated',
    })
  })

  const neox = `
    gpt_neox.embed_in.weight | V,d | embeddings embedding
    gpt_neox.layers.{L}.attention.bias | 1,1,n,n | language_model buffer:attention.bias
    gpt_neox.layers.{L}.attention.masked_bias | | language_model buffer:attention.masked
    gpt_neox.layers.{L}.attention.rotary_emb.inv_freq | 1 | language_model buffer:attention.rotary_emb.inv_freq
    gpt_neox.layers.{L}.attention.dense.weight | d,d | language_model o
    gpt_neox.layers.{L}.mlp.dense_h_to_4h.weight | 48,d | language_model fc1
    gpt_neox.layers.{L}.mlp.dense_4h_to_h.weight | d,48 | language_model fc2
    gpt_neox.layers.{L}.input_layernorm.{weight,bias} | d | language_model norm:pre_attention
    gpt_neox.layers.{L}.post_attention_layernorm.{weight,bias} | d | language_model norm:pre_mlp
    gpt_neox.final_layer_norm.{weight,bias} | d | language_model norm:final
    embed_out.weight | V,d | embeddings head
  `

  it('reads Pythia head by head, and does not cut it where the heads are not known', () => {
    const whole = 'gpt_neox.layers.{L}.attention.query_key_value.weight | 36,d | language_model'
    const config: JsonValue = {
      model_type: 'gpt_neox',
      num_attention_heads: 3,
      rotary_pct: 0.5,
    }
    const known = example(`${neox}${whole} q + k + v`, sizes, config)
    expect(mismatches(known)).toEqual([])
    expect(structureIn(known, LM)?.attention).toMatchObject({ rotary: 'half', rotaryDims: 2 })
    const unknown = example(`${neox}${whole} linear:attention.query_key_value`, sizes)
    expect(mismatches(unknown)).toEqual([])
  })

  it('reads Falcon, BLOOM, MPT, Baichuan, StarCoder and InternLM 2', () => {
    const cases: readonly (readonly [string, JsonValue | undefined])[] = [
      [
        `transformer.h.{L}.self_attention.query_key_value.weight | 32,d | language_model q + k + v
         transformer.h.{L}.self_attention.dense.weight | d,q | language_model o
         transformer.h.{L}.ln_attn.{weight,bias} | d | language_model norm:pre_attention
         transformer.h.{L}.ln_mlp.{weight,bias} | d | language_model norm:pre_mlp`,
        { model_type: 'falcon', num_attention_heads: 4, num_kv_heads: 2 },
      ],
      [
        `word_embeddings.weight | V,d | embeddings embedding
         word_embeddings_layernorm.{weight,bias} | d | language_model norm:embedding
         h.{L}.self_attention.query_key_value.weight | 36,d | language_model q + k + v
         h.{L}.self_attention.dense.weight | d,d | language_model o
         h.{L}.input_layernorm.{weight,bias} | d | language_model norm:pre_attention`,
        { model_type: 'bloom', n_head: 3 },
      ],
      [
        `transformer.blocks.{L}.attn.Wqkv.weight | 36,d | language_model q + k + v
         transformer.blocks.{L}.attn.out_proj.weight | d,d | language_model o
         transformer.blocks.{L}.ffn.up_proj.weight | h,d | language_model fc1
         transformer.blocks.{L}.ffn.down_proj.weight | d,h | language_model fc2
         transformer.blocks.{L}.norm_1.weight | d | language_model norm:pre_attention
         transformer.norm_f.weight | d | language_model norm:final`,
        { model_type: 'mpt', n_heads: 3, attn_config: { alibi: true } },
      ],
      [
        `model.layers.{L}.self_attn.W_pack.weight | 36,d | language_model q + k + v
         model.layers.{L}.self_attn.o_proj.weight | d,d | language_model o`,
        undefined,
      ],
      [
        `transformer.h.{L}.attn.c_attn.weight | 20,d | language_model q + k + v
         transformer.h.{L}.attn.c_attn.bias | 20 | language_model q + k + v
         transformer.h.{L}.attn.c_proj.weight | d,d | language_model o
         transformer.h.{L}.mlp.c_fc.weight | 48,d | language_model fc1`,
        { model_type: 'gpt_bigcode', n_head: 3, multi_query: true },
      ],
      [
        `model.tok_embeddings.weight | V,d | embeddings embedding
         model.layers.{L}.attention.wqkv.weight | 32,d | language_model q + k + v
         model.layers.{L}.attention.wo.weight | d,q | language_model o
         model.layers.{L}.attention_norm.weight | d | language_model norm:pre_attention
         model.layers.{L}.feed_forward.w1.weight | h,d | language_model gate
         model.layers.{L}.feed_forward.w2.weight | d,h | language_model down
         model.layers.{L}.feed_forward.w3.weight | h,d | language_model up
         output.weight | V,d | embeddings head`,
        { model_type: 'internlm2', num_attention_heads: 4, num_key_value_heads: 2 },
      ],
      [
        `transformer.h.{L}.attn.qkv_proj.weight | 72,24 | language_model q + k + v
         transformer.h.{L}.attn.out_proj.weight | 24,24 | language_model o`,
        { model_type: 'codegen', n_head: 4, rotary_dim: 2 },
      ],
    ]
    for (const [table, config] of cases) {
      expect(mismatches(example(table, sizes, config))).toEqual([])
    }
  })

  it('reads Qwen 1, whose w2 is the gate, and OLMo 1, whose second half is', () => {
    const qwen = example(
      `
      transformer.wte.weight | V,d | embeddings embedding
      transformer.h.{L}.attn.c_attn.weight | 36,d | language_model q + k + v
      transformer.h.{L}.attn.c_attn.bias | 36 | language_model q + k + v
      transformer.h.{L}.attn.c_proj.weight | d,d | language_model o
      transformer.h.{L}.ln_1.weight | d | language_model norm:pre_attention
      transformer.h.{L}.mlp.w1.weight | h,d | language_model up
      transformer.h.{L}.mlp.w2.weight | h,d | language_model gate
      transformer.h.{L}.mlp.c_proj.weight | d,h | language_model down
      `,
      sizes,
    )
    expect(mismatches(qwen)).toEqual([])
    const olmo = example(
      `
      model.transformer.wte.weight | V,d | embeddings embedding
      model.transformer.blocks.{L}.att_proj.weight | 36,d | language_model q + k + v
      model.transformer.blocks.{L}.attn_out.weight | d,d | language_model o
      model.transformer.blocks.{L}.ff_proj.weight | 2*h,d | language_model up + gate
      model.transformer.blocks.{L}.ff_out.weight | d,h | language_model down
      model.transformer.ff_out.weight | V,d
      `,
      sizes,
    )
    expect(mismatches(olmo)).toEqual([])
  })

  it('keeps two halves apart without naming them where their order is not known', () => {
    const odd = example(
      `
      model.layers.{L}.self_attn.k_proj.weight | kv,d | language_model k
      model.layers.{L}.mlp.expand.weight | 2*h,d | language_model linear:mlp.expand#0 + linear:mlp.expand#1
      model.layers.{L}.mlp.contract.weight | d,h | language_model down
      model.layers.{L}.norm1.weight | d | language_model norm:pre_attention
      `,
      sizes,
    )
    expect(mismatches(odd)).toEqual([])
  })

  it('cuts the output gate out of the queries of Qwen3-Next', () => {
    const next = example(
      `
      model.layers.{L}.self_attn.q_proj.weight | 2*q,d | language_model q + linear:self_attn.q_proj#gate
      model.layers.{L}.self_attn.k_proj.weight | kv,d | language_model k
      model.layers.{L}.self_attn.v_proj.weight | kv,d | language_model v
      model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
      model.layers.{L}.linear_attn.in_proj_qkvz.weight | 40,d | language_model linear:linear_attn.in_proj_qkvz
      model.layers.{L}.linear_attn.conv1d.weight | 40,1,4 | language_model conv:linear_attn.conv1d
      model.layers.{L}.linear_attn.A_log | 4 | language_model buffer:linear_attn.a_log
      model.layers.{L}.linear_attn.dt_bias | 4 | language_model buffer:linear_attn.dt
      model.layers.{L}.linear_attn.norm.weight | 4 | language_model norm:linear_attn.norm
      model.layers.{L}.linear_attn.out_proj.weight | d,q | language_model linear:linear_attn.out_proj
      model.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
      `,
      sizes,
      { model_type: 'qwen3_next', num_attention_heads: 4, num_key_value_heads: 2, head_dim: 4 },
    )
    expect(mismatches(next)).toEqual([])
  })
})
