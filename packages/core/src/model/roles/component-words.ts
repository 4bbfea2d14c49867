import type { ComponentName } from '../role.ts'

const PROJECTOR =
  /^(?:(?:multi_modal|multimodal|mm|modality|vision|visual|image|img|audio|speech|vision_language|cross_modal|pre_mm)_(?:projector|projection|proj|adapter|adaptor|aligner|connector|fcs|projector_norm|projection_layer)|.*projector|.*merger|.*merger_list|.*resampler|perceiver(?:_.*)?|connector|aligner|q_former|qformer|.*abstractor|mlp1|mm_input_projection|mm_soft_emb_norm|embed_(?:vision|audio)|linear_proj|modality_proj(?:ection)?|glm_projection|vision_language_adapter|text_hidden_fcs)$/
const VISION =
  /^(?:vision_tower|vision_model|visual|vision_encoder|image_encoder|vit|vision|visual_model|visual_encoder|vision_backbone|vpm|img_encoder|image_tower|vit_model|vision_module|clip_model|siglip|vision_tower_(?:high|low)|sam_model|img_processor|image_embed|vision_embed_tokens|deit|dinov2|beit|swin)$/
const AUDIO =
  /^(?:audio_tower|audio_encoder|speech_encoder|audio_model|whisper|audio|apm|speech_tower|speech_model|wav2vec2|hubert|wavlm|data2vec_audio|audio_backbone|speech_backbone|conformer|audio_embed|sound_encoder)$/
const LANGUAGE = /^(?:language_model|llm|lang_model|text_decoder|llama_model|llm_model)$/

/** Words that wrap a whole model and name nothing. */
const WRAPPER =
  /^(?:_?model|_?module|transformer|backbone|base_model|net|network|lm|gpt|bert|roberta|gpt_neox|thinker|main|decoder|text|text_model|body|trunk|default|core|graph|layers?|blocks?|h|root|llama|student|policy|actor|generator|pretrained_model|encoder|electra|deberta|distilbert|glm|albert)$/

const VISION_TYPES =
  /^(?:vit\w*|deit|beit|dinov2\w*|dinov3\w*|swin\w*|convnext\w*|hiera|levit|cvt|pvt\w*|resnet|regnet|mobilenet\w*|efficientnet|ijepa|vjepa\w*|data2vec-vision|timm_wrapper|siglip2?_vision_model|clip_vision_model|\w*_vision|intern_vit\w*|internvl_vision|pixtral)$/
const AUDIO_TYPES =
  /^(?:wav2vec2\w*|hubert|wavlm|unispeech\w*|data2vec-audio|sew|audio-spectrogram-transformer|\w*conformer\w*|encodec|mimi|dac|parakeet\w*|whisper_encoder|\w*audio_encoder|\w*_audio)$/

/** The component that the words before a block, or of a tensor outside, name outright. */
export function namedComponent(words: readonly string[]): ComponentName | undefined {
  if (words.some((word) => PROJECTOR.test(word))) return 'projector'
  for (const word of [...words].reverse()) {
    if (VISION.test(word)) return 'vision_encoder'
    if (AUDIO.test(word)) return 'audio_encoder'
    if (LANGUAGE.test(word)) return 'language_model'
  }
  return undefined
}

/** What a declared `model_type` makes of the whole checkpoint, where it is not a language model. */
export function typedComponent(modelType: string): ComponentName | undefined {
  if (AUDIO_TYPES.test(modelType)) return 'audio_encoder'
  if (VISION_TYPES.test(modelType)) return 'vision_encoder'
  return undefined
}

/** CLIP and its kin: two encoders that meet in one space. */
export const isDualEncoder = (paths: readonly (readonly string[])[]): boolean =>
  paths.some((tokens) => tokens.includes('text_projection') || tokens.includes('logit_scale')) &&
  paths.some((tokens) => tokens.some((word) => VISION.test(word) || AUDIO.test(word)))

export const isModelWrapper = (word: string): boolean => WRAPPER.test(word)

export const isTokenTable = (word: string): boolean =>
  /^(?:embed_tokens|wte|word_embeddings?|tok_embeddings?|tokens?_embeddings?|token_embd|embed_in|tok_emb|lm_head|vocab_embed\w*)$/.test(
    word,
  )
