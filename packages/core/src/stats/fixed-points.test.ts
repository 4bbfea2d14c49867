import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, type Rng, randomPermutation } from '../base/rng.ts'
import { plainEngine } from '../numeric/matrix-engine.ts'
import { type RowMatrix, rowMatrix, takeRows } from '../numeric/row-matrix.ts'
import {
  type FixedPointCount,
  log10FixedPointTail,
  log10PooledFixedPointTail,
} from './fixed-point-bound.ts'
import { matchRows, mutualNearest, pooledFixedPointLog10P } from './fixed-points.ts'

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))

function tested(a: RowMatrix, b: RowMatrix, options: Parameters<typeof matchRows>[2]) {
  const result = matchRows(a, b, options)
  if (result.kind !== 'tested') throw new Error(result.reason)
  return result
}

const normalRows = (rng: Rng, rows: number, columns: number) =>
  rowMatrix(
    Float32Array.from({ length: rows * columns }, () => rng.nextNormal()),
    columns,
  )

/** 64 rows: 20 unlike, 24 copies of eight rows, 12 all alike, 8 dead. A trap for tie-breaking. */
function rowsWithTraps(rng: Rng): RowMatrix {
  const columns = 12
  const base = normalRows(rng, 29, columns)
  const order = [
    ...Array.from({ length: 20 }, (_, i) => i),
    ...Array.from({ length: 24 }, (_, i) => 20 + (i % 8)),
    ...new Array<number>(12).fill(28),
  ]
  const live = takeRows(base, order)
  const data = new Float32Array(64 * columns)
  data.set(live.data)
  return { data, rows: 64, columns }
}

describe('the fixed-point bound', () => {
  it('is 1/k! for a full matching and 1 for nothing', () => {
    for (const k of [1, 2, 5, 12]) {
      const p = 10 ** log10FixedPointTail({ fixed: k, matched: 30, rows: 30 })
      expect(p * factorial(k)).toBeCloseTo(1, 12)
    }
    expect(log10FixedPointTail({ fixed: 0, matched: 3, rows: 9 })).toBe(0)
    expect(log10FixedPointTail({ fixed: 4096, matched: 4096, rows: 4096 })).toBeLessThan(-13_000)
  })

  it('covers the exact law of every small permutation', () => {
    for (const rows of [1, 2, 3, 4, 5, 6, 7]) {
      const counts = new Array<number>(rows + 1).fill(0)
      for (const p of permutations(rows)) counts[p.filter((v, i) => v === i).length]! += 1
      let tail = 0
      for (let k = rows; k >= 0; k--) {
        tail += counts[k]! / factorial(rows)
        const bound = 10 ** log10FixedPointTail({ fixed: k, matched: rows, rows })
        expect(tail).toBeLessThanOrEqual(bound * (1 + 1e-12))
      }
    }
  })

  it('falls with every further fixed point and rises with every further pair', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(60), (x, y, z) => {
        const [fixed, matched, rows] = [x, y, z].sort((p, q) => p - q) as [number, number, number]
        const here = log10FixedPointTail({ fixed, matched, rows })
        if (fixed < matched) {
          const more = log10FixedPointTail({ fixed: fixed + 1, matched, rows })
          expect(more).toBeLessThanOrEqual(here + 1e-12)
        }
        if (matched < rows) {
          const wider = log10FixedPointTail({ fixed, matched: matched + 1, rows })
          expect(wider).toBeGreaterThanOrEqual(here - 1e-12)
        }
      }),
    )
  })
})

/** E C(ΣF, j) ≤ coefficient j of the product of the blocks' polynomials Σ C(m,i)(n−i)!/n! · t^i. */
function coefficientBound(blocks: readonly FixedPointCount[], k: number): number {
  let product = [1]
  for (const { matched, rows } of blocks) {
    const own = Array.from(
      { length: Math.min(matched, k) + 1 },
      (_, i) => 10 ** log10FixedPointTail({ fixed: i, matched, rows }),
    )
    const next = new Array<number>(k + 1).fill(0)
    product.forEach((x, i) => {
      own.forEach((y, j) => {
        if (i + j <= k) next[i + j]! += x * y
      })
    })
    product = next
  }
  const choose = (j: number) => factorial(k) / factorial(j) / factorial(k - j)
  return Math.min(...product.slice(0, k + 1).map((c, j) => c / choose(j)))
}

