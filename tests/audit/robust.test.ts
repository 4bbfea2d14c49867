import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { SIMULATED_COHORT } from '../../packages/core/src/audit/technical/robust/cohorts.ts'
import {
  type Cohort,
  conformalLog10P,
} from '../../packages/core/src/audit/technical/robust/conformal.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { compareByName, componentOf } from './models.ts'
import { hideTower } from './tower-tricks.ts'
import * as change from './transforms.ts'
import { addIdleUnit, everySymmetry, plantTwins, rescaleOneUnit } from './unit-tricks.ts'

// Every symmetry used at once: no exact test can see such a copy. What remains is empirical, ranked
// among known independents. All models are simulated.

const HIDDEN: Record<string, change.Transform> = {
  'order, signs, scales, values, rotation with new norms': everySymmetry,
  'the same after rounding to 4 bits': change.allOf(everySymmetry, change.toInt4),
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

/** Pairs of one layer with 96 units, of which so many agree. */
const cohortOf = (name: string, agreeing: readonly number[]): Cohort => ({
  name,
  isSimulated: true,
  pairs: agreeing.map((count) => [{ units: 96, counts: [count] }]),
})

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
        expect(agreement.log10P).toBeCloseTo(-Math.log10(SIMULATED_COHORT.pairs.length + 1), 9)
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
    const crowded = cohortOf('crowded', [0, 1, 96])
    const body = await bodyOf(everySymmetry(held('sft1'), createRng('crowd')), { cohort: crowded })
    expect(body.verdict).toBe('no_evidence')
  })
})

describe('single units', () => {
  const TRICKS: Record<string, change.Transform> = {
    'one unit a hundred times longer': rescaleOneUnit(100),
    'one unit ten thousand times longer': rescaleOneUnit(1e4),
    'one unit a hundred million times longer': rescaleOneUnit(1e8),
    'one unit longer by more than whole numbers are exact': rescaleOneUnit(1e-17),
    'an idle unit with a long gate': addIdleUnit(1e3),
    'an idle unit with a very long gate': addIdleUnit(1e7),
  }
  it.each(Object.entries(TRICKS))('do not decide how all are seen: %s', async (name, trick) => {
    const hide = change.allOf(trick, everySymmetry)
    for (const child of ['sft1', 'cpt1']) {
      const body = await bodyOf(hide(held(child), createRng(name)))
      expect(body.verdict, child).toBe('derived_obfuscated')
      expect(body.tier).toBe('empirical')
      const agreement = body.tests.find(({ test }) => test === 'robust_agreement')!
      expect(agreement.statistic).toBeGreaterThan(280)
    }
    expect((await bodyOf(hide(held('s2'), createRng(name)))).verdict).toBe('no_evidence')
  })

  it('nor whether gates can be matched behind an exact alignment', async () => {
    const hide = change.allOf(addIdleUnit(1e7), change.permuteUnits, change.rotateResidual)
    const body = await bodyOf(hide(held('cpt1'), createRng('idle')))
    expect(body.verdict).toBe('derived')
    expect(body.reasons[0]!.values['test']).toBe('aligned_up')
    expect(body.log10P).toBeLessThan(-80)
  })

  it.each([0.05, 0.08, 0.15])(
    'alike in %f of an independent model accuse nobody',
    async (share) => {
      const body = await bodyOf(plantTwins(held('s2'), held('s1'), share))
      const agreement = body.tests.find(({ test }) => test === 'robust_agreement')!
      expect(agreement.statistic).toBeGreaterThanOrEqual(12)
      expect(agreement.log10P).toBeCloseTo(-Math.log10(SIMULATED_COHORT.pairs.length + 1), 9)
      expect(body.verdict).toBe('no_evidence')
      expect(body.reasons).toContainEqual({
        code: 'robust_few_units',
        values: { agreeing: agreement.statistic, units: 288 },
      })
    },
  )
})

