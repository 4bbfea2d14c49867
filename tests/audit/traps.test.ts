import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { memoryModel } from '../../packages/core/src/audit/testing/memory-model.ts'
import {
  configOf,
  randomTransformer,
  SMALL_SHAPE,
  type Weights,
} from '../../packages/core/src/audit/testing/random-transformer.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { elementCount } from '../../packages/core/src/model/tensor.ts'
import { decodeInto } from '../../packages/core/src/numeric/decode.ts'
import { cosine } from '../../packages/core/src/numeric/kernels.ts'
import { pearson } from '../../packages/core/src/stats/correlation.ts'
import { compareByName, componentOf, MODELS } from './models.ts'

// What has accused honest models before, or would. Each trap shows the naive figure that falls for
// it beside the verdict that must not.

const opened: TensorSource[] = []
afterAll(async () => {
  for (const source of opened) await source.close()
})

async function open(name: string): Promise<TensorSource> {
  const source = await openCheckpoint(join(MODELS, name))
  opened.push(source)
  return source
}

async function valuesOf(name: string, tensor: string): Promise<Float32Array> {
  const source = await open(name)
  const info = source.checkpoint.tensors.find((t) => t.name === tensor)!
  const count = elementCount(info.shape)
  const bytes = await source.readBytes(info, 0, count * 2)
  const out = new Float32Array(count)
  decodeInto(bytes, info.dtype, out)
  return out
}

/** Independent simulated weights: other signs and order, the same "data". */
const independent = (seed: number): Weights =>
  randomTransformer(SMALL_SHAPE, createRng(seed), createRng('scene'))

const model = (id: string, weights: Weights, extra: Record<string, unknown> = {}) =>
  memoryModel(id, weights, { ...(configOf(SMALL_SHAPE) as object), ...extra } as never)

const LARGER = { ...SMALL_SHAPE, hidden: 64, inner: 96, layers: 3, vocabulary: 128 }
const larger = (id: string, seed: number, change: (w: Record<string, Weights[string]>) => void) => {
  const weights = { ...randomTransformer(LARGER, createRng(seed), createRng('scene')) }
  change(weights)
  return memoryModel(id, weights, configOf(LARGER))
}

describe('what looks alike in independent models', () => {
  it('norm weights: the raw cosine is near one and means nothing', async () => {
    const names = [0, 1, 2].map((layer) => `model.layers.${layer}.input_layernorm.weight`)
    for (const name of names) {
      const [a, b] = [await valuesOf('s1', name), await valuesOf('s2', name)]
      expect(cosine(a, b)).toBeGreaterThan(0.95)
      expect(Math.abs(pearson(a, b)!)).toBeLessThan(0.6)
    }
    expect((await compareByName('s1', 's2')).verdict).toBe('no_evidence')
  })

  it('curves over layers: standard deviations rise and fall together', async () => {
    const deviation = async (name: string) => {
      const stds: number[] = []
      for (const part of ['q', 'k', 'v', 'o']) {
        for (let layer = 0; layer < 3; layer++) {
          const w = await valuesOf(name, `model.layers.${layer}.self_attn.${part}_proj.weight`)
          stds.push(Math.sqrt(w.reduce((sum, x) => sum + x * x, 0) / w.length))
        }
      }
      return stds
    }
    expect(pearson(await deviation('s1'), await deviation('s2'))!).toBeGreaterThan(0.9)
    expect((await compareByName('s1', 's2')).verdict).toBe('no_evidence')
  })

  it('embeddings on the same data: token likenesses agree without common weights', async () => {
    const gram = async (name: string) => {
      const table = await valuesOf(name, 'model.embed_tokens.weight')
      const width = 48
      const cosines: number[] = []
      for (let i = 20; i < 120; i += 3) {
        for (let j = i + 3; j < 120; j += 3) {
          const row = (t: number) => table.subarray(t * width, (t + 1) * width)
          cosines.push(cosine(row(i), row(j)) ?? 0)
        }
      }
      return cosines
    }
    expect(pearson(await gram('s1'), await gram('s2'))!).toBeGreaterThan(0.15)
    expect(componentOf(await compareByName('s1', 's2'), 'embeddings').verdict).toBe('no_evidence')
  })

  it('one configuration: random weights under the same config are nobody’s child', async () => {
    const comparison = await compareByName('twin-untrained', 's1')
    expect(comparison.candidate.modelType).toBe(comparison.reference.modelType)
    expect(comparison.verdict).toBe('no_evidence')
  })

  it('norms still at one: equal constants are equal by construction', async () => {
    const norm = 'model.layers.0.input_layernorm.weight'
    expect(await valuesOf('twin-untrained', norm)).toEqual(await valuesOf('init-s1', norm))
    expect((await compareByName('twin-untrained', 'init-s1')).verdict).toBe('no_evidence')
  })

  it('one tokenizer: shared vocabulary is described and decides nothing', async () => {
    const comparison = await compareByName('s2', 's1')
    const tokenizer = componentOf(comparison, 'tokenizer')
    expect(tokenizer.tests[0]).toMatchObject({ test: 'tokenizer_overlap', tier: 'descriptive' })
    expect(tokenizer.tests[0]!.statistic).toBe(tokenizer.tests[0]!.n)
    expect(tokenizer.verdict).toBe('not_testable')
    expect(comparison.verdict).toBe('no_evidence')
  })
})

