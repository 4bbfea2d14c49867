import { describe, expect, it } from 'vitest'
import type { TensorSource } from '../../../model/checkpoint.ts'
import { mapRoles } from '../../../model/roles/map-roles.ts'
import { plainEngine } from '../../../numeric/matrix-engine.ts'
import type { MeasureContext } from '../measure-context.ts'
import { openModel } from '../measure-signs.ts'
import { pairRoles } from '../pairing.ts'
import { planAligned } from './plan.ts'

type Shape = {
  readonly width: number
  readonly units: number
  readonly layers: number
  readonly values?: number
}

/** Names and shapes of a Llama-style model: a plan looks at nothing else. */
function shapesOf({ width, units, layers, values = width }: Shape): TensorSource {
  const tensors = Array.from({ length: layers }, (_, layer) => {
    const at = `model.layers.${layer}`
    return [
      [`${at}.self_attn.v_proj.weight`, [values, width]],
      [`${at}.mlp.gate_proj.weight`, [units, width]],
      [`${at}.mlp.up_proj.weight`, [units, width]],
      [`${at}.mlp.down_proj.weight`, [width, units]],
    ] as const
  }).flat()
  const unread = async () => {
    throw new Error('a plan reads nothing')
  }
  return {
    checkpoint: {
      id: 'shapes',
      format: 'safetensors',
      config: {
        model_type: 'llama',
        hidden_size: width,
        intermediate_size: units,
        num_hidden_layers: layers,
        num_attention_heads: 32,
        num_key_value_heads: 32,
        head_dim: values / 32,
      },
      files: [],
      graph: undefined,
      notes: [],
      texts: new Map(),
      tensors: tensors.map(([name, shape]) => ({
        name,
        dtype: 'BF16',
        shape,
        storage: { kind: 'memory', bytes: new Uint8Array(0) },
      })),
    },
    readBytes: unread,
    bytesRead: () => 0,
    close: async () => {},
  }
}

function planFor(
  candidate: Shape,
  reference: Shape,
  options: { deep: boolean; isComplete: boolean },
) {
  const sources = [candidate, reference].map(shapesOf) as [TensorSource, TensorSource]
  const [candidateRoles, referenceRoles] = sources.map(({ checkpoint }) =>
    mapRoles(checkpoint),
  ) as [ReturnType<typeof mapRoles>, ReturnType<typeof mapRoles>]
  const context: MeasureContext = {
    candidate: openModel(sources[0]),
    reference: openModel(sources[1]),
    candidateRoles,
    referenceRoles,
    pairing: pairRoles(candidateRoles, referenceRoles),
    plan: { isComplete: options.isComplete, contentBytes: 0, rowsOf: () => [] },
    seed: 1,
    engine: plainEngine,
  }
  return planAligned(context, 'language_model', options)
}

const SMALL: Shape = { width: 48, units: 96, layers: 3 }
const SEVEN: Shape = { width: 4096, units: 11_008, layers: 32 }
const THIRTEEN: Shape = { width: 5120, units: 13_824, layers: 40 }
const SEVENTY: Shape = { width: 8192, units: 28_672, layers: 80, values: 1024 }
const DEEP = { deep: true, isComplete: false }
const COMPLETE = { deep: false, isComplete: true }

describe('what is planned to be aligned', () => {
  it('of a small model is everything, and every hypothesis is counted', () => {
    const plan = planFor(SMALL, SMALL, COMPLETE)!
    expect(plan.kinds).toEqual(['identity', 'signed_permutation', 'rotation'])
    expect(plan.candidateLayers).toEqual([0, 1, 2])
    expect(plan.everyPair).toBe(true)
    expect(plan.isRotationLeftOut).toBe(false)
    expect(plan.robust.work).toBeGreaterThan(0)
    expect(plan.hypotheses).toBe(3 * (2 + 9))
  })

  it('of a large one is nothing, unless that was asked for', () => {
    expect(planFor(SEVEN, SEVEN, { deep: false, isComplete: false })).toBeNull()
  })

  it('of a 7B are all three maps and two layers against two', () => {
    const plan = planFor(SEVEN, SEVEN, DEEP)!
    expect(plan.kinds).toEqual(['identity', 'signed_permutation', 'rotation'])
    expect(plan.candidateLayers).toEqual([8, 24])
    expect(plan.everyPair).toBe(true)
    expect(plan.isRotationLeftOut).toBe(false)
    expect(plan.robust.work).toBeGreaterThan(0)
    expect(plan.hypotheses).toBe(3 * (2 + 4))
  })

  it('of a 13B are all three maps in one layer', () => {
    const plan = planFor(THIRTEEN, THIRTEEN, DEEP)!
    expect(plan.kinds).toContain('rotation')
    expect(plan.candidateLayers).toEqual([20])
  })

  it('of a 70B is less, and what is left out is told', () => {
    const plan = planFor(SEVENTY, SEVENTY, DEEP)!
    expect(plan.kinds).toEqual(['identity', 'signed_permutation'])
    expect(plan.candidateLayers.length).toBeGreaterThan(0)
    expect(plan.isRotationLeftOut).toBe(true)
    expect(plan.robust.work).toBe(0)
  })

  it('of models of other widths is what can lead from one to the other', () => {
    const plan = planFor({ ...SEVEN, width: 3072 }, SEVEN, DEEP)!
    expect(plan.kinds).toEqual(['signed_permutation', 'rotation'])
    expect(plan.isRotationLeftOut).toBe(false)
  })
})
