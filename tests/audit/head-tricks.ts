import type { MemoryTensor } from '../../packages/core/src/audit/testing/memory-model.ts'
import { type Rng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import { invert } from './invert.ts'
import { type Loaded, rearranged, type Transform } from './transforms.ts'

// What can be done inside attention and among experts without changing what a Llama- or Mixtral-style
// model computes, beyond orders and signs. Simulated weights.

const at = (layer: number, rest: string) => `model.layers.${layer}.${rest}.weight`
const layersOf = ({ config }: Loaded): number[] =>
  Array.from({ length: Number(config['num_hidden_layers']) }, (_, layer) => layer)
const shapeOf = ({ config }: Loaded) => ({
  heads: Number(config['num_attention_heads']),
  groups: Number(config['num_key_value_heads']),
  size: Number(config['head_dim']),
})

type Square = readonly (readonly number[])[]

const normalSquare = (size: number, rng: Rng): Square =>
  Array.from({ length: size }, () => Array.from({ length: size }, () => rng.nextNormal()))

/** Rows [first, first + size) become their combinations. */
function mixRows({ shape, values }: MemoryTensor, first: number, by: Square): MemoryTensor {
  const columns = shape[1]!
  const mixed = values.slice()
  by.forEach((factors, i) => {
    for (let c = 0; c < columns; c++) {
      mixed[(first + i) * columns + c] = factors.reduce(
        (sum, factor, j) => sum + factor * values[(first + j) * columns + c]!,
        0,
      )
    }
  })
  return { shape, values: mixed }
}

function mixColumns({ shape, values }: MemoryTensor, first: number, by: Square): MemoryTensor {
  const [rows, columns] = [shape[0]!, shape[1]!]
  const mixed = values.slice()
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < by.length; j++) {
      mixed[r * columns + first + j] = by.reduce(
        (sum, factors, i) => sum + values[r * columns + first + i]! * factors[j]!,
        0,
      )
    }
  }
  return { shape, values: mixed }
}

/** V → AV, O → OA⁻¹ with a general matrix for each key/value head. Keeps the function. */
export const mixValues: Transform = (model, rng) => {
  const { heads, groups, size } = shapeOf(model)
  const tensors = { ...model.tensors }
  for (const layer of layersOf(model)) {
    const [v, o] = [at(layer, 'self_attn.v_proj'), at(layer, 'self_attn.o_proj')]
    for (let group = 0; group < groups; group++) {
      const by = normalSquare(size, rng.fork(`${layer}/${group}`))
      const inverse = invert(by)
      tensors[v] = mixRows(tensors[v]!, group * size, by)
      for (let head = 0; head < heads; head++) {
        if (Math.floor((head * groups) / heads) !== group) continue
        tensors[o] = mixColumns(tensors[o]!, head * size, inverse)
      }
    }
  }
  return { ...model, tensors }
}

/** Each rotary pair of each key/value head turned and rescaled, queries back. Keeps the function. */
export const turnKeys: Transform = (model, rng) => {
  const { heads, groups, size } = shapeOf(model)
  const half = size / 2
  const tensors = { ...model.tensors }
  const turned = (angles: readonly number[], scale: (pair: number) => number): Square =>
    Array.from({ length: size }, (_, i) => {
      const pair = i % half
      const row = Array.from({ length: size }, () => 0)
      row[i] = Math.cos(angles[pair]!) * scale(pair)
      row[(i + half) % size] = Math.sin(angles[pair]!) * scale(pair) * (i < half ? -1 : 1)
      return row
    })
  for (const layer of layersOf(model)) {
    const [q, k] = [at(layer, 'self_attn.q_proj'), at(layer, 'self_attn.k_proj')]
    for (let group = 0; group < groups; group++) {
      const own = rng.fork(`${layer}/${group}`)
      const angles = Array.from({ length: half }, () => 2 * Math.PI * own.nextFloat())
      const scales = Array.from({ length: half }, () => 3 ** (2 * own.nextFloat() - 1))
      tensors[k] = mixRows(
        tensors[k]!,
        group * size,
        turned(angles, (pair) => scales[pair]!),
      )
      const back = turned(angles, (pair) => 1 / scales[pair]!)
      for (let head = 0; head < heads; head++) {
        if (Math.floor((head * groups) / heads) !== group) continue
        tensors[q] = mixRows(tensors[q]!, head * size, back)
      }
    }
  }
  return { ...model, tensors }
}

/** Key/value heads in another order, and the query heads inside each of them. Keeps the function. */
export const permuteHeads: Transform = (model, rng) => {
  const { heads, groups, size } = shapeOf(model)
  const each = heads / groups
  const tensors = { ...model.tensors }
  const spans = (order: readonly number[]) =>
    order.flatMap((head) => Array.from({ length: size }, (_, j) => head * size + j))
  for (const layer of layersOf(model)) {
    const own = rng.fork(`${layer}`)
    const moved = Array.from(randomPermutation(own, groups))
    const queries = moved.flatMap((group) =>
      Array.from(randomPermutation(own.fork(`${group}`), each), (head) => group * each + head),
    )
    for (const part of ['k_proj', 'v_proj']) {
      const name = at(layer, `self_attn.${part}`)
      tensors[name] = rearranged(tensors[name]!, { rows: spans(moved) })
    }
    const [q, o] = [at(layer, 'self_attn.q_proj'), at(layer, 'self_attn.o_proj')]
    tensors[q] = rearranged(tensors[q]!, { rows: spans(queries) })
    tensors[o] = rearranged(tensors[o]!, { cols: spans(queries) })
  }
  return { ...model, tensors }
}

/** Experts of a Mixtral-style model in another order, router rows along. Keeps the function. */
export const permuteExperts: Transform = (model, rng) => {
  const experts = Number(model.config['num_local_experts'])
  const tensors = { ...model.tensors }
  for (const layer of layersOf(model)) {
    const order = randomPermutation(rng.fork(`${layer}`), experts)
    const router = at(layer, 'block_sparse_moe.gate')
    tensors[router] = rearranged(tensors[router]!, { rows: order })
    order.forEach((from, to) => {
      for (const part of ['w1', 'w2', 'w3']) {
        const name = (expert: number) => at(layer, `block_sparse_moe.experts.${expert}.${part}`)
        tensors[name(to)] = model.tensors[name(from)]!
      }
    })
  }
  return { ...model, tensors }
}

/** Units of every expert in another order, negated and rescaled at random. Keeps the function. */
export const scrambleExperts: Transform = (model, rng) => {
  const experts = Number(model.config['num_local_experts'])
  const tensors = { ...model.tensors }
  for (const layer of layersOf(model)) {
    for (let expert = 0; expert < experts; expert++) {
      const own = rng.fork(`${layer}/${expert}`)
      const name = (part: string) => at(layer, `block_sparse_moe.experts.${expert}.${part}`)
      const units = tensors[name('w1')]!.shape[0]!
      const order = randomPermutation(own.fork('order'), units)
      const factors = Array.from(
        { length: units },
        () => (own.nextUint32() & 1 ? 1 : -1) * 3 ** (2 * own.nextFloat() - 1),
      )
      tensors[name('w1')] = rearranged(tensors[name('w1')]!, { rows: order })
      const up = { rows: order, rowFactors: factors }
      tensors[name('w3')] = rearranged(tensors[name('w3')]!, up)
      const down = { cols: order, colFactors: factors.map((x) => 1 / x) }
      tensors[name('w2')] = rearranged(tensors[name('w2')]!, down)
    }
  }
  return { ...model, tensors }
}
