import type { Draw } from '../draw-plan.ts'
import type { ConfigReader, RecipeSource } from './config-reader.ts'
import { normal } from './layer-draws.ts'

/**
 * GPTModel of megatron-core made with `use_cpu_initialization`: each rank draws every matrix whole from
 * torch's CPU generator, once, and keeps its part, so tensor parallelism changes nothing; the output
 * projection of attention stands before the projection of query, key and value, and all that returns to the
 * residual stream has the smaller deviation. Names are those of megatron-core, keys those of Megatron-LM's
 * arguments. Stages of a pipeline are seeded apart (seed + 100 · stage) and are not put together here.
 */
export function megatronDraws(read: ConfigReader, { names }: RecipeSource): Draw[] {
  const width = read.number('hidden_size')
  const hidden = read.number(['ffn_hidden_size', 'intermediate_size'], 4 * width)
  const heads = read.number('num_attention_heads')
  const headDim = read.number(['kv_channels', 'head_dim'], width / heads)
  const groups = read.number(['num_query_groups', 'num_key_value_heads'], heads)
  const layers = read.number(['num_layers', 'num_hidden_layers'])
  const std = read.number(['init_method_std', 'initializer_range'], 0.02)
  const scaled = std / Math.sqrt(2 * layers)
  const isPipelined = read.number('pipeline_model_parallel_size', 1) > 1
  read.need(!isPipelined, 'recipe for pipeline_model_parallel_size above 1')
  const vocabulary = [read.number(['padded_vocab_size', 'vocab_size']), width]
  const widened = read.flag('swiglu', false) ? 2 * hidden : hidden
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const at = `decoder.layers.${layer}.`
    return [
      normal(`${at}self_attention.linear_proj.weight`, [width, heads * headDim], scaled),
      normal(`${at}self_attention.linear_qkv.weight`, [(heads + 2 * groups) * headDim, width], std),
      normal(`${at}mlp.linear_fc1.weight`, [widened, width], std),
      normal(`${at}mlp.linear_fc2.weight`, [width, hidden], scaled),
    ]
  })
  const output = 'output_layer.weight'
  const isUntied = read.flag('untie_embeddings_and_output_weights', names.has(output))
  return [
    normal('embedding.word_embeddings.weight', vocabulary, std),
    ...positions(read, width, std),
    ...blocks.flat(),
    ...(isUntied ? [normal(output, vocabulary, std)] : []),
  ]
}

/** Learned positions are torch.nn.Embedding, which draws when it is made; rotary ones draw nothing. */
function positions(read: ConfigReader, width: number, std: number): Draw[] {
  if (read.text('position_embedding_type', 'learned_absolute') !== 'learned_absolute') return []
  const shape = [read.number(['max_position_embeddings', 'seq_length']), width]
  return [normal(null, shape, 1), normal('embedding.position_embeddings.weight', shape, std)]
}