describe('what is equal by construction', () => {
  const sinusoids = (rows: number, cols: number) => ({
    shape: [rows, cols],
    values: Float32Array.from({ length: rows * cols }, (_, at) => {
      const [position, j] = [Math.floor(at / cols), at % cols]
      const angle = position / 10000 ** (Math.floor(j / 2) / (cols / 2))
      return j % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }),
  })
  const fourier = {
    shape: [66, 64],
    values: Float32Array.from({ length: 66 * 64 }, (_, at) => {
      const [k, t] = [Math.floor(at / 64), at % 64]
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / 64)
      return window * Math.cos((2 * Math.PI * (k % 33) * t) / 64 - (k >= 33 ? Math.PI / 2 : 0))
    }),
  }

  it.each([
    ['sinusoidal positions under an odd name', 'model.layers.0.mystery.table', sinusoids(128, 64)],
    ['a Fourier basis stored as a convolution', 'model.frontend.conv.weight', fourier],
  ])('%s', async (_, name, tensor) => {
    const plant = (w: Record<string, Weights[string]>) => {
      w[name] = tensor
    }
    const comparison = await compareModels(larger('a', 1, plant), larger('b', 2, plant))
    for (const component of comparison.components) {
      expect(['no_evidence', 'not_testable'], component.component).toContain(component.verdict)
    }
  })

  it('a learned tensor that really is equal is still found', async () => {
    const rng = createRng('learned')
    const values = Float32Array.from({ length: 64 * 64 }, () => rng.nextNormal())
    const plant = (w: Record<string, Weights[string]>) => {
      w['model.layers.0.mystery.table'] = { shape: [64, 64], values }
    }
    const comparison = await compareModels(larger('a', 1, plant), larger('b', 2, plant))
    expect(comparison.verdict).toBe('derived')
  })

  it('dead and zero rows: equal zeros carry neither sign nor place', async () => {
    const kill = (w: Record<string, Weights[string]>) => {
      for (let layer = 0; layer < 3; layer++) {
        for (const part of ['up', 'gate']) {
          const name = `model.layers.${layer}.mlp.${part}_proj.weight`
          const values = w[name]!.values.slice()
          values.fill(0, 0, 70 * 64)
          w[name] = { shape: w[name]!.shape, values }
        }
      }
    }
    const comparison = await compareModels(larger('a', 1, kill), larger('b', 2, kill))
    const body = componentOf(comparison, 'language_model')
    expect(body.verdict).toBe('no_evidence')
    const up = body.tests.find((test) => test.test === 'sign_up' && test.layer === null)!
    expect(up.n).toBe(3 * 26)
  })

  it('padded vocabulary rows of one value', async () => {
    const pad = (w: Record<string, Weights[string]>) => {
      const table = w['model.embed_tokens.weight']!
      const values = table.values.slice()
      values.fill(0.01, 64 * 64)
      w['model.embed_tokens.weight'] = { shape: table.shape, values }
    }
    const comparison = await compareModels(larger('a', 1, pad), larger('b', 2, pad))
    expect(componentOf(comparison, 'embeddings').verdict).toBe('no_evidence')
  })
})

