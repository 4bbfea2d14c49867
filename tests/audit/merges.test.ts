import { beforeAll, describe, expect, it } from 'vitest'
import type { AuditReport } from '../../packages/core/src/audit/result.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { fitMerge, mergeSums } from '../../packages/core/src/audit/technical/merges/fit-merge.ts'
import { fitSlerp, pairsOf } from '../../packages/core/src/audit/technical/merges/fit-slerp.ts'
import { withParentsKept } from '../../packages/core/src/audit/technical/merges/resolve-merges.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { slerp } from './planted/made-models.ts'
import * as change from './transforms.ts'

// Merges of really trained, simulated models, resolved into the parents and their weights.

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 'sft1', 'sft1b', 'cpt1', 's2', 'lora1']) {
    models.set(name, await change.load(name))
  }
})
const held = (name: string) => models.get(name)!

const audit = (candidate: change.Loaded, references: readonly string[]): Promise<AuditReport> =>
  runAudit(
    change.asSource('merged', candidate),
    references.map((name) => async () => change.asSource(name, held(name))),
  )

const bodyMerge = (report: AuditReport) =>
  report.merges?.find(({ component }) => component === 'language_model')

const byParent = (report: AuditReport) => {
  const merge = bodyMerge(report)!
  return Object.fromEntries(merge.parents.map((id, index) => [id, merge.weights[index]!]))
}

describe('a merge', () => {
  it('of two descendants of one base is resolved into its weights', async () => {
    const merged = change.blend([held('sft1'), held('cpt1')], [0.6, 0.4])
    const report = await audit(merged, ['sft1', 'cpt1'])
    const weights = byParent(report)
    expect(bodyMerge(report)!.kind).toBe('linear')
    expect(weights['sft1']).toBeCloseTo(0.6, 2)
    expect(weights['cpt1']).toBeCloseTo(0.4, 2)
    expect(bodyMerge(report)!.gain).toBeGreaterThan(0.99)
    for (const { weights: own } of bodyMerge(report)!.layers) {
      expect(own[0]! + own[1]!).toBeCloseTo(1, 9)
      expect(own[0]).toBeCloseTo(0.6, 1)
    }
    const body = report.components.find(({ component }) => component === 'language_model')!
    expect(body.reasons.map(({ code }) => code)).toContain('mixture_of')
  })

  it('of two strangers, a third of the one, is found with a base that has no part in it', async () => {
    const merged = change.blend([held('cpt1'), held('s2')], [0.67, 0.33])
    const weights = byParent(await audit(merged, ['s1', 'cpt1', 's2']))
    expect(weights['cpt1']).toBeCloseTo(0.67, 1)
    expect(weights['s2']).toBeCloseTo(0.33, 1)
    expect(Math.abs(weights['s1']!)).toBeLessThan(0.05)
  })

  it('by task arithmetic, base + half of each change, has its weights', async () => {
    const merged = change.blend([held('s1'), held('cpt1'), held('sft1b')], [-0.1, 0.5, 0.6])
    const weights = byParent(await audit(merged, ['s1', 'cpt1', 'sft1b']))
    expect(weights['s1']).toBeCloseTo(-0.1, 1)
    expect(weights['cpt1']).toBeCloseTo(0.5, 1)
    expect(weights['sft1b']).toBeCloseTo(0.6, 1)
  })

  it('trained on afterwards still shows its parents', async () => {
    const rng = createRng('after')
    const merged = change.blend([held('sft1'), held('cpt1')], [0.5, 0.5])
    const tensors = Object.fromEntries(
      Object.entries(merged.tensors).map(([name, tensor]) => [
        name,
        change.noisy(tensor, 0.05, rng.fork(name)),
      ]),
    )
    const weights = byParent(await audit({ ...merged, tensors }, ['sft1', 'cpt1']))
    expect(weights['sft1']).toBeCloseTo(0.5, 1)
  })

  it.each([
    ['two descendants', 'sft1', 'cpt1', 0.4, ['sft1', 'cpt1']],
    ['two descendants, near the first', 'sft1', 'cpt1', 0.2, ['sft1', 'cpt1']],
    ['two descendants beside their base', 'sft1', 'cpt1', 0.4, ['s1', 'sft1', 'cpt1']],
    ['two strangers', 'cpt1', 's2', 0.4, ['cpt1', 's2']],
    ['two strangers, named the other way round', 'cpt1', 's2', 0.3, ['s2', 'cpt1']],
  ] as const)('by spherical interpolation of %s has its place on the arc', async (...row) => {
    const [, first, second, t, references] = row
    const merged = slerp(held(first), held(second), t)
    const rounded = Object.entries(merged.tensors).map(([name, { shape, values }]) => {
      const bits = new Uint32Array(values.slice().buffer).map((x) => (x + 0x8000) & 0xffff0000)
      return [name, { shape, values: new Float32Array(bits.buffer) }] as const
    })
    const report = await audit({ ...merged, tensors: Object.fromEntries(rounded) }, references)
    expect(bodyMerge(report)!.kind).toBe('slerp')
    expect(bodyMerge(report)!.gain).toBeGreaterThan(0.99)
    const weights = byParent(report)
    expect(weights[first]).toBeCloseTo(1 - t, 2)
    expect(weights[second]).toBeCloseTo(t, 2)
  })

  it('of close models is a sum: on so short an arc both are the same', async () => {
    const merged = slerp(held('s1'), held('sft1'), 0.5)
    expect(byParent(await audit(merged, ['s1', 'sft1']))['sft1']).toBeCloseTo(0.5, 1)
  })

  it('that stacks layers of two models is mapped to them layer by layer', async () => {
    const stacked = change.graft(held('s2'), held('cpt1'), (name) => /layers\.[02]\./.test(name))
    const report = await audit(stacked, ['cpt1', 's2'])
    const merge = bodyMerge(report)!
    expect(merge.kind).toBe('passthrough')
    for (const { layer, weights } of merge.layers) {
      expect(weights[layer === 1 ? 1 : 0], `layer ${layer}`).toBeGreaterThan(0.95)
    }
  })
})

