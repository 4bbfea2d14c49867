/**
 * Public facts of architectures by `model_type` that neither names nor shapes tell.
 * Source: the modelling code published for each type.
 */
type Rotary = 'half' | 'interleaved' | 'none'

/** Pairs (2j, 2j+1). */
const INTERLEAVED =
  /^(?:gptj|codegen|cohere|cohere2\w*|glm|glm4|glm4v\w*|chatglm|ernie4_5\w*|llama4\w*|helium|blt|deepseek_v2|deepseek_v3|deepseek_v32|moonshine\w*)$/

const NO_ROTATION =
  /^(?:gpt2|gpt_neo|gpt_bigcode|opt|bloom|mpt|t5|mt5|umt5|bert|roberta|xlm-roberta|distilbert|electra|albert|deberta\w*|whisper|bart|mbart|marian|pegasus|clip\w*|siglip\w*|vit\w*|deit|beit|dinov2\w*|openai-gpt|xglm|biogpt|wav2vec2|hubert|wavlm|data2vec\w*|blip\w*|audio-spectrogram-transformer)$/

const HALF =
  /^(?:llama|mistral\w*|mixtral|ministral\w*|qwen2\w*|qwen3\w*|gemma\w*|phi|phi3\w*|phi4\w*|phimoe|stablelm|gpt_neox\w*|olmo\w*|exaone\w*|solar\w*|granite\w*|starcoder2|persimmon|dbrx|minicpm\w*|internlm\w*|deepseek|gpt_oss|hunyuan\w*|glm4_moe|smollm3|nemotron|aquila|yi|falcon3|arcee|apertus|seed_oss|dots1|hyperclovax|cwm|jais2|nanochat|pixtral|lfm2\w*|modernbert|recurrent_gemma|idefics3_text|openelm|xverse|orion|skywork)$/

/** The rotary layout of a declared type, or undefined where this table does not know it. */
export function rotaryOf(modelType: string): Rotary | undefined {
  const type = modelType.toLowerCase()
  if (INTERLEAVED.test(type)) return 'interleaved'
  if (NO_ROTATION.test(type)) return 'none'
  if (HALF.test(type)) return 'half'
  return undefined
}