describe('where the robust tier has nothing to say, the report says so', () => {
  const whyOf = async (names: readonly [string, string], component: string) =>
    componentOf(await compareByName(...names), component).reasons.flatMap((note) =>
      note.code === 'robust_not_tried' ? [note.values['why']] : [],
    )

  it.each([
    [['gpt2-b', 'gpt2-a'], 'language_model', 'no_gated_mlp'],
    [['vlm-honest', 'vlm-donor'], 'vision_encoder', 'no_gated_mlp'],
  ] as const)('%s, %s: %s', async (names, component, why) => {
    expect(await whyOf(names, component)).toEqual([why])
  })

  it('two models without tokens in common', async () => {
    const named = (prefix: string, model: change.Loaded): change.Loaded => {
      const vocab = Object.fromEntries(Array.from({ length: 256 }, (_, i) => [prefix + i, i]))
      const text = JSON.stringify({ model: { type: 'BPE', vocab, merges: [] } })
      return { ...model, texts: new Map([['tokenizer.json', text]]) }
    }
    const comparison = await compareModels(
      change.asSource('candidate', named('a', held('s2'))),
      change.asSource('reference', named('b', held('s1'))),
    )
    const { reasons } = componentOf(comparison, 'language_model')
    expect(reasons).toContainEqual({
      code: 'robust_not_tried',
      values: { why: 'no_tokens_in_common' },
    })
  })

  it('and does not where it was asked', async () => {
    for (const names of [
      ['s2', 's1'],
      ['moe-own2', 'moe-own1'],
    ] as const) {
      expect(await whyOf(names, 'language_model')).toEqual([])
    }
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
  const scores = [0, 1, 2]

  it('count the cohort at or above the score, and never fall below 1/(n + 1)', () => {
    expect(conformalLog10P(3, scores)).toBeCloseTo(Math.log10(1 / 4), 12)
    expect(conformalLog10P(2, scores)).toBeCloseTo(Math.log10(2 / 4), 12)
    expect(conformalLog10P(-1, scores)).toBe(0)
    expect(conformalLog10P(1e9, scores)).toBeCloseTo(Math.log10(1 / 4), 12)
  })

  it('of an empty cohort are one', () => {
    expect(conformalLog10P(5, [])).toBeCloseTo(0, 12)
  })
})

describe('a vision tower behind every symmetry', () => {
  const towerOf = async (candidate: change.Loaded) =>
    componentOf(
      await compareModels(
        change.asSource('candidate', candidate),
        change.asSource('reference', await change.load('qvl-donor')),
      ),
      'vision_encoder',
    )
  /** The hidden tower beside a body and a merger of the borrower's own. */
  const borrowed = async (name: string) => {
    const hidden = hideTower(await change.load(name), createRng(name))
    const isTower = (part: string) => part.startsWith('visual.') && !part.includes('merger')
    return change.graft(await change.load('qvl-honest'), hidden, isTower)
  }

  it('is recovered through its patch embedding, and ranked among towers', async () => {
    const tower = await towerOf(await borrowed('qvl-borrowed-tuned'))
    expect([tower.verdict, tower.tier]).toEqual(['derived_obfuscated', 'empirical'])
    expect(tower.transform!.heldOut!.correlation).toBeGreaterThan(0.9)
    const agreement = tower.tests.find(({ test }) => test === 'robust_agreement')!
    expect(agreement.statistic).toBeGreaterThan(180)
    const rounded = change.toInt4(await borrowed('qvl-borrowed-tuned'), createRng(''))
    expect((await towerOf(rounded)).verdict).toBe('derived_obfuscated')
  })

  it('that is a stranger stays one', async () => {
    const tower = await towerOf(await borrowed('qvl-honest'))
    expect(tower.verdict).toBe('no_evidence')
    expect(tower.tests.some(({ test }) => test === 'robust_agreement')).toBe(true)
  })

  it('accuses nobody below half of the units', async () => {
    const own = await change.load('qvl-honest')
    const hidden = hideTower(await change.load('qvl-borrowed-tuned'), createRng('half'))
    const isBorrowed = (part: string) => /patch_embed|blocks\.1\.(?:mlp|norm2)/.test(part)
    const tower = await towerOf(change.graft(own, hidden, isBorrowed))
    const agreement = tower.tests.find(({ test }) => test === 'robust_agreement')!
    expect(agreement.statistic).toBeGreaterThan(80)
    expect(tower.verdict).toBe('no_evidence')
    expect(tower.reasons.map(({ code }) => code)).toContain('robust_few_units')
  })
})
