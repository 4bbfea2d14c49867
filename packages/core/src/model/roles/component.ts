import type { JsonValue } from '../../base/canonical-json.ts'
import type { ComponentName } from '../role.ts'
import { declaredType } from './config-facts.ts'
import { type PlacedTensor, stackSizes } from './stacks.ts'
import { isBlockWord, isIndex } from './tensor-path.ts'

const PROJECTOR =
  /^(?:(?:multi_modal|multimodal|mm|modality|vision|visual|image|audio|speech|text_hidden|vision_language|cross_modal)_(?:projector|projection|proj|adapter|adaptor|aligner|connector|fcs)|.*projector|.*merger|.*merger_list|.*resampler|perceiver(?:_.*)?|connector|aligner|q_former|qformer|.*abstractor|mlp1|mm_input_projection|embed_(?:vision|audio)|vision_embed_tokens|linear_proj|modality_proj(?:ection)?|glm_projection|proj_(?:in|ector))$/
const VISION =
  /^(?:vision_tower|vision_model|visual|vision_encoder|image_encoder|vit|vision|visual_model|visual_encoder|vision_backbone|vpm|img_encoder|image_tower|vit_model|vision_module|clip_model|siglip|vision_tower_high|vision_tower_low|sam_model)$/
const AUDIO =
  /^(?:audio_tower|audio_encoder|speech_encoder|audio_model|whisper|audio|apm|speech_tower|speech_model|wav2vec2|hubert|wavlm|data2vec_audio|audio_backbone|speech_backbone|conformer)$/
const LANGUAGE = /^(?:language_model|llm|lang_model|text_decoder|llama_model|llm_model)$/
const ADAPTER = /^lora_(?:[ab]|embedding_[ab]|magnitude_vector)/

/** Words that wrap a whole model and name nothing. */
const WRAPPER =
  /^(?:_?model|_?module|transformer|backbone|base_model|net|network|lm|gpt|bert|roberta|gpt_neox|thinker|main|decoder|text|body|trunk|default|core|graph|layers?|blocks?|h|root|llama|student|policy|actor|generator|\*|pretrained_model)$/

const VISION_TYPES =
  /(?:^|_)(?:vit|vision|deit|beit|dinov\d|dinov2_with_registers|swin\w*|convnext\w*|hiera|sam|mae|levit|cvt|pvt\w*|resnet|regnet|mobilenet\w*|efficientnet|ijepa|vjepa\w*|data2vec-vision|timm_wrapper|siglip_vision_model|clip_vision_model)(?:$|_)/
const AUDIO_TYPES =
  /^(?:wav2vec2|hubert|wavlm|unispeech\w*|data2vec-audio|sew|audio-spectrogram-transformer|\w*conformer\w*|encodec|mimi|dac|\w*audio_encoder)$/

/** The component that the words before a block, or of a tensor outside, name outright. */
export function namedComponent(words: readonly string[]): ComponentName | undefined {
  if (words.some((word) => PROJECTOR.test(word))) return 'projector'
  // The deepest word wins: model.vision_tower.language_model is nobody's habit, but
  // language_model.vision_adapter would be the projector above.
  for (const word of [...words].reverse()) {
    if (VISION.test(word)) return 'vision_encoder'
    if (AUDIO.test(word)) return 'audio_encoder'
    if (LANGUAGE.test(word)) return 'language_model'
  }
  return undefined
}

/** Words of a prefix that say something, joined: talker.code_predictor. */
function pathName(prefix: readonly string[]): string {
  const words = prefix.filter((word) => !isIndex(word) && !isBlockWord(word))
  const meaningful = words.filter((word) => !WRAPPER.test(word))
  return (meaningful.length > 0 ? meaningful : words).join('.')
}

/** What the checkpoint is when its names do not divide it. */
export function wholeComponent(
  placed: readonly PlacedTensor[],
  config: JsonValue | undefined,
): ComponentName {
  const type = declaredType(config)
  if (VISION_TYPES.test(type)) return 'vision_encoder'
  if (AUDIO_TYPES.test(type)) return 'audio_encoder'
  const hasTokens = placed.some(({ tokens }) => tokens.some(isTokenTable))
  if (type !== '' || hasTokens) return 'language_model'
  if (placed.some(isPatchConvolution)) return 'vision_encoder'
  if (placed.some(isFrameConvolution)) return 'audio_encoder'
  const isTransformer = placed.some(({ leaf }) => leaf.some((word) => /attn|attention/.test(word)))
  const isNamed = placed.some(({ stack }) => stack !== null)
  return isTransformer || isNamed ? 'language_model' : 'model'
}

