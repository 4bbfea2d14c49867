import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { Comparison, TestResult } from '../../packages/core/src/audit/result.ts'
import {
  type Cohort,
  conformalLog10P,
} from '../../packages/core/src/audit/technical/robust/conformal.ts'
import { SIMULATED_COHORT } from '../../packages/core/src/audit/technical/robust/simulated-cohort.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { kolmogorovSmirnov } from '../../packages/core/src/stats/uniformity.ts'
import { componentOf, MODELS, subModel } from './models.ts'
import { randomisedP } from './randomised-p.ts'
import * as change from './transforms.ts'

// Every symmetry used at once: no exact test can see such a copy. What remains is empirical, ranked
// among known independents. All models are simulated.

const EVERYTHING = change.allOf(
  change.permuteUnits,
  change.flipUnits,
  change.scaleUnits,
  change.scrambleValues,
  change.permuteResidual,
  change.rotateResidual,
)

const HIDDEN: Record<string, change.Transform> = {
  'order, signs, scales, values, rotation with new norms': EVERYTHING,
  'the same after rounding to 4 bits': change.allOf(EVERYTHING, change.toInt4),
  'the same on axes reordered and negated': change.allOf(
    change.permuteUnits,
    change.flipUnits,
    change.scaleUnits,
    change.scrambleValues,
    change.permuteResidual,
  ),
}

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 'sft1', 'cpt1', 's2', 's3', 'd9']) {
    models.set(name, await change.load(name))
  }
})
const held = (name: string) => models.get(name)!

const bodyOf = async (candidate: change.Loaded, options: { cohort?: Cohort } = {}) =>
  componentOf(
    await compareModels(
      change.asSource('candidate', candidate),
      change.asSource('reference', held('s1')),
      options,
    ),
    'language_model',
  )

describe('a copy behind every symmetry at once', () => {
  it.each(Object.entries(HIDDEN))(
    'is recovered, replayed and not called exact: %s',
    async (name, hide) => {
      for (const child of ['sft1', 'cpt1']) {
        const body = await bodyOf(hide(held(child), createRng(name)))
        expect(body.verdict, child).toBe('derived_obfuscated')
        expect(body.tier).toBe('empirical')
        expect(body.log10P ?? 0).toBeGreaterThan(-9)
        expect(body.reasons[0]!.code).toBe('robust_replays')
        expect(body.transform!.heldOut!.correlation).toBeGreaterThan(0.5)
        const agreement = body.tests.find(({ test }) => test === 'robust_agreement')!
        expect(agreement.tier).toBe('empirical')
        expect(agreement.log10P).toBeCloseTo(-Math.log10(SIMULATED_COHORT.scores.length + 1), 9)
      }
    },
  )

  it.each(Object.entries(HIDDEN))('that is a stranger stays one: %s', async (name, hide) => {
    for (const stranger of ['s2', 's3', 'd9']) {
      const body = await bodyOf(hide(held(stranger), createRng(name)))
      expect(body.verdict, stranger).toBe('no_evidence')
    }
  })

  it('needs its own cohort: among models that score as high nothing is claimed', async () => {
    const crowded = { name: 'crowded', isSimulated: true, scores: [0, 1, 96] }
    const body = await bodyOf(EVERYTHING(held('sft1'), createRng('crowd')), { cohort: crowded })
    expect(body.verdict).toBe('no_evidence')
  })
})

describe('a model that looks re-parameterised', () => {
  const signs = (component: { readonly reasons: readonly { code: string; values: object }[] }) =>
    component.reasons.flatMap((note) =>
      note.code === 'looks_reparameterised' ? [note.values] : [],
    )

  it('by norms that are all one where the reference trains them', async () => {
    const body = await bodyOf(change.foldNorms(held('s2'), createRng('fold')))
    expect(signs(body)).toEqual([{ sign: 'norms_constant' }])
    expect(body.verdict).toBe('no_evidence')
    expect(signs(await bodyOf(held('s2')))).toEqual([])
  })

  it('by axes that are mixed where the reference has privileged ones', async () => {
    // Large trained models have a few axes of great size; these small ones are given some.
    const embed = 'model.embed_tokens.weight'
    const outliers = (model: change.Loaded): change.Loaded => ({
      ...model,
      tensors: {
        ...model.tensors,
        [embed]: change.rearranged(model.tensors[embed]!, {
          colFactors: Array.from({ length: 48 }, (_, j) => (j % 24 === 3 ? 9 : 1)),
        }),
      },
    })
    const against = async (candidate: change.Loaded) =>
      componentOf(
        await compareModels(
          change.asSource('candidate', candidate),
          change.asSource('reference', outliers(held('s1'))),
        ),
        'embeddings',
      )
    const rotated = change.rotateResidual(outliers(held('s2')), createRng('mix'))
    expect(signs(await against(rotated))).toEqual([{ sign: 'axes_isotropic' }])
    expect(signs(await against(outliers(held('s2'))))).toEqual([])
  })
})

