import { describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { TestName } from '../../packages/core/src/audit/result.ts'
import {
  type MemoryTensor,
  memoryModel,
} from '../../packages/core/src/audit/testing/memory-model.ts'
import type { JsonValue } from '../../packages/core/src/base/canonical-json.ts'
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import { binomialGoodnessOfFit } from '../../packages/core/src/stats/uniformity.ts'

// Exactness of each sign family by simulation, in the worst case: both models hold the same matrices
// and differ only in which units their initialisation flipped. If the units that the engine forms
// were not the units that really flip together, counts of agreeing signs would not be binomial.

const D = 16
const HEAD = 8
const HEADS = 4
const GROUPS = 2
const INNER = 24
const TOKENS = 40
const PAIRS = 250

const BASE = {
  hidden_size: D,
  intermediate_size: INNER,
  num_hidden_layers: 1,
  num_attention_heads: HEADS,
  num_key_value_heads: GROUPS,
  head_dim: HEAD,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  vocab_size: TOKENS,
}

type Family = {
  readonly test: TestName
  readonly component: string
  readonly tensor: string
  readonly rows: number
  readonly config: JsonValue
  /** Rows (or columns) that flip together. */
  readonly units: readonly (readonly number[])[]
  readonly axis: 'row' | 'column'
  /** Number of coins that the engine should count. */
  readonly coins: number
  /** Further matrices that are the same in both models but for flips of their own. */
  readonly also?: readonly Pick<Family, 'tensor' | 'rows' | 'units' | 'axis'>[]
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const singles = (n: number) => range(n).map((i) => [i])
const perHead = (units: (base: number) => number[][]) =>
  range(GROUPS).flatMap((g) => units(g * HEAD))

const FAMILIES: Record<string, Family> = {
  'hidden units of a gated MLP': {
    test: 'sign_up',
    component: 'language_model',
    tensor: 'model.layers.0.mlp.up_proj.weight',
    rows: INNER,
    config: { ...BASE, model_type: 'llama' },
    units: singles(INNER),
    axis: 'row',
    coins: INNER,
  },
  'value dimensions': {
    test: 'sign_value',
    component: 'language_model',
    tensor: 'model.layers.0.self_attn.v_proj.weight',
    rows: GROUPS * HEAD,
    config: { ...BASE, model_type: 'llama' },
    units: singles(GROUPS * HEAD),
    axis: 'row',
    coins: GROUPS * HEAD,
  },
  'rotary pairs, half-split': {
    test: 'sign_key',
    component: 'language_model',
    tensor: 'model.layers.0.self_attn.k_proj.weight',
    rows: GROUPS * HEAD,
    config: { ...BASE, model_type: 'llama' },
    units: perHead((base) => range(HEAD / 2).map((j) => [base + j, base + j + HEAD / 2])),
    axis: 'row',
    coins: (GROUPS * HEAD) / 2,
  },
  'rotary pairs, interleaved': {
    test: 'sign_key',
    component: 'language_model',
    tensor: 'model.layers.0.self_attn.k_proj.weight',
    rows: GROUPS * HEAD,
    config: { ...BASE, model_type: 'cohere' },
    units: perHead((base) => range(HEAD / 2).map((j) => [base + 2 * j, base + 2 * j + 1])),
    axis: 'row',
    coins: (GROUPS * HEAD) / 2,
  },
  'half of each head rotated': {
    test: 'sign_key',
    component: 'language_model',
    tensor: 'model.layers.0.self_attn.k_proj.weight',
    rows: GROUPS * HEAD,
    config: { ...BASE, model_type: 'phi3', partial_rotary_factor: 0.5 },
    units: perHead((base) => [
      ...range(HEAD / 4).map((j) => [base + j, base + j + HEAD / 4]),
      ...range(HEAD / 2).map((j) => [base + HEAD / 2 + j]),
    ]),
    axis: 'row',
    coins: (GROUPS * HEAD * 3) / 4,
  },
  'units of three families together': {
    test: 'sign_all',
    component: 'language_model',
    tensor: 'model.layers.0.mlp.up_proj.weight',
    rows: INNER,
    config: { ...BASE, model_type: 'llama' },
    units: singles(INNER),
    axis: 'row',
    coins: INNER + GROUPS * HEAD + (GROUPS * HEAD) / 2,
    also: [
      {
        tensor: 'model.layers.0.self_attn.v_proj.weight',
        rows: GROUPS * HEAD,
        units: singles(GROUPS * HEAD),
        axis: 'row',
      },
      {
        tensor: 'model.layers.0.self_attn.k_proj.weight',
        rows: GROUPS * HEAD,
        units: perHead((base) => range(HEAD / 2).map((j) => [base + j, base + j + HEAD / 2])),
        axis: 'row',
      },
    ],
  },
  'residual dimensions under RMSNorm': {
    test: 'sign_residual',
    component: 'embeddings',
    tensor: 'model.embed_tokens.weight',
    rows: TOKENS,
    config: { ...BASE, model_type: 'llama' },
    units: singles(D),
    axis: 'column',
    coins: D,
  },
  'latent dimensions of MLA': {
    test: 'sign_latent',
    component: 'language_model',
    tensor: 'model.layers.0.self_attn.kv_a_proj_with_mqa.weight',
    rows: 12 + 4,
    config: {
      ...BASE,
      model_type: 'deepseek_v3',
      kv_lora_rank: 12,
      q_lora_rank: 8,
      qk_nope_head_dim: 4,
      qk_rope_head_dim: 4,
      v_head_dim: 4,
    },
    units: singles(12),
    axis: 'row',
    coins: 12,
  },
}

/** The same matrix for every model of a family: heavy-tailed rows along common directions. */
function scene(name: string, rows: number, cols: number): Float32Array {
  const rng = createRng('scene').fork(name)
  const direction = range(cols).map(() => rng.nextNormal())
  return Float32Array.from({ length: rows * cols }, (_, at) => {
    const size = Math.exp((((Math.floor(at / cols) * 7919) % 13) - 6) / 4)
    return size * (direction[at % cols]! + 0.3 * rng.nextNormal())
  })
}

function weightsFor(family: Family, rng: Rng): Record<string, MemoryTensor> {
  const isLatent = family.test === 'sign_latent'
  const shapes: Record<string, readonly [number, number]> = {
    'model.embed_tokens.weight': [TOKENS, D],
    'model.layers.0.mlp.gate_proj.weight': [INNER, D],
    'model.layers.0.mlp.up_proj.weight': [INNER, D],
    'model.layers.0.mlp.down_proj.weight': [D, INNER],
    'model.layers.0.self_attn.o_proj.weight': [D, HEADS * (isLatent ? 4 : HEAD)],
    ...(isLatent
      ? {
          'model.layers.0.self_attn.q_a_proj.weight': [8, D],
          'model.layers.0.self_attn.q_b_proj.weight': [HEADS * 8, 8],
          'model.layers.0.self_attn.kv_a_proj_with_mqa.weight': [16, D],
          'model.layers.0.self_attn.kv_b_proj.weight': [HEADS * 8, 12],
        }
      : {
          'model.layers.0.self_attn.q_proj.weight': [HEADS * HEAD, D],
          'model.layers.0.self_attn.k_proj.weight': [GROUPS * HEAD, D],
          'model.layers.0.self_attn.v_proj.weight': [GROUPS * HEAD, D],
        }),
  }
  const tensors: Record<string, MemoryTensor> = {}
  const flipped = [family, ...(family.also ?? [])]
  for (const [name, [rows, cols]] of Object.entries(shapes)) {
    // What is not under test is drawn afresh, so that the models are independent there.
    const values = flipped.some(({ tensor }) => tensor === name)
      ? scene(name, rows, cols)
      : Float32Array.from({ length: rows * cols }, () => rng.nextNormal())
    tensors[name] = { shape: [rows, cols], values }
  }
  const ones = () => ({ shape: [D], values: new Float32Array(D).fill(1) })
  tensors['model.layers.0.input_layernorm.weight'] = ones()
  tensors['model.layers.0.post_attention_layernorm.weight'] = ones()
  tensors['model.norm.weight'] = ones()
  for (const part of flipped) flipUnits(tensors[part.tensor]!, part, rng)
  return tensors
}

function flipUnits(
  tensor: MemoryTensor,
  family: Pick<Family, 'rows' | 'units' | 'axis'>,
  rng: Rng,
): void {
  const cols = tensor.shape[1]!
  for (const unit of family.units) {
    if (rng.nextUint32() & 1) continue
    for (const index of unit) {
      const length = family.axis === 'row' ? cols : family.rows
      for (let i = 0; i < length; i++) {
        const at = family.axis === 'row' ? index * cols + i : i * cols + index
        tensor.values[at] = -tensor.values[at]!
      }
    }
  }
}

describe('exact by simulation', () => {
  it.each(Object.entries(FAMILIES))('%s', async (name, family) => {
    const rng = createRng(name)
    const counts: number[] = []
    const log10Ps: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const a = memoryModel('a', weightsFor(family, rng.fork(`a${pair}`)), family.config)
      const b = memoryModel('b', weightsFor(family, rng.fork(`b${pair}`)), family.config)
      const comparison = await compareModels(a, b)
      const tests = comparison.components.find((c) => c.component === family.component)!.tests
      const result = tests.find((test) => test.test === family.test && test.layer === null)
      expect(result, `${family.test} was not run`).toBeDefined()
      counts.push(result!.statistic!)
      log10Ps.push(result!.log10P!)
      if (family.test !== 'sign_latent') expect(result!.n).toBe(family.coins)
    }
    if (family.test !== 'sign_latent') {
      const fit = binomialGoodnessOfFit(counts, { trials: family.coins, probability: 0.5 })!
      expect(fit.log10P).toBeGreaterThan(-4)
    }
    for (const level of [0.1, 0.01, 0.001]) {
      const below = log10Ps.filter((p) => p <= Math.log10(level)).length
      expect(below).toBeLessThanOrEqual(level * PAIRS + 4 * Math.sqrt(level * PAIRS))
    }
  })
})
