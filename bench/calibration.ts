/**
 * False-positive rates of the exact tests under simulated nulls: `npx -c 'node bench/calibration.ts'`.
 * All data are simulated. Prints the share of p-values at or below each level; a valid test never
 * exceeds the level beyond sampling error (in brackets: one standard error at that level).
 */
import { createRng, type Rng, randomPermutation } from '../packages/core/src/base/rng.ts'
import { rowMatrix, takeRows } from '../packages/core/src/numeric/row-matrix.ts'
import {
  log10FixedPointTail,
  log10PooledFixedPointTail,
} from '../packages/core/src/stats/fixed-point-bound.ts'
import { matchRows } from '../packages/core/src/stats/fixed-points.ts'
import { signTest } from '../packages/core/src/stats/sign-test.ts'

const LEVELS = [0.1, 0.01, 1e-3, 1e-4]

function report(name: string, draws: number, log10P: (rng: Rng) => number): void {
  const hits = LEVELS.map(() => 0)
  const rng = createRng(name)
  for (let r = 0; r < draws; r++) {
    const p = log10P(rng.fork(String(r)))
    LEVELS.forEach((level, l) => {
      if (p <= Math.log10(level) + 1e-12) hits[l]! += 1
    })
  }
  const cells = LEVELS.map((level, l) => {
    const error = Math.sqrt(level / draws)
    return `${level}: ${(hits[l]! / draws).toPrecision(2)} (±${error.toPrecision(1)})`
  })
  console.log(`${name.padEnd(52)} ${cells.join('   ')}`)
}

const MAGNITUDES: Record<string, (rng: Rng) => number> = {
  equal: () => 1,
  'half-normal': (rng) => Math.abs(rng.nextNormal()),
  lognormal: (rng) => Math.exp(2 * rng.nextNormal()),
  Cauchy: (rng) => Math.abs(rng.nextNormal() / rng.nextNormal()),
}

for (const [name, magnitude] of Object.entries(MAGNITUDES)) {
  for (const key of ['log10P', 'log10PBinomial', 'log10PHoeffding'] as const) {
    report(`sign test, 100 units, ${name} sizes, ${key}`, 200_000, (rng) => {
      const c = new Float64Array(100)
      for (let i = 0; i < 100; i++) c[i] = rng.nextUint32() & 1 ? magnitude(rng) : -magnitude(rng)
      const result = signTest(c)
      return result.kind === 'tested' ? result[key] : 0
    })
  }
}

function fixedPoints(rows: number, matched: number, rng: Rng): number {
  const order = randomPermutation(rng, rows)
  let fixed = 0
  for (let i = 0; i < matched; i++) if (order[i] === i) fixed++
  return fixed
}

report('fixed points, 256 rows, all matched', 200_000, (rng) =>
  log10FixedPointTail({ fixed: fixedPoints(256, 256, rng), matched: 256, rows: 256 }),
)
report('fixed points, 256 rows, 90 matched', 200_000, (rng) =>
  log10FixedPointTail({ fixed: fixedPoints(256, 90, rng), matched: 90, rows: 256 }),
)
report('fixed points pooled over 32 blocks', 50_000, (rng) =>
  log10PooledFixedPointTail(
    Array.from({ length: 32 }, (_, l) => {
      const rows = 40 + l
      const matched = l % 2 === 0 ? rows : 40
      return { fixed: fixedPoints(rows, matched, rng), matched, rows }
    }),
  ),
)

/** Eight kinds of rows, eight copies of each, twelve of the rows dead. */
const kindsRng = createRng('kinds')
const kinds = rowMatrix(
  Float32Array.from({ length: 8 * 12 }, () => kindsRng.nextNormal()),
  12,
)
const copies = takeRows(
  kinds,
  Array.from({ length: 64 }, (_, i) => i % 8),
)
copies.data.fill(0, 0, 12 * 12)
report('matched rows, copies and dead rows, 64 rows', 20_000, (rng) => {
  const moved = takeRows(copies, randomPermutation(rng.fork('order'), 64))
  const result = matchRows(moved, copies, { rng: rng.fork('match') })
  return result.kind === 'tested' ? result.log10P : 0
})
