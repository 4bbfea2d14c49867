import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { renderAudit } from '../../packages/core/src/render/terminal.ts'
import { compareByName, componentOf, MODELS } from './models.ts'
import * as change from './transforms.ts'

// Which of two dependent models is the later one: every basis in both directions, and the case in
// which nothing tells. All models are simulated.

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 's2', 'sft1', 'sft1b', 'cpt1']) {
    models.set(name, await change.load(name))
  }
})
const held = (name: string) => models.get(name)!
const source = (id: string, model: change.Loaded): TensorSource => change.asSource(id, model)

const audit = (
  candidate: readonly [string, change.Loaded],
  references: readonly (readonly [string, change.Loaded])[],
) =>
  runAudit(
    source(...candidate),
    references.map((one) => async () => source(...one)),
  )

async function directionOf(candidate: change.Loaded, reference: change.Loaded, part: string) {
  const comparison = await compareModels(
    source('candidate', candidate),
    source('reference', reference),
  )
  return componentOf(comparison, part).direction
}

const BODY = 'language_model'
const both = async (child: change.Loaded, parent: change.Loaded, part = BODY) => [
  await directionOf(child, parent, part),
  await directionOf(parent, child, part),
]

const shown = (code: string, tier: string, toward: string) => ({
  toward,
  basis: [{ code, toward, tier }],
})

describe('structure', () => {
  it.each(['s1-int8', 's1-int4'])('%s is rounded, s1 is not', async (rounded) => {
    const forward = componentOf(await compareByName(rounded, 's1'), BODY)
    const backward = componentOf(await compareByName('s1', rounded), BODY)
    expect(forward.verdict).toBe('reencoded')
    expect(forward.direction).toEqual(shown('rounded_values', 'empirical', 'candidate'))
    expect(backward.verdict).toBe('reencoded')
    expect(backward.direction).toEqual(shown('rounded_values', 'empirical', 'reference'))
    expect(backward.reasons[0]!.code).toMatch(/^reference_/)
  })

  it('a form that holds the values of the other tells nothing', async () => {
    for (const pair of [
      ['s1-f16', 's1'],
      ['s1', 's1-f16'],
    ] as const) {
      const [candidate, reference] = pair
      const body = componentOf(await compareByName(candidate, reference), BODY)
      expect(body).toMatchObject({ verdict: 'reencoded', direction: { toward: 'unknown' } })
    }
  })

  it('float32 rounded to bfloat16 cannot be the origin of the finer values', async () => {
    const finer = Object.fromEntries(
      Object.entries(held('s1').tensors).map(([name, { shape, values }]) => {
        const rng = createRng(name)
        return [name, { shape, values: values.map((x) => x * (1 + 1e-3 * rng.nextFloat())) }]
      }),
    )
    const asBf16 = await openCheckpoint(join(MODELS, 's1'))
    const [forward, backward] = [
      await compareModels(asBf16, source('finer', { ...held('s1'), tensors: finer })),
      await compareModels(source('finer', { ...held('s1'), tensors: finer }), asBf16),
    ]
    expect(componentOf(forward, BODY).direction!.toward).toBe('candidate')
    expect(componentOf(backward, BODY).direction!.toward).toBe('reference')
    await asBf16.close()
  })

  it('doubled layers are copies of single ones', async () => {
    const longer = change.pickLayers(held('cpt1'), [0, 1, 1, 2, 2])
    for (const part of [BODY, 'embeddings']) {
      const [forward, backward] = await both(longer, held('s1'), part)
      expect(forward).toEqual(shown('layers_doubled', 'empirical', 'candidate'))
      expect(backward).toEqual(shown('layers_doubled', 'empirical', 'reference'))
    }
  })

  it('experts were a dense MLP', async () => {
    const mixture = change.upcycle(4, 0.1)(held('sft1'), createRng('experts'))
    expect(await directionOf(mixture, held('s1'), BODY)).toEqual(
      shown('experts_copied', 'empirical', 'candidate'),
    )
  })

  it('a sum of two references is later than both', async () => {
    const merged = change.blend([held('sft1'), held('cpt1')], [0.6, 0.4])
    const report = await audit(
      ['merged', merged],
      [
        ['sft1', held('sft1')],
        ['cpt1', held('cpt1')],
      ],
    )
    const body = report.components.find(({ component }) => component === BODY)!
    expect(body.direction).toEqual(shown('mixture', 'empirical', 'candidate'))
    expect(report.criteria.technical.reasons[0]!.code).toBe('component_descends')
  })

  it('a common parent of two references is no sum of them', async () => {
    const report = await audit(
      ['s1', held('s1')],
      [
        ['sft1', held('sft1')],
        ['sft1b', held('sft1b')],
      ],
    )
    const body = report.components.find(({ component }) => component === BODY)!
    expect(body.direction).toEqual({ toward: 'unknown', basis: [] })
  })
})

