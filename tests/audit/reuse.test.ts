import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { Comparison, ComponentComparison } from '../../packages/core/src/audit/result.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { componentOf } from './models.ts'
import * as change from './transforms.ts'

// Parts of a model that are reused in another one, and models that only share their random start.
// The figures that tell the two apart must not be diluted by what is foreign. All models are simulated.

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 's2', 'sft1', 'cpt1', 'same1', 'init-s1']) {
    models.set(name, await change.load(name))
  }
})
const held = (name: string) => models.get(name)!

const compare = (candidate: change.Loaded, reference = held('s1')): Promise<Comparison> =>
  compareModels(change.asSource('candidate', candidate), change.asSource('reference', reference))
const bodyOf = async (candidate: change.Loaded, reference?: change.Loaded) =>
  componentOf(await compare(candidate, reference), 'language_model')

const noteOf = (component: ComponentComparison, code: string) =>
  component.reasons.find((note) => note.code === code)?.values

const MLP = /mlp/
const ATTENTION = /self_attn/
const NORMS = /norm/
const into = (child: string, part: RegExp) =>
  change.graft(held('s2'), held(child), (name) => part.test(name))

describe('a part of another model', () => {
  it.each([
    ['sft1', 'mlp', 'attention', MLP],
    ['cpt1', 'mlp', 'attention', MLP],
    ['sft1', 'attention', 'mlp', ATTENTION],
    ['cpt1', 'attention', 'mlp', ATTENTION],
  ] as const)('of %s, the %s alone, is descent', async (child, shared, other, part) => {
    const comparison = await compare(into(child, part))
    const body = componentOf(comparison, 'language_model')
    expect(body).toMatchObject({ verdict: 'derived', tier: 'exact' })
    expect(noteOf(body, 'only_part')).toEqual({ shared, other })
    expect(noteOf(body, 'contained_where_alike')!['slope']).toBeGreaterThan(0.9)
    expect(componentOf(comparison, 'embeddings').verdict).toBe('no_evidence')
  })

  it('is descent even where it was a twin of the same start: the rest does not share it', async () => {
    const body = await bodyOf(into('same1', MLP))
    expect(body.verdict).toBe('derived')
    expect(noteOf(body, 'contained_where_alike')!['slope']).toBeLessThan(0.5)
  })

  it('one layer of three is named', async () => {
    const body = await bodyOf(into('cpt1', /layers\.1\./))
    expect(body.verdict).toBe('derived')
    expect(noteOf(body, 'only_layers')).toEqual({ shared: '1', other: '0, 2' })
    expect(noteOf(body, 'trained_in_common')!['slope']).toBeGreaterThan(0.9)
  })

  it('fails the technical criterion', async () => {
    const report = await runAudit(change.asSource('suspect', into('sft1', MLP)), [
      async () => change.asSource('s1', held('s1')),
    ])
    expect(report.verdict).toBe('derived')
    expect(report.criteria.technical.outcome).toBe('not_met')
  })
})

describe('norms of another model', () => {
  it.each(['sft1', 'cpt1'])('put into %s hide nothing', async (child) => {
    const comparison = await compare(
      change.graft(held(child), held('s2'), (name) => NORMS.test(name)),
    )
    for (const name of ['language_model', 'embeddings']) {
      const part = componentOf(comparison, name)
      expect(part.verdict, name).toBe('derived')
      const figures = noteOf(part, 'norms_replaced')!
      expect(figures['slope']).toBeGreaterThan(0.9)
      expect(Math.abs(Number(figures['normCorrelation']))).toBeLessThan(0.3)
    }
  })

  it.each(['sft1', 'cpt1'])('over reordered units of %s: both parts are found', async (child) => {
    const shuffled = change.permuteUnits(held(child), createRng('units'))
    const body = await bodyOf(change.graft(shuffled, held('s2'), (name) => NORMS.test(name)))
    expect(body.verdict).toBe('derived')
    expect(noteOf(body, 'part_rearranged')).toMatchObject({ test: 'aligned_up' })
    expect(noteOf(body, 'only_part')).toBeUndefined()
    expect(body.transform!.layers.every(({ matched }) => matched > 90)).toBe(true)
  })

  it('taken as they are are equal content, and say nothing of the units', async () => {
    const body = await bodyOf(change.graft(held('s2'), held('s1'), (name) => NORMS.test(name)))
    expect(body.verdict).toBe('derived')
    expect(noteOf(body, 'blocks_identical_part')).toEqual({ equal: 7, blocks: 28 })
    expect(body.tests.some(({ test }) => test === 'regression_slope')).toBe(false)
    const up = body.tests.find(({ test, layer }) => test === 'sign_up' && layer === null)!
    expect(up.log10PAdjusted).toBeGreaterThan(-1)
  })
})

describe('layers at other places', () => {
  it.each(['sft1', 'cpt1'])('of %s: figures are read along the layer map', async (child) => {
    const body = await bodyOf(change.pickLayers(held(child), [2, 0, 1]))
    const figures = noteOf(body, 'trained_in_common')!
    expect(figures['slope']).toBeGreaterThan(0.95)
    expect(figures['normCorrelation']).toBeGreaterThan(0.6)
    expect(body.tests.find(({ test }) => test === 'regression_slope')!.statistic).toBe(
      figures['slope'],
    )
  })

  it('of twins of one start: still one start', async () => {
    const body = await bodyOf(change.pickLayers(held('same1'), [2, 0, 1]))
    expect(body.verdict).toBe('shared_initialisation')
    expect(noteOf(body, 'initialised_alike_trained_apart')!['slope']).toBeCloseTo(0.25, 1)
  })
})

describe('one random start', () => {
  /** start + level·drift, each drift of the size of the start; norms drift apart as well. */
  const trained = (levels: (name: string) => number, seed: string): change.Loaded => {
    const rng = createRng(seed)
    const start = held('init-s1')
    const tensors = Object.fromEntries(
      Object.entries(start.tensors).map(([name, tensor]) => {
        const own = rng.fork(name)
        const norms = { ...tensor, values: tensor.values.map((x) => x + 0.1 * own.nextNormal()) }
        return [name, NORMS.test(name) ? norms : change.noisy(tensor, levels(name), own)]
      }),
    )
    return { ...start, tensors }
  }

  it('and two trainings (same1) stay one start', async () => {
    const comparison = await compare(held('same1'))
    for (const name of ['language_model', 'embeddings']) {
      expect(componentOf(comparison, name).verdict, name).toBe('shared_initialisation')
    }
  })

  it.each([
    ['moderate', 1, 1],
    ['long', 1.5, 1.5],
    ['long, and longer for the MLP', 1, 1.8],
    ['long, and longer for the attention', 1.8, 1],
  ])('and two %s trainings (simulated drift) stay one start', async (_, attention, mlp) => {
    const levels = (name: string) => (MLP.test(name) ? mlp : attention)
    for (const seed of ['a', 'b', 'c']) {
      const body = await bodyOf(trained(levels, seed), trained(levels, `${seed}'`))
      expect(body.verdict, seed).toBe('shared_initialisation')
    }
  })
})