export const isTokenTable = (token: string): boolean =>
  /^(?:embed_tokens|wte|word_embeddings?|tok_embeddings?|tokens?_embeddings?|token_embd|embed_in|tok_emb|lm_head|vocab_embed\w*)$/.test(
    token,
  )

/** A convolution that cuts an image into patches: [d, channels ≤ 4, p, p] with p > 3. */
const isPatchConvolution = ({ tensor, stack }: PlacedTensor): boolean => {
  const [, channels = 0, height = 0] = tensor.shape
  return stack === null && tensor.shape.length >= 4 && channels <= 4 && height > 3
}

/** A convolution over spectrogram frames: [d, mel bands, 3]. */
const isFrameConvolution = ({ tensor, tokens, stack }: PlacedTensor): boolean =>
  stack === null && tensor.shape.length === 3 && tokens.some((word) => /^conv1?$/.test(word))

/**
 * Gives every tensor its component. Named sub-modules keep their words; the rest belongs to
 * the whole, whose largest stack is its body and whose other stacks are named by their path.
 */
export function assignComponents(
  placed: readonly PlacedTensor[],
  config: JsonValue | undefined,
): ReadonlyMap<PlacedTensor, ComponentName> {
  const whole = wholeComponent(placed, config)
  const ofStack = componentsOfStacks(placed, whole)
  const components = new Map<PlacedTensor, ComponentName>()
  for (const entry of placed) {
    const adapter = entry.residue !== undefined && ADAPTER.test(entry.residue)
    components.set(entry, adapter ? 'adapter' : componentOf(entry, ofStack, whole))
  }
  return components
}

function componentOf(
  entry: PlacedTensor,
  ofStack: ReadonlyMap<string, ComponentName>,
  whole: ComponentName,
): ComponentName {
  if (entry.stack !== null) return ofStack.get(entry.stack) ?? whole
  const named = namedComponent(entry.tokens)
  if (named !== undefined) return named
  // A tensor outside the blocks belongs to the stack with which it shares the longest path.
  let best: ComponentName = whole
  let longest = 0
  for (const [stack, component] of ofStack) {
    const pattern = stack.split('.')
    let shared = 0
    while (shared < entry.prefix.length && entry.prefix[shared] === pattern[shared]) shared++
    if (shared > longest) {
      longest = shared
      best = component
    }
  }
  if (longest > 0) return best
  const own = entry.prefix.filter((word) => !WRAPPER.test(word) && !isIndex(word))
  const stands = own.length > 0 && entry.tokens.length > 1 && !entry.tokens.some(isTokenTable)
  return stands && ofStack.size > 0 ? whole : best
}

function componentsOfStacks(
  placed: readonly PlacedTensor[],
  whole: ComponentName,
): ReadonlyMap<string, ComponentName> {
  const sizes = stackSizes(placed)
  const bySize = [...sizes].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const result = new Map<string, ComponentName>()
  const body = new Set<ComponentName>()
  const pair = encoderDecoder(
    placed,
    bySize.map(([stack]) => stack),
  )
  for (const [stack] of bySize) {
    const words = stack.split('.').filter((word) => word !== '*')
    const component = pair.get(stack) ?? namedComponent(words) ?? whole
    // A second stack of the same component (mtp.layers) is a part of its own.
    const isSecond = body.has(component) && component !== 'projector'
    const path = pathName(words)
    result.set(stack, isSecond && path !== '' ? path : component)
    body.add(component)
  }
  return result
}

/** Two stacks called encoder and decoder: which senses the encoder serves is in its stem. */
function encoderDecoder(
  placed: readonly PlacedTensor[],
  stacks: readonly string[],
): ReadonlyMap<string, ComponentName> {
  const unnamed = stacks.filter((stack) => namedComponent(stack.split('.')) === undefined)
  const encoder = unnamed.find((stack) => stack.split('.').includes('encoder'))
  const decoder = unnamed.find((stack) => stack.split('.').includes('decoder'))
  const result = new Map<string, ComponentName>()
  if (encoder === undefined || decoder === undefined) return result
  const stem = placed.filter(({ stack, tokens }) => stack === null && tokens.includes('encoder'))
  const senses: ComponentName = stem.some(isFrameConvolution)
    ? 'audio_encoder'
    : stem.some(isPatchConvolution)
      ? 'vision_encoder'
      : 'encoder'
  result.set(encoder, senses)
  result.set(decoder, 'language_model')
  return result
}
