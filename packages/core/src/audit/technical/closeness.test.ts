import { describe, expect, it } from 'vitest'
import type { ComponentComparison, TestResult } from '../result.ts'
import { closenessOf } from './closeness.ts'

const test = (values: Partial<TestResult>): TestResult => ({
  test: 'sign_up',
  tier: 'exact',
  layer: null,
  log10P: -20,
  log10PAdjusted: -18,
  statistic: 64,
  n: 64,
  meanCorrelation: 0,
  minDetectableCorrelation: null,
  notes: [],
  ...values,
})

const moved = (candidate: number, reference: number, meanCorrelation: number): TestResult =>
  test({
    layer: candidate,
    meanCorrelation,
    notes: [{ code: 'layer_moved', values: { candidate, reference } }],
  })

const entry = (values: Partial<ComponentComparison>): ComponentComparison => ({
  component: 'language_model',
  verdict: 'derived',
  tier: 'exact',
  log10P: -18,
  minDetectableCorrelation: null,
  parameterFraction: 1,
  parameters: 1,
  reasons: [],
  tests: [],
  cells: [],
  ...values,
})

const at = (candidate: number, reference: number) => ({ candidate, reference, log10P: -18 })

describe('closenessOf', () => {
  it('is the mean over the pooled families where every layer stands at its own place', () => {
    const tests = [
      test({ meanCorrelation: 0.8 }),
      test({ test: 'sign_value', meanCorrelation: 0.6 }),
      test({ layer: 0, meanCorrelation: 0.1 }),
    ]
    expect(closenessOf(entry({ tests }))).toBeCloseTo(0.7, 12)
    expect(closenessOf(entry({ tests, layerMap: [at(0, 0), at(1, 1)] }))).toBeCloseTo(0.7, 12)
  })

  it('reads layers where they were recognised, and no others', () => {
    const tests = [
      test({ meanCorrelation: 0.01 }),
      test({ layer: 0, meanCorrelation: 0.02 }),
      moved(0, 1, 0.9),
      moved(1, 0, 0.7),
      moved(1, 2, 0.3),
      test({ layer: 2, meanCorrelation: 0.8 }),
    ]
    const layerMap = [at(0, 1), at(1, 0), at(2, 2)]
    expect(closenessOf(entry({ tests, layerMap }))).toBeCloseTo(0.8, 12)
  })

  it('is 1 for equal content wherever it stands', () => {
    expect(closenessOf(entry({ verdict: 'identical', layerMap: [at(0, 1)] }))).toBe(1)
  })
})
