import type { ComponentName, ComponentStructure } from '../role.ts'
import type { Classified, ResolvedWord } from './classify.ts'
import type { ConfigFacts } from './config-facts.ts'

export type Heads = {
  readonly queryHeads: number
  readonly keyValueHeads: number
  /** Rows of one head of queries and of keys. */
  readonly headDim: number
}

/** Latent attention, with the rows that its queries need. */
export type Latent = NonNullable<ComponentStructure['latent']> & {
  readonly queryRows: number | undefined
}

type AttentionShape = {
  readonly width: number | null
  readonly queryRows: number | null
  readonly keyRows: number | null
  readonly keysDiffer: boolean
  readonly qkNormLength: number | null
  readonly sinks: number | null
  readonly isLatent: boolean
}

/** Row and column counts shared by every block; null where blocks differ. */
export function attentionShape(
  members: readonly Classified[],
  order: { readonly hiddenSize: number | null; readonly stored: 'out_in' | 'in_out' },
): AttentionShape {
  const own = members.filter((m) => m.entry.part === 'weight' && !m.cross && m.entry.layer !== null)
  const sizes = (word: ResolvedWord, axis: 0 | 1): readonly number[] =>
    own
      .filter((m) => m.word === word && m.entry.tensor.shape.length === 2)
      .map(({ entry }) => {
        const flipped = (entry.stored ?? order.stored) === 'in_out'
        return entry.tensor.shape[flipped ? 1 - axis : axis] ?? 0
      })
  const only = (values: readonly number[]): number | null =>
    new Set(values).size === 1 ? (values[0] ?? null) : null
  const outputs = sizes('o', 1)
  const queries = sizes('q', 0)
  const width = only(outputs.length > 0 ? outputs : queries)
  const fused = only(sizes('qkv', 0))
  const fusedKeys = fused !== null && width !== null ? (fused - width) / 2 : null
  const pairs = sizes('kv', 0).map((rows) => rows / 2)
  const separateKeys = [...sizes('k', 0), ...pairs]
  const keyRows = separateKeys.length > 0 ? only(separateKeys) : fusedKeys
  const norms = own.filter((m) => m.word === 'qk_norm')
  const sinks = own.filter(({ entry }) => entry.leaf.at(-1) === 'sinks')
  return {
    width,
    queryRows: only(queries),
    keyRows: keyRows !== null && keyRows > 0 ? keyRows : null,
    keysDiffer: new Set(separateKeys).size > 1,
    qkNormLength: only(norms.map(({ entry }) => Math.max(...entry.tensor.shape))),
    sinks: only(sinks.map(({ entry }) => entry.tensor.shape[0] ?? 0)),
    isLatent: own.some((m) => m.word === 'kv_a' || m.word === 'kv_b'),
  }
}

const HEAD_COUNT_KEYS = ['num_attention_heads', 'n_head', 'n_heads', 'num_heads', 'attention_heads']
/** Encoder-decoder configs count heads for each side. */
const sideOf = (component: ComponentName): string =>
  component === 'language_model' ? 'decoder_attention_heads' : 'encoder_attention_heads'

const HEAD_DIM_KEYS = ['head_dim', 'kv_channels', 'attention_head_dim', 'd_kv']

/**
 * Rows of the queries proper. q may have more of them than o has columns because values are
 * narrower than keys (MiMo), or because an output gate lies in it (Qwen3-Next): the stated size of
 * a head tells.
 */
export function queryRowsOf(shape: AttentionShape, config: ConfigFacts): number | null {
  const { width, queryRows } = shape
  if (queryRows === null || width === null || queryRows === width) return width ?? queryRows
  const stated = config.number('head_dim')
  const counted = config.number(...HEAD_COUNT_KEYS)
  if (stated !== undefined && counted !== undefined && stated * counted === queryRows) {
    return queryRows
  }
  return queryRows === 2 * width ? width : queryRows
}

/** Heads, when config or a per-head vector settles their number; counts of rows decide the rest. */
export function inferHeads(
  shape: AttentionShape,
  options: {
    readonly component: ComponentName
    readonly config: ConfigFacts
    readonly queryRows: number | null
  },
): Heads | undefined {
  const { keyRows, keysDiffer, qkNormLength, sinks, isLatent } = shape
  const { component, config, queryRows } = options
  if (queryRows === null || isLatent || keysDiffer) return undefined
  const normIsPerHead =
    qkNormLength !== null && qkNormLength < Math.min(queryRows, keyRows ?? queryRows)
  const counted = config.number(sideOf(component), ...HEAD_COUNT_KEYS) ?? sinks ?? undefined
  const headDim =
    counted !== undefined
      ? queryRows / counted
      : (config.number(...HEAD_DIM_KEYS) ?? (normIsPerHead ? qkNormLength : undefined))
  if (headDim === undefined || !Number.isInteger(headDim) || headDim < 1) return undefined
  const queryHeads = queryRows / headDim
  const keyValueHeads = keyRows === null ? queryHeads : keyRows / headDim
  const whole = Number.isInteger(queryHeads) && Number.isInteger(keyValueHeads)
  if (!whole || keyValueHeads < 1 || queryHeads % keyValueHeads !== 0) return undefined
  return { queryHeads, keyValueHeads, headDim }
}

/** The dimensions of multi-head latent attention; undefined unless all of them are stated. */
export function latentOf(members: readonly Classified[], config: ConfigFacts): Latent | undefined {
  if (!members.some(({ word }) => word === 'kv_a')) return undefined
  const keyValueRank = config.number('kv_lora_rank')
  const nopeDim = config.number('qk_nope_head_dim')
  const ropeDim = config.number('qk_rope_head_dim')
  const valueDim = config.number('v_head_dim')
  if (keyValueRank === undefined || nopeDim === undefined) return undefined
  if (ropeDim === undefined || valueDim === undefined) return undefined
  const queryRank = config.number('q_lora_rank') ?? null
  const heads = config.number(...HEAD_COUNT_KEYS)
  const queryRows = heads === undefined ? undefined : heads * (nopeDim + ropeDim)
  return { keyValueRank, queryRank, nopeDim, ropeDim, valueDim, queryRows }
}
