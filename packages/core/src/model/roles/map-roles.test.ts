import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../base/canonical-json.ts'
import { describeTensor, type Example, example, faultsOf } from './example-checkpoints.ts'
import { mapRoles } from './map-roles.ts'

function check({ checkpoint, expected }: Example): void {
  const map = mapRoles(checkpoint)
  const found = new Map([...expected.keys()].map((name) => [name, describeTensor(map, name)]))
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  expect(faultsOf(checkpoint, map)).toEqual([])
}

const structureOf = (e: Example, component: string) =>
  mapRoles(e.checkpoint).structures.find((s) => s.component === component)

const sizes = { L: 3, V: 40, d: 12, q: 16, kv: 8, h: 20, hd: 4, E: 3, m: 6 }

const llamaTable = `
  model.embed_tokens.weight | V,d | embeddings embedding
  model.layers.{L}.self_attn.q_proj.weight | q,d | language_model q
  model.layers.{L}.self_attn.k_proj.weight | kv,d | language_model k
  model.layers.{L}.self_attn.v_proj.weight | kv,d | language_model v
  model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
  model.layers.{L}.mlp.gate_proj.weight | h,d | language_model gate
  model.layers.{L}.mlp.up_proj.weight | h,d | language_model up
  model.layers.{L}.mlp.down_proj.weight | d,h | language_model down
  model.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
  model.layers.{L}.post_attention_layernorm.weight | d | language_model norm:pre_mlp
  model.norm.weight | d | language_model norm:final
  lm_head.weight | V,d | embeddings head
`
const llamaConfig: JsonValue = {
  model_type: 'llama',
  hidden_size: 12,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
}

describe('decoders by name', () => {
  it('reads Llama, its grouped heads and its rotary halves', () => {
    const llama = example(llamaTable, sizes, llamaConfig)
    check(llama)
    expect(structureOf(llama, 'language_model')).toEqual({
      component: 'language_model',
      layerCount: 3,
      hiddenSize: 12,
      attention: { queryHeads: 4, keyValueHeads: 2, headDim: 4, rotary: 'half', rotaryDims: 4 },
      norm: 'rms',
      mlp: 'gated',
      fixedPositionAdded: false,
      latent: undefined,
    })
  })

  it('keeps heads, rotation and norm open without a config', () => {
    const structure = structureOf(example(llamaTable, sizes), 'language_model')
    expect(structure?.attention).toBeUndefined()
    expect(structure?.norm).toBe('unknown')
  })

  it('reads the biases and QK norms of Qwen and takes the head size from the norms', () => {
    const qwen = example(
      `${llamaTable}
      model.layers.{L}.self_attn.q_proj.bias | q | language_model q
      model.layers.{L}.self_attn.k_proj.bias | kv | language_model k
      model.layers.{L}.self_attn.q_norm.weight | hd | language_model qk_norm:q
      model.layers.{L}.self_attn.k_norm.weight | hd | language_model qk_norm:k
      model.layers.{L}.self_attn.rotary_emb.inv_freq | 2 | language_model buffer:self_attn.rotary_emb.inv_freq
      `,
      sizes,
    )
    check(qwen)
    expect(structureOf(qwen, 'language_model')?.attention).toEqual({
      queryHeads: 4,
      keyValueHeads: 2,
      headDim: 4,
      rotary: 'unknown',
      // The norms could subtract a mean, for all that is known here.
      rotaryDims: null,
    })
  })

  it('reads GPT-2 whose matrices are stored [in, out]', () => {
    const gpt2 = example(
      `
      wte.weight | V,d | embeddings embedding
      wpe.weight | 30,d | language_model position:wpe
      h.{L}.ln_1.{weight,bias} | d | language_model norm:pre_attention
      h.{L}.ln_2.{weight,bias} | d | language_model norm:pre_mlp
      h.{L}.attn.bias | 1,1,30,30 | language_model buffer:attn.bias
      h.{L}.attn.c_attn.weight | d,3*d | language_model q + k + v
      h.{L}.attn.c_attn.bias | 3*d | language_model q + k + v
      h.{L}.attn.c_proj.weight | d,d | language_model o
      h.{L}.attn.c_proj.bias | d | language_model o
      h.{L}.mlp.c_fc.weight | d,4*d | language_model fc1
      h.{L}.mlp.c_fc.bias | 4*d | language_model fc1
      h.{L}.mlp.c_proj.weight | 4*d,d | language_model fc2
      h.{L}.mlp.c_proj.bias | d | language_model fc2
      ln_f.{weight,bias} | d | language_model norm:final
      `,
      sizes,
      { model_type: 'gpt2', n_embd: 12, n_head: 3, layer_norm_epsilon: 1e-5 },
    )
    check(gpt2)
    const fc1 = mapRoles(gpt2.checkpoint).roles.find(
      ({ kind, part }) => kind === 'fc1' && part === 'weight',
    )
    expect(fc1?.view).toMatchObject({ rows: 48, cols: 12, rowStep: 1, colStep: 48 })
    expect(structureOf(gpt2, 'language_model')).toMatchObject({
      attention: { queryHeads: 3, keyValueHeads: 3, headDim: 4, rotary: 'none' },
      norm: 'layer',
      mlp: 'plain',
    })
  })
})

