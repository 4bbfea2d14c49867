import { describe, expect, it } from 'vitest'
import { example, mismatches, structureIn } from './example-checkpoints.ts'

const sizes = { L: 2, V: 40, d: 12, q: 16, kv: 8, h: 20, m: 6, f: 14, a: 10, n: 30 }
const body = `
  model.embed_tokens.weight | V,d | embeddings embedding
  model.layers.{L}.self_attn.q_proj.weight | q,d | language_model q
  model.layers.{L}.self_attn.o_proj.weight | d,q | language_model o
  model.layers.{L}.input_layernorm.weight | d | language_model norm:pre_attention
  model.layers.{L}.mlp.gate_proj.weight | h,d | language_model gate
  model.layers.{L}.mlp.up_proj.weight | h,d | language_model up
  model.layers.{L}.mlp.down_proj.weight | d,h | language_model down
  lm_head.weight | V,d | embeddings head
`

describe('vision encoders alone', () => {
  it('reads timm and OpenAI names without a config', () => {
    const timm = example(
      `
      cls_token | 1,1,m | vision_encoder other:cls_token
      pos_embed | 1,n,m | vision_encoder position:pos_embed
      patch_embed.proj.weight | m,3,4,4 | vision_encoder patch:patch_embed.proj
      patch_embed.proj.bias | m
      blocks.{L}.norm1.{weight,bias} | m | vision_encoder norm:pre_attention
      blocks.{L}.norm2.{weight,bias} | m | vision_encoder norm:pre_mlp
      blocks.{L}.attn.qkv.weight | 18,m | vision_encoder q + k + v
      blocks.{L}.attn.qkv.bias | 18 | vision_encoder q + k + v
      blocks.{L}.attn.proj.weight | m,m | vision_encoder o
      blocks.{L}.ls1.gamma | m | vision_encoder other:ls1
      blocks.{L}.mlp.fc1.weight | f,m | vision_encoder fc1
      blocks.{L}.mlp.fc2.weight | m,f | vision_encoder fc2
      norm.{weight,bias} | m | vision_encoder norm:final
      head.weight | 9,m | vision_encoder linear:head
      `,
      sizes,
    )
    expect(mismatches(timm)).toEqual([])
    const clip = example(
      `
      visual.class_embedding | m | vision_encoder other:visual.class_embedding
      visual.positional_embedding | n,m | vision_encoder position:visual.positional_embedding
      visual.conv1.weight | m,3,4,4 | vision_encoder patch:visual.conv1
      visual.ln_pre.{weight,bias} | m | vision_encoder norm:embedding
      visual.ln_post.{weight,bias} | m | vision_encoder norm:final
      visual.transformer.resblocks.{L}.ln_1.{weight,bias} | m | vision_encoder norm:pre_attention
      visual.transformer.resblocks.{L}.attn.in_proj_weight | 18,m | vision_encoder q + k + v
      visual.transformer.resblocks.{L}.attn.in_proj_bias | 18 | vision_encoder q + k + v
      visual.transformer.resblocks.{L}.attn.out_proj.weight | m,m | vision_encoder o
      visual.transformer.resblocks.{L}.mlp.c_fc.weight | f,m | vision_encoder fc1
      visual.transformer.resblocks.{L}.mlp.c_proj.weight | m,f | vision_encoder fc2
      transformer.resblocks.{L}.attn.in_proj_weight | 36,d | text_model q + k + v
      transformer.resblocks.{L}.attn.out_proj.weight | d,d | text_model o
      transformer.resblocks.{L}.mlp.c_fc.weight | h,d | text_model fc1
      transformer.resblocks.{L}.mlp.c_proj.weight | d,h | text_model fc2
      token_embedding.weight | V,d | text_model embedding
      positional_embedding | n,d | text_model position:positional_embedding
      ln_final.{weight,bias} | d | text_model norm:final
      text_projection | d,m
      logit_scale |
      `,
      sizes,
    )
    expect(mismatches(clip)).toEqual([])
  })

  it('reads Hugging Face ViT, DINOv2 giant and EVA-02', () => {
    const vit = example(
      `
      vit.embeddings.cls_token | 1,1,m | vision_encoder other:vit.embeddings.cls_token
      vit.embeddings.position_embeddings | 1,n,m | vision_encoder position:vit.embeddings.position_embeddings
      vit.embeddings.patch_embeddings.projection.weight | m,3,4,4 | vision_encoder patch:vit.embeddings.patch_embeddings.projection
      vit.encoder.layer.{L}.layernorm_before.{weight,bias} | m | vision_encoder norm:pre_attention
      vit.encoder.layer.{L}.layernorm_after.{weight,bias} | m | vision_encoder norm:pre_mlp
      vit.encoder.layer.{L}.attention.attention.query.weight | m,m | vision_encoder q
      vit.encoder.layer.{L}.attention.attention.key.weight | m,m | vision_encoder k
      vit.encoder.layer.{L}.attention.attention.value.weight | m,m | vision_encoder v
      vit.encoder.layer.{L}.attention.output.dense.weight | m,m | vision_encoder o
      vit.encoder.layer.{L}.intermediate.dense.weight | f,m | vision_encoder fc1
      vit.encoder.layer.{L}.output.dense.weight | m,f | vision_encoder fc2
      vit.layernorm.{weight,bias} | m | vision_encoder norm:final
      classifier.weight | 9,m | vision_encoder linear:classifier
      `,
      sizes,
      { model_type: 'vit', num_attention_heads: 2 },
    )
    expect(mismatches(vit)).toEqual([])
    const dino = example(
      `
      embeddings.patch_embeddings.projection.weight | m,3,4,4 | vision_encoder patch:embeddings.patch_embeddings.projection
      encoder.layer.{L}.norm1.{weight,bias} | m | vision_encoder norm:pre_attention
      encoder.layer.{L}.attention.attention.query.weight | m,m | vision_encoder q
      encoder.layer.{L}.layer_scale1.lambda1 | m | vision_encoder other:layer_scale1.lambda1
      encoder.layer.{L}.mlp.weights_in.weight | 28,m | vision_encoder gate + up
      encoder.layer.{L}.mlp.weights_in.bias | 28 | vision_encoder gate + up
      encoder.layer.{L}.mlp.weights_out.weight | m,f | vision_encoder down
      `,
      sizes,
      { model_type: 'dinov2' },
    )
    expect(mismatches(dino)).toEqual([])
    const eva = example(
      `
      patch_embed.proj.weight | m,3,4,4 | vision_encoder patch:patch_embed.proj
      blocks.{L}.norm1.{weight,bias} | m | vision_encoder norm:pre_attention
      blocks.{L}.attn.q_proj.weight | m,m | vision_encoder q
      blocks.{L}.attn.k_proj.weight | m,m | vision_encoder k
      blocks.{L}.attn.v_proj.weight | m,m | vision_encoder linear:attn.v_proj
      blocks.{L}.attn.q_bias | m | vision_encoder q
      blocks.{L}.attn.inner_attn_ln.{weight,bias} | m | vision_encoder norm:attn.inner_attn_ln
      blocks.{L}.attn.proj.weight | m,m | vision_encoder o
      blocks.{L}.mlp.w1.weight | f,m | vision_encoder gate
      blocks.{L}.mlp.w2.weight | f,m | vision_encoder linear:mlp.w2
      blocks.{L}.mlp.ffn_ln.{weight,bias} | f | vision_encoder norm:mlp.ffn_ln
      blocks.{L}.mlp.w3.weight | m,f | vision_encoder down
      `,
      sizes,
    )
    expect(mismatches(eva)).toEqual([])
  })

  it('numbers the blocks of Swin through its stages', () => {
    const swin = example(
      `
      swin.embeddings.patch_embeddings.projection.weight | m,3,4,4 | vision_encoder patch:swin.embeddings.patch_embeddings.projection
      swin.encoder.layers.{0,1}.blocks.{0,1}.attention.self.query.weight | m,m | vision_encoder q
      swin.encoder.layers.{0,1}.blocks.{0,1}.attention.self.key.weight | m,m | vision_encoder k
      swin.encoder.layers.{0,1}.blocks.{0,1}.attention.self.relative_position_bias_table | 9,2
      swin.encoder.layers.{0,1}.blocks.{0,1}.attention.self.relative_position_index | 4,4
      swin.encoder.layers.{0,1}.blocks.{0,1}.attention.output.dense.weight | m,m | vision_encoder o
      swin.encoder.layers.0.downsample.reduction.weight | 12,24
      `,
      sizes,
      { model_type: 'swin' },
    )
    expect(mismatches(swin)).toEqual([])
    expect(structureIn(swin, 'vision_encoder')?.layerCount).toBe(4)
  })
})

