import { phiU } from '../../bench/peers/phi-u.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { ComponentComparison } from '../../packages/core/src/audit/result.ts'
import type { MemoryTensor } from '../../packages/core/src/audit/testing/memory-model.ts'
import {
  configOf,
  type TransformerShape,
} from '../../packages/core/src/audit/testing/random-transformer.ts'
import { assert } from '../../packages/core/src/base/errors.ts'
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import { type RowMatrix, rowMatrix } from '../../packages/core/src/numeric/row-matrix.ts'
import { componentOf } from './models.ts'
import { asSource, type Loaded } from './transforms.ts'

// Descent of a known amount, for power: a share of a model mixed into an independent one, noise on a
// copy; and what Dokja and φ_U say of the same two models.

function changed(
  model: Loaded,
  change: (values: Float32Array, name: string) => Float32Array,
): Loaded {
  const tensors: Record<string, MemoryTensor> = {}
  for (const [name, { shape, values }] of Object.entries(model.tensors)) {
    tensors[name] = { shape, values: change(values, name) }
  }
  return { ...model, tensors }
}

/** t·descendant + (1 − t)·stranger, tensor by tensor. */
export const mixture = (stranger: Loaded, descendant: Loaded, t: number): Loaded =>
  changed(stranger, (values, name) => {
    const other = descendant.tensors[name]?.values
    assert(other?.length === values.length, `${name} is not in both models`)
    return values.map((x, i) => t * other[i]! + (1 - t) * x)
  })

/** Normal noise of `level` root mean squares of each tensor. */
export const withNoise = (model: Loaded, level: number, seed: string): Loaded =>
  changed(model, (values, name) => {
    const rng = createRng(seed).fork(name)
    const spread = level * Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
    return values.map((x) => x + spread * rng.nextNormal())
  })

/**
 * Simulated weights, not trained: independent normal entries. `decay` is the power by which columns
 * lose variance (column k has variance k^−decay): 0 for rows that fill their width, more for rows
 * that lie along few directions, as rows of trained models do.
 */
export function simulatedModel(shape: TransformerShape, seed: string, decay = 0): Loaded {
  const { hidden, inner, layers, heads, keyValueHeads, vocabulary } = shape
  const keyRows = (hidden / heads) * keyValueHeads
  const tensors: Record<string, MemoryTensor> = {}
  const add = (name: string, rows: number, cols: number) => {
    const values = normalRows(createRng(seed).fork(name), { rows, cols, decay })
    tensors[`${name}.weight`] = { shape: [rows, cols], values }
  }
  const addNorm = (name: string) => {
    const rng = createRng(seed).fork(name)
    const values = Float32Array.from({ length: hidden }, () => 1 + 0.1 * rng.nextNormal())
    tensors[`${name}.weight`] = { shape: [hidden], values }
  }
  add('model.embed_tokens', vocabulary, hidden)
  add('lm_head', vocabulary, hidden)
  addNorm('model.norm')
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`
    for (const name of ['q_proj', 'o_proj']) add(`${at}.self_attn.${name}`, hidden, hidden)
    for (const name of ['k_proj', 'v_proj']) add(`${at}.self_attn.${name}`, keyRows, hidden)
    for (const name of ['gate_proj', 'up_proj']) add(`${at}.mlp.${name}`, inner, hidden)
    add(`${at}.mlp.down_proj`, hidden, inner)
    addNorm(`${at}.input_layernorm`)
    addNorm(`${at}.post_attention_layernorm`)
  }
  const config = configOf(shape) as Record<string, unknown>
  return { config, tensors, texts: new Map() }
}

function normalRows(
  rng: Rng,
  { rows, cols, decay }: { readonly rows: number; readonly cols: number; readonly decay: number },
): Float32Array {
  const scale = Float64Array.from({ length: cols }, (_, k) => 0.02 * (k + 1) ** (-decay / 2))
  const values = new Float32Array(rows * cols)
  for (let at = 0; at < values.length; at++) values[at] = scale[at % cols]! * rng.nextNormal()
  return values
}

/** Dokja's statement on the body, after every correction. */
export const bodyAgainst = async (
  candidate: Loaded,
  reference: Loaded,
): Promise<ComponentComparison> =>
  componentOf(
    await compareModels(asSource('candidate', candidate), asSource('reference', reference)),
    'language_model',
  )

/** φ_U on the same two models: log10 p, of one hypothesis. */
export const phiUAgainst = (candidate: Loaded, reference: Loaded): number =>
  phiU(upRows(candidate), upRows(reference))

function upRows({ tensors }: Loaded): RowMatrix[] {
  const names = Object.keys(tensors).filter((name) => name.endsWith('mlp.up_proj.weight'))
  return names.sort().map((name) => {
    const { shape, values } = tensors[name]!
    return rowMatrix(values, shape[1]!)
  })
}