describe('multi-modal wrappers', () => {
  it('divides LLaVA into its three models', () => {
    const llava = example(
      `${llamaTable.replaceAll('  model.', '  language_model.model.').replace('lm_head', 'language_model.lm_head')}
      vision_tower.vision_model.embeddings.class_embedding | m | vision_encoder other:vision_tower.vision_model.embeddings.class_embedding
      vision_tower.vision_model.embeddings.patch_embedding.weight | m,3,5,5 | vision_encoder patch:vision_tower.vision_model.embeddings.patch_embedding
      vision_tower.vision_model.embeddings.position_embedding.weight | 10,m | vision_encoder position:vision_tower.vision_model.embeddings.position_embedding
      vision_tower.vision_model.pre_layrnorm.{weight,bias} | m | vision_encoder norm:embedding
      vision_tower.vision_model.post_layernorm.{weight,bias} | m | vision_encoder norm:final
      vision_tower.vision_model.encoder.layers.{L}.self_attn.{q,k,v}_proj.weight | m,m
      vision_tower.vision_model.encoder.layers.{L}.self_attn.out_proj.weight | m,m | vision_encoder o
      vision_tower.vision_model.encoder.layers.{L}.layer_norm1.{weight,bias} | m | vision_encoder norm:pre_attention
      vision_tower.vision_model.encoder.layers.{L}.layer_norm2.{weight,bias} | m | vision_encoder norm:pre_mlp
      vision_tower.vision_model.encoder.layers.{L}.mlp.fc1.weight | 14,m | vision_encoder fc1
      vision_tower.vision_model.encoder.layers.{L}.mlp.fc2.weight | m,14 | vision_encoder fc2
      multi_modal_projector.linear_1.weight | d,m | projector fc1
      multi_modal_projector.linear_1.bias | d | projector fc1
      multi_modal_projector.linear_2.weight | d,d | projector fc2
      `,
      sizes,
      {
        model_type: 'llava',
        text_config: llamaConfig,
        vision_config: { model_type: 'clip_vision_model', num_attention_heads: 2 },
      },
    )
    check(llava)
    expect(structureOf(llava, 'vision_encoder')).toMatchObject({
      attention: { queryHeads: 2, headDim: 3, rotary: 'none' },
      norm: 'layer',
      mlp: 'plain',
    })
    expect(structureOf(llava, 'language_model')?.attention?.keyValueHeads).toBe(2)
  })

  it('reads the towers of Qwen-VL under both prefixes', () => {
    for (const prefix of ['visual', 'model.visual']) {
      const vl = example(
        `${llamaTable}
        ${prefix}.patch_embed.proj.weight | m,3,2,5,5 | vision_encoder patch:${prefix}.patch_embed.proj
        ${prefix}.blocks.{L}.norm1.weight | m | vision_encoder norm:pre_attention
        ${prefix}.blocks.{L}.attn.qkv.{weight} | 3*m,m | vision_encoder q + k + v
        ${prefix}.blocks.{L}.attn.qkv.bias | 3*m | vision_encoder q + k + v
        ${prefix}.blocks.{L}.attn.proj.weight | m,m | vision_encoder o
        ${prefix}.blocks.{L}.mlp.gate_proj.weight | 14,m | vision_encoder gate
        ${prefix}.blocks.{L}.mlp.up_proj.weight | 14,m | vision_encoder up
        ${prefix}.blocks.{L}.mlp.down_proj.weight | m,14 | vision_encoder down
        ${prefix}.merger.ln_q.weight | m | projector norm:${prefix}.merger.ln_q
        ${prefix}.merger.mlp.0.weight | 24,24 | projector fc1
        ${prefix}.merger.mlp.0.bias | 24 | projector fc1
        ${prefix}.merger.mlp.2.weight | d,24 | projector fc2
        `,
        sizes,
        {
          ...llamaConfig,
          model_type: 'qwen2_5_vl',
          vision_config: { num_heads: 2, hidden_size: 6 },
        },
      )
      check(vl)
    }
  })
})
