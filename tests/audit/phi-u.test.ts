import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assignRows } from '../../bench/peers/assignment.ts'
import { cosineMatrix, phiU, spearmanAgainstIdentity } from '../../bench/peers/phi-u.ts'
import { createRng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import { rowMatrix, takeRows } from '../../packages/core/src/numeric/row-matrix.ts'

// The peer statistic of the power benchmark against SciPy, so that what it is beaten at is φ_U itself.

const casesOf = <T>(name: string): T[] =>
  JSON.parse(readFileSync(new URL(`../../testdata/vectors/${name}.json`, import.meta.url), 'utf8'))
    .cases

/** (a·i² + b·j² + c·ij + d·i + e·j) mod m, as in testdata/vectors/make_phi_u.py. */
function table(
  rows: number,
  cols: number,
  { factors, modulus }: { readonly factors: readonly number[]; readonly modulus: number },
): Float32Array {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = factors
  return Float32Array.from({ length: rows * cols }, (_, at) => {
    const [i, j] = [Math.floor(at / cols), at % cols]
    return (a * i * i + b * j * j + c * i * j + d * i + e * j) % modulus
  })
}

describe('linear assignment', () => {
  type Case = { size: number; factors: number[]; modulus: number; total: number }
  it.each(casesOf<Case>('assignment'))('of $size rows is as good as SciPy’s', (entry) => {
    const { size, total } = entry
    const gain = table(size, size, entry).map((x) => x / 1024)
    const columns = assignRows(gain, size)
    expect(new Set(columns).size).toBe(size)
    expect(columns.reduce((sum, j, i) => sum + gain[i * size + j]!, 0)).toBe(total)
  })

  it('moves with the rows', () => {
    const rng = createRng('assignment')
    const gain = rowMatrix(
      Float32Array.from({ length: 90 * 90 }, () => rng.nextNormal()),
      90,
    )
    const order = randomPermutation(rng, 90)
    const moved = assignRows(takeRows(gain, order).data, 90)
    const columns = assignRows(gain.data, 90)
    expect([...moved]).toEqual(Array.from(order, (row) => columns[row]))
  })
})

type Layer = {
  readonly modulus: number
  readonly first: number[]
  readonly other: number[]
  readonly kept: number
  readonly order: number[]
  readonly r: number
  readonly log10P: number
}
type Case = {
  readonly rows: number
  readonly cols: number
  readonly layers: Layer[]
  readonly log10P: number
}

function upRows({ rows, cols }: Case, { modulus, first, other, kept }: Layer) {
  const half = Math.floor(modulus / 2)
  const one = table(rows, cols, { factors: first, modulus }).map((x) => x - half)
  const two = table(rows, cols, { factors: other, modulus }).map((x) => x - half)
  const mixed = one.map((x, at) => (kept * x + (16 - kept) * two[at]!) / 1024)
  return {
    a: rowMatrix(
      one.map((x) => x / 64),
      cols,
    ),
    b: rowMatrix(mixed, cols),
  }
}

describe('φ_U', () => {
  it.each(casesOf<Case>('phi-u'))('of $rows rows is what SciPy makes of its formula', (entry) => {
    const pairs = entry.layers.map((layer) => upRows(entry, layer))
    for (const [at, layer] of entry.layers.entries()) {
      const { a, b } = pairs[at]!
      const order = assignRows(cosineMatrix(a, b).data, entry.rows)
      expect([...order]).toEqual(layer.order)
      const { r, log10P } = spearmanAgainstIdentity(order)
      expect(r).toBeCloseTo(layer.r, 12)
      expect(log10P).toBeCloseTo(layer.log10P, 9)
    }
    const combined = phiU(
      pairs.map(({ a }) => a),
      pairs.map(({ b }) => b),
    )
    expect(combined).toBeCloseTo(entry.log10P, 9)
  })

  it('of a model with itself is zero', () => {
    const [entry] = casesOf<Case>('phi-u')
    const { a } = upRows(entry!, entry!.layers[0]!)
    expect(phiU([a], [a])).toBe(Number.NEGATIVE_INFINITY)
  })
})
