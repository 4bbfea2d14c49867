import type { MemoryTensor } from '../../packages/core/src/audit/testing/memory-model.ts'
import { type Rng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import { transposeRows } from '../../packages/core/src/numeric/column-maps.ts'
import { plainEngine } from '../../packages/core/src/numeric/matrix-engine.ts'
import { polarFactor } from '../../packages/core/src/numeric/reference/polar.ts'
import { type RowMatrix, rowMatrix } from '../../packages/core/src/numeric/row-matrix.ts'
import { type Loaded, rearranged, type Transform } from './transforms.ts'

// What can be done to a Qwen2.5-VL-style vision tower without changing what it computes. The merger
// is the borrower's own and would take the inverse rotation; it is left as it is. Simulated weights.

const coin = (rng: Rng) => (rng.nextUint32() & 1 ? 1 : -1)
const blocksOf = ({ config }: Loaded): number =>
  Number((config['vision_config'] as { depth: number }).depth)
const PATCH = 'visual.patch_embed.proj.weight'

/** Order, signs and scales of units and order and signs of values, all at random. */
const scrambleTower: Transform = (model, rng) => {
  const tensors = { ...model.tensors }
  for (let block = 0; block < blocksOf(model); block++) {
    const at = (name: string) => `visual.blocks.${block}.${name}`
    const own = rng.fork(`${block}`)
    const units = tensors[at('mlp.up_proj.bias')]!.shape[0]!
    const order = randomPermutation(own.fork('units'), units)
    const factors = Array.from({ length: units }, () => coin(own) * 3 ** (2 * own.nextFloat() - 1))
    for (const part of ['weight', 'bias']) {
      const gate = at(`mlp.gate_proj.${part}`)
      const up = at(`mlp.up_proj.${part}`)
      tensors[gate] = rearranged(tensors[gate]!, { rows: order })
      tensors[up] = rearranged(tensors[up]!, { rows: order, rowFactors: factors })
    }
    const down = at('mlp.down_proj.weight')
    const colFactors = factors.map((x) => 1 / x)
    tensors[down] = rearranged(tensors[down]!, { cols: order, colFactors })
    scrambleValues(tensors, at, own.fork('values'))
  }
  return { ...model, tensors }
}

function scrambleValues(
  tensors: Record<string, MemoryTensor>,
  at: (name: string) => string,
  rng: Rng,
): void {
  const width = tensors[at('attn.proj.bias')]!.shape[0]!
  const heads = 4
  const size = width / heads
  const values = Array.from({ length: heads }, (_, head) =>
    Array.from(randomPermutation(rng.fork(`${head}`), size), (j) => head * size + j),
  ).flat()
  const signs = values.map(() => coin(rng))
  const rows = [
    ...Array.from({ length: 2 * width }, (_, i) => i),
    ...values.map((i) => 2 * width + i),
  ]
  const rowFactors = [...Array.from({ length: 2 * width }, () => 1), ...signs]
  for (const part of ['weight', 'bias']) {
    const name = at(`attn.qkv.${part}`)
    tensors[name] = rearranged(tensors[name]!, { rows, rowFactors })
  }
  const out = at('attn.proj.weight')
  tensors[out] = rearranged(tensors[out]!, { cols: values, colFactors: signs })
}

/** The residual stream rotated at random, old norms folded away and new ones put in. */
const rotateTower: Transform = (model, rng) => {
  const tensors = { ...model.tensors }
  const size = tensors[PATCH]!.shape[0]!
  const normal = Float64Array.from({ length: size * size }, () => rng.nextNormal())
  const turn: RowMatrix = {
    data: Float32Array.from(polarFactor({ data: normal, size })!.data),
    rows: size,
    columns: size,
  }
  const back = transposeRows(turn)
  const multiply = (a: RowMatrix, b: RowMatrix) => plainEngine.multiply(a, transposeRows(b))
  const write = (name: string) => {
    const { shape, values } = tensors[name]!
    const { data } = multiply(back, rowMatrix(values, values.length / size))
    tensors[name] = { shape, values: data }
  }
  const read = (name: string, gamma: Float32Array, next: Float32Array) => {
    const { shape, values } = tensors[name]!
    const folded = rowMatrix(
      values.map((x, i) => x * gamma[i % size]!),
      size,
    )
    const { data } = multiply(folded, turn)
    tensors[name] = { shape, values: data.map((x, i) => x / next[i % size]!) }
  }
  write(PATCH)
  for (let block = 0; block < blocksOf(model); block++) {
    const at = (name: string) => `visual.blocks.${block}.${name}`
    const norms = { norm1: ['attn.qkv'], norm2: ['mlp.gate_proj', 'mlp.up_proj'] }
    for (const [norm, readers] of Object.entries(norms)) {
      const gamma = tensors[at(`${norm}.weight`)]!.values
      const next = Float32Array.from({ length: size }, () => Math.exp(0.3 * rng.nextNormal()))
      for (const reader of readers) read(at(`${reader}.weight`), gamma, next)
      tensors[at(`${norm}.weight`)] = { shape: [size], values: next }
    }
    for (const writer of ['attn.proj', 'mlp.down_proj']) {
      for (const part of ['weight', 'bias']) write(at(`${writer}.${part}`))
    }
  }
  return { ...model, tensors }
}

/** Everything at once. */
export const hideTower: Transform = (model, rng) =>
  rotateTower(scrambleTower(model, rng.fork('scramble')), rng.fork('rotate'))
