import { describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { sketchResidual } from '../../packages/core/src/audit/registry/sketch-component.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { openModel } from '../../packages/core/src/audit/technical/measure-signs.ts'
import {
  type MemoryTensor,
  memoryModel,
} from '../../packages/core/src/audit/testing/memory-model.ts'
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import { mapRoles } from '../../packages/core/src/model/roles/map-roles.ts'
import { componentOf } from './models.ts'

// Silence acquits only what was looked at, from a stated size on. Simulated weights, not trained.

type Tensors = Record<string, MemoryTensor>

const WIDTH = 32
const TOKENS = 96

const normal = (rng: Rng, ...shape: readonly number[]): MemoryTensor => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((n, size) => n * size, 1) }, () =>
    rng.nextNormal(),
  ),
})

const drifted = (tensors: Tensors, rng: Rng, share: number): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map((value) => value + share * rng.nextNormal()) },
    ]),
  )

/** As BERT stores them: two token types, which sort before the words. */
function bertTables(rng: Rng): Tensors {
  const at = 'bert.embeddings'
  return {
    [`${at}.LayerNorm.weight`]: normal(rng, WIDTH),
    [`${at}.LayerNorm.bias`]: normal(rng, WIDTH),
    [`${at}.position_embeddings.weight`]: normal(rng, 40, WIDTH),
    [`${at}.token_type_embeddings.weight`]: normal(rng, 2, WIDTH),
    [`${at}.word_embeddings.weight`]: normal(rng, TOKENS, WIDTH),
  }
}

function bertBody(rng: Rng): Tensors {
  const tensors: Tensors = {}
  for (const layer of [0, 1]) {
    const at = `bert.encoder.layer.${layer}`
    for (const part of ['query', 'key', 'value']) {
      tensors[`${at}.attention.self.${part}.weight`] = normal(rng, WIDTH, WIDTH)
    }
    tensors[`${at}.attention.output.dense.weight`] = normal(rng, WIDTH, WIDTH)
    tensors[`${at}.attention.output.LayerNorm.weight`] = normal(rng, WIDTH)
    tensors[`${at}.attention.output.LayerNorm.bias`] = normal(rng, WIDTH)
    tensors[`${at}.intermediate.dense.weight`] = normal(rng, 64, WIDTH)
    tensors[`${at}.output.dense.weight`] = normal(rng, WIDTH, 64)
    tensors[`${at}.output.LayerNorm.weight`] = normal(rng, WIDTH)
    tensors[`${at}.output.LayerNorm.bias`] = normal(rng, WIDTH)
  }
  return tensors
}

const BERT = { model_type: 'bert', hidden_size: WIDTH, num_attention_heads: 4 }
const bert = (id: string, tensors: Tensors) => memoryModel(id, tensors, BERT)

describe('tables beside the table of tokens', () => {
  const words = bertTables(createRng('words'))
  const reference = bert('reference', { ...words, ...bertBody(createRng('body')) })

  it('reused words are found although two token types sort before them', async () => {
    const reused = drifted(words, createRng('drift'), 0.3)
    const candidate = bert('candidate', { ...reused, ...bertBody(createRng('other body')) })
    const comparison = await compareModels(candidate, reference)
    expect(componentOf(comparison, 'language_model').verdict).toBe('no_evidence')
    expect(componentOf(comparison, 'embeddings')).toMatchObject({
      verdict: 'derived',
      tier: 'exact',
    })
  })

  it('words of another start stay silent, with a limit that means something', async () => {
    const rng = createRng('independent')
    const candidate = bert('candidate', { ...bertTables(rng), ...bertBody(rng) })
    const tables = componentOf(await compareModels(candidate, reference), 'embeddings')
    expect(tables.verdict).toBe('no_evidence')
    expect(tables.minDetectableCorrelation!).toBeLessThan(0.9)
  })

  it('a fingerprint holds the words as well', async () => {
    const llama: Tensors = {
      'model.embed_tokens.weight': normal(createRng('words'), TOKENS, WIDTH),
      'model.embed_segments.token_type_embeddings.weight': normal(createRng(2), 2, WIDTH),
    }
    const names = Object.keys(llama).sort()
    expect(names[0]).toContain('token_type')
    const source = memoryModel('tables', llama, { model_type: 'llama' })
    const roles = mapRoles(source.checkpoint).roles.filter(({ kind }) => kind === 'embedding')
    expect(roles.map(({ view }) => view.rows).sort((x, y) => x - y)).toEqual([2, TOKENS])
    const body = { norm: 'rms', hiddenSize: WIDTH, fixedPositionAdded: false } as never
    const sketch = await sketchResidual(openModel(source), roles, body)
    expect(sketch?.width).toBe(64)
  })
})

/** Blocks without attention or MLP: no matrix of theirs has a family of tests, their norms have. */
function mixers(rng: Rng): Tensors {
  const tensors: Tensors = { 'backbone.embeddings.weight': normal(rng, TOKENS, WIDTH) }
  for (const layer of [0, 1, 2]) {
    const at = `backbone.layers.${layer}`
    tensors[`${at}.norm.weight`] = normal(rng, WIDTH)
    tensors[`${at}.mixer.in_proj.weight`] = normal(rng, 4 * WIDTH, WIDTH)
    tensors[`${at}.mixer.x_proj.weight`] = normal(rng, 18, 2 * WIDTH)
    tensors[`${at}.mixer.out_proj.weight`] = normal(rng, WIDTH, 2 * WIDTH)
    tensors[`${at}.mixer.A_log`] = normal(rng, 2 * WIDTH, 8)
  }
  tensors['backbone.norm_f.weight'] = normal(rng, WIDTH)
  return tensors
}

describe('tests without a detection limit', () => {
  const mamba = (id: string, tensors: Tensors) =>
    memoryModel(id, tensors, { model_type: 'mamba', hidden_size: WIDTH })
  const own = mixers(createRng('own'))
  const reference = mamba('reference', own)

  it('silent norms alone acquit nobody', async () => {
    const candidate = mamba('candidate', mixers(createRng('independent')))
    const audit = await runAudit(candidate, [async () => reference])
    const body = audit.components.find(({ component }) => component === 'language_model')!
    expect(body).toMatchObject({ verdict: 'not_testable', minDetectableCorrelation: null })
    expect(body.reasons[0]!.code).toBe('no_detection_limit')
    expect(audit.criteria.technical.outcome).toBe('not_determinable')
  })

  it('norms that agree are found all the same', async () => {
    const candidate = mamba('candidate', drifted(own, createRng('drift'), 0.2))
    const body = componentOf(await compareModels(candidate, reference), 'language_model')
    expect(body).toMatchObject({ verdict: 'derived', tier: 'exact' })
  })
})
