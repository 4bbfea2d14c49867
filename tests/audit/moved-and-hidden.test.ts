import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { ComponentComparison } from '../../packages/core/src/audit/result.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { structureTexts } from '../../packages/core/src/render/structure/structure-texts.ts'
import * as heads from './head-tricks.ts'
import { pickLayers } from './layer-order.ts'
import { componentOf } from './models.ts'
import * as change from './transforms.ts'
import { everySymmetry } from './unit-tricks.ts'

// Every symmetry used at once, and the layers, experts or widths changed besides. Empirical: nothing
// of this is exact. All models are simulated.

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 'sft1', 'cpt1', 's2', 'moe-own1', 'moe-own2']) {
    models.set(name, await change.load(name))
  }
})
const held = (name: string) => models.get(name)!

async function bodyOf(candidate: change.Loaded, reference: change.Loaded) {
  const sources = [change.asSource('candidate', candidate), change.asSource('reference', reference)]
  const comparison = await compareModels(...(sources as [never, never]))
  return componentOf(comparison, 'language_model')
}

const placesOf = ({ transform }: ComponentComparison) =>
  transform!.layers.map(({ candidate, expert, reference, referenceExpert }) =>
    expert === undefined
      ? `${candidate}→${reference}`
      : `${candidate}.${expert}→${reference}.${referenceExpert ?? 'dense'}`,
  )

function expectRecovered(body: ComponentComparison, places: readonly string[]): void {
  expect([body.verdict, body.tier]).toEqual(['derived_obfuscated', 'empirical'])
  expect(placesOf(body)).toEqual(places)
  expect(body.log10P ?? 0).toBeGreaterThan(-9)
  const said = body.reasons.find(({ code }) => code === 'robust_cohort_simulated')
  expect(said?.values).toEqual({ families: 150, layers: 2, units: 48 })
}

describe.each([
  ['dropped', [0, 2], '0 → 0, 1 → 2'],
  ['reordered', [2, 0, 1], '0 → 2, 1–2 → 0–1'],
  ['doubled', [0, 1, 1, 2, 0], '0–1 → 0–1, 2–3 → 1–2, 4 → 0'],
] as const)('layers %s behind every symmetry', (name, order, text) => {
  const places = order.map((from, to) => `${to}→${from}`)
  it.each(['sft1', 'cpt1'])('of %s are found at their places, rounded or not', async (child) => {
    const hide = change.allOf(pickLayers(order), everySymmetry)
    const body = await bodyOf(hide(held(child), createRng(name)), held('s1'))
    expectRecovered(body, places)
    expect(structureTexts(body, 'en')[0]).toBe(`Layers (candidate → reference): ${text}.`)
    const rounded = change.toInt4(hide(held(child), createRng(name)), createRng(''))
    expectRecovered(await bodyOf(rounded, held('s1')), places)
  })

  it('of a stranger are not', async () => {
    const hide = change.allOf(pickLayers(order), everySymmetry)
    const body = await bodyOf(hide(held('s2'), createRng(name)), held('s1'))
    expect(body.verdict).toBe('no_evidence')
  })
})

it('a reference that doubled its own layers hides nothing', async () => {
  const hidden = everySymmetry(held('cpt1'), createRng('doubled'))
  const deeper = pickLayers([0, 1, 1, 2, 2, 0])(held('s1'), createRng(''))
  expectRecovered(await bodyOf(hidden, deeper), ['0→0', '1→1', '2→3'])
})

describe('axes dropped and the rest rotated', () => {
  const narrower = (keep: number) =>
    change.allOf(change.pruneUnits(64), change.pruneResidual(keep), everySymmetry)

  it.each([
    ['sft1', 24],
    ['sft1', 36],
    ['cpt1', 24],
    ['cpt1', 36],
  ] as const)('%s, %i of 48 axes: exactly, and behind every symmetry', async (child, keep) => {
    const turn = change.allOf(change.pruneResidual(keep), change.rotateResidual)
    const turned = await bodyOf(turn(held(child), createRng('turn')), held('s1'))
    expect([turned.verdict, turned.tier]).toEqual(['derived', 'exact'])
    expect(turned.log10P).toBeLessThan(-9)
    expect(turned.transform!.residual).toMatchObject({ kind: 'rotation', matched: keep, of: 48 })
    const body = await bodyOf(narrower(keep)(held(child), createRng('narrow')), held('s1'))
    expectRecovered(body, ['0→0', '1→1', '2→2'])
  })

  it('the other way round, against a narrower reference', async () => {
    const narrow = change.allOf(change.pruneUnits(64), change.pruneResidual(36))
    const reference = narrow(held('cpt1'), createRng('narrow'))
    const body = await bodyOf(everySymmetry(held('s1'), createRng('wide')), reference)
    expectRecovered(body, ['0→0', '1→1', '2→2'])
    expect(body.transform!.residual).toMatchObject({ matched: 36, of: 36 })
  })

  it('of a stranger shows nothing', async () => {
    const body = await bodyOf(narrower(36)(held('s2'), createRng('narrow')), held('s1'))
    expect(body.verdict).toBe('not_testable')
    expect(body.reasons.map(({ code }) => code)).not.toContain('robust_unconfirmed')
  })

  it('where a large axis was dropped, it is not taken for the others', async () => {
    const embed = 'model.embed_tokens.weight'
    const withLargeAxis = (model: change.Loaded): change.Loaded => ({
      ...model,
      tensors: {
        ...model.tensors,
        [embed]: change.rearranged(model.tensors[embed]!, {
          colFactors: Array.from({ length: 48 }, (_, j) => (j % 12 === 3 ? 9 : 1)),
        }),
      },
    })
    const hide = change.allOf(change.pruneResidual(36), everySymmetry)
    const hidden = hide(withLargeAxis(held('sft1')), createRng('large'))
    expectRecovered(await bodyOf(hidden, withLargeAxis(held('s1'))), ['0→0', '1→1', '2→2'])
  })
})