describe('what breaks an assumption of the tests', () => {
  it('one sign convention in both models', async () => {
    const up = 'model.layers.0.mlp.up_proj.weight'
    const [a, b] = [await valuesOf('canon-s1', up), await valuesOf('canon-s2', up)]
    const first = (w: Float32Array) =>
      Array.from({ length: 96 }, (_, i) => w[i * 48]!).filter((x) => x > 0).length
    expect(first(a)).toBeGreaterThan(90)
    expect(first(b)).toBeGreaterThan(90)
    const comparison = await compareByName('canon-s2', 'canon-s1')
    const body = componentOf(comparison, 'language_model')
    expect(body.verdict).toBe('no_evidence')
    expect(body.tests.some((test) => test.test === 'sign_up')).toBe(false)
    expect(body.reasons.map((note) => note.code)).toContain('sign_convention_both')
  })

  it('one sign convention in one model: the other carries the assumption', async () => {
    const body = componentOf(await compareByName('canon-s1', 's2'), 'language_model')
    const up = body.tests.find((test) => test.test === 'sign_up' && test.layer === null)!
    expect(up.notes).toContainEqual({ code: 'assumption_on', values: { model: 'reference' } })
    expect(body.verdict).toBe('no_evidence')
  })

  it('own up-cycling: copied experts share their signs', async () => {
    const body = componentOf(await compareByName('moe-own2', 'moe-own1'), 'language_model')
    expect(body.verdict).toBe('no_evidence')
    const up = body.tests.find((test) => test.test === 'sign_up' && test.layer === null)!
    expect(up.notes.map((note) => note.code)).toContain('internal_copies')
  })

  it('hidden states distilled without a projector: only the residual axes are tied', async () => {
    const comparison = await compareByName('distilled', 's1')
    expect(componentOf(comparison, 'language_model').verdict).toBe('no_evidence')
    const tables = componentOf(comparison, 'embeddings')
    if (tables.verdict === 'derived') {
      expect(tables.reasons.map((note) => note.code)).toContain('only_residual_axes')
    } else expect(tables.verdict).toBe('no_evidence')
  })

  it('an affine linear branch, (up + 1)·glu, has no sign family', async () => {
    const gated = await compareModels(model('a', independent(1)), model('b', independent(2)))
    const affine = await compareModels(
      model('a', independent(1), { model_type: 'gpt_oss' }),
      model('b', independent(2), { model_type: 'gpt_oss' }),
    )
    const hasUp = (comparison: typeof gated) =>
      componentOf(comparison, 'language_model').tests.some((test) => test.test === 'sign_up')
    expect(hasUp(gated)).toBe(true)
    expect(hasUp(affine)).toBe(false)
  })

  it('LayerNorm takes a mean: residual signs are not tested', async () => {
    const comparison = await compareByName('gpt2-b', 'gpt2-a')
    const tests = componentOf(comparison, 'embeddings').tests.map((test) => test.test)
    expect(tests).not.toContain('sign_residual')
    expect(tests).toContain('fixed_points_embedding')
  })

  it('too few units: says so instead of acquitting', async () => {
    const shape = { ...SMALL_SHAPE, hidden: 8, inner: 6, layers: 1, heads: 2, keyValueHeads: 1 }
    const tiny = (seed: number) =>
      memoryModel(
        `tiny-${seed}`,
        randomTransformer(shape, createRng(seed), createRng('scene')),
        configOf(shape),
      )
    const comparison = await compareModels(tiny(1), tiny(2))
    const body = componentOf(comparison, 'language_model')
    expect(body.verdict).toBe('not_testable')
    expect(body.reasons[0]!.code).toBe('too_few_units')
  })

  it('pairs found by their content never reach a sign test', async () => {
    // All layers of a copy moved by one place: equal content, yet blind pairs are unrelated.
    const own = randomTransformer(LARGER, createRng(1), createRng('scene'))
    const moved = Object.fromEntries(
      Object.entries(own).map(([name, tensor]) => [
        name.replace(/layers\.(\d)/, (_, layer) => `layers.${(Number(layer) + 1) % 3}`),
        tensor,
      ]),
    )
    const comparison = await compareModels(
      memoryModel('moved', moved, configOf(LARGER)),
      memoryModel('own', own, configOf(LARGER)),
    )
    const body = componentOf(comparison, 'language_model')
    expect(body.verdict).toBe('identical')
    const up = body.tests.find((test) => test.test === 'sign_up' && test.layer === null)!
    expect(Math.abs(up.meanCorrelation!)).toBeLessThan(0.2)
  })
})

