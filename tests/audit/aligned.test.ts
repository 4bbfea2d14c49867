import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { matchUnits } from '../../packages/core/src/audit/technical/aligned/match-rows.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { rowCosines } from '../../packages/core/src/numeric/kernels.ts'
import type { Likeness } from '../../packages/core/src/numeric/likeness.ts'
import { type RowMatrix, rowMatrix, takeRows } from '../../packages/core/src/numeric/row-matrix.ts'
import { signTest } from '../../packages/core/src/stats/sign-test.ts'
import { componentOf } from './models.ts'
import * as change from './transforms.ts'
import { addIdleUnit, everySymmetry, rescaleOneUnit } from './unit-tricks.ts'

// Models whose arrangement was changed, all simulated. The tests behind an alignment must find
// descendants of s1, stay silent on strangers under the same changes, and be exact.

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 'sft1', 'cpt1', 's2', 's3', 'd9']) {
    models.set(name, await change.load(name))
  }
})
const held = (name: string) => models.get(name)!

async function compare(candidate: change.Loaded, reference: change.Loaded) {
  return compareModels(
    change.asSource('candidate', candidate),
    change.asSource('reference', reference),
  )
}

const bodyOf = async (candidate: change.Loaded, reference: change.Loaded) =>
  componentOf(await compare(candidate, reference), 'language_model')

const codes = (component: Awaited<ReturnType<typeof bodyOf>>) =>
  component.reasons.map(({ code }) => code)

const PRESERVING: Record<string, change.Transform> = {
  'unit order': change.permuteUnits,
  'unit signs': change.flipUnits,
  'unit scales': change.scaleUnits,
  'order and signs of values': change.scrambleValues,
  'order and signs of residual axes': change.permuteResidual,
  'rotation with new norms': change.rotateResidual,
  'norms folded': change.foldNorms,
  'one unit rescaled': rescaleOneUnit(1e4),
  'an idle unit added': addIdleUnit(1e7),
  'all of these': everySymmetry,
}

describe('the transforms of these tests keep what a model computes', () => {
  it.each(Object.entries(PRESERVING))('%s', (name, transform) => {
    const tokens = [5, 81, 33, 200, 7, 12]
    const before = change.logits(held('s1'), tokens)
    const moved = transform(held('s1'), createRng(name))
    const size = Math.max(...before.map(Math.abs))
    const gaps = change.logits(moved, tokens).map((z, i) => Math.abs(z - before[i]!))
    expect(Math.max(...gaps)).toBeLessThan(1e-4 * size)
    const changed = Object.entries(moved.tensors).filter(
      ([tensor, { values }]) =>
        !values.every((x, i) => x === held('s1').tensors[tensor]!.values[i]),
    )
    expect(changed.length).toBeGreaterThan(3)
  })
})

const HIDING: Record<string, change.Transform> = {
  'residual axes reordered and negated': change.permuteResidual,
  'residual axes and units reordered': change.allOf(change.permuteResidual, change.permuteUnits),
  'axes and units reordered, values scrambled': change.allOf(
    change.permuteResidual,
    change.permuteUnits,
    change.scrambleValues,
  ),
  'residual stream rotated, new norms': change.rotateResidual,
  'rotated, units reordered and rescaled': change.allOf(
    change.rotateResidual,
    change.permuteUnits,
    change.scaleUnits,
  ),
  'rotated, units reordered, negated and rescaled': change.allOf(
    change.permuteUnits,
    change.flipUnits,
    change.scaleUnits,
    change.rotateResidual,
  ),
  'rotated, units reordered, rounded to 4 bits': change.allOf(
    change.rotateResidual,
    change.permuteUnits,
    change.toInt4,
  ),
}