describe('the parents of a merge', () => {
  const verdictOf = (report: AuditReport, reference: string) =>
    report.comparisons
      .find((comparison) => comparison.reference.id === reference)!
      .components.find(({ component }) => component === 'language_model')!.verdict

  it('are strangers to each other and both ancestors, also where their layers alternate', async () => {
    const own = change.pickLayers(held('cpt1'), [0, 0, 1, 1, 2, 2])
    const other = change.pickLayers(held('s2'), [0, 0, 1, 1, 2, 2])
    const stacked = change.graft(own, other, (name) => /layers\.[135]\./.test(name))
    const report = await audit(stacked, ['s1', 's2'])
    expect(bodyMerge(report)!.kind).toBe('passthrough')
    expect(verdictOf(report, 's1')).toBe('derived')
    expect(verdictOf(report, 's2')).toBe('derived')
  })

  it('are no siblings, although the others and their base stand nearer', async () => {
    const parents = ['cpt1', 'sft1', 'sft1b'] as const
    const merged = change.blend(parents.map(held), [0.5, 0.25, 0.25])
    const report = await audit(merged, parents)
    expect(bodyMerge(report)!.gain).toBeGreaterThan(0.99)
    for (const parent of parents) expect(verdictOf(report, parent), parent).toBe('derived')
  })

  it('are kept whatever the ranking said; whoever has no part in the mixture is not', async () => {
    const parents = ['sft1', 'cpt1', 's1'] as const
    const merged = change.blend([held('sft1'), held('cpt1')], [0.4, 0.6])
    const { comparisons, merges = [] } = await audit(merged, parents)
    const ranked = comparisons.map((comparison) => ({
      ...comparison,
      components: comparison.components.map((entry) => ({
        ...entry,
        verdict: 'common_origin' as const,
      })),
    }))
    const kept = withParentsKept(ranked, comparisons, merges)
    const bodyOf = (index: number) =>
      kept[index]!.components.find(({ component }) => component === 'language_model')!.verdict
    expect([0, 1, 2].map(bodyOf)).toEqual(['derived', 'derived', 'common_origin'])
    // A fit that leaves much is no sum: children of one parent fit it by half.
    const loose = merges.map((merge) => ({ ...merge, gain: 0.5 }))
    expect(withParentsKept(ranked, comparisons, loose)).toEqual(ranked)
  })

  it('of a child whose layers moved are told from its grandparents', async () => {
    const rng = createRng('grandchild')
    const moved = change.pickLayers(held('cpt1'), [2, 0, 1])
    const tensors = Object.entries(moved.tensors).map(
      ([name, tensor]) => [name, change.noisy(tensor, 0.2, rng.fork(name))] as const,
    )
    const child = { ...moved, tensors: Object.fromEntries(tensors) }
    const report = await audit(child, ['s1', 'cpt1'])
    expect(verdictOf(report, 'cpt1')).toBe('derived')
    expect(verdictOf(report, 's1')).toBe('common_origin')
  })
})

