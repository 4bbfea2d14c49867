import type { Draw } from '../draw-plan.ts'
import type { ConfigReader, RecipeSource } from './config-reader.ts'
import { kaiming, normal } from './layer-draws.ts'

const HEAD = 'lm_head.weight'

/** GPT2LMHeadModel: its Conv1D stores inputs as rows and draws normals; residual projections are drawn twice. */
export function gpt2Draws(read: ConfigReader, { names }: RecipeSource): Draw[] {
  const { number } = read
  const width = number('n_embd')
  const hidden = number('n_inner', 4 * width)
  const layers = number('n_layer')
  const std = number('initializer_range')
  const scaled = std / Math.sqrt(2 * layers)
  const tables = [
    ['transformer.wte.weight', [number('vocab_size'), width]],
    ['transformer.wpe.weight', [number('n_positions'), width]],
  ] as const
  // A configuration leaves out what equals the library's default; then the tensors tell.
  const isTied = read.flag('tie_word_embeddings', !names.has(HEAD))
  const blocks = Array.from({ length: layers }, (_, layer) => `transformer.h.${layer}.`)
  const shapes = {
    attn: [width, 3 * width],
    out: [width, width],
    fc: [width, hidden],
    down: [hidden, width],
  }
  const initial = blocks.flatMap(() => [
    normal(null, shapes.attn, 0.02),
    normal(null, shapes.out, 0.02),
    normal(null, shapes.fc, 0.02),
    normal(null, shapes.down, 0.02),
  ])
  const kept = blocks.flatMap((at) => [
    normal(`${at}attn.c_attn.weight`, shapes.attn, std),
    normal(null, shapes.out, std),
    normal(`${at}attn.c_proj.weight`, shapes.out, scaled),
    normal(`${at}mlp.c_fc.weight`, shapes.fc, std),
    normal(null, shapes.down, std),
    normal(`${at}mlp.c_proj.weight`, shapes.down, scaled),
  ])
  return [
    ...tables.map(([, shape]) => normal(null, shape, 1)),
    ...initial,
    ...tables.map(([name, shape]) => normal(name, shape, std)),
    ...kept,
    kaiming(null, [number('vocab_size'), width]),
    ...(isTied ? [] : [normal(HEAD, [number('vocab_size'), width], std)]),
  ]
}
