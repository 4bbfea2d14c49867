import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../checkpoint.ts'
import type { TensorInfo } from '../tensor.ts'
import { checkpointOf, tensorOf } from './example-checkpoints.ts'
import { mapRoles } from './map-roles.ts'

const gguf = (checkpoint: Checkpoint): Checkpoint => ({ ...checkpoint, format: 'gguf' })

describe('names of llama.cpp', () => {
  it('say the roles of a mixture of experts with a shared expert', () => {
    const block = (layer: number) => [
      tensorOf(`blk.${layer}.attn_norm.weight`, [64]),
      tensorOf(`blk.${layer}.attn_q.weight`, [64, 64]),
      tensorOf(`blk.${layer}.attn_k.weight`, [32, 64]),
      tensorOf(`blk.${layer}.attn_v.weight`, [32, 64]),
      tensorOf(`blk.${layer}.attn_output.weight`, [64, 64]),
      tensorOf(`blk.${layer}.ffn_norm.weight`, [64]),
      tensorOf(`blk.${layer}.ffn_gate_inp.weight`, [4, 64]),
      tensorOf(`blk.${layer}.ffn_gate_exps.weight`, [4, 64, 64]),
      tensorOf(`blk.${layer}.ffn_up_exps.weight`, [4, 64, 64]),
      tensorOf(`blk.${layer}.ffn_down_exps.weight`, [4, 64, 64]),
      tensorOf(`blk.${layer}.ffn_up_shexp.weight`, [32, 64]),
      tensorOf(`blk.${layer}.ffn_gate_shexp.weight`, [32, 64]),
      tensorOf(`blk.${layer}.ffn_down_shexp.weight`, [64, 32]),
    ]
    const outer = [
      tensorOf('token_embd.weight', [512, 64]),
      tensorOf('output.weight', [512, 64]),
      tensorOf('output_norm.weight', [64]),
    ]
    const config = {
      model_type: 'llama',
      num_attention_heads: 4,
      rope_pairs_neighbours: true,
      rms_norm_eps: 1,
    }
    const map = mapRoles(gguf(checkpointOf([...outer, ...block(0), ...block(1)], { config })))
    const said = map.roles.map(({ tensor, kind, layer, expert, slot }) =>
      `${tensor} ${kind} ${layer} ${expert} ${slot}`.trim(),
    )
    expect(said).toContain('token_embd.weight embedding null null')
    expect(said).toContain('output.weight head null null')
    expect(said).toContain('output_norm.weight norm null null final')
    expect(said).toContain('blk.1.attn_k.weight k 1 null')
    expect(said).toContain('blk.1.attn_output.weight o 1 null')
    expect(said).toContain('blk.0.attn_norm.weight norm 0 null pre_attention')
    expect(said).toContain('blk.0.ffn_norm.weight norm 0 null pre_mlp')
    expect(said).toContain('blk.0.ffn_gate_inp.weight router 0 null')
    expect(said).toContain('blk.1.ffn_up_exps.weight up 1 3')
    expect(said).toContain('blk.1.ffn_down_exps.weight down 1 0')
    expect(said).toContain('blk.1.ffn_gate_shexp.weight gate 1 -1')
    // Square experts are [out, in] too, although their sizes do not tell.
    const down = map.roles.find(({ tensor }) => tensor === 'blk.0.ffn_down_exps.weight')
    expect(down?.view).toMatchObject({ rowStep: 64, colStep: 1 })
    const [body] = map.structures.filter(({ component }) => component === 'language_model')
    expect(body).toMatchObject({
      layerCount: 2,
      hiddenSize: 64,
      norm: 'rms',
      mlp: 'gated',
      attention: { queryHeads: 4, keyValueHeads: 2, headDim: 16, rotary: 'interleaved' },
    })
  })

  it('say latent attention and a vision tower', () => {
    const tensors = [0, 1].flatMap((layer) => [
      tensorOf(`blk.${layer}.attn_q_a.weight`, [48, 64]),
      tensorOf(`blk.${layer}.attn_kv_a_mqa.weight`, [40, 64]),
      tensorOf(`blk.${layer}.attn_kv_a_norm.weight`, [32]),
      tensorOf(`v.blk.${layer}.attn_q.weight`, [32, 32]),
      tensorOf(`v.blk.${layer}.ffn_up.weight`, [96, 32]),
      tensorOf(`v.blk.${layer}.ffn_down.weight`, [32, 96]),
    ])
    const map = mapRoles(gguf(checkpointOf([...tensors, tensorOf('mm.0.weight', [64, 32])])))
    const said = map.roles.map(({ tensor, component, kind }) => `${tensor} ${component} ${kind}`)
    expect(said).toContain('blk.0.attn_q_a.weight language_model q_a')
    expect(said).toContain('blk.0.attn_kv_a_mqa.weight language_model kv_a')
    expect(said).toContain('v.blk.1.attn_q.weight vision_encoder q')
    expect(said).toContain('v.blk.1.ffn_up.weight vision_encoder fc1')
    expect(said.find((line) => line.startsWith('mm.0.weight'))).toMatch(/projector/)
  })
})

describe('packed experts of gpt-oss', () => {
  it('are [out, in] once they are unpacked, with gate and up rows that take turns', () => {
    const scales = { ...tensorOf('scales', [4, 128, 2], 'U8'), dtype: 'F8_E8M0' } as const
    const packed: TensorInfo = {
      ...tensorOf('model.layers.0.mlp.experts.gate_up_proj', [4, 128, 64], 'F32'),
      encoding: {
        kind: 'affine',
        label: 'MXFP4',
        codes: { kind: 'float4' },
        scales: {
          tensor: scales,
          rowBlock: 1,
          colBlock: 32,
          groupOfColumn: null,
          rowStride: 2,
          colStride: 1,
        },
        zeros: { kind: 'constant', value: 0 },
        factor: { value: 1, tensor: null, isDivisor: false },
      },
    }
    const rest = [
      tensorOf('model.layers.0.input_layernorm.weight', [64]),
      tensorOf('model.layers.0.mlp.router.weight', [4, 64]),
    ]
    const config = { model_type: 'gpt_oss', num_attention_heads: 4, hidden_size: 64 }
    const map = mapRoles(checkpointOf([packed, ...rest], { config }))
    const up = map.roles.find(({ kind, expert }) => kind === 'up' && expert === 2)
    expect(up?.view).toMatchObject({ rows: 64, cols: 64, rowStep: 128, colStep: 1 })
    expect(up?.view.offset).toBe(2 * 128 * 64 + 64)
  })
})
