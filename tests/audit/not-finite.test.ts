import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { fingerprintModel } from '../../packages/core/src/audit/registry/fingerprint-model.ts'
import type {
  Comparison,
  ComponentComparison,
  TestName,
  TestResult,
} from '../../packages/core/src/audit/result.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import {
  configOf,
  randomTransformer,
  SMALL_SHAPE,
} from '../../packages/core/src/audit/testing/random-transformer.ts'
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import { noteText } from '../../packages/core/src/render/messages/notes.ts'
import { plainText } from '../../packages/core/src/render/messages/template.ts'
import { kolmogorovSmirnov } from '../../packages/core/src/stats/uniformity.ts'
import { componentOf } from './models.ts'
import { randomisedP } from './randomised-p.ts'
import { allOf, asSource, type Loaded, load, permuteResidual, permuteUnits } from './transforms.ts'

// A model runs with NaN where nothing reads it, so a suspect must gain nothing by it: what is no
// number is left out and named, and the rest is tested as usual.

const EMBED = 'model.embed_tokens.weight'

/** The model with these values of each named tensor replaced; `where` is asked by row and column. */
function spoiled(
  model: Loaded,
  where: (tensor: string, row: number, col: number) => boolean,
  value = Number.NaN,
): Loaded {
  const tensors = Object.fromEntries(
    Object.entries(model.tensors).map(([name, { shape, values }]) => {
      const cols = shape[1] ?? 1
      const put = (old: number, i: number) =>
        where(name, Math.floor(i / cols), i % cols) ? value : old
      return [name, { shape, values: values.map(put) }]
    }),
  )
  return { ...model, tensors }
}

const lastToken = (tensor: string, row: number) => tensor === EMBED && row === 95

const models = Promise.all(['sft1', 's1', 's2'].map(load)).then(([suspect, reference, other]) => ({
  suspect: suspect as Loaded,
  reference: reference as Loaded,
  other: other as Loaded,
}))

const compare = (a: Loaded, b: Loaded): Promise<Comparison> =>
  compareModels(asSource('suspect', a), asSource('reference', b))

const noteOf = (component: ComponentComparison, code: string) =>
  component.reasons.find((reason) => reason.code === code)

const verdictsOf = ({ components }: Comparison) =>
  components.map(({ component, verdict }) => [component, verdict])

describe('values that are no numbers', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'in a row that nothing uses change no verdict, and the report names them: %d',
    async (value) => {
      const { suspect, reference } = await models
      const plain = await compare(suspect, reference)
      const found = await compare(spoiled(suspect, lastToken, value), reference)
      expect(verdictsOf(found)).toEqual(verdictsOf(plain))
      expect(found.verdict).toBe('derived')
      const note = noteOf(componentOf(found, 'embeddings'), 'not_finite')
      const rows = suspect.tensors[EMBED]?.shape[0] ?? 0
      expect(note?.values).toEqual({
        model: 'candidate',
        tensor: EMBED,
        row: 95,
        rows: 1,
        tensors: 1,
        share: expect.any(Number),
      })
      // Of all values that were read, those of the output table among them.
      expect(note?.values['share']).toBeGreaterThan(0)
      expect(note?.values['share']).toBeLessThanOrEqual(1 / rows)
      expect(plainText(noteText(note!, 'en'))).toContain(`row 95 of ${EMBED} (counted from 0)`)
      expect(noteOf(componentOf(found, 'language_model'), 'not_finite')).toBeUndefined()
    },
  )

  it('cost a single value each, so that one column of them hides nothing', async () => {
    const { suspect, reference } = await models
    const column = (tensor: string, _: number, col: number) =>
      tensor.endsWith('_proj.weight') && col === 7
    const found = componentOf(await compare(spoiled(suspect, column), reference), 'language_model')
    const plain = componentOf(await compare(suspect, reference), 'language_model')
    expect(found.verdict).toBe('derived')
    for (const name of ['sign_up', 'sign_value', 'sign_key']) {
      const [own, other] = [found, plain].map(({ tests }) =>
        tests.find(({ test, layer }) => test === name && layer === null),
      )
      expect(own?.n, name).toBe(other?.n)
      expect(own?.log10P, name).toBeLessThan(-9)
    }
  })

  it('hide nothing of a model whose units were reordered either', async () => {
    const { suspect, reference } = await models
    const hidden = allOf(permuteUnits, permuteResidual)(suspect, createRng('reordered'))
    const plain = await compare(hidden, reference)
    const found = await compare(
      spoiled(hidden, (_, row, col) => (row * 131 + col * 31) % 997 === 0),
      reference,
    )
    expect(componentOf(found, 'language_model').verdict).toBe(
      componentOf(plain, 'language_model').verdict,
    )
    expect(componentOf(plain, 'language_model').verdict).toBe('derived_obfuscated')
  })

  it('are content like any other: copies of a model with them are identical', async () => {
    const { reference, suspect } = await models
    const broken = spoiled(reference, lastToken)
    const same = await compare(broken, broken)
    expect(componentOf(same, 'embeddings').verdict).toBe('identical')
    expect(componentOf(same, 'embeddings').reasons.map(({ code }) => code)).toEqual([
      'all_blocks_identical',
      'not_finite',
      'not_finite',
      'direction_unknown',
    ])
    const other = await compare(broken, reference)
    expect(componentOf(other, 'embeddings').verdict).toBe('derived')
    expect(componentOf(other, 'language_model').verdict).toBe('identical')
    expect(noteOf(componentOf(await compare(suspect, broken), 'embeddings'), 'not_finite')).toEqual(
      expect.objectContaining({ values: expect.objectContaining({ model: 'reference' }) }),
    )
  })

  it('leave an honest model as silent as it was', async () => {
    const { other, reference } = await models
    const holes = (_: string, row: number, col: number) => (row * 131 + col * 31) % 997 === 0
    const found = await compare(spoiled(other, holes), spoiled(reference, holes))
    const plain = await compare(other, reference)
    expect(found.verdict).toBe('no_evidence')
    for (const { component, minDetectableCorrelation } of plain.components) {
      const own = componentOf(found, component).minDetectableCorrelation
      if (minDetectableCorrelation !== null) {
        expect((own ?? 1) / minDetectableCorrelation, component).toBeLessThan(1.2)
      }
    }
  })

  it('everywhere make a model not testable, with the reason', async () => {
    const { suspect, reference } = await models
    const empty = spoiled(suspect, () => true)
    const found = await compare(empty, reference)
    expect(found.verdict).toBe('not_testable')
    for (const name of ['language_model', 'embeddings']) {
      const component = componentOf(found, name)
      expect(component.verdict, name).toBe('not_testable')
      expect(component.reasons.map(({ code }) => code)).toEqual(['no_finite_weights'])
      expect(component.reasons[0]?.values).toMatchObject({ model: 'candidate', share: 1, row: 0 })
    }
    const report = await runAudit(asSource('suspect', empty), [
      async () => asSource('reference', reference),
    ])
    expect(report.criteria.technical.outcome).toBe('not_determinable')
    const why = report.criteria.technical.reasons.map(({ values }) => values['why'])
    expect(why).toContain('no_finite_weights')
  })

  it('leave the fingerprint of a suspect searchable, and a registry without them', async () => {
    const { suspect } = await models
    const source = { id: 'm', commit: null, files: [], date: '2026-01-15' }
    const seen = new Map<string, number>()
    const broken = asSource('m', spoiled(suspect, lastToken))
    const found = await fingerprintModel(broken, {
      source,
      onNonFinite: (component, { row }) => seen.set(component, row),
    })
    expect([...seen]).toEqual([['embeddings', 95]])
    const plain = await fingerprintModel(asSource('m', suspect), { source })
    const sketchesOf = ({ components }: typeof found, name: string) =>
      components.find(({ component }) => component === name)?.sketches
    expect(sketchesOf(found, 'language_model')).toEqual(sketchesOf(plain, 'language_model'))
    await expect(fingerprintModel(broken, { source })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      message: expect.stringContaining(`${EMBED} holds NaN in row 95`),
    })
  })
})

