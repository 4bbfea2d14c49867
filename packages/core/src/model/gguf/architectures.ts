/**
 * Names of architectures in GGUF files and the `model_type` of the same architecture, where they
 * differ. A name that is not here is kept. Source: the converter of llama.cpp.
 */
const MODEL_TYPES: Readonly<Record<string, string>> = {
  gptneox: 'gpt_neox',
  gptj: 'gptj',
  'gpt-oss': 'gpt_oss',
  'command-r': 'cohere',
  phi2: 'phi',
  deepseek2: 'deepseek_v3',
  qwen2moe: 'qwen2_moe',
  qwen3moe: 'qwen3_moe',
  qwen2vl: 'qwen2_vl',
  qwen3vl: 'qwen3_vl',
  qwen3vlmoe: 'qwen3_vl_moe',
  starcoder: 'gpt_bigcode',
  ernie4_5: 'ernie4_5',
  'ernie4_5-moe': 'ernie4_5_moe',
  granitemoe: 'granitemoe',
  'granite-moe': 'granitemoe',
  'hunyuan-dense': 'hunyuan_v1_dense',
  'hunyuan-moe': 'hunyuan_v1_moe',
  exaone4: 'exaone4',
  'nomic-bert': 'nomic_bert',
  glm4moe: 'glm4_moe',
}

export const modelTypeOf = (architecture: string): string =>
  MODEL_TYPES[architecture] ?? architecture.toLowerCase()

/** Rotates (2j, 2j + 1). llama.cpp, llama_model_rope_type: LLAMA_ROPE_TYPE_NORM. */
const NEIGHBOURS = new Set([
  'llama',
  'llama4',
  'deci',
  'baichuan',
  'internlm2',
  'minicpm',
  'xverse',
  'command-r',
  'cohere2',
  'olmo',
  'arctic',
  'deepseek',
  'deepseek2',
  'plm',
  'chatglm',
  'granite',
  'granitemoe',
  'chameleon',
  'bailingmoe',
  'smollm3',
  'arcee',
  'ernie4_5',
  'ernie4_5-moe',
  'mistral3',
])

/** Rotates (j, j + dims / 2): LLAMA_ROPE_TYPE_NEOX. */
const HALVES = new Set([
  'falcon',
  'grok',
  'dbrx',
  'stablelm',
  'qwen',
  'qwen2',
  'qwen2moe',
  'qwen3',
  'qwen3moe',
  'olmo2',
  'olmoe',
  'phi2',
  'phi3',
  'phimoe',
  'gemma',
  'gemma2',
  'gemma3',
  'gemma3n',
  'starcoder2',
  'gptneox',
  'orion',
  'nemotron',
  'exaone',
  'exaone4',
  'minicpm3',
  'dots1',
  'hunyuan-moe',
  'hunyuan-dense',
  'gpt-oss',
  'lfm2',
  'seed_oss',
  'glm4moe',
  'nomic-bert',
])

/** How the rows of queries and keys are paired in the file; undefined where it is not known. */
export function rotaryPairsOf(architecture: string): 'neighbours' | 'halves' | undefined {
  if (NEIGHBOURS.has(architecture)) return 'neighbours'
  return HALVES.has(architecture) ? 'halves' : undefined
}
