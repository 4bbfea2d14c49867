/**
 * How often a 95 % interval holds the truth, and how often two equal teams are called "clear" at
 * .975, for small panels: `npx -c 'node bench/panel-coverage.ts'`. All ratings are simulated: a
 * panellist's severity and the noise of each rating are normal with the same variance, both teams
 * are equal, and every panellist rates both. Compares drawing n of n, n−1 of n and n−3 of n.
 */
import { createRng } from '../packages/core/src/base/rng.ts'
import { intervalOf } from '../packages/core/src/stats/percentile.ts'
import {
  type UnitGroups,
  type WeightedReducer,
  weightedMean,
  weightedMedian,
  weightedTrimmedMean,
} from '../packages/core/src/stats/weighted-groups.ts'

const PANELS = 2000
const DRAWS = 400
const SIZES = [3, 5, 8, 10, 20, 50]
const RULES: Record<string, (groups: UnitGroups) => WeightedReducer> = {
  mean: weightedMean,
  'trimmed mean': (groups) => weightedTrimmedMean(groups, 1),
  median: weightedMedian,
}
const DRAWN: Record<string, (n: number) => number> = {
  n: (n) => n,
  'n-1': (n) => n - 1,
  'n-3': (n) => Math.max(1, n - 3),
}

const rng = createRng('panel coverage')

function ratings(n: number): UnitGroups {
  const severity = Array.from({ length: n }, () => rng.nextNormal())
  const value = [...severity, ...severity].map((own) => own + rng.nextNormal())
  return {
    starts: Uint32Array.of(0, n, 2 * n),
    unit: Uint32Array.from(value, (_, i) => i % n),
    value: Float64Array.from(value),
  }
}

/** Gaps of the two teams over resampled panels of `drawn` members that count n/drawn each. */
function gaps(reduce: WeightedReducer, n: number, drawn: number): Float64Array {
  const weights = new Float64Array(n)
  const means = new Float64Array(2)
  return Float64Array.from({ length: DRAWS }, () => {
    weights.fill(0)
    for (let i = 0; i < drawn; i++) weights[rng.nextInt(n)]! += n / drawn
    reduce(weights, means)
    return means[0]! - means[1]!
  })
}

console.log(`SIMULATED, ${PANELS} panels each: standard error at most 1.1 %`)
for (const n of SIZES) {
  for (const [rule, reducer] of Object.entries(RULES)) {
    const count = new Map(Object.keys(DRAWN).map((name) => [name, { covered: 0, clear: 0 }]))
    for (let panel = 0; panel < PANELS; panel++) {
      const reduce = reducer(ratings(n))
      for (const [name, drawnOf] of Object.entries(DRAWN)) {
        const found = gaps(reduce, n, drawnOf(n))
        const { low, high } = intervalOf(found, 0.95)
        const own = count.get(name)!
        if (low <= 0 && high >= 0) own.covered++
        const wins = found.filter((gap) => gap > 0).length / DRAWS
        if (wins >= 0.975 || wins <= 0.025) own.clear++
      }
    }
    const cells = [...count].map(
      ([name, { covered, clear }]) =>
        `${name}: covers ${((100 * covered) / PANELS).toFixed(1)} %, clear ${((100 * clear) / PANELS).toFixed(1)} %`,
    )
    console.log(`${String(n).padStart(3)} ${rule.padEnd(13)} ${cells.join('   ')}`)
  }
}