describe('exactness without the values that are no numbers', () => {
  const PAIRS = 120
  const SIGNS: readonly TestName[] = ['sign_up', 'sign_value', 'sign_key', 'sign_residual']
  const results: TestResult[] = []
  beforeAll(async () => {
    for (let at = 0; at < PAIRS; at++) {
      const scene = () => createRng(`scene ${at}`)
      const [a, b] = ['a', 'b'].map((name) => overflowing(createRng(`${name} ${at}`), scene()))
      const { components } = await compare(a!, b!)
      results.push(
        ...components.flatMap(({ tests }) => tests.filter(({ layer }) => layer === null)),
      )
      expect(components.some((one) => noteOf(one, 'not_finite'))).toBe(true)
    }
  }, 120_000)

  it.each(SIGNS)('%s: signs stay fair coins', (name) => {
    const rng = createRng('coins').fork(name)
    const ps = results.flatMap(({ test, statistic, n }) =>
      test === name ? [randomisedP(statistic ?? 0, n, rng.nextFloat())] : [],
    )
    expect(ps).toHaveLength(PAIRS)
    expect(kolmogorovSmirnov(ps).log10P).toBeGreaterThan(-3.5)
  })

  it('fixed points are no more frequent than chance allows', () => {
    const ps = results.flatMap(({ test, log10P }) =>
      test.startsWith('fixed_points') && log10P !== null ? [log10P] : [],
    )
    expect(ps.length).toBeGreaterThan(2 * PAIRS)
    for (const level of [0.1, 0.01]) {
      const below = ps.filter((p) => p <= Math.log10(level)).length
      expect(below).toBeLessThanOrEqual(level * ps.length + 4 * Math.sqrt(level * ps.length))
    }
  })
})

/**
 * A simulated model whose large weights overflowed, and whose small ones became NaN in places: what is
 * missing depends on the weights, but not on their signs. Both models of a pair share a scene.
 */
function overflowing(rng: Rng, scene: Rng): Loaded {
  const shape = { ...SMALL_SHAPE, vocabulary: 96 }
  const drawn = Object.entries(randomTransformer(shape, rng, scene)).map(([name, tensor]) => {
    const isMatrix = tensor.shape.length === 2
    const lost = (value: number) =>
      Math.abs(value) > 2.5 ? value * 1e39 : Math.abs(value) < 0.05 ? Number.NaN : value
    return [
      name,
      { ...tensor, values: isMatrix ? tensor.values.map(lost) : tensor.values },
    ] as const
  })
  const config = configOf(shape) as Record<string, unknown>
  return { config, tensors: Object.fromEntries(drawn), texts: new Map() }
}
