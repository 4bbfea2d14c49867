import { asObject, type ConfigFacts } from './config-facts.ts'

/**
 * Public facts of architectures by `model_type` that neither names nor shapes tell. Source: the
 * modelling code published for each type (docs/formats/roles.md lists them). A type that is not
 * here is unknown, never assumed to be like its neighbours.
 */
type Rotary = 'half' | 'interleaved' | 'none'

/** Pairs (2j, 2j + 1). */
const INTERLEAVED =
  /^(?:gptj|codegen|cohere|cohere2|cohere2_moe|glm|glm4|glm4v_text|chatglm|ernie4_5|ernie4_5_moe|llama4|llama4_text|llama4_vision_model|helium|blt|moonshine|kimi_k25_vision|moonvit|roformer|step3p5_vision)$/

/** Learned or sinusoidal positions, ALiBi, relative buckets: nothing rotates. */
const NO_ROTATION =
  /^(?:gpt2|gpt_neo|gpt_bigcode|opt|bloom|mpt|t5|mt5|umt5|bert|roberta|xlm-roberta|camembert|distilbert|electra|albert|deberta|deberta-v2|whisper|bart|mbart|marian|m2m_100|pegasus|clip|clip_vision_model|clip_text_model|siglip|siglip2|siglip_vision_model|siglip_text_model|siglip2_vision_model|siglip2_text_model|vit|vit_mae|deit|beit|dinov2|dinov2_with_registers|intern_vit_6b|internvl_vision|openai-gpt|xglm|biogpt|wav2vec2|hubert|wavlm|data2vec-\w+|blip\w*|audio-spectrogram-transformer|idefics2_vision|idefics3_vision|smolvlm_vision|qwen2_audio_encoder|qwen2_5_omni_audio_encoder|qwen3_omni_moe_audio_encoder|speech_to_text|voxtral_encoder|audioflamingo3_encoder|mllama_vision_model|sam_vision_model|janus_vision_model|phi4_multimodal_vision|blip_2_vision_model|blip_vision_model|instructblip_vision_model|data2vec-vision|altclip_vision_model|chinese_clip_vision_model|metaclip_2_vision_model)$/

/** Pairs (j, j + dims / 2). */
const HALF =
  /^(?:llama|mistral|mixtral|ministral|ministral3|qwen2|qwen2_moe|qwen2_vl|qwen2_vl_text|qwen2_5_vl|qwen2_5_vl_text|qwen2_5_omni_text|qwen2_5_omni_vision_encoder|qwen2_vl_vision|qwen2_5_vl_vision|qwen3_vl_vision|qwen3_vl_moe_vision|qwen3_5_moe_vision|glm4v_moe_vision|ernie4_5_vl_moe_vision|qwen3|qwen3_moe|qwen3_vl|qwen3_vl_text|qwen3_vl_moe|qwen3_vl_moe_text|qwen3_next|qwen3_5|qwen3_5_text|qwen3_5_moe|qwen3_5_moe_text|qwen3_5_vision|qwen3_omni_moe_text|qwen3_omni_moe_vision_encoder|gemma|gemma2|gemma3|gemma3_text|gemma3n_text|phi|phi3|phi3_v|phi4mm|phi4_multimodal|phimoe|stablelm|gpt_neox|gpt_neox_japanese|olmo|olmo2|olmo3|olmoe|exaone|exaone4|exaone4_5|exaone4_5_text|exaone4_5_vision|exaone_moe|solar|solar_open|granite|granitemoe|granitemoeshared|starcoder2|persimmon|dbrx|minicpm|deepseek|internlm|internlm2|internlm3|gpt_oss|hunyuan_v1_dense|hunyuan_v1_moe|hunyuan|glm4_moe|glm4v_vision|smollm3|nemotron|arcee|apertus|seed_oss|dots1|hyperclovax|cwm|jais2|nanochat|pixtral|lfm2|lfm2_moe|modernbert|modernbert-decoder|falcon_h1|flex_olmo|falcon|afmoe|bitnet|csm|dia|mimo|mimo_v2_flash|minimax|minimax_m2|jetmoe|dinov3_vit|mlcd|mlcd_vision_model|esm|eurobert|nomic_bert|zamba2|moshi|mimi)$/

/**
 * Latent attention: the rotated part of each head, by type. Kimi Linear rotates nothing there.
 */
const LATENT_INTERLEAVED =
  /^(?:deepseek_v2|deepseek_v3|deepseek_v32|deepseek_vl_v2|kimi_k2|kimi_k25|glm4_moe_lite|glm_moe_dsa|axk1|axk2|longcat_flash|mistral4|youtu|bailing_hybrid)$/

