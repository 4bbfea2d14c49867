import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../base/canonical-json.ts'
import type { Role } from '../role.ts'
import { checkpointOf, tensorOf } from './example-checkpoints.ts'
import { mapRoles } from './map-roles.ts'
import { storedIndex } from './views.ts'

type Matrix = readonly (readonly number[])[]

let next = 0
/** A matrix of values that occur nowhere else. */
const fresh = (rows: number, cols: number): Matrix =>
  Array.from({ length: rows }, () => Array.from({ length: cols }, () => ++next))

const transpose = (m: Matrix): Matrix => (m[0] ?? []).map((_, j) => m.map((row) => row[j]!))

function read(stored: readonly number[], { view }: Role): Matrix {
  return Array.from({ length: view.rows }, (_, i) =>
    Array.from({ length: view.cols }, (_, j) => stored[storedIndex(view, i, j)]!),
  )
}

/** Roles of one tensor, `[kind/expert, values]`, read through their views. */
function readAll(
  tensors: Readonly<Record<string, Matrix | readonly Matrix[]>>,
  name: string,
  config?: JsonValue,
): ReadonlyMap<string, Matrix> {
  const infos = Object.entries(tensors).map(([key, value]) => {
    const stack = Array.isArray(value[0]?.[0]) ? (value as readonly Matrix[]) : undefined
    const [rows, cols] = stack
      ? [stack[0]!.length, stack[0]![0]!.length]
      : [value.length, (value as Matrix)[0]!.length]
    return tensorOf(key, stack ? [stack.length, rows, cols] : cols === 1 ? [rows] : [rows, cols])
  })
  const { roles } = mapRoles(checkpointOf(infos, { config }))
  const flat = (tensors[name] as Matrix).flat(2) as number[]
  return new Map(
    roles
      .filter((role) => role.tensor === name)
      .map((role) => [
        `${role.kind}${role.expert === null ? '' : `/${role.expert}`}`,
        read(flat, role),
      ]),
  )
}

const headsOf = (m: Matrix, headDim: number): Matrix[] =>
  Array.from({ length: m.length / headDim }, (_, h) => m.slice(h * headDim, (h + 1) * headDim))