describe('what is not a merge', () => {
  it.each([
    ['a child with its parent and a sibling', 'sft1', ['s1', 'cpt1']],
    ['a child with parent, sibling and a light variant', 'sft1b', ['s1', 'sft1', 'cpt1']],
    ['a further trained model with the base of its base', 'cpt1', ['s1', 'lora1']],
  ] as const)('%s', async (_, candidate, references) => {
    const report = await audit(held(candidate), references)
    expect(report.verdict).toBe('derived')
    expect(bodyMerge(report)).toBeUndefined()
  })

  it('an independent model with many references', async () => {
    const report = await audit(held('s2'), ['s1', 'sft1', 'cpt1'])
    expect(report.merges).toBeUndefined()
  })
})

const rng = createRng('fit')
const draw = () => Float32Array.from({ length: 400 }, () => rng.nextNormal())

describe('fitSlerp', () => {
  const [a, common] = [draw(), draw()]
  const b = draw().map((x, i) => x + a[i]! + common[i]!)
  const arcOf = (first: number, second: number) => {
    const y = a.map((x, i) => first * x + second * b[i]!)
    return fitSlerp(
      pairsOf(
        y,
        new Map([
          [0, a],
          [1, b],
        ]),
      )(0, 1)!,
    )
  }

  it.each([0.1, 0.4, 0.5, 0.9])('gives place and angle back from weights: %f', (t) => {
    for (const angle of [0.2, 0.9, 1.5, 2.5]) {
      const found = arcOf(
        Math.sin((1 - t) * angle) / Math.sin(angle),
        Math.sin(t * angle) / Math.sin(angle),
      )!
      expect(found.t).toBeCloseTo(t, 4)
      expect(found.angle).toBeCloseTo(angle, 4)
      expect(found.residual).toBeLessThan(1e-9)
    }
  })

  it('finds no arc behind a sum, a scaled sum or a difference', () => {
    expect(arcOf(0.6, 0.4)?.angle ?? 0).toBeLessThan(0.01)
    expect(arcOf(0.5, 0.4)).toBeNull()
    expect(arcOf(1.2, -0.2)).toBeNull()
  })
})

describe('fitMerge', () => {
  it('recovers any weights that add up to one', () => {
    const parents = [draw(), draw(), draw()]
    const weights = [0.2, -0.3, 1.1]
    const y = parents[0]!.map((_, i) => weights.reduce((sum, w, k) => sum + w * parents[k]![i]!, 0))
    const fit = fitMerge(mergeSums(y, parents))!
    fit.weights.forEach((w, k) => {
      expect(w).toBeCloseTo(weights[k]!, 5)
    })
    expect(fit.collinearity).toBeGreaterThan(0.3)
  })

  it('does not exist between equal parents', () => {
    const x = draw()
    expect(fitMerge(mergeSums(draw(), [x, x.slice()]))).toBeNull()
  })
})
