import type { MatrixView } from '../role.ts'
import type { Classified } from './classify.ts'
import type { ComponentFacts } from './facts.ts'
import type { Heads } from './heads.ts'
import { type Piece, slotPath } from './piece.ts'
import { type Segment, selectRows } from './views.ts'

/**
 * How one matrix holds queries, keys and values.
 * 'blocks': all queries, all keys, all values. 'groups': per key/value head its queries, its
 * key, its value (per head when there are as many of each). 'codegen': four shards of
 * [queries, values, keys].
 */
type FusedLayout = 'blocks' | 'groups' | 'codegen'

const GROUPED_TYPES =
  /^(?:gpt_neox(?:_japanese)?|bloom|falcon|refinedweb(?:model)?|internlm2\w*|persimmon|fuyu|megatron\w*|gpt_bigcode_mha|nemotron_nas)$/

/** Which layout the names and the declared type imply; undefined where they do not. */
function layoutOf(item: Classified, facts: ComponentFacts): FusedLayout | undefined {
  const leaf = item.entry.leaf.filter((token) => !/^\d+$/.test(token)).at(-1) ?? ''
  const { modelType } = facts.config
  const type = modelType.toLowerCase()
  if (type === 'codegen') return 'codegen'
  if (type === 'gpt_bigcode') {
    return facts.config.flag('multi_query') === false ? 'groups' : 'blocks'
  }
  if (GROUPED_TYPES.test(type) && /^(?:query_key_value|wqkv|linear_qkv)$/.test(leaf))
    return 'groups'
  if (leaf === 'query_key_value') return queryKeyValueLayout(item, facts, type)
  if (leaf === 'linear_qkv') return 'groups'
  // InternLM 2 groups attention.wqkv; MPT, ModernBERT and MoonViT keep blocks in [Ww]qkv.
  const isGroupedName = /(?:^|\.)attention\.wqkv\./.test(item.entry.tensor.name)
  if (leaf === 'wqkv') return isGroupedName ? undefined : 'blocks'
  return 'blocks'
}

function queryKeyValueLayout(
  item: Classified,
  facts: ComponentFacts,
  type: string,
): FusedLayout | undefined {
  if (/^(?:chatglm|glm\w*)$/.test(type)) {
    // ChatGLM 6B (the first) has no key/value groups and takes turns by head.
    const isFirst = facts.config.has('position_encoding_2d', 'inner_hidden_size')
    return isFirst ? 'groups' : 'blocks'
  }
  if (item.component === 'vision_encoder') return 'blocks'
  return undefined
}

/** Cuts fused attention weights or biases; keeps them whole where the cut is not certain. */
export function emitQkv(
  item: Classified,
  view: MatrixView,
  facts: ComponentFacts,
): readonly Piece[] {
  const slot = item.cross ? 'cross' : ''
  if (item.word === 'kv') return emitKv(item, view, facts)
  const layout = layoutOf(item, facts)
  const cut = layout === undefined ? undefined : segmentsFor(layout, view.rows, facts)
  if (cut === undefined) return [{ kind: 'linear', view, slot: slotPath(item) }]
  return [
    { kind: 'q', view: selectRows(view, cut.q), slot },
    { kind: 'k', view: selectRows(view, cut.k), slot },
    { kind: 'v', view: selectRows(view, cut.v), slot },
  ]
}

type Cut = {
  readonly q: readonly Segment[]
  readonly k: readonly Segment[]
  readonly v: readonly Segment[]
}

function segmentsFor(layout: FusedLayout, rows: number, facts: ComponentFacts): Cut | undefined {
  if (layout === 'blocks') {
    const width = facts.attentionWidth ?? rows / 3
    const keys = (rows - width) / 2
    if (!Number.isInteger(keys) || keys < 1) return undefined
    return blocks(width, keys)
  }
  const { heads } = facts
  if (heads === undefined) return undefined
  const expected = (heads.queryHeads + 2 * heads.keyValueHeads) * heads.headDim
  if (expected !== rows) return undefined
  if (layout === 'groups') return groups(heads)
  return codegen(rows)
}

function blocks(queries: number, keys: number): Cut {
  return {
    q: [{ first: 0, count: queries }],
    k: [{ first: queries, count: keys }],
    v: [{ first: queries + keys, count: keys }],
  }
}

function groups({ queryHeads, keyValueHeads, headDim }: Heads): Cut {
  const share = queryHeads / keyValueHeads
  const stride = (share + 2) * headDim
  const at = (start: number, count: number): Segment[] =>
    Array.from({ length: keyValueHeads }, (_, g) => ({ first: g * stride + start, count }))
  return {
    q: at(0, share * headDim),
    k: at(share * headDim, headDim),
    v: at((share + 1) * headDim, headDim),
  }
}

/** Four shards, each with its queries, values and keys in this order. */
function codegen(rows: number): Cut | undefined {
  const part = rows / 12
  if (!Number.isInteger(part)) return undefined
  const at = (start: number): Segment[] =>
    Array.from({ length: 4 }, (_, shard) => ({ first: (shard * 3 + start) * part, count: part }))
  return { q: at(0), v: at(1), k: at(2) }
}

function emitKv(item: Classified, view: MatrixView, facts: ComponentFacts): readonly Piece[] {
  const half = view.rows / 2
  const slot = item.cross ? 'cross' : ''
  const isSplit = Number.isInteger(half) && facts.component !== 'adapter'
  if (!isSplit) return [{ kind: 'linear', view, slot: slotPath(item) }]
  return [
    { kind: 'k', view: selectRows(view, [{ first: 0, count: half }]), slot },
    { kind: 'v', view: selectRows(view, [{ first: half, count: half }]), slot },
  ]
}

const GATED_QUERIES = /^(?:qwen3_next|qwen3_5(?:_moe)?(?:_text)?|qwen4_exp\w*)$/

/**
 * Queries with twice as many rows as the heads give back: Qwen3-Next keeps an output gate behind
 * each head's queries. Under any other type it is not known which rows are queries.
 */
export function emitWideQuery(
  item: Classified,
  view: MatrixView,
  facts: ComponentFacts,
): readonly Piece[] {
  const { heads, config } = facts
  const slot = slotPath(item)
  const isGated = config.flag('attn_output_gate') === true || GATED_QUERIES.test(config.modelType)
  if (heads === undefined || !isGated) return [{ kind: 'linear', view, slot }]
  const { headDim, queryHeads } = heads
  const at = (start: number): Segment[] =>
    Array.from({ length: queryHeads }, (_, head) => ({
      first: (2 * head + start) * headDim,
      count: headDim,
    }))
  return [
    { kind: 'q', view: selectRows(view, at(0)) },
    { kind: 'linear', view: selectRows(view, at(1)), slot: `${slot}#gate` },
  ]
}

/** A second projection behind the queries, as A.X-K2 fuses it: more rows than the heads need. */
export function isWideQuery(
  { word, cross, entry }: Classified,
  view: MatrixView,
  facts: ComponentFacts,
): boolean {
  if (cross || entry.layer === null) return false
  if (word === 'q') return facts.latent === undefined && view.rows === 2 * (facts.queryRows ?? 0)
  if (word !== 'q_b') return false
  const needed = facts.latent?.queryRows
  return needed !== undefined && view.rows !== needed
}
