import type { MemoryTensor } from '../../../packages/core/src/audit/testing/memory-model.ts'
import { type Rng, randomPermutation } from '../../../packages/core/src/base/rng.ts'
import * as change from '../transforms.ts'

// Derivatives that need more than one transform of a Llama-style model. Simulated weights.

const nameOf = (layer: number, part: string) => `model.layers.${layer}.mlp.${part}_proj.weight`

/**
 * Every MLP cut into experts in the layout of Mixtral, each with its own part of the units (as in
 * fine-grained up-cycling), in random order. The router is random.
 */
export const splitIntoExperts =
  (experts: number): change.Transform =>
  (model, rng) =>
    intoExperts(model, {
      rng,
      experts,
      unitsOf: (expert, units, own) => {
        const size = units / experts
        return Array.from(randomPermutation(own, units)).slice(expert * size, (expert + 1) * size)
      },
    })

/** Every MLP becomes `experts` exact copies of itself, in the layout of Mixtral. */
export const copyIntoExperts =
  (experts: number): change.Transform =>
  (model, rng) =>
    intoExperts(model, {
      rng,
      experts,
      unitsOf: (_, units) => Array.from({ length: units }, (__, i) => i),
    })

function intoExperts(
  model: change.Loaded,
  plan: {
    readonly rng: Rng
    readonly experts: number
    readonly unitsOf: (expert: number, units: number, own: Rng) => readonly number[]
  },
): change.Loaded {
  const tensors: Record<string, MemoryTensor> = { ...model.tensors }
  const width = Number(model.config['hidden_size'])
  for (let layer = 0; layer < Number(model.config['num_hidden_layers']); layer++) {
    const [gate, up, down] = ['gate', 'up', 'down'].map(
      (part) => model.tensors[nameOf(layer, part)]!,
    )
    for (const part of ['gate', 'up', 'down']) delete tensors[nameOf(layer, part)]
    const at = (rest: string) => `model.layers.${layer}.block_sparse_moe.${rest}.weight`
    for (let expert = 0; expert < plan.experts; expert++) {
      const units = plan.unitsOf(expert, up!.shape[0]!, plan.rng.fork(`${layer}`))
      tensors[at(`experts.${expert}.w1`)] = change.rearranged(gate!, { rows: units })
      tensors[at(`experts.${expert}.w3`)] = change.rearranged(up!, { rows: units })
      tensors[at(`experts.${expert}.w2`)] = change.rearranged(down!, { cols: units })
    }
    tensors[at('gate')] = {
      shape: [plan.experts, width],
      values: Float32Array.from(
        { length: plan.experts * width },
        () => 0.02 * plan.rng.nextNormal(),
      ),
    }
  }
  const config = {
    ...model.config,
    model_type: 'mixtral',
    architectures: ['MixtralForCausalLM'],
    num_local_experts: plan.experts,
    num_experts_per_tok: 2,
  }
  return { ...model, config, tensors }
}

/** Spherical interpolation, tensor by tensor, as merge tools do it: `t` of the second model. */
export function slerp(first: change.Loaded, second: change.Loaded, t: number): change.Loaded {
  const tensors = Object.entries(first.tensors).map(([name, { shape, values }]) => {
    const other = second.tensors[name]!.values
    let [ab, aa, bb] = [0, 0, 0]
    values.forEach((x, i) => {
      ab += x * other[i]!
      aa += x * x
      bb += other[i]! ** 2
    })
    const angle = Math.acos(Math.min(1, ab / Math.sqrt(aa * bb)))
    const isFlat = angle < 1e-3
    const weights = isFlat
      ? [1 - t, t]
      : [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)]
    const mixed = values.map((x, i) => weights[0]! * x + weights[1]! * other[i]!)
    return [name, { shape, values: mixed }] as const
  })
  return { ...first, tensors: Object.fromEntries(tensors) }
}
