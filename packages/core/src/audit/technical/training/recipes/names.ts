/** Schemes of libraries that can be replayed from a configuration or a list of modules. */
export const RECIPES = [
  'huggingface-llama',
  'huggingface-mistral',
  'huggingface-qwen2',
  'huggingface-qwen3',
  'huggingface-gemma',
  'huggingface-gpt-neox',
  'huggingface-opt',
  'huggingface-gpt2',
  'megatron-gpt',
  'pytorch-modules',
] as const

export type Recipe = (typeof RECIPES)[number]