describe('a rearranged model', () => {
  const cases = Object.entries(HIDING)
  it.each(cases)('is found by an exact test: %s', async (name, transform) => {
    for (const child of ['sft1', 'cpt1']) {
      const body = await bodyOf(transform(held(child), createRng(name)), held('s1'))
      expect(body.verdict, child).toBe('derived_obfuscated')
      expect(body.tier).toBe('exact')
      expect(body.log10P).toBeLessThanOrEqual(-9)
      expect(codes(body)).toContain('aligned_rejects')
      expect(body.transform!.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    }
  })

  it.each(cases)('that is a stranger stays one: %s', async (name, transform) => {
    for (const stranger of ['s2', 'd9']) {
      const body = await bodyOf(transform(held(stranger), createRng(name)), held('s1'))
      expect(body.verdict, stranger).toBe('no_evidence')
      expect(body.log10P).toBeGreaterThan(-9)
    }
  })

  it('has its change printed so that it can be replayed', async () => {
    const rng = createRng('replay')
    const changed = change.allOf(change.permuteResidual, change.permuteUnits)(held('sft1'), rng)
    const { transform } = await bodyOf(changed, held('s1'))
    const [axes, units] = [transform!.residual.axes!, transform!.layers[0]!.units!]
    expect(transform!.residual.kind).toBe('signed_permutation')
    const up = 'model.layers.0.mlp.up_proj.weight'
    const [own, base] = [changed.tensors[up]!, held('s1').tensors[up]!]
    const width = axes.length
    const replayed = base.values.map((_, at) => {
      const [unit, axis] = [units.indexOf(Math.floor(at / width)), axes[at % width]!]
      if (unit < 0 || axis === 0) return 0
      return Math.sign(axis) * own.values[unit * width + Math.abs(axis) - 1]!
    })
    const [x, y] = [
      rowMatrix(Float32Array.from(replayed), replayed.length),
      rowMatrix(base.values, replayed.length),
    ]
    expect(rowCosines(x, y).cosines[0]).toBeGreaterThan(0.98)
    expect(transform!.heldOut!.correlation).toBeGreaterThan(0.98)
    expect(transform!.heldOut!.error).toBeLessThan(0.2)
  })

  it('with only its units reordered rejects plainly by its attention', async () => {
    const body = await bodyOf(change.permuteUnits(held('cpt1'), createRng(1)), held('s1'))
    expect(body.verdict).toBe('derived')
    const up = body.tests.find((t) => t.test === 'sign_up' && t.layer === null)!
    expect(up.log10P).toBeGreaterThan(-6)
  })
})

describe('a vision tower', () => {
  it('whose axes and units were rearranged is found; an honest one is not', async () => {
    const towerOf = async (name: string) => {
      const suspect = change.rearrangeTower(await change.load(name), createRng(name))
      return componentOf(await compare(suspect, await change.load('qvl-donor')), 'vision_encoder')
    }
    const borrowed = await towerOf('qvl-borrowed-tuned')
    expect(borrowed.verdict).toBe('derived_obfuscated')
    expect(borrowed.log10P).toBeLessThanOrEqual(-9)
    expect(borrowed.transform!.heldOut!.correlation).toBeGreaterThan(0.9)
    expect((await towerOf('qvl-honest')).verdict).toBe('no_evidence')
  })
})

describe('a model larger than the budget', () => {
  const hidden = () =>
    change.allOf(change.permuteResidual, change.permuteUnits)(held('cpt1'), createRng('budget'))
  const withOptions = async (deep: boolean) =>
    componentOf(
      await compareModels(
        change.asSource('candidate', hidden()),
        change.asSource('reference', held('s1')),
        { budgetBytes: 200_000, deep },
      ),
      'language_model',
    )

  it('is not aligned, and the report says that it was not', async () => {
    const body = await withOptions(false)
    expect(body.verdict).toBe('no_evidence')
    expect(codes(body)).toContain('alignment_not_tried')
    expect(body.tests.some(({ test }) => test.startsWith('aligned'))).toBe(false)
  })

  it('is aligned in a few whole layers where that was asked for', async () => {
    const body = await withOptions(true)
    expect(body.verdict).toBe('derived_obfuscated')
    expect(body.log10P).toBeLessThanOrEqual(-9)
    expect(codes(body)).not.toContain('alignment_not_tried')
  })
})

describe('a pruned model', () => {
  const PRUNED: Record<string, change.Transform> = {
    'a third of the residual axes dropped, the rest shuffled': change.pruneResidual(32),
    'units and residual axes dropped': change.allOf(
      change.pruneUnits(64),
      change.pruneResidual(36),
    ),
  }
  it.each(Object.entries(PRUNED))(
    'is found, and not called hidden: %s',
    async (name, transform) => {
      for (const child of ['sft1', 'cpt1']) {
        const body = await bodyOf(transform(held(child), createRng(name)), held('s1'))
        expect(body.verdict, child).toBe('derived')
        expect(body.log10P).toBeLessThanOrEqual(-9)
        expect(codes(body)).toContain('widths_aligned')
        expect(body.transform!.residual.matched).toBeGreaterThan(30)
      }
      const stranger = await bodyOf(transform(held('s2'), createRng(name)), held('s1'))
      // Nothing stands side by side, and what was aligned is silent: that is why, not too few units.
      expect(stranger.verdict).toBe('not_testable')
      const [first] = stranger.reasons
      expect(first!.code).toBe('widths_differ')
      expect(first!.values['candidate']).toBeLessThan(Number(first!.values['reference']))
      expect(stranger.tests.some(({ test }) => test === 'aligned_up')).toBe(true)
    },
  )

  it('with layers moved, axes and units reordered has its layers mapped', async () => {
    const order = [2, 0, 1]
    const tensors = Object.fromEntries(
      Object.entries(held('cpt1').tensors).map(([name, tensor]) => [
        name.replace(/layers\.(\d)/, (_, l) => `layers.${order.indexOf(Number(l))}`),
        tensor,
      ]),
    )
    const moved = { ...held('cpt1'), tensors }
    const hidden = change.allOf(change.permuteResidual, change.permuteUnits)
    const body = await bodyOf(hidden(moved, createRng('moved')), held('s1'))
    expect(body.verdict).toBe('derived_obfuscated')
    expect(body.layerMap!.map(({ reference }) => reference)).toEqual(order)
  })
})

describe('experts', () => {
  it('that began as a dense MLP are traced to it, shuffled or not', async () => {
    const moe = change.upcycle(3, 0.3)(held('s1'), createRng('experts'))
    const body = await bodyOf(moe, held('sft1'))
    expect(body.verdict).toBe('derived')
    expect(body.expertMap).toHaveLength(9)
    for (const entry of body.expertMap!) {
      expect(entry.referenceExpert).toBeNull()
      expect(entry.log10P).toBeLessThanOrEqual(-9)
    }
    expect(codes(body)).toContain('experts_recognised')
  })

  it('of an independent model go back to nothing', async () => {
    const moe = change.upcycle(3, 0.3)(held('s2'), createRng('experts'))
    const body = await bodyOf(moe, held('s1'))
    expect(body.verdict).toBe('no_evidence')
    expect(body.expertMap).toBeUndefined()
  })

  it('are told from those of another model: expert by expert between two mixtures', async () => {
    const own = change.upcycle(2, 0.3)(held('s1'), createRng('one'))
    const attention = (name: string) => name.includes('self_attn') || name.includes('norm')
    const others = change.graft(
      change.upcycle(2, 0.3)(held('s1'), createRng('two')),
      held('s2'),
      (name) => attention(name) || name.includes('embed') || name.includes('lm_head'),
    )
    const body = await bodyOf(others, own)
    expect(body.verdict).toBe('derived')
    expect(body.expertMap!.length).toBe(6)
  })
})

describe('tables of a body whose axes were moved', () => {
  it.each([
    ['reordered', change.allOf(change.permuteUnits, change.permuteResidual)],
    ['rotated', change.allOf(change.permuteUnits, change.rotateResidual)],
  ] as const)('are not called clear: %s', async (_, hide) => {
    const comparison = await compare(hide(held('sft1'), createRng('tables')), held('s1'))
    expect(componentOf(comparison, 'language_model').verdict).toBe('derived_obfuscated')
    const tables = componentOf(comparison, 'embeddings')
    expect(tables.verdict).toBe('not_testable')
    expect(tables.reasons[0]!.code).toBe('axes_rearranged')
    expect(tables.minDetectableCorrelation).toBeNull()
    const stranger = await compare(hide(held('s2'), createRng('tables')), held('s1'))
    const clear = componentOf(stranger, 'embeddings')
    expect(clear.verdict).toBe('no_evidence')
    expect(clear.reasons).toContainEqual({
      code: 'limit_excludes',
      values: { excluded: 'axes_moved' },
    })
    expect(componentOf(stranger, 'language_model').reasons).toContainEqual({
      code: 'limit_excludes',
      values: { excluded: 'beyond_alignment' },
    })
  })
})

describe('part of a model', () => {
  it('attention alone: the attention rejects, the MLP and the embeddings do not', async () => {
    const mixed = change.graft(held('s2'), held('cpt1'), (name) =>
      /self_attn|input_layernorm/.test(name),
    )
    const comparison = await compare(mixed, held('s1'))
    const body = componentOf(comparison, 'language_model')
    expect(body.verdict).toBe('derived')
    expect(body.reasons).toContainEqual({
      code: 'only_part',
      values: { shared: 'attention', other: 'mlp' },
    })
    expect(componentOf(comparison, 'embeddings').verdict).toBe('no_evidence')
    const pooled = (test: string) => body.tests.find((t) => t.test === test && t.layer === null)!
    expect(pooled('sign_value').log10PAdjusted).toBeLessThanOrEqual(-9)
    expect(pooled('sign_up').log10PAdjusted).toBeGreaterThan(-2)
  })

  it('embeddings alone: the body stays silent, aligned or not', async () => {
    const mixed = change.graft(held('s2'), held('cpt1'), (name) => /embed|lm_head/.test(name))
    const comparison = await compare(mixed, held('s1'))
    expect(componentOf(comparison, 'embeddings').verdict).toBe('derived')
    const body = componentOf(comparison, 'language_model')
    expect(body.verdict).toBe('no_evidence')
    expect(body.tests.some(({ test }) => test === 'aligned_up')).toBe(true)
  })

  it('a shuffled vocabulary: rows are laid side by side by their tokens', async () => {
    const shuffled = change.shuffleVocabulary(held('cpt1'), createRng('vocabulary'))
    const comparison = await compare(shuffled, held('s1'))
    const tables = componentOf(comparison, 'embeddings')
    expect(tables.verdict).toBe('derived')
    expect(tables.log10P).toBeLessThanOrEqual(-9)
    const stranger = change.shuffleVocabulary(held('s2'), createRng('vocabulary'))
    expect(componentOf(await compare(stranger, held('s1')), 'embeddings').verdict).toBe(
      'no_evidence',
    )
  })
})

describe('exactness behind an alignment', () => {
  it('does not find a copy whose units were flipped at random: fair coins are fair', async () => {
    const hide = change.allOf(change.permuteResidual, change.permuteUnits, change.flipUnits)
    const scores: number[] = []
    for (let draw = 0; draw < 30; draw++) {
      const body = await bodyOf(hide(held('sft1'), createRng(`draw${draw}`)), held('s1'))
      const pooled = body.tests.find(
        (test) =>
          test.test === 'aligned_up' &&
          test.layer === null &&
          test.notes.some(({ values }) => values['alignment'] === 'signed_permutation'),
      )!
      expect(pooled.n).toBeGreaterThan(280)
      scores.push(((pooled.statistic ?? 0) - pooled.n / 2) / Math.sqrt(pooled.n / 4))
    }
    const mean = scores.reduce((sum, z) => sum + z, 0) / scores.length
    const variance = scores.reduce((sum, z) => sum + z * z, 0) / scores.length
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(scores.length))
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / scores.length))
  })

  // What must never be done: units matched by the very signs that are tested afterwards.
  it('is lost when the matching sees the signs that are tested', () => {
    const upRows = (name: string, layer: number): RowMatrix => {
      const { shape, values } = held(name).tensors[`model.layers.${layer}.mlp.up_proj.weight`]!
      return rowMatrix(values, shape[1]!)
    }
    const z = (by: Likeness) => {
      const signs = [0, 1, 2].flatMap((layer) => {
        const [a, b] = [upRows('s1', layer), upRows('s2', layer)]
        const match = matchUnits(a, b, { rng: createRng(`leak${layer}`), by })
        const own = Array.from(match.keys()).filter((i) => match[i]! >= 0)
        const pair = [
          takeRows(a, own),
          takeRows(
            b,
            own.map((i) => match[i]!),
          ),
        ] as const
        return Array.from(rowCosines(...pair).cosines)
      })
      const result = signTest(Float64Array.from(signs))
      if (result.kind !== 'tested') throw new Error('no signs')
      return (result.positive - result.n / 2) / Math.sqrt(result.n / 4)
    }
    expect(z('cosine')).toBeGreaterThan(7)
    expect(Math.abs(z('absolute-cosine'))).toBeLessThan(4)
  })
})