describe('the pooled bound', () => {
  const blocks = [
    { fixed: 0, matched: 8, rows: 8 },
    { fixed: 0, matched: 3, rows: 10 },
    { fixed: 0, matched: 20, rows: 25 },
    { fixed: 0, matched: 1, rows: 2 },
    { fixed: 0, matched: 6, rows: 7 },
  ]
  const withFixed = (k: number) => blocks.map((b, i) => ({ ...b, fixed: i === 2 ? k : 0 }))

  it('is the least of Λ^j·(k−j)!/k! over j and not below the product of the blocks', () => {
    const mean = 1 + 0.3 + 0.8 + 0.5 + 6 / 7
    for (let k = 0; k <= 16; k++) {
      const direct = Math.min(
        ...Array.from({ length: k + 1 }, (_, j) => (mean ** j * factorial(k - j)) / factorial(k)),
      )
      const found = 10 ** log10PooledFixedPointTail(withFixed(k))
      expect(found / Math.min(1, direct)).toBeCloseTo(1, 10)
      expect(found).toBeGreaterThanOrEqual(Math.min(1, coefficientBound(blocks, k)) * (1 - 1e-9))
    }
  })

  it('is that of the single block where there is one, and does not see how k is spread', () => {
    const one = { fixed: 4, matched: 6, rows: 9 }
    expect(log10PooledFixedPointTail([one])).toBe(log10FixedPointTail(one))
    const spread = blocks.map((b, i) => ({ ...b, fixed: [1, 1, 2, 1, 1][i]! }))
    expect(log10PooledFixedPointTail(spread)).toBe(log10PooledFixedPointTail(withFixed(6)))
  })

  it('is L^(k−L)·L!/k! for L full blocks', () => {
    const full = Array.from({ length: 32 }, (_, i) => ({
      fixed: i === 0 ? 45 : 0,
      matched: 256,
      rows: 256,
    }))
    expect(10 ** log10PooledFixedPointTail(full)).toBeCloseTo(0.081, 3)
  })

  it('covers the simulated law of blocks of different sizes', () => {
    const rng = createRng('pooled')
    const rounds = 60_000
    const tails = new Array<number>(40).fill(0)
    for (let r = 0; r < rounds; r++) {
      let total = 0
      for (const { matched, rows } of blocks) {
        // Pair i of the first `matched` lies on itself where the permutation fixes i.
        const order = randomPermutation(rng, rows)
        for (let i = 0; i < matched; i++) if (order[i] === i) total++
      }
      for (let k = 0; k <= total; k++) tails[k]! += 1
    }
    tails.forEach((count, k) => {
      if (k > 20) return
      const bound = 10 ** log10PooledFixedPointTail(withFixed(k))
      expect(count).toBeLessThanOrEqual(rounds * bound + 5 * Math.sqrt(rounds * bound) + 3)
    })
  })
})

describe('matching rows', () => {
  it('finds every row of a noisy copy, and none of its own after a permutation', () => {
    const rng = createRng('copy')
    const a = normalRows(rng, 200, 48)
    const noisy = { ...a, data: a.data.map((value) => value + 0.5 * rng.nextNormal()) }
    const found = tested(a, noisy, { rng: rng.fork('x') })
    expect(found).toMatchObject({ fixed: 200, matched: 200, n: 200 })
    expect(found.log10P).toBeLessThan(-370)
    const order = randomPermutation(rng, 200)
    const moved = takeRows(noisy, order)
    expect(tested(a, moved, { rng }).fixed).toBeLessThan(8)
    const { match } = mutualNearest(a, moved, { rng })
    for (let j = 0; j < 200; j++) expect(match[order[j]!]).toBe(j)
  })

  it('sees a pruned copy in fewer rows and a negated one by absolute cosine', () => {
    const rng = createRng('pruned')
    const a = normalRows(rng, 120, 32)
    const part = takeRows(
      a,
      Array.from({ length: 70 }, (_, i) => i),
    )
    expect(tested(a, part, { rng })).toMatchObject({ fixed: 70, matched: 70, n: 70 })
    const negated = { ...a, data: a.data.map((value) => -value) }
    expect(tested(a, negated, { rng, distance: 'absolute-cosine' }).fixed).toBe(120)
    expect(tested(a, a, { rng, distance: 'euclidean' }).fixed).toBe(120)
  })

  it('repeats itself for a seed and is inconclusive without live rows', () => {
    const a = rowsWithTraps(createRng(1))
    const run = () => matchRows(a, a, { rng: createRng('same') })
    expect(run()).toEqual(run())
    const dead = rowMatrix(new Float32Array(40), 4)
    expect(matchRows(dead, dead, { rng: createRng(1) })).toMatchObject({ kind: 'inconclusive' })
  })

  it('refuses rows that are not finite', () => {
    const a = normalRows(createRng(2), 4, 4)
    const bad = { ...a, data: a.data.map((v, i) => (i === 9 ? Number.NaN : v)) }
    expect(() => matchRows(a, bad, { rng: createRng(1) })).toThrow('row 2')
  })

  it('leaves out rows of negligible norm, on either side', () => {
    const rng = createRng('dead')
    const a = normalRows(rng, 50, 16)
    const data = a.data.slice()
    data.fill(0, 0, 10 * 16)
    for (let i = 10 * 16; i < 20 * 16; i++) data[i]! *= 1e-9
    const result = tested(a, rowMatrix(data, 16), { rng })
    expect(result).toMatchObject({ n: 30, fixed: 30 })
  })
})

