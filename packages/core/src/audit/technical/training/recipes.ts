import type { Checkpoint } from '../../../model/checkpoint.ts'
import type { Draw } from './draw-plan.ts'
import { type ConfigReader, type RecipeSource, readerOf } from './recipes/config-reader.ts'
import { gpt2Draws } from './recipes/gpt2.ts'
import {
  gemmaDraws,
  llamaDraws,
  mistralDraws,
  neoxDraws,
  optDraws,
  qwen2Draws,
  qwen3Draws,
} from './recipes/hugging-face.ts'
import { megatronDraws } from './recipes/megatron.ts'
import type { Recipe } from './recipes/names.ts'
import { moduleDraws } from './recipes/pytorch-modules.ts'
import type { TrainingRecord } from './record.ts'

type Expand = (read: ConfigReader, source: RecipeSource) => readonly Draw[]

/** How each library initialises a model, as draws in order; each was checked against the library. */
const EXPANSIONS: Readonly<Record<Exclude<Recipe, 'pytorch-modules'>, Expand>> = {
  'huggingface-llama': llamaDraws,
  'huggingface-mistral': mistralDraws,
  'huggingface-qwen2': qwen2Draws,
  'huggingface-qwen3': qwen3Draws,
  'huggingface-gemma': gemmaDraws,
  'huggingface-gpt-neox': neoxDraws,
  'huggingface-opt': optDraws,
  'huggingface-gpt2': gpt2Draws,
  'megatron-gpt': megatronDraws,
}

export type Expansion = { readonly draws: readonly Draw[] } | { readonly missing: string }

/** The draws that a record declares, listed or by recipe; or what is missing for that. */
export function declaredDraws(
  { draws, recipe, modules }: TrainingRecord['initialisation'],
  start: Pick<Checkpoint, 'config' | 'tensors'>,
): Expansion {
  if (draws) return { draws }
  if (!recipe) return { missing: 'draws' }
  const shapes = new Map(start.tensors.map(({ name, shape }) => [name, shape]))
  if (recipe === 'pytorch-modules') {
    return modules ? moduleDraws(modules, shapes) : { missing: 'modules' }
  }
  return drawsOfRecipe(recipe, { config: start.config, names: new Set(shapes.keys()) })
}

/** The draws of a configuration, or the name of the key that is missing. */
export function drawsOfRecipe(recipe: keyof typeof EXPANSIONS, source: RecipeSource): Expansion {
  const read = readerOf(source.config)
  const draws = EXPANSIONS[recipe](read, source)
  const missing = read.missing()
  return missing === null ? { draws } : { missing }
}
