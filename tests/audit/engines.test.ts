import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMatrixEngine } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { transformFiles } from '../../packages/core/src/audit/technical/replay/transform-files.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { type MatrixEngine, plainEngine } from '../../packages/core/src/numeric/matrix-engine.ts'
import { pickLayers } from './layer-order.ts'
import { componentOf } from './models.ts'
import * as change from './transforms.ts'
import { everySymmetry } from './unit-tricks.ts'
import { hiddenDescendant, wideModel } from './wide-model.ts'

// A whole comparison gives the same bytes with every engine and any number of threads. All models
// are simulated.

const threaded = [1, 2, 4].map((workers) => openMatrixEngine({ workers, sharedWorkMin: 0 }))
afterAll(() => Promise.all(threaded.map((engine) => engine.close())))

const compare = (candidate: change.Loaded, reference: change.Loaded, engine: MatrixEngine) =>
  compareModels(change.asSource('candidate', candidate), change.asSource('reference', reference), {
    deep: true,
    budgetBytes: 200_000,
    engine,
  })

describe('a deep comparison', () => {
  it.each(['sft1', 's2'])(
    'gives the same bytes with every engine: %s, rearranged',
    async (name) => {
      const hide = change.allOf(
        change.rotateResidual,
        change.permuteUnits,
        change.scaleUnits,
        change.permuteResidual,
      )
      const candidate = hide(await change.load(name), createRng(name))
      const reference = await change.load('s1')
      const plain = await compare(candidate, reference, plainEngine)
      expect(componentOf(plain, 'language_model').verdict).toBe(
        name === 'sft1' ? 'derived_obfuscated' : 'no_evidence',
      )
      const written = transformFiles([plain]).files.map((file) => file.bytes())
      expect(written).toHaveLength(name === 'sft1' ? 1 : 0)
      for (const engine of threaded) {
        const same = await compare(candidate, reference, engine)
        expect(JSON.stringify(same)).toBe(JSON.stringify(plain))
        expect(transformFiles([same]).files.map((file) => file.bytes())).toEqual(written)
      }
      expect(threaded.map((engine) => engine.threads())).toEqual([0, 1, 3])
    },
  )
})

describe('a comparison that only the robust tier answers', () => {
  const narrower = change.allOf(pickLayers([2, 0, 0, 1]), change.pruneResidual(36), everySymmetry)
  const experts = change.allOf(pickLayers([2, 0, 1]), everySymmetry, change.upcycle(2, 0.3))
  it.each([
    ['layers moved and axes dropped', narrower],
    ['layers moved and made into experts', experts],
  ] as const)('gives the same bytes with every engine: %s', async (name, hide) => {
    const [candidate, reference] = await Promise.all(['sft1', 's1'].map(change.load))
    const hidden = change.asSource('candidate', hide(candidate!, createRng(name)))
    const against = change.asSource('reference', reference!)
    const plain = await compareModels(hidden, against, { engine: plainEngine })
    const body = componentOf(plain, 'language_model')
    expect([body.verdict, body.tier]).toEqual(['derived_obfuscated', 'empirical'])
    for (const engine of threaded) {
      const same = await compareModels(hidden, against, { engine })
      expect(JSON.stringify(same.components)).toBe(JSON.stringify(plain.components))
    }
  })
})

describe('a model whose rows are projected before they are matched', () => {
  let base: change.Loaded
  beforeAll(() => {
    base = wideModel('base')
  })

  it('is found behind a rotation with new norms, with the same bytes from one thread and four', async () => {
    const descendant = hiddenDescendant(base, 0.3)
    const reports = []
    for (const engine of [threaded[0]!, threaded[2]!]) {
      reports.push(await compare(descendant, base, engine))
    }
    const body = componentOf(reports[0]!, 'language_model')
    expect(body.verdict).toBe('derived_obfuscated')
    expect(body.tier).toBe('exact')
    expect(body.log10P).toBeLessThan(-150)
    expect(body.transform!.residual.kind).toBe('rotation')
    expect(body.transform!.residual.matrixDigest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(body.transform!.layers.map(({ matched, of }) => [matched, of])).toEqual([[512, 512]])
    expect(body.transform!.heldOut!.correlation).toBeGreaterThan(0.9)
    expect(JSON.stringify(reports[1])).toBe(JSON.stringify(reports[0]))
  }, 120_000)

  it('that is a stranger stays one', async () => {
    const stranger = hiddenDescendant(wideModel('stranger'), 0.3)
    const body = componentOf(await compare(stranger, base, threaded[1]!), 'language_model')
    expect(body.verdict).toBe('no_evidence')
    const pooled = body.tests.filter(({ test, layer }) => test === 'aligned_up' && layer === null)
    expect(pooled.length).toBe(3)
    for (const test of pooled) expect(test.n).toBeGreaterThan(200)
  })
})
