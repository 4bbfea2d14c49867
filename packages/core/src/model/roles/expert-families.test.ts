import { describe, expect, it } from 'vitest'
import { example, mismatches, structureIn } from './example-checkpoints.ts'
import { mapRoles } from './map-roles.ts'

const sizes = { L: 2, V: 40, d: 12, q: 16, kv: 8, h: 20, E: 3, f: 10 }
const LM = 'language_model'
const attention = `
  model.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
  model.layers.{L}.self_attn.q_proj.weight | q,d | language_model q
  model.layers.{L}.self_attn.k_proj.weight | kv,d | language_model k
  model.layers.{L}.self_attn.v_proj.weight | kv,d | language_model v
  model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
`

describe('mixtures of experts', () => {
  it('reads Mixtral', () => {
    const mixtral = example(
      `${attention}
      model.layers.{L}.block_sparse_moe.gate.weight | E,d | language_model router
      model.layers.{L}.block_sparse_moe.experts.{E}.w1.weight | h,d | language_model gate
      model.layers.{L}.block_sparse_moe.experts.{E}.w2.weight | d,h | language_model down
      model.layers.{L}.block_sparse_moe.experts.{E}.w3.weight | h,d | language_model up
      `,
      sizes,
    )
    expect(mismatches(mixtral)).toEqual([])
    const experts = mapRoles(mixtral.checkpoint).roles.filter(({ kind }) => kind === 'up')
    expect(experts.map(({ layer, expert }) => `${layer}/${expert}`)).toEqual([
      '0/0',
      '0/1',
      '0/2',
      '1/0',
      '1/1',
      '1/2',
    ])
  })

  it('reads Qwen-MoE and Solar-Open: shared experts are -1, their gate routes nothing else', () => {
    const qwen = example(
      `${attention}
      model.layers.{L}.mlp.gate.weight | E,d | language_model router
      model.layers.{L}.mlp.gate.e_score_correction_bias | E | language_model router:mlp.gate.e_score_correction
      model.layers.{L}.mlp.experts.{E}.gate_proj.weight | f,d | language_model gate
      model.layers.{L}.mlp.experts.{E}.up_proj.weight | f,d | language_model up
      model.layers.{L}.mlp.experts.{E}.down_proj.weight | d,f | language_model down
      model.layers.{L}.mlp.shared_experts.gate_proj.weight | h,d | language_model gate
      model.layers.{L}.mlp.shared_experts.up_proj.weight | h,d | language_model up
      model.layers.{L}.mlp.shared_experts.down_proj.weight | d,h | language_model down
      model.layers.{L}.mlp.shared_expert_gate.weight | 1,d | language_model router:mlp.shared_expert_gate
      `,
      sizes,
    )
    expect(mismatches(qwen)).toEqual([])
    const shared = mapRoles(qwen.checkpoint).roles.filter(({ tensor }) =>
      tensor.includes('shared_experts.'),
    )
    expect(new Set(shared.map(({ expert }) => expert))).toEqual(new Set([-1]))
  })

  it('reads DeepSeek V3: latent attention, dense first layers, the extra prediction layer', () => {
    const deepseek = example(
      `
      model.embed_tokens.weight | V,d | embeddings embedding
      model.layers.{M}.input_layernorm.weight | d | language_model norm:pre_attention
      model.layers.{M}.post_attention_layernorm.weight | d | language_model norm:pre_mlp
      model.layers.{M}.self_attn.q_a_proj.weight | 6,d | language_model q_a
      model.layers.{M}.self_attn.q_a_layernorm.weight | 6 | language_model norm:q_a
      model.layers.{M}.self_attn.q_b_proj.weight | 24,6 | language_model q_b
      model.layers.{M}.self_attn.kv_a_proj_with_mqa.weight | 7,d | language_model kv_a
      model.layers.{M}.self_attn.kv_a_layernorm.weight | 5 | language_model norm:kv_a
      model.layers.{M}.self_attn.kv_b_proj.weight | 28,5 | language_model kv_b
      model.layers.{M}.self_attn.o_proj.weight | d,12 | language_model o
      model.layers.0.mlp.gate_proj.weight | h,d | language_model gate
      model.layers.0.mlp.up_proj.weight | h,d | language_model up
      model.layers.0.mlp.down_proj.weight | d,h | language_model down
      model.layers.{1,2}.mlp.gate.weight | E,d | language_model router
      model.layers.{1,2}.mlp.experts.{E}.gate_proj.weight | f,d | language_model gate
      model.layers.{1,2}.mlp.experts.{E}.up_proj.weight | f,d | language_model up
      model.layers.{1,2}.mlp.experts.{E}.down_proj.weight | d,f | language_model down
      model.layers.{1,2}.mlp.experts.{E}.down_proj.weight_scale_inv | 1,1 | language_model other:mlp.down_proj.weight_scale_inv
      model.layers.2.embed_tokens.weight | V,d
      model.layers.2.enorm.weight | d | language_model norm:enorm
      model.layers.2.eh_proj.weight | d,24 | language_model linear:eh_proj
      model.layers.2.shared_head.head.weight | V,d
      model.norm.weight | d | language_model norm:final
      lm_head.weight | V,d | embeddings head
      `,
      { ...sizes, M: 3 },
      {
        model_type: 'deepseek_v3',
        num_attention_heads: 4,
        kv_lora_rank: 5,
        q_lora_rank: 6,
        qk_nope_head_dim: 4,
        qk_rope_head_dim: 2,
        v_head_dim: 3,
        rms_norm_eps: 1e-6,
      },
    )
    expect(mismatches(deepseek)).toEqual([])
    expect(structureIn(deepseek, LM)).toMatchObject({
      latent: { keyValueRank: 5, queryRank: 6, nopeDim: 4, ropeDim: 2, valueDim: 3 },
      attention: { queryHeads: 4, rotary: 'interleaved', rotaryDims: 2 },
    })
  })

  it('reads gpt-oss: all experts in one tensor, gate and up columns in turns', () => {
    const table = `${attention}
      model.layers.{L}.self_attn.sinks | 4 | language_model other:self_attn.sinks
      model.layers.{L}.mlp.router.weight | E,d | language_model router
      model.layers.{L}.mlp.router.bias | E | language_model router
      model.layers.{L}.mlp.experts.gate_up_proj | E,d,2*h | language_model gate + up
      model.layers.{L}.mlp.experts.gate_up_proj_bias | E,2*h | language_model gate + up
      model.layers.{L}.mlp.experts.down_proj | E,h,d | language_model down
      model.layers.{L}.mlp.experts.down_proj_bias | E,d | language_model down
    `
    for (const config of [{ model_type: 'gpt_oss', num_attention_heads: 4 }, undefined]) {
      const oss = example(table, sizes, config)
      expect(mismatches(oss)).toEqual([])
      expect(structureIn(oss, LM)).toMatchObject({ mlp: 'gated_affine', attention: { headDim: 4 } })
      const up = mapRoles(oss.checkpoint).roles.find(
        ({ kind, layer, expert, part }) =>
          kind === 'up' && layer === 0 && expert === 1 && part === 'weight',
      )
      // Expert 1, odd columns: element (row r, column c) lies at 1·12·40 + 1 + 2r + 40c.
      expect(up?.view).toEqual({
        rows: 20,
        cols: 12,
        offset: 481,
        rowStep: 2,
        colStep: 40,
        segments: [{ first: 0, count: 20 }],
      })
    }
    const packed = example(
      `${attention}
      model.layers.{L}.mlp.experts.gate_up_proj_blocks | E,2*h,2,16 | language_model other:mlp.experts.gate_up_proj.blocks
      model.layers.{L}.mlp.experts.gate_up_proj_scales | E,2*h,2 | language_model other:mlp.experts.gate_up_proj.scales
      `,
      sizes,
    )
    expect(mismatches(packed)).toEqual([])
  })

  it('turns fused experts by their sizes: transformers 5 and Llama 4', () => {
    const rows = (a: string, b: string): string => `${attention}
      model.layers.{L}.mlp.experts.gate_up_proj | E,${a} | language_model gate + up
      model.layers.{L}.mlp.experts.down_proj | E,${b} | language_model down
    `
    const byRows = example(rows('2*h,d', 'd,h'), sizes)
    expect(mismatches(byRows)).toEqual([])
    const up = (e: typeof byRows) =>
      mapRoles(e.checkpoint).roles.find(({ kind, expert }) => kind === 'up' && expert === 2)?.view
    expect(up(byRows)).toMatchObject({ rows: 20, cols: 12, offset: 960, rowStep: 12, colStep: 1 })
    const byColumns = example(rows('d,2*h', 'h,d'), sizes)
    expect(mismatches(byColumns)).toEqual([])
    expect(up(byColumns)).toMatchObject({ rows: 20, cols: 12, rowStep: 1, colStep: 40 })
  })

  it('reads Granite-MoE and DBRX', () => {
    const granite = example(
      `${attention}
      model.layers.{L}.block_sparse_moe.router.layer.weight | E,d | language_model router
      model.layers.{L}.block_sparse_moe.input_linear.weight | E,2*h,d | language_model gate + up
      model.layers.{L}.block_sparse_moe.output_linear.weight | E,d,h | language_model down
      `,
      sizes,
    )
    expect(mismatches(granite)).toEqual([])
    const dbrx = example(
      `
      transformer.wte.weight | V,d | embeddings embedding
      transformer.blocks.{L}.norm_attn_norm.attn.Wqkv.weight | 32,d | language_model q + k + v
      transformer.blocks.{L}.norm_attn_norm.attn.out_proj.weight | d,q | language_model o
      transformer.blocks.{L}.norm_attn_norm.norm_1.weight | d | language_model norm:pre_attention
      transformer.blocks.{L}.norm_attn_norm.norm_2.weight | d | language_model norm:pre_mlp
      transformer.blocks.{L}.ffn.router.layer.weight | E,d | language_model router
      transformer.blocks.{L}.ffn.experts.mlp.w1 | 60,d | language_model gate
      transformer.blocks.{L}.ffn.experts.mlp.v1 | 60,d | language_model up
      transformer.blocks.{L}.ffn.experts.mlp.w2 | 60,d | language_model down
      `,
      sizes,
      { model_type: 'dbrx', n_heads: 4, attn_config: { kv_n_heads: 2 } },
    )
    expect(mismatches(dbrx)).toEqual([])
    const down = mapRoles(dbrx.checkpoint).roles.find(
      ({ kind, expert }) => kind === 'down' && expert === 1,
    )
    expect(down?.view).toMatchObject({ rows: 12, cols: 20, offset: 240, rowStep: 1, colStep: 12 })
  })
})