/** The rotary layout of a declared type, or undefined where this table does not know it. */
export function rotaryOf(config: ConfigFacts): Rotary | undefined {
  const type = config.modelType
  if (config.flag('alibi') === true || config.has('alibi_bias_max')) return 'none'
  if (config.flag('attn_config.alibi') === true) return 'none'
  // GGUF files hold the rows in the order that llama.cpp rotates, whatever the type's own is.
  const neighbours = config.flag('rope_pairs_neighbours')
  if (neighbours !== undefined) return neighbours ? 'interleaved' : 'half'
  // The first ChatGLM rotates two halves of each head by two kinds of positions.
  if (config.has('position_encoding_2d')) return undefined
  if (INTERLEAVED.test(type)) return 'interleaved'
  if (NO_ROTATION.test(type)) return 'none'
  if (HALF.test(type)) return 'half'
  // Baichuan 7B rotates; 13B, recognised by its 40 heads, uses ALiBi under the same type.
  if (type === 'baichuan') return config.number('num_attention_heads') === 40 ? 'none' : 'half'
  return undefined
}

/** The layout of the rotated part of latent attention. */
export function latentRotaryOf(config: ConfigFacts): 'half' | 'interleaved' | 'unknown' {
  if (config.flag('rope_interleave') === false) return 'half'
  if (config.flag('rope_interleave') === true) return 'interleaved'
  if (config.modelType === 'minicpm3') return 'half'
  return LATENT_INTERLEAVED.test(config.modelType) ? 'interleaved' : 'unknown'
}

/** Share of each head that is rotated when the config of a type does not say it. */
const DEFAULT_SHARE: Readonly<Record<string, number>> = {
  gpt_neox: 0.25,
  stablelm: 0.25,
  phi: 0.5,
  persimmon: 0.5,
  nemotron: 0.5,
  glm: 0.5,
  glm4: 0.5,
  glm4v_text: 0.5,
  glm4_moe: 0.5,
  chatglm: 0.5,
  qwen3_next: 0.25,
  qwen3_5: 0.25,
  qwen3_5_text: 0.25,
  qwen3_5_moe: 0.25,
  qwen3_5_moe_text: 0.25,
}

/**
 * Rotated dimensions of a head of `headDim`. Undefined where neither the config nor a known type
 * says it, 'mixed' where kinds of layers differ. GPT-J and CodeGen count dimensions instead of
 * giving a share.
 */
export function rotaryDimsOf(config: ConfigFacts, headDim: number): number | 'mixed' | undefined {
  const counted = config.number('rotary_dim')
  if (counted !== undefined) return Math.min(headDim, counted)
  const share = statedShare(config) ?? DEFAULT_SHARE[config.modelType]
  if (share === 'mixed') return 'mixed'
  // Frequencies are made for every second dimension, so an odd count is filled up.
  if (share !== undefined) {
    return Math.min(headDim, 2 * Math.ceil(Math.floor(headDim * share) / 2))
  }
  return rotaryOf(config) === undefined ? undefined : headDim
}

/** transformers 5 may state rotary parameters per kind of layer. */
function statedShare(config: ConfigFacts): number | 'mixed' | undefined {
  const perLayer = config.section('rope_parameters')
  const kinds = Object.values(perLayer ?? {})
    .map(asObject)
    .filter((kind) => kind !== undefined)
  const shares = new Set(kinds.map((kind) => kind['partial_rotary_factor'] ?? 1))
  if (shares.size > 1 || config.has('partial_rotary_factors')) return 'mixed'
  const [only] = shares
  if (typeof only === 'number' && only !== 1) return only
  return config.number(
    'partial_rotary_factor',
    'rope_parameters.partial_rotary_factor',
    'rope_scaling.partial_rotary_factor',
    'rotary_pct',
    'rope_pct',
  )
}

/** RMS norms whose config key does not say so. */
const RMS =
  /^(?:lfm2|lfm2_moe|nanochat|t5|mt5|umt5|exaone|mistral_large|qwen2_5_vl|qwen2_5_vl_vision|qwen2_5_omni_vision_encoder|exaone4_5_vision|pixtral|chatglm|internlm2|olmo2|olmo3)$/
/** Norms that subtract the mean although they have no bias. */
const LAYER =
  /^(?:cohere|cohere2|cohere2_moe|mpt|dbrx|olmo|modernbert|modernbert-decoder|modernbert-decoder|falcon_h1|flex_olmo|cohere_compass)$/

/** What the type says of its norms; undefined where it is not known. */
export function normOfType(modelType: string): 'rms' | 'layer' | undefined {
  if (RMS.test(modelType)) return 'rms'
  return LAYER.test(modelType) ? 'layer' : undefined
}

/** Sinusoids added to the residual stream: Marian, M2M, XGLM, Speech2Text, MAE. */
export const addsFixedPosition = (modelType: string): boolean =>
  /^(?:marian|m2m_100|nllb\w*|xglm|speech_to_text\w*|fsmt|vit_mae|whisper|qwen2_audio\w*|qwen2_5_omni_audio_encoder|qwen3_omni_moe_audio_encoder|voxtral_encoder|audioflamingo3_encoder)$/.test(
    modelType,
  )