/** Simulated null: the rows of one model in uniform order, everything else as bad as can be. */
function simulateNull(
  rounds: number,
  count: (order: Uint32Array, rng: Rng) => { fixed: number; p: number },
) {
  const rng = createRng('fixed-point null')
  const levels = [0.2, 0.05, 0.01, 1e-3]
  const hits = levels.map(() => 0)
  let sum = 0
  for (let r = 0; r < rounds; r++) {
    const { fixed, p } = count(randomPermutation(rng.fork(`order ${r}`), 64), rng.fork(`run ${r}`))
    sum += fixed
    levels.forEach((level, l) => {
      if (p <= level) hits[l]! += 1
    })
  }
  const excess = levels.map((level, l) => (hits[l]! - rounds * level) / Math.sqrt(rounds * level))
  return { mean: sum / rounds, excess: Math.max(...excess) }
}

describe('false positives under simulated independence, with copies and dead rows', () => {
  const rounds = 1500
  const rows = rowsWithTraps(createRng('traps'))

  it.each(['first', 'second'] as const)('stay below the level if the %s is random', (side) => {
    for (const distance of ['cosine', 'euclidean'] as const) {
      const { mean, excess } = simulateNull(rounds, (order, rng) => {
        const moved = takeRows(rows, order)
        const [a, b] = side === 'first' ? [moved, rows] : [rows, moved]
        const result = tested(a, b, { rng, distance })
        return { fixed: result.fixed, p: 10 ** result.log10P }
      })
      expect(mean).toBeLessThan(1 + 4 / Math.sqrt(rounds))
      expect(excess).toBeLessThan(5)
    }
  })

  /** Mutual nearest rows without any shuffle, or with the first side alone shuffled. */
  const unguarded = (first: RowMatrix, second: RowMatrix, orderOfFirst?: Uint32Array) => {
    const order = orderOfFirst ?? Uint32Array.from({ length: first.rows }, (_, i) => i)
    const { ofA, ofB } = plainEngine.nearest(takeRows(first, order), second, { by: 'cosine' })
    const pairs = Array.from(ofA, (j, i) => [i, j] as const).filter(([i, j]) => ofB[j] === i)
    const fixed = pairs.filter(([i, j]) => order[i] === j).length
    const p = 10 ** log10FixedPointTail({ fixed, matched: pairs.length, rows: 64 })
    return { fixed, p }
  }
  const fewKinds = (kinds: number) =>
    takeRows(
      normalRows(createRng('kinds'), kinds, 12),
      Array.from({ length: 64 }, (_, i) => i % kinds),
    )

  it('are many more without the shuffles: among equal rows the lowest index wins', () => {
    const alike = fewKinds(1)
    expect(unguarded(alike, alike).p).toBeCloseTo(1 / 64, 12)
    const eight = fewKinds(8)
    const bare = simulateNull(rounds, (order) => unguarded(takeRows(eight, order), eight))
    expect(bare.excess).toBeGreaterThan(20)
    const guarded = simulateNull(rounds, (order, rng) => {
      const result = tested(takeRows(eight, order), eight, { rng })
      return { fixed: result.fixed, p: 10 ** result.log10P }
    })
    expect(guarded.excess).toBeLessThan(5)
  })

  it('are many more if one side alone is shuffled and the order of the other is the random one', () => {
    // Row 0 of the fixed model looks like half of the rows of the randomly ordered one.
    const unit = (at: number) => Float32Array.from({ length: 3 }, (_, k) => (k === at ? 1 : 0))
    const rowsAt = (kinds: number[]) =>
      rowMatrix(Float32Array.from(kinds.flatMap((k) => [...unit(k)])), 3)
    const fixedModel = rowsAt([0, ...new Array<number>(63).fill(1)])
    const randomModel = rowsAt(Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 0 : 2)))
    const half = simulateNull(rounds, (order, rng) =>
      unguarded(fixedModel, takeRows(randomModel, order), randomPermutation(rng, 64)),
    )
    expect(half.excess).toBeGreaterThan(20)
    const both = simulateNull(rounds, (order, rng) => {
      const result = tested(fixedModel, takeRows(randomModel, order), { rng })
      return { fixed: result.fixed, p: 10 ** result.log10P }
    })
    expect(both.excess).toBeLessThan(5)
  })

  it('pool over blocks to one valid p-value', () => {
    let low = 0
    const trials = 500
    for (let r = 0; r < trials; r++) {
      const rng = createRng(`pool ${r}`)
      const points = [0, 1, 2].map((layer) => {
        const fork = rng.fork(`layer ${layer}`)
        return matchRows(takeRows(rows, randomPermutation(fork, 64)), rows, { rng: fork })
      })
      if (pooledFixedPointLog10P(points) <= Math.log10(0.05)) low++
    }
    expect(low).toBeLessThan(trials * 0.05 + 5 * Math.sqrt(trials * 0.05))
  })
})

function permutations(n: number): number[][] {
  if (n === 0) return [[]]
  return permutations(n - 1).flatMap((p) =>
    Array.from({ length: n }, (_, at) => [...p.slice(0, at), n - 1, ...p.slice(at)]),
  )
}