describe('what is true but says less than it seems', () => {
  it('a light fine-tune stored at another precision is derived, not re-encoded', async () => {
    const comparison = await compareByName('sft1', 's1-f32')
    expect(componentOf(comparison, 'language_model').verdict).toBe('derived')
  })

  it('a shared frozen tower convicts the tower alone', async () => {
    const comparison = await compareByName('vlm-borrowed-frozen', 'vlm-donor')
    const verdicts = comparison.components.map((c) => [c.component, c.verdict])
    expect(verdicts).toContainEqual(['vision_encoder', 'identical'])
    expect(verdicts).toContainEqual(['language_model', 'no_evidence'])
  })

  it('siblings: the nearer relative is named, the other has a common origin', async () => {
    const report = await runAudit(await open('sft1b'), [() => open('s1'), () => open('cpt1')])
    const verdictAgainst = (index: number) =>
      componentOf(report.comparisons[index]!, 'language_model').verdict
    expect(verdictAgainst(0)).toBe('derived')
    expect(verdictAgainst(1)).toBe('common_origin')
    expect(report.criteria.technical.outcome).toBe('not_met')
  })

  it.each([
    ['sft1b', ['cpt1', 'sft1', 's1'], 's1'],
    ['cpt1', ['sft1', 'sft1b', 's1'], 's1'],
    ['sft1', ['sft1b', 's1', 'cpt1'], 's1'],
  ] as const)('%s among %j: all its parts are attributed to %s', async (own, names, nearest) => {
    const report = await runAudit(
      await open(own),
      names.map((name) => () => openCheckpoint(join(MODELS, name))),
    )
    const weighty = report.components.filter(({ parameters }) => parameters > 0)
    for (const part of weighty) {
      expect(part.reference, part.component).toBe(nearest)
      expect(part.verdict).toBe('derived')
    }
    expect(weighty.length).toBe(2)
  })

  it('many references share one level of error', async () => {
    const alone = await runAudit(await open('s2'), [() => open('s1')])
    const among = await runAudit(await open('s2'), [
      () => open('s1'),
      () => open('s3'),
      () => open('d9'),
      () => open('cpt1'),
    ])
    const detectable = (report: typeof alone) =>
      componentOf(report.comparisons[0]!, 'language_model').minDetectableCorrelation!
    expect(detectable(among)).toBeGreaterThan(detectable(alone))
    expect(among.verdict).toBe('no_evidence')
  })

  it('descent from the team’s own declared ancestor is not a fault', async () => {
    const openAncestor = () => openCheckpoint(join(MODELS, 's1'), { name: 'ancestor' })
    const report = await runAudit(await open('sft1'), [openAncestor], {
      ownAncestors: ['ancestor'],
    })
    expect(report.verdict).toBe('derived')
    expect(report.criteria.technical.outcome).toBe('met')
    const foreign = await runAudit(await open('sft1'), [openAncestor])
    expect(foreign.criteria.technical.outcome).toBe('not_met')
  })
})