describe('conformal p-values', () => {
  const cohort = { name: 'three', isSimulated: true, scores: [0, 1, 2] }

  it('count the cohort at or above the score, and never fall below 1/(n + 1)', () => {
    expect(conformalLog10P(3, cohort)).toBeCloseTo(Math.log10(1 / 4), 12)
    expect(conformalLog10P(2, cohort)).toBeCloseTo(Math.log10(2 / 4), 12)
    expect(conformalLog10P(-1, cohort)).toBe(0)
    expect(conformalLog10P(1e9, cohort)).toBeCloseTo(Math.log10(1 / 4), 12)
  })

  it('of an empty cohort are one', () => {
    expect(conformalLog10P(5, { ...cohort, scores: [] })).toBeCloseTo(0, 12)
  })
})

describe('210 disjoint pairs of independent models', () => {
  const FOLDER = join(MODELS, 'calibration')
  const comparisons: Comparison[] = []
  beforeAll(async () => {
    const config = JSON.parse(readFileSync(join(FOLDER, 'swiglu-config.json'), 'utf8'))
    for (let file = 0; file < 7; file++) {
      const source = await openCheckpoint(join(FOLDER, `swiglu-0${file}.safetensors`))
      const prefixes = [
        ...new Set(source.checkpoint.tensors.map((t) => `${t.name.split('.')[0]}.`)),
      ]
      for (let pair = 0; pair + 1 < prefixes.length; pair += 2) {
        comparisons.push(
          await compareModels(
            subModel(source, prefixes[pair]!, config),
            subModel(source, prefixes[pair + 1]!, config),
          ),
        )
      }
      await source.close()
    }
  }, 240_000)

  const testsOf = (comparison: Comparison): readonly TestResult[] =>
    componentOf(comparison, 'language_model').tests

  it('raise no alarm', () => {
    expect(comparisons).toHaveLength(210)
    for (const comparison of comparisons) {
      expect(componentOf(comparison, 'language_model').verdict).toBe('no_evidence')
    }
  })

  const families = ['aligned_up', 'aligned_value'].flatMap((test) =>
    ['identity', 'signed_permutation', 'rotation'].map((alignment) => [test, alignment] as const),
  )

  it.each(families)('%s under %s: signs behind the alignment are fair coins', (test, alignment) => {
    const rng = createRng('aligned null').fork(`${test}/${alignment}`)
    const results = comparisons.flatMap((comparison) =>
      testsOf(comparison).filter(
        (entry) =>
          entry.test === test &&
          entry.notes.some(({ values }) => values['alignment'] === alignment),
      ),
    )
    expect(results).toHaveLength(210)
    const scores = results.map((r) => ((r.statistic ?? 0) - r.n / 2) / Math.sqrt(r.n / 4))
    const mean = scores.reduce((sum, z) => sum + z, 0) / scores.length
    const variance = scores.reduce((sum, z) => sum + z * z, 0) / scores.length
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(210))
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 210))
    const uniform = results.map((r) => randomisedP(r.statistic ?? 0, r.n, rng.nextFloat()))
    expect(kolmogorovSmirnov(uniform).log10P).toBeGreaterThan(-3)
    for (const level of [0.1, 0.01]) {
      const below = results.filter((r) => (r.log10P ?? 0) <= Math.log10(level)).length
      expect(below).toBeLessThan(level * 210 + 4 * Math.sqrt(level * 210))
    }
  })

  const scores = () =>
    comparisons.map((comparison) => {
      const found = testsOf(comparison).find(({ test }) => test === 'robust_agreement')
      return (found?.statistic ?? Number.NaN) / 2
    })

  it('give the scores that the shipped cohort holds', () => {
    const first = scores().slice(0, 150)
    expect(first.sort((x, y) => x - y)).toEqual(SIMULATED_COHORT.scores)
  })

  it('rank evenly among the cohort: no conformal p-value is too small too often', () => {
    const p = scores()
      .slice(150)
      .map((score) => 10 ** conformalLog10P(score, SIMULATED_COHORT))
    expect(p).toHaveLength(60)
    for (const level of [0.5, 0.3, 0.1, 0.05]) {
      const below = p.filter((value) => value <= level).length
      expect(below, `p ≤ ${level}`).toBeLessThanOrEqual(60 * level + 4 * Math.sqrt(60 * level))
    }
  })
})
