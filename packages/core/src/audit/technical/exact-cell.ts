import { signTest } from '../../stats/sign-test.ts'
import type { TestName, TestResult } from '../result.ts'

/** The sign test of one pair of layers, not yet corrected; null where too few units can be tested. */
export function exactCell(
  test: TestName,
  layer: number,
  correlations: Float64Array,
): TestResult | null {
  const result = signTest(correlations)
  if (result.kind !== 'tested') return null
  return {
    test,
    tier: 'exact',
    layer,
    log10P: result.log10P,
    log10PAdjusted: null,
    statistic: result.positive,
    n: result.n,
    meanCorrelation: result.meanCorrelation,
    minDetectableCorrelation: null,
    notes: [],
  }
}