describe('sizes suggest, and decide nothing', () => {
  it('fewer layers', async () => {
    const shorter = change.pickLayers(held('sft1'), [0, 2])
    const [forward, backward] = await both(shorter, held('s1'))
    expect(forward).toEqual(shown('layers_dropped', 'descriptive', 'candidate'))
    expect(backward).toEqual(shown('layers_dropped', 'descriptive', 'reference'))
  })

  it('fewer units', async () => {
    const narrower = change.pruneUnits(48)(held('sft1'), createRng('prune'))
    const [forward, backward] = await both(narrower, held('s1'))
    expect(forward!.basis).toContainEqual(shown('widths_cut', 'descriptive', 'candidate').basis[0])
    expect(backward!.basis).toContainEqual(shown('widths_cut', 'descriptive', 'reference').basis[0])
  })

  it('more tokens', async () => {
    const [forward, backward] = [
      await compareByName('s1-vocab', 's1'),
      await compareByName('s1', 's1-vocab'),
    ].map((comparison) => componentOf(comparison, 'embeddings').direction)
    expect(forward).toEqual(shown('vocabulary_extended', 'descriptive', 'candidate'))
    expect(backward).toEqual(shown('vocabulary_extended', 'descriptive', 'reference'))
  })

  it('a reference that looks cut from the candidate does not excuse the candidate', async () => {
    // Two layers of s1 with a third of another model between them: longer than s1 without one.
    const shorter = change.pickLayers(held('s1'), [0, 2])
    const longer = change.graft(held('sft1'), held('s2'), (name) => /layers\.1\./.test(name))
    const report = await audit(['longer', longer], [['shorter', shorter]])
    expect(report.criteria.technical.outcome).toBe('not_met')
    expect(report.criteria.technical.reasons[0]!.code).toBe('component_shares_weights')
  })
})

describe('cards', () => {
  const withCard = (model: change.Loaded, base: string): change.Loaded => ({
    ...model,
    texts: new Map([...model.texts, ['README.md', `---\nbase_model: ${base}\n---\n`]]),
  })

  it('that name the other model say who is later, descriptively', async () => {
    const report = await audit(
      ['team/child', withCard(held('sft1'), 'team/parent')],
      [['team/parent', held('s1')]],
    )
    expect(report.components[0]!.direction).toEqual(
      shown('named_base_model', 'descriptive', 'candidate'),
    )
    const parent = await audit(
      ['team/parent', held('s1')],
      [['team/child', withCard(held('sft1'), 'team/parent')]],
    )
    expect(parent.components[0]!.direction).toEqual(
      shown('named_base_model', 'descriptive', 'reference'),
    )
    expect(parent.criteria.technical.outcome).toBe('not_met')
  })

  it('that name each other tell nothing', async () => {
    const [a, b] = [withCard(held('sft1'), 'b/b'), withCard(held('s1'), 'a/a')]
    const report = await audit(['a/a', a], [['b/b', b]])
    expect(report.components[0]!.direction!.toward).toBe('unknown')
  })
})

describe('a parent compared with its children', () => {
  it('is not accused: the direction is unknown, and the words say so', async () => {
    const report = await audit(
      ['s1', held('s1')],
      [
        ['sft1', held('sft1')],
        ['cpt1', held('cpt1')],
      ],
    )
    expect(report.verdict).toBe('derived')
    expect(report.criteria.technical.outcome).toBe('not_met')
    const body = report.components.find(({ component }) => component === BODY)!
    expect(body.direction).toEqual({ toward: 'unknown', basis: [] })
    const codes = report.criteria.technical.reasons.map(({ code }) => code)
    expect(codes).toContain('component_shares_weights')
    expect(codes).not.toContain('component_descends')
    const text = (language: 'ko' | 'en') =>
      renderAudit(report, { language, color: false, width: 100 }).replace(/\s+/g, ' ')
    expect(text('en')).toContain('The weights do not tell which came first')
    expect(text('ko')).toContain('어느 쪽이 먼저인지는 가중치로 알 수 없으므로')
  })

  it('is not failed by a rounded copy of itself, nor acquitted', async () => {
    const { toInt4 } = change
    const report = await audit(
      ['s1', held('s1')],
      [['rounded', toInt4(held('s1'), createRng('int4'))]],
    )
    expect(report.verdict).toBe('reencoded')
    expect(report.criteria.technical.outcome).toBe('not_determinable')
    expect(report.criteria.technical.reasons[0]!.code).toBe('component_continued_by')
  })

  it('does not hide behind a rounded copy of itself', async () => {
    const report = await audit(
      ['cpt1', held('cpt1')],
      [
        ['rounded', change.toInt4(held('cpt1'), createRng('int4'))],
        ['s1', held('s1')],
      ],
    )
    const body = report.components.find(({ component }) => component === BODY)!
    expect(body.reference).toBe('s1')
    expect(report.criteria.technical.outcome).toBe('not_met')
  })
})

describe('what has no direction', () => {
  it('independent models, and twins of one start', async () => {
    for (const [candidate, reference] of [
      ['s2', 's1'],
      ['same1', 's1'],
    ] as const) {
      const comparison = await compareByName(candidate, reference)
      for (const { direction } of comparison.components) expect(direction).toBeUndefined()
    }
  })
})
