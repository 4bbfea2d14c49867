import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { Comparison, TestName } from '../../packages/core/src/audit/result.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import {
  binomialGoodnessOfFit,
  kolmogorovSmirnov,
} from '../../packages/core/src/stats/uniformity.ts'
import { calibrationModels, disjointPairs } from './pairs/calibration-set.ts'
import { randomisedP } from './randomised-p.ts'

// The null of the exact tests on really trained models: 420 gated and 60 plain transformers, all on
// the same data in the same order, taken as disjoint pairs so that no model is used twice.

const pooledOf = (comparisons: readonly Comparison[], test: TestName) =>
  comparisons.flatMap((comparison) =>
    comparison.components.flatMap((component) =>
      component.tests.filter((entry) => entry.test === test && entry.layer === null),
    ),
  )

describe.each(['swiglu', 'gelu'] as const)('independent %s models', (set) => {
  let comparisons: Comparison[] = []
  beforeAll(async () => {
    comparisons = []
    for (const pair of disjointPairs(await calibrationModels(set), 1)) {
      comparisons.push(await compareModels(...pair))
    }
  }, 240_000)

  it('are never accused: no pair below 1e-9, every verdict silent', () => {
    expect(comparisons).toHaveLength(set === 'swiglu' ? 210 : 30)
    for (const comparison of comparisons) {
      for (const component of comparison.components) {
        const smallest = Math.min(...component.tests.map((test) => test.log10P ?? 0))
        expect(smallest).toBeGreaterThan(-9)
        expect(['no_evidence', 'not_testable']).toContain(component.verdict)
      }
    }
  })

  const families: readonly TestName[] =
    set === 'swiglu'
      ? ['sign_up', 'sign_value', 'sign_key', 'sign_all', 'sign_residual']
      : ['sign_value', 'sign_key', 'sign_all']

  it.each(families)('%s: signs are fair coins', (test) => {
    const results = pooledOf(comparisons, test)
    expect(results.length).toBe(comparisons.length)
    const rng = createRng('calibration').fork(test)
    const standardised: number[] = []
    const uniform: number[] = []
    for (const result of results) {
      const z = ((result.statistic ?? 0) - result.n / 2) / Math.sqrt(result.n / 4)
      standardised.push(z)
      uniform.push(randomisedP(result.statistic ?? 0, result.n, rng.nextFloat()))
    }
    const n = standardised.length
    const mean = standardised.reduce((sum, z) => sum + z, 0) / n
    const variance = standardised.reduce((sum, z) => sum + z * z, 0) / n
    // Four standard errors of a mean of n standard normals, and of their mean square.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n))
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
    expect(kolmogorovSmirnov(uniform).log10P).toBeGreaterThan(-3)
    const trials = results[0]!.n
    const sameSize = results.filter((r) => r.n === trials).map((r) => r.statistic ?? 0)
    const fit = binomialGoodnessOfFit(sameSize, { trials, probability: 0.5 })
    if (fit) expect(fit.log10P).toBeGreaterThan(-3)
  })

  it('print p-values that are never too small', () => {
    const all = comparisons.flatMap((c) =>
      c.components.flatMap((component) => component.tests.filter((t) => t.tier === 'exact')),
    )
    for (const level of [0.1, 0.01, 0.001]) {
      const below = all.filter((test) => (test.log10P ?? 0) <= Math.log10(level)).length
      const allowed = level * all.length
      expect(below, `p ≤ ${level}: ${below} of ${all.length}`).toBeLessThan(
        allowed + 4 * Math.sqrt(allowed),
      )
    }
  })

  it('have one fixed point on average at most', () => {
    const tests: readonly TestName[] =
      set === 'swiglu' ? ['fixed_points_norms'] : ['fixed_points_norms', 'fixed_points_embedding']
    for (const test of tests) {
      const results = pooledOf(comparisons, test)
      expect(results.length).toBeGreaterThan(0)
      const mean = results.reduce((sum, r) => sum + (r.statistic ?? 0), 0) / results.length
      expect(mean, test).toBeLessThan(1 + 4 / Math.sqrt(results.length))
    }
  })
})