describe('mixers that are not attention', () => {
  it('gives no head roles to Mamba, RWKV or Kimi Delta Attention', () => {
    const kda = example(
      `
      model.layers.{L}.self_attn.q_proj.weight | q,d | language_model linear:self_attn.q_proj
      model.layers.{L}.self_attn.k_proj.weight | q,d | language_model linear:self_attn.k_proj
      model.layers.{L}.self_attn.v_proj.weight | q,d | language_model linear:self_attn.v_proj
      model.layers.{L}.self_attn.q_conv1d.weight | q,1,4 | language_model conv:self_attn.q_conv1d
      model.layers.{L}.self_attn.A_log | 1,1,4,1 | language_model buffer:self_attn.a_log
      model.layers.{L}.self_attn.dt_bias | 16 | language_model buffer:self_attn.dt
      model.layers.{L}.self_attn.o_proj.weight | d,q | language_model linear:self_attn.o_proj
      model.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
      `,
      sizes,
    )
    expect(mismatches(kda)).toEqual([])
    const mamba = example(
      `
      backbone.layers.{L}.mixer.in_proj.weight | 40,d | language_model linear:mixer.in_proj
      backbone.layers.{L}.mixer.conv1d.weight | 20,1,4 | language_model conv:mixer.conv1d
      backbone.layers.{L}.mixer.A_log | 20,4 | language_model buffer:mixer.a_log
      backbone.layers.{L}.mixer.D | 20 | language_model other:mixer.d
      backbone.layers.{L}.mixer.out_proj.weight | d,20 | language_model linear:mixer.out_proj
      backbone.embedding.weight | V,d | embeddings embedding
      `,
      sizes,
      { model_type: 'mamba' },
    )
    expect(mismatches(mamba)).toEqual([])
  })
})
