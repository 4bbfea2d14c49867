import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../../packages/core/src/model/checkpoint.ts'
import { pickLayers } from '../layer-order.ts'
import * as change from '../transforms.ts'
import { everySymmetry } from '../unit-tricks.ts'
import { calibrationModels, disjointPairs, type Pair, untied } from './calibration-set.ts'
import {
  expectEvenRanks,
  expectFairSigns,
  expectHonestRanks,
  expectSilence,
  expectSuperuniform,
  robustOutsideCohort,
  testsByName,
} from './null-checks.ts'
import { bodyOf, countLooks, type Looked, lookAt, lookAtAll } from './second-look.ts'

// Independent models that look suspicious: re-parameterised at random, rounded afterwards, pruned,
// up-cycled. What hides a copy must not make a copy of a stranger.

vi.mock('../../../packages/core/src/audit/technical/decide-component.ts', { spy: true })

type Case = {
  readonly name: string
  readonly shift: number
  readonly hide: change.Transform
  /** Tests of the second look of one pair. */
  readonly looks: ReturnType<typeof countLooks>
}

const LOOKS = { aligned: 6, cells: 12, experts: 0, robust: 1 }
const CASES: readonly Case[] = [
  {
    name: 'behind every symmetry at once',
    shift: 6,
    hide: everySymmetry,
    looks: LOOKS,
  },
  {
    name: 'behind every symmetry, rounded to 4 bits',
    shift: 10,
    hide: change.allOf(everySymmetry, change.toInt4),
    looks: LOOKS,
  },
  {
    name: 'rotated with new norms, units reordered and rescaled',
    shift: 15,
    hide: change.allOf(change.permuteUnits, change.scaleUnits, change.rotateResidual),
    looks: LOOKS,
  },
  {
    name: 'units and residual axes dropped, the rest shuffled',
    shift: 30,
    hide: change.allOf(change.pruneUnits(32), change.pruneResidual(18)),
    // Other widths leave two maps: axes reordered and negated, or mixed.
    looks: { aligned: 4, cells: 8, experts: 0, robust: 1 },
  },
  {
    name: 'every MLP made into three experts',
    shift: 2,
    hide: change.upcycle(3, 0.3),
    // No dense gates: values alone are aligned, and every expert is held against the dense MLP.
    looks: { aligned: 3, cells: 12, experts: 6, robust: 1 },
  },
  {
    name: 'layers doubled and turned round, every symmetry at once',
    shift: 5,
    hide: change.allOf(pickLayers([1, 0, 0, 1]), everySymmetry),
    looks: { aligned: 6, cells: 24, experts: 0, robust: 1 },
  },
]

async function hidden([candidate, reference]: Pair, { name, hide }: Case): Promise<Pair> {
  const { id } = candidate.checkpoint
  const moved = hide(await untied(candidate), createRng(`${name}/${id}`))
  return [change.asSource(`${id} ${name}`, moved), reference]
}

async function* hiddenPairs(models: readonly TensorSource[], entry: Case): AsyncIterable<Pair> {
  for (const pair of disjointPairs(models, entry.shift)) yield await hidden(pair, entry)
}

describe.each(CASES)('210 independent models, $name', (entry) => {
  let looked: Looked[] = []
  beforeAll(async () => {
    looked = await lookAtAll(hiddenPairs(await calibrationModels('swiglu'), entry))
  }, 240_000)

  it('were looked at a second time, every one, and none is accused', () => {
    expect(looked).toHaveLength(210)
    const each = Object.entries(entry.looks).map(([kind, count]) => [kind, 210 * count])
    expect(countLooks(looked)).toEqual(Object.fromEntries(each))
    expectSilence(looked)
  })

  it('p-values behind an alignment are never too small, and signs are fair coins', () => {
    for (const [name, results] of testsByName(looked)) {
      expect(results.length, name).toBeGreaterThan(200)
      expectSuperuniform(name, results)
      expectFairSigns(name, results)
    }
  })

  it('scores of the robust tier rank evenly among the cohort, and never too high', () => {
    const robust = robustOutsideCohort(looked)
    expect(robust).toHaveLength(60)
    expectHonestRanks(entry.name, robust)
    const isOfCohortsShape = !/doubled|experts/.test(entry.name)
    if (isOfCohortsShape) expectEvenRanks(entry.name, robust)
  })
})

describe('the score of the robust tier', () => {
  it('is the same before and after the candidate is re-parameterised', async () => {
    const pairs = disjointPairs(await calibrationModels('swiglu'), 1).slice(0, 60)
    const scores = new Set<number>()
    for (const pair of pairs) {
      const before = bodyOf(await lookAt(pair)).robust!.score
      const after = bodyOf(await lookAt(await hidden(pair, CASES[0]!))).robust!.score
      expect(after, pair[0].checkpoint.id).toBe(before)
      scores.add(before)
    }
    expect(scores.size).toBeGreaterThan(1)
  }, 60_000)
})
