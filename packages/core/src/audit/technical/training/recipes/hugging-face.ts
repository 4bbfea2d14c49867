import type { Draw } from '../draw-plan.ts'
import type { ConfigReader, RecipeSource } from './config-reader.ts'
import { kaiming, type Linear, madeLinear, normal, type Table, tableNormal } from './layer-draws.ts'

/** What the families differ in; the order of draws is one. */
type Model = {
  readonly tables: readonly Table[]
  readonly linears: readonly Linear[]
  /** Names of the output layer, the usual one first. */
  readonly heads: readonly string[]
  readonly std: number
  /** Whether the output layer is the embedding where the configuration does not say. */
  readonly isUsuallyTied: boolean
}

/**
 * PyTorch layers draw when they are made, and `_init_weights` of transformers draws again, first for the
 * body and then for the output layer: the first draws are thrown away, yet they move the generator.
 */
function drawsOfModel(model: Model, read: ConfigReader, { names }: RecipeSource): Draw[] {
  const { tables, linears, heads, std } = model
  const [vocabulary] = tables
  const head = heads.find((name) => names.has(name)) ?? heads[0] ?? null
  // A configuration leaves out what equals the library's default; then the tensors tell.
  const isTied = read.flag(
    'tie_word_embeddings',
    model.isUsuallyTied && !heads.some((name) => names.has(name)),
  )
  return [
    ...tables.map(({ shape }) => normal(null, shape, 1)),
    ...linears.flatMap(madeLinear),
    ...tables.map((table) => tableNormal(table, std)),
    ...linears.map(({ weight, shape }) => normal(weight, shape, std)),
    ...(vocabulary ? [kaiming(null, vocabulary.shape)] : []),
    ...(isTied || !vocabulary ? [] : [normal(head, vocabulary.shape, std)]),
  ]
}

const layersOf = (read: ConfigReader): readonly number[] =>
  Array.from({ length: read.number('num_hidden_layers') }, (_, layer) => layer)

/** Which projections of a Llama-like layer have a bias. */
type Biases = { readonly qkv: boolean; readonly out: boolean; readonly mlp: boolean }

function llamaLike(
  read: ConfigReader,
  source: RecipeSource,
  family: {
    readonly biases: Biases
    readonly isUsuallyTied: boolean
    readonly statesHeadDim: boolean
  },
): Draw[] {
  const width = read.number('hidden_size')
  const hidden = read.number('intermediate_size')
  const heads = read.number('num_attention_heads')
  const headDim = family.statesHeadDim
    ? read.number('head_dim')
    : read.number('head_dim', width / heads)
  const queries = heads * headDim
  const keys = read.number('num_key_value_heads', heads) * headDim
  const { qkv, out, mlp } = family.biases
  const linears = layersOf(read).flatMap((layer): Linear[] => {
    const linear = (name: string, shape: readonly [number, number], hasBias: boolean) => ({
      weight: `model.layers.${layer}.${name}_proj.weight`,
      shape,
      hasBias,
    })
    return [
      linear('self_attn.q', [queries, width], qkv),
      linear('self_attn.k', [keys, width], qkv),
      linear('self_attn.v', [keys, width], qkv),
      linear('self_attn.o', [width, queries], out),
      linear('mlp.gate', [hidden, width], mlp),
      linear('mlp.up', [hidden, width], mlp),
      linear('mlp.down', [width, hidden], mlp),
    ]
  })
  const table = {
    weight: 'model.embed_tokens.weight',
    shape: [read.number('vocab_size'), width] as const,
    paddingRow: read.paddingRow(),
  }
  const std = read.number('initializer_range')
  const { isUsuallyTied } = family
  const model = { tables: [table], linears, heads: ['lm_head.weight'], std, isUsuallyTied }
  return drawsOfModel(model, read, source)
}

export function llamaDraws(read: ConfigReader, source: RecipeSource): Draw[] {
  const attention = read.flag('attention_bias', false)
  const biases = { qkv: attention, out: attention, mlp: read.flag('mlp_bias', false) }
  return llamaLike(read, source, { biases, isUsuallyTied: false, statesHeadDim: false })
}