describe('audio encoders', () => {
  const whisperBody = (prefix: string, encoder: string, decoder: string): string => `
    ${prefix}encoder.conv1.weight | a,8,3 | ${encoder} patch:${prefix.replaceAll('.', '.')}encoder.conv1
    ${prefix}encoder.conv2.weight | a,a,3 | ${encoder} patch:${prefix}encoder.conv2
    ${prefix}encoder.embed_positions.weight | n,a | ${encoder} position:${prefix}encoder.embed_positions
    ${prefix}encoder.layers.{L}.self_attn.k_proj.weight | a,a | ${encoder} k
    ${prefix}encoder.layers.{L}.self_attn.v_proj.bias | a | ${encoder} v
    ${prefix}encoder.layers.{L}.self_attn.out_proj.weight | a,a | ${encoder} o
    ${prefix}encoder.layers.{L}.self_attn_layer_norm.{weight,bias} | a | ${encoder} norm:pre_attention
    ${prefix}encoder.layers.{L}.final_layer_norm.{weight,bias} | a | ${encoder} norm:pre_mlp
    ${prefix}encoder.layers.{L}.fc1.weight | f,a | ${encoder} fc1
    ${prefix}encoder.layers.{L}.fc2.weight | a,f | ${encoder} fc2
    ${prefix}encoder.layer_norm.{weight,bias} | a | ${encoder} norm:final
    ${prefix}decoder.embed_tokens.weight | V,a | embeddings embedding
    ${prefix}decoder.embed_positions.weight | n,a | ${decoder} position:${prefix}decoder.embed_positions
    ${prefix}decoder.layers.{L}.self_attn.q_proj.weight | a,a | ${decoder} q
    ${prefix}decoder.layers.{L}.encoder_attn.q_proj.weight | a,a | ${decoder} q:cross
    ${prefix}decoder.layers.{L}.encoder_attn.v_proj.weight | a,a | ${decoder} v:cross
    ${prefix}decoder.layers.{L}.encoder_attn_layer_norm.{weight,bias} | a | ${decoder} norm:pre_cross
    ${prefix}decoder.layers.{L}.fc1.weight | f,a | ${decoder} fc1
    ${prefix}decoder.layers.{L}.fc2.weight | a,f | ${decoder} fc2
    ${prefix}decoder.layer_norm.{weight,bias} | a | ${decoder} norm:final
  `

  it('divides Whisper into its encoder and its decoder', () => {
    const config = {
      model_type: 'whisper',
      encoder_attention_heads: 2,
      decoder_attention_heads: 5,
      d_model: 10,
    }
    const whisper = example(whisperBody('model.', 'audio_encoder', 'language_model'), sizes, config)
    expect(mismatches(whisper)).toEqual([])
    expect(structureIn(whisper, 'audio_encoder')).toMatchObject({
      fixedPositionAdded: true,
      norm: 'layer',
      attention: { queryHeads: 2, rotary: 'none' },
    })
    expect(structureIn(whisper, 'language_model')).toMatchObject({ fixedPositionAdded: false })
    const bare = example(whisperBody('model.', 'audio_encoder', 'language_model'), sizes)
    expect(mismatches(bare)).toEqual([])
  })

  it('reads the tower of Qwen2-Audio beside a language model', () => {
    const audio = example(
      `${body.replaceAll('model.layers', 'language_model.model.layers').replaceAll('  model.', '  language_model.model.')}
      audio_tower.conv1.weight | a,8,3 | audio_encoder patch:audio_tower.conv1
      audio_tower.embed_positions.weight | n,a | audio_encoder position:audio_tower.embed_positions
      audio_tower.layers.{L}.self_attn.q_proj.weight | a,a | audio_encoder q
      audio_tower.layers.{L}.fc1.weight | f,a | audio_encoder fc1
      audio_tower.layers.{L}.fc2.weight | a,f | audio_encoder fc2
      audio_tower.layer_norm.{weight,bias} | a | audio_encoder norm:final
      multi_modal_projector.linear.weight | d,a | projector linear:multi_modal_projector.linear
      `,
      sizes,
    )
    expect(mismatches(audio)).toEqual([])
    expect(structureIn(audio, 'audio_encoder')?.fixedPositionAdded).toBe(true)
  })

  it('reads Wav2Vec 2 with its convolutional stem', () => {
    const wav = example(
      `
      wav2vec2.feature_extractor.conv_layers.0.conv.weight | 8,1,10 | audio_encoder patch:wav2vec2.feature_extractor.conv_layers.0.conv
      wav2vec2.feature_extractor.conv_layers.1.conv.weight | 8,8,3 | audio_encoder patch:wav2vec2.feature_extractor.conv_layers.1.conv
      wav2vec2.feature_extractor.conv_layers.0.layer_norm.{weight,bias} | 8
      wav2vec2.feature_projection.projection.weight | a,8 | audio_encoder linear:wav2vec2.feature_projection.projection
      wav2vec2.encoder.pos_conv_embed.conv.weight_g | 1,1,4
      wav2vec2.encoder.pos_conv_embed.conv.weight_v | a,2,4
      wav2vec2.encoder.layers.{L}.attention.k_proj.weight | a,a | audio_encoder k
      wav2vec2.encoder.layers.{L}.attention.out_proj.weight | a,a | audio_encoder o
      wav2vec2.encoder.layers.{L}.feed_forward.intermediate_dense.weight | f,a | audio_encoder fc1
      wav2vec2.encoder.layers.{L}.feed_forward.output_dense.weight | a,f | audio_encoder fc2
      wav2vec2.encoder.layers.{L}.layer_norm.{weight,bias} | a
      lm_head.weight | V,a
      `,
      sizes,
      { model_type: 'wav2vec2', num_attention_heads: 2 },
    )
    expect(mismatches(wav)).toEqual([])
    expect(structureIn(wav, 'audio_encoder')?.layerCount).toBe(2)
  })

  it('keeps the two feed-forwards of a conformer apart', () => {
    const conformer = example(
      `
      encoder.layers.{L}.self_attn.linear_q.weight | a,a | audio_encoder q
      encoder.layers.{L}.self_attn.linear_out.weight | a,a | audio_encoder o
      encoder.layers.{L}.feed_forward1.linear1.weight | f,a | audio_encoder fc1:feed_forward1
      encoder.layers.{L}.feed_forward1.linear2.weight | a,f | audio_encoder fc2:feed_forward1
      encoder.layers.{L}.feed_forward2.linear1.weight | f,a | audio_encoder fc1:feed_forward2
      encoder.layers.{L}.feed_forward2.linear2.weight | a,f | audio_encoder fc2:feed_forward2
      encoder.layers.{L}.conv.depthwise_conv.weight | a,1,5 | audio_encoder conv:conv.depthwise_conv
      encoder.layers.{L}.norm_feed_forward1.{weight,bias} | a
      `,
      sizes,
      { model_type: 'parakeet_conformer' },
    )
    expect(mismatches(conformer)).toEqual([])
  })
})

