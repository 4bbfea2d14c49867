import { describe, expect, it } from 'vitest'
import { createRng } from '../base/rng.ts'
import { clusteredMeanError, meanError } from './mean-error.ts'
import { drawWeights, oneStratum } from './resample.ts'
import { weightedMean } from './weighted-groups.ts'

/** 40 clusters of binary scores, successes / size; errors from R: `sandwich::vcovCL`. */
const CLUSTERS =
  '8/9 7/8 5/9 3/10 6/7 2/4 2/5 5/7 8/9 3/4 1/3 7/8 4/10 3/8 2/7 8/9 4/7 2/5 2/8 1/6 1/5 3/3 4/10 5/7 2/5 3/10 5/6 2/9 6/8 7/10 0/3 1/7 2/5 3/5 2/8 1/5 2/7 1/5 7/9 3/6'

const scores: number[] = []
const clusters: number[] = []
CLUSTERS.split(' ').forEach((text, c) => {
  const [successes = 0, size = 0] = text.split('/').map(Number)
  for (let i = 0; i < size; i++) {
    scores.push(i < successes ? 1 : 0)
    clusters.push(c)
  }
})
const values = Float64Array.from(scores)
const cluster = Uint32Array.from(clusters)

describe('the error of a mean', () => {
  it('agrees with R on binary scores in clusters', () => {
    const plain = meanError(values)
    const clustered = clusteredMeanError(values, cluster)
    if (plain.kind !== 'measured' || clustered.kind !== 'measured') throw new Error('no error')
    expect(values.length).toBe(276)
    expect(plain.mean).toBeCloseTo(0.518116, 6)
    expect(plain.error).toBeCloseTo(0.030131, 6)
    expect(clustered.error).toBeCloseTo(0.0428772, 7)
    expect(clustered.effective).toBe(40)
  })

  it('is the same with clusters of one', () => {
    const own = Uint32Array.from(values, (_, i) => i)
    const [a, b] = [meanError(values), clusteredMeanError(values, own)]
    expect(a.kind === 'measured' && b.kind === 'measured' && a.error - b.error).toBeCloseTo(0, 12)
  })

  it('says that one unit or one cluster tells nothing about the error', () => {
    const gap = { kind: 'no_information', reason: 'one_unit' }
    expect(meanError(Float64Array.of(0.7))).toEqual(gap)
    expect(clusteredMeanError(Float64Array.of(1, 0), Uint32Array.of(4, 4))).toEqual(gap)
  })

  it('is what drawing clusters gives, times the allowance for few clusters', () => {
    const sampled = { ...oneStratum(40), units: 276, clusterOf: cluster }
    const mean = weightedMean({
      starts: Uint32Array.of(0, 276),
      unit: Uint32Array.from(values, (_, i) => i),
      value: values,
    })
    const rng = createRng('cluster draws')
    const buffers = { weights: new Float64Array(276), scratch: new Float64Array(40) }
    const found = Float64Array.from({ length: 20_000 }, () => {
      drawWeights(sampled, rng, buffers)
      const out = new Float64Array(1)
      mean(buffers.weights, out)
      return out[0] ?? 0
    })
    const centre = found.reduce((a, b) => a + b, 0) / found.length
    const deviation = Math.sqrt(found.reduce((s, x) => s + (x - centre) ** 2, 0) / found.length)
    // 37 of 40 clusters are drawn: √(39/37). The ratio mean Σwx/Σw has a second-order term.
    const wanted = 0.0428772 * Math.sqrt(39 / 37)
    expect(deviation / wanted).toBeGreaterThan(0.98)
    expect(deviation / wanted).toBeLessThan(1.02)
  })
})
