import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openCheckpoint } from '../../../packages/core/node/index.ts'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../../packages/core/src/model/checkpoint.ts'
import { pickLayers } from '../layer-order.ts'
import { MODELS } from '../models.ts'
import * as change from '../transforms.ts'
import { everySymmetry } from '../unit-tricks.ts'
import { expectSilence } from './null-checks.ts'
import { bodyOf, countLooks, type Looked, lookAt } from './second-look.ts'

// Independent models of every other kind in testdata: other architectures, sizes, data, tokenizers
// and makers; untrained, distilled, with experts or an encoder of their own.

vi.mock('../../../packages/core/src/audit/technical/decide-component.ts', { spy: true })

/** One of each lineage: any two of them are independent. */
const LINEAGES = [
  's1',
  's2',
  's3',
  'd9',
  'twin-untrained',
  'moe-own1',
  'moe-own2',
  'stranger',
  'gpt2-a',
  'gpt2-b',
  'vlm-donor',
  'vlm-honest',
  'qvl-donor',
  'qvl-honest',
  'training/run-a/step-0420',
  'training/run-b/step-0300',
]

const sources = new Map<string, TensorSource>()
beforeAll(async () => {
  for (const name of LINEAGES) sources.set(name, await openCheckpoint(join(MODELS, name)))
})
afterAll(async () => {
  for (const source of sources.values()) await source.close()
})

describe('one model of each lineage against every other', () => {
  const looked: Looked[] = []
  beforeAll(async () => {
    for (const [at, candidate] of LINEAGES.entries()) {
      for (const reference of LINEAGES.slice(0, at)) {
        looked.push(await lookAt([sources.get(candidate)!, sources.get(reference)!]))
      }
    }
  }, 240_000)

  it('none is accused in any component', () => {
    expect(looked).toHaveLength(120)
    expectSilence(looked)
  })

  it('and all tiers were asked', () => {
    const components = looked.flatMap(({ comparison }) =>
      comparison.components.filter(({ component }) => component !== 'tokenizer'),
    )
    const tested = components.filter(({ verdict }) => verdict === 'no_evidence')
    // Eight bodies share too few units with models of other sizes, and norms alone acquit nobody.
    expect([components.length, tested.length]).toEqual([332, 236])
    expect(countLooks(looked)).toEqual({ aligned: 567, cells: 1692, experts: 112, robust: 92 })
  })
})

/** What changes shape or arrangement of an independent model, and whether it stays comparable. */
const CHANGES: Record<string, change.Transform> = {
  'first two layers alone': pickLayers([0, 1]),
  'layers doubled and turned round': pickLayers([2, 1, 1, 0]),
  'two thirds of its units': change.pruneUnits(64),
  'three quarters of its width': change.pruneResidual(36),
  'narrower, shallower, shuffled': change.allOf(
    pickLayers([1, 2]),
    change.pruneUnits(64),
    change.pruneResidual(36),
    change.flipUnits,
  ),
  'every symmetry at once': everySymmetry,
  'every symmetry, 4 bits': change.allOf(everySymmetry, change.toInt4),
  'every symmetry, layers moved': change.allOf(pickLayers([1, 2, 0]), everySymmetry),
  'norms folded away': change.foldNorms,
  'every MLP made into three experts': change.upcycle(3, 0.3),
}

describe.each(Object.entries(CHANGES))('an independent model with %s', (name, transform) => {
  it('is not accused', async () => {
    const looked: Looked[] = []
    for (const candidate of ['s2', 's3', 'd9', 'twin-untrained', 'distilled', 'emb-reuse']) {
      const changed = transform(await change.load(candidate), createRng(`${name}/${candidate}`))
      // distilled and emb-reuse have their bodies for themselves, not their residual axes.
      const others = /distilled|emb-reuse/.test(candidate) ? ['s3', 'd9'] : ['s1', 'stranger']
      for (const reference of others) {
        const source = change.asSource(`${candidate}, ${name}`, changed)
        const other = sources.get(reference) ?? (await openCheckpoint(join(MODELS, reference)))
        looked.push(await lookAt([source, other]))
      }
    }
    expectSilence(looked)
    const { aligned, cells } = countLooks(looked)
    expect(aligned).toBeGreaterThan(0)
    expect(cells).toBeGreaterThan(0)
    expect(looked.filter((entry) => bodyOf(entry).robust !== null)).toHaveLength(12)
  })
})