export const mistralDraws = (read: ConfigReader, source: RecipeSource): Draw[] =>
  llamaLike(read, source, { biases: NO_BIASES, isUsuallyTied: false, statesHeadDim: false })

export const qwen2Draws = (read: ConfigReader, source: RecipeSource): Draw[] =>
  llamaLike(read, source, {
    biases: { ...NO_BIASES, qkv: true },
    isUsuallyTied: false,
    statesHeadDim: false,
  })

export function qwen3Draws(read: ConfigReader, source: RecipeSource): Draw[] {
  const attention = read.flag('attention_bias', false)
  const biases = { qkv: attention, out: attention, mlp: false }
  return llamaLike(read, source, { biases, isUsuallyTied: false, statesHeadDim: true })
}

export function gemmaDraws(read: ConfigReader, source: RecipeSource): Draw[] {
  const attention = read.flag('attention_bias', false)
  const biases = { qkv: attention, out: attention, mlp: false }
  return llamaLike(read, source, { biases, isUsuallyTied: true, statesHeadDim: true })
}

const NO_BIASES: Biases = { qkv: false, out: false, mlp: false }

export function neoxDraws(read: ConfigReader, source: RecipeSource): Draw[] {
  const width = read.number('hidden_size')
  const hidden = read.number('intermediate_size')
  const attention = read.flag('attention_bias', true)
  const linears = layersOf(read).flatMap((layer): Linear[] => {
    const at = `gpt_neox.layers.${layer}.`
    return [
      {
        weight: `${at}attention.query_key_value.weight`,
        shape: [3 * width, width],
        hasBias: attention,
      },
      { weight: `${at}attention.dense.weight`, shape: [width, width], hasBias: attention },
      { weight: `${at}mlp.dense_h_to_4h.weight`, shape: [hidden, width], hasBias: true },
      { weight: `${at}mlp.dense_4h_to_h.weight`, shape: [width, hidden], hasBias: true },
    ]
  })
  const shape = [read.number('vocab_size'), width] as const
  const tables = [{ weight: 'gpt_neox.embed_in.weight', shape, paddingRow: null }]
  const heads = ['embed_out.weight', 'lm_head.weight']
  const std = read.number('initializer_range')
  return drawsOfModel({ tables, linears, heads, std, isUsuallyTied: false }, read, source)
}

/** Two positions more than the configuration states stand before the first (OPTLearnedPositionalEmbedding). */
const OPT_POSITIONS_BEFORE = 2

export function optDraws(read: ConfigReader, source: RecipeSource): Draw[] {
  const width = read.number('hidden_size')
  const hidden = read.number('ffn_dim')
  const hasBias = read.flag('enable_bias', true)
  read.need(read.number('word_embed_proj_dim', width) === width, 'recipe for word_embed_proj_dim')
  const linears = layersOf(read).flatMap((layer): Linear[] => {
    const at = `model.decoder.layers.${layer}.`
    const projections = ['k_proj', 'v_proj', 'q_proj', 'out_proj'].map(
      (name): Linear => ({
        weight: `${at}self_attn.${name}.weight`,
        shape: [width, width],
        hasBias,
      }),
    )
    return [
      ...projections,
      { weight: `${at}fc1.weight`, shape: [hidden, width], hasBias },
      { weight: `${at}fc2.weight`, shape: [width, hidden], hasBias },
    ]
  })
  const tables: Table[] = [
    {
      weight: 'model.decoder.embed_tokens.weight',
      shape: [read.number('vocab_size'), width],
      paddingRow: read.paddingRow(),
    },
    {
      weight: 'model.decoder.embed_positions.weight',
      shape: [read.number('max_position_embeddings') + OPT_POSITIONS_BEFORE, width],
      paddingRow: null,
    },
  ]
  const std = read.number('init_std')
  const heads = ['lm_head.weight']
  return drawsOfModel({ tables, linears, heads, std, isUsuallyTied: true }, read, source)
}