describe('views of fused tensors', () => {
  it('cut queries, keys and values out of blocks, for every number of groups', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 4 }),
        (groups, share, headDim) => {
          const width = 7
          const q = fresh(groups * share * headDim, width)
          const k = fresh(groups * headDim, width)
          const v = fresh(groups * headDim, width)
          const parts = readAll(
            {
              'model.layers.0.self_attn.qkv_proj.weight': [...q, ...k, ...v],
              'model.layers.0.self_attn.o_proj.weight': fresh(width, q.length),
              'model.layers.0.input_layernorm.weight': fresh(width, 1),
            },
            'model.layers.0.self_attn.qkv_proj.weight',
          )
          expect(parts).toEqual(
            new Map([
              ['q', q],
              ['k', k],
              ['v', v],
            ]),
          )
        },
      ),
    )
  })

  it('cut groups as InternLM 2 and Falcon store them, and heads as GPT-NeoX does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 4 }),
        (groups, share, headDim) => {
          const q = fresh(groups * share * headDim, 5)
          const k = fresh(groups * headDim, 5)
          const v = fresh(groups * headDim, 5)
          const [qs, ks, vs] = [
            headsOf(q, share * headDim),
            headsOf(k, headDim),
            headsOf(v, headDim),
          ]
          const fused = qs.flatMap((part, g) => [...part, ...ks[g]!, ...vs[g]!])
          const name = 'transformer.h.0.self_attention.query_key_value.weight'
          const parts = readAll(
            {
              [name]: fused,
              'transformer.h.0.self_attention.dense.weight': fresh(5, q.length),
              'transformer.h.0.ln_attn.weight': fresh(5, 1),
            },
            name,
            { model_type: 'falcon', num_attention_heads: groups * share },
          )
          expect(parts).toEqual(
            new Map([
              ['q', q],
              ['k', k],
              ['v', v],
            ]),
          )
        },
      ),
    )
  })

  it('turn the [in, out] matrices of GPT-2, biases included', () => {
    const [q, k, v] = [fresh(6, 6), fresh(6, 6), fresh(6, 6)]
    const tensors = {
      'h.0.attn.c_attn.weight': transpose([...q, ...k, ...v]),
      'h.0.attn.c_attn.bias': fresh(18, 1),
      'h.0.mlp.c_fc.weight': fresh(6, 24),
      'h.0.mlp.c_proj.weight': fresh(24, 6),
      'h.0.ln_1.weight': fresh(6, 1),
    }
    const parts = readAll(tensors, 'h.0.attn.c_attn.weight')
    expect(parts).toEqual(
      new Map([
        ['q', q],
        ['k', k],
        ['v', v],
      ]),
    )
    const bias = readAll(tensors, 'h.0.attn.c_attn.bias')
    expect(bias.get('v')).toEqual(tensors['h.0.attn.c_attn.bias'].slice(12))
  })

  it('cut the shards of CodeGen, which hold queries, values and keys', () => {
    const [q, k, v] = [fresh(8, 8), fresh(8, 8), fresh(8, 8)]
    const fused = headsOf(q, 2).flatMap((part, shard) => [
      ...part,
      ...headsOf(v, 2)[shard]!,
      ...headsOf(k, 2)[shard]!,
    ])
    const parts = readAll(
      {
        'transformer.h.0.attn.qkv_proj.weight': fused,
        'transformer.h.0.attn.out_proj.weight': fresh(8, 8),
      },
      'transformer.h.0.attn.qkv_proj.weight',
      { model_type: 'codegen', n_head: 4 },
    )
    expect(parts).toEqual(
      new Map([
        ['q', q],
        ['k', k],
        ['v', v],
      ]),
    )
  })

  it('separate queries from the output gate of Qwen3-Next head by head', () => {
    const q = fresh(8, 5)
    const gate = fresh(8, 5)
    const fused = headsOf(q, 4).flatMap((part, head) => [...part, ...headsOf(gate, 4)[head]!])
    const parts = readAll(
      {
        'model.layers.0.self_attn.q_proj.weight': fused,
        'model.layers.0.self_attn.k_proj.weight': fresh(4, 5),
        'model.layers.0.self_attn.o_proj.weight': fresh(5, 8),
      },
      'model.layers.0.self_attn.q_proj.weight',
      { model_type: 'qwen3_next', num_attention_heads: 2 },
    )
    expect(parts).toEqual(
      new Map([
        ['q', q],
        ['linear', gate],
      ]),
    )
  })

  it('cut gate and up out of halves and out of turns, in every expert', () => {
    const experts = 3
    const gates = Array.from({ length: experts }, () => fresh(4, 6))
    const ups = Array.from({ length: experts }, () => fresh(4, 6))
    const expected = new Map(
      gates.flatMap((gate, e): [string, Matrix][] => [
        [`gate/${e}`, gate],
        [`up/${e}`, ups[e]!],
      ]),
    )
    const name = 'model.layers.0.mlp.experts.gate_up_proj'
    const around = {
      'model.layers.0.mlp.experts.down_proj': Array.from({ length: experts }, () => fresh(4, 6)),
      'model.layers.0.input_layernorm.weight': fresh(6, 1),
    }
    const halves = gates.map((gate, e) => [...gate, ...ups[e]!])
    expect(readAll({ ...around, [name]: halves }, name)).toEqual(expected)
    const turned = halves.map(transpose)
    expect(readAll({ ...around, [name]: turned }, name)).toEqual(expected)
    const turns = gates.map((gate, e) => transpose(gate.flatMap((row, i) => [row, ups[e]![i]!])))
    expect(readAll({ ...around, [name]: turns }, name, { model_type: 'gpt_oss' })).toEqual(expected)
  })

  it('cut the piles of DBRX, whose way back is stored turned', () => {
    const downs = [fresh(6, 4), fresh(6, 4)]
    const name = 'transformer.blocks.0.ffn.experts.mlp.w2'
    const parts = readAll(
      {
        'transformer.blocks.0.ffn.experts.mlp.w1': fresh(8, 6),
        'transformer.blocks.0.ffn.experts.mlp.v1': fresh(8, 6),
        [name]: downs.flatMap((down) => [...transpose(down)]),
        'transformer.blocks.0.ffn.router.layer.weight': fresh(2, 6),
        'transformer.blocks.0.norm_1.weight': fresh(6, 1),
      },
      name,
    )
    expect(parts).toEqual(new Map(downs.map((down, e) => [`down/${e}`, down])))
  })
})