describe('wrappers of several models', () => {
  it('reads InternVL: vision_model, mlp1, language_model', () => {
    const internvl = example(
      `${body.replaceAll('  model.', '  language_model.model.').replaceAll('  lm_head', '  language_model.lm_head')}
      vision_model.embeddings.patch_embedding.weight | m,3,4,4 | vision_encoder patch:vision_model.embeddings.patch_embedding
      vision_model.embeddings.position_embedding | 1,n,m | vision_encoder position:vision_model.embeddings.position_embedding
      vision_model.encoder.layers.{L}.attn.qkv.weight | 18,m | vision_encoder q + k + v
      vision_model.encoder.layers.{L}.attn.proj.weight | m,m | vision_encoder o
      vision_model.encoder.layers.{L}.norm1.{weight,bias} | m | vision_encoder norm:pre_attention
      vision_model.encoder.layers.{L}.mlp.fc1.weight | f,m | vision_encoder fc1
      vision_model.encoder.layers.{L}.mlp.fc2.weight | m,f | vision_encoder fc2
      mlp1.0.{weight,bias} | 24 | projector norm:mlp1.0
      mlp1.1.weight | d,24 | projector fc1
      mlp1.1.bias | d | projector fc1
      mlp1.3.weight | d,d | projector fc2
      `,
      sizes,
    )
    expect(mismatches(internvl)).toEqual([])
  })

  it('reads Qwen3-VL: counted mergers, plain MLPs', () => {
    const vl = example(
      `${body.replaceAll('  model.', '  model.language_model.')}
      model.visual.patch_embed.proj.weight | m,3,2,4,4 | vision_encoder patch:model.visual.patch_embed.proj
      model.visual.pos_embed.weight | n,m | vision_encoder position:model.visual.pos_embed
      model.visual.blocks.{L}.norm1.{weight,bias} | m | vision_encoder norm:pre_attention
      model.visual.blocks.{L}.attn.qkv.weight | 18,m | vision_encoder q + k + v
      model.visual.blocks.{L}.attn.proj.weight | m,m | vision_encoder o
      model.visual.blocks.{L}.mlp.linear_fc1.weight | f,m | vision_encoder fc1
      model.visual.blocks.{L}.mlp.linear_fc2.weight | m,f | vision_encoder fc2
      model.visual.merger.norm.{weight,bias} | m | projector norm:final
      model.visual.merger.linear_fc1.weight | 24,24 | projector fc1
      model.visual.merger.linear_fc2.weight | d,24 | projector fc2
      model.visual.deepstack_merger_list.{0,1}.norm.{weight,bias} | 24 | projector norm:norm
      model.visual.deepstack_merger_list.{0,1}.linear_fc1.weight | 24,24 | projector fc1
      model.visual.deepstack_merger_list.{0,1}.linear_fc2.weight | d,24 | projector fc2
      `,
      sizes,
      { model_type: 'qwen3_vl', vision_config: { num_heads: 2, model_type: 'qwen3_vl' } },
    )
    expect(mismatches(vl)).toEqual([])
    expect(structureIn(vl, 'vision_encoder')?.attention).toMatchObject({ rotary: 'half' })
  })

  it('reads HyperCLOVA X SEED, MiniCPM-V and Gemma 3 prefixes', () => {
    const seed = example(
      `${body.replaceAll('  model.', '  model.language_model.model.')}
      model.vision_model.patch_embed.proj.weight | m,3,2,4,4 | vision_encoder patch:model.vision_model.patch_embed.proj
      model.vision_model.blocks.{L}.attn.qkv.weight | 18,m | vision_encoder q + k + v
      model.vision_model.blocks.{L}.attn.proj.weight | m,m | vision_encoder o
      model.vision_model.blocks.{L}.mlp.gate_proj.weight | f,m | vision_encoder gate
      model.vision_model.blocks.{L}.mlp.up_proj.weight | f,m | vision_encoder up
      model.vision_model.blocks.{L}.mlp.down_proj.weight | m,f | vision_encoder down
      model.vision_model.blocks.{L}.norm1.weight | m | vision_encoder norm:pre_attention
      model.vision_model.merger.ln_q.weight | m
      model.vision_model.merger.mlp.0.weight | 24,24 | projector fc1
      model.vision_model.merger.mlp.2.weight | d,24 | projector fc2
      model.mm_projector.weight | d,d
      `,
      sizes,
      { model_type: 'hyperclovax_vlm', vision_config: { model_type: 'qwen2_5_vl', num_heads: 2 } },
    )
    expect(mismatches(seed)).toEqual([])
    expect(structureIn(seed, 'vision_encoder')).toMatchObject({ norm: 'rms', mlp: 'gated' })
    const minicpm = example(
      `${body.replaceAll('  model.', '  llm.model.').replaceAll('  lm_head', '  llm.lm_head')}
      vpm.embeddings.patch_embedding.weight | m,3,4,4 | vision_encoder patch:vpm.embeddings.patch_embedding
      vpm.encoder.layers.{L}.self_attn.q_proj.weight | m,m | vision_encoder q
      vpm.encoder.layers.{L}.mlp.fc1.weight | f,m | vision_encoder fc1
      vpm.encoder.layers.{L}.mlp.fc2.weight | m,f | vision_encoder fc2
      resampler.query | 8,d | projector linear:resampler.query
      resampler.pos_embed | n,d | projector position:resampler.pos_embed
      resampler.kv_proj.weight | d,m
      resampler.attn.in_proj_weight | 36,d | projector q + k + v
      resampler.attn.out_proj.weight | d,d | projector o
      resampler.ln_q.{weight,bias} | d
      apm.conv1.weight | a,8,3 | audio_encoder patch:apm.conv1
      apm.layers.{L}.self_attn.q_proj.weight | a,a | audio_encoder q
      audio_projection_layer.linear1.weight | d,a | projector fc1
      audio_projection_layer.linear2.weight | d,d | projector fc2
      `,
      sizes,
    )
    expect(mismatches(minicpm)).toEqual([])
  })

  it('names an unknown sub-module by its path and a talker beside the thinker by its own', () => {
    const omni = example(
      `${body.replaceAll('  model.', '  thinker.model.').replaceAll('  lm_head', '  thinker.lm_head')}
      talker.model.layers.{L}.self_attn.q_proj.weight | 8,8 | talker q
      talker.model.layers.{L}.self_attn.o_proj.weight | 8,8 | talker o
      talker.model.embed_tokens.weight | 20,8 | talker embedding
      action_expert.projection.weight | 5,d | action_expert linear:action_expert.projection
      mtp.layers.0.self_attn.q_proj.weight | q,d | mtp q
      mtp.layers.0.self_attn.o_proj.weight | d,q | mtp o
      `,
      sizes,
      { model_type: 'qwen2_5_omni' },
    )
    expect(mismatches(omni)).toEqual([])
  })

  it('keeps adapters and packed weights out of the matrices', () => {
    const lora = example(
      `
      base_model.model.model.layers.{L}.self_attn.q_proj.lora_A.weight | 2,d | adapter linear:self_attn.q_proj.lora_a.weight
      base_model.model.model.layers.{L}.self_attn.q_proj.lora_B.weight | q,2 | adapter linear:self_attn.q_proj.lora_b.weight
      `,
      sizes,
    )
    expect(mismatches(lora)).toEqual([])
    const packed = example(
      `
      model.layers.{L}.self_attn.q_proj.qweight | 2,q | language_model other:self_attn.q_proj.qweight
      model.layers.{L}.self_attn.q_proj.scales | 1,q | language_model other:self_attn.q_proj.scales
      model.layers.{L}.self_attn.q_proj.g_idx | d | language_model other:self_attn.q_proj.g_idx
      model.layers.{L}.self_attn.k_proj.weight | kv,d | language_model k
      model.layers.{L}.self_attn.k_proj.weight_scale_inv | 1,1 | language_model other:self_attn.k_proj.weight_scale_inv
      `,
      sizes,
    )
    expect(mismatches(packed)).toEqual([])
  })
})