describe('experts behind every symmetry', () => {
  it('made from dense MLPs of other layers are traced', async () => {
    const hide = change.allOf(pickLayers([1, 2, 0]), everySymmetry, change.upcycle(2, 0.3))
    const body = await bodyOf(hide(held('cpt1'), createRng('upcycled')), held('s1'))
    const places = [1, 2, 0].flatMap((from, to) =>
      [0, 1].map((expert) => `${to}.${expert}→${from}.dense`),
    )
    expectRecovered(body, places)
    const stranger = await bodyOf(hide(held('s2'), createRng('upcycled')), held('s1'))
    expect(stranger.verdict).toBe('no_evidence')
  })

  it('of another mixture are traced, router and all', async () => {
    const noise: change.Transform = (model, rng) => ({
      ...model,
      tensors: Object.fromEntries(
        Object.entries(model.tensors).map(([name, tensor]) => [
          name,
          change.noisy(tensor, 0.3, rng.fork(name)),
        ]),
      ),
    })
    const hide = change.allOf(
      noise,
      heads.permuteExperts,
      heads.scrambleExperts,
      heads.mixValues,
      heads.turnKeys,
    )
    const body = await bodyOf(hide(held('moe-own1'), createRng('experts')), held('moe-own1'))
    expect([body.verdict, body.tier]).toEqual(['derived_obfuscated', 'empirical'])
    expect(body.transform!.layers).toHaveLength(8)
    for (const { candidate, reference, matched, of } of body.transform!.layers) {
      expect([reference, matched]).toEqual([candidate, of])
    }
    const stranger = await bodyOf(hide(held('moe-own2'), createRng('experts')), held('moe-own1'))
    expect(stranger.verdict).toBe('no_evidence')
  })
})

describe('attention mixed inside its heads', () => {
  const tricks = { values: heads.mixValues, keys: heads.turnKeys, heads: heads.permuteHeads }

  it.each(Object.entries(tricks))('keeps the function: %s', (name, trick) => {
    const tokens = [3, 9, 27, 81]
    const before = change.logits(held('cpt1'), tokens)
    const after = change.logits(trick(held('cpt1'), createRng(name)), tokens)
    for (const [at, x] of before.entries()) expect(after[at]).toBeCloseTo(x, 3)
  })

  it('does not hide the MLPs beside it', async () => {
    const all = change.allOf(...Object.values(tricks))
    const body = await bodyOf(all(held('cpt1'), createRng('all')), held('s1'))
    expect([body.verdict, body.tier]).toEqual(['derived', 'exact'])
    const hidden = change.allOf(all, everySymmetry)(held('cpt1'), createRng('all'))
    expectRecovered(await bodyOf(hidden, held('s1')), ['0→0', '1→1', '2→2'])
  })

  const alone = (model: change.Loaded) =>
    change.graft(held('s2'), model, (name) => /self_attn|input_layernorm/.test(name))

  it.each([
    ['keys', 'derived'],
    ['heads', 'derived_obfuscated'],
  ] as const)('taken alone it still shows: %s', async (name, verdict) => {
    const body = await bodyOf(tricks[name](alone(held('cpt1')), createRng(name)), held('s1'))
    expect([body.verdict, body.tier]).toEqual([verdict, 'exact'])
  })

  it('taken alone with its values mixed it does not, and the report says so', async () => {
    const hidden = change.allOf(tricks.values, tricks.keys)(alone(held('cpt1')), createRng('both'))
    const body = await bodyOf(hidden, held('s1'))
    expect(body.verdict).toBe('no_evidence')
    expect(body.reasons).toContainEqual({
      code: 'limit_excludes',
      values: { excluded: 'beyond_alignment' },
    })
  })
})
