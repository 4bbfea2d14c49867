import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { createRng, randomPermutation } from '../../src/base/rng.ts'
import { plainEngine } from '../../src/numeric/matrix-engine.ts'
import { type RowMatrix, takeRows } from '../../src/numeric/row-matrix.ts'
import { gridRows, normalRows } from '../../src/numeric/testing/random-rows.ts'
import { loadKernel } from '../wasm-kernel.ts'
import { openMatrixEngine, type ThreadedEngine } from './matrix-engine.ts'
import { multiplyInParts, nearestInParts } from './split-job.ts'
import { type TileJob, tileCount } from './tile-job.ts'
import { tileRunner } from './tile-runner.ts'

const opened: ThreadedEngine[] = []
function open(options: Parameters<typeof openMatrixEngine>[0]): ThreadedEngine {
  const engine = openMatrixEngine(options)
  opened.push(engine)
  return engine
}
afterAll(() => Promise.all(opened.map((engine) => engine.close())))

/** Large arrays, which a matcher would compare entry by entry. */
const sameBits = (x: RowMatrix, y: RowMatrix): boolean =>
  x.columns === y.columns &&
  Buffer.from(x.data.buffer).equals(Buffer.from(y.data.buffer)) &&
  x.data.length === y.data.length

const LIKENESSES = ['cosine', 'absolute-cosine', 'euclidean'] as const
const alone = open({ workers: 1 })

describe('the kernel', () => {
  const size = fc.integer({ min: 1, max: 41 })
  const width = fc.oneof(size, fc.constantFrom(255, 256, 257, 770))

  it('gives the bits of the plain engine, for every shape', () => {
    fc.assert(
      fc.property(size, size, width, fc.nat(), fc.boolean(), (n, m, columns, seed, grid) => {
        const make = grid ? gridRows : normalRows
        const [a, b] = [make(seed, n, columns), make(seed + 1, m, columns)]
        expect(alone.multiply(a, b)).toEqual(plainEngine.multiply(a, b))
        expect(alone.multiply(a, a)).toEqual(plainEngine.multiply(a, a))
        for (const by of LIKENESSES) {
          expect(alone.nearest(a, b, { by })).toEqual(plainEngine.nearest(a, b, { by }))
        }
      }),
    )
  })

  it('gives them for some of the rows in any order, zero rows and equal ones among them', () => {
    fc.assert(
      fc.property(size, size, width, fc.nat(), (n, m, columns, seed) => {
        const [a, b] = [gridRows(seed, n, columns), gridRows(seed + 1, m, columns)]
        a.data.fill(0, 0, columns)
        b.data.copyWithin((m - 1) * columns, 0, columns)
        const rng = createRng(seed)
        const pick = (rows: number) => randomPermutation(rng, rows).slice(0, Math.ceil(rows / 2))
        const order = { a: pick(n), b: pick(m) }
        const taken = [takeRows(a, order.a), takeRows(b, order.b)] as const
        for (const by of LIKENESSES) {
          const expected = plainEngine.nearest(...taken, { by })
          expect(plainEngine.nearest(a, b, { by, order })).toEqual(expected)
          expect(alone.nearest(a, b, { by, order })).toEqual(expected)
        }
      }),
    )
  })

  it('gives none where no row takes part', () => {
    const [a, b] = [normalRows(1, 3, 5), normalRows(2, 4, 5)]
    const order = { a: new Uint32Array(0), b: Uint32Array.of(2, 0) }
    for (const by of LIKENESSES) {
      const ofB = Int32Array.of(-1, -1)
      const none = { ofA: new Int32Array(0), ofB, likenessOfA: new Float64Array(0) }
      expect(plainEngine.nearest(a, b, { by, order })).toEqual(none)
      expect(alone.nearest(a, b, { by, order })).toEqual(none)
    }
  })

  it('gives them for subnormal, huge, infinite and undefined numbers too', () => {
    const specials = [0, -0, 1e-45, -3e-40, 3e38, -3e38, Number.POSITIVE_INFINITY, Number.NaN, 1]
    const rows = (shift: number) => ({
      data: Float32Array.from({ length: 9 * 300 }, (_, i) => specials[(i * 7 + shift) % 9]!),
      rows: 9,
      columns: 300,
    })
    const [a, b] = [rows(0), rows(4)]
    expect(alone.multiply(a, b)).toEqual(plainEngine.multiply(a, b))
    for (const by of LIKENESSES) {
      expect(alone.nearest(a, b, { by })).toEqual(plainEngine.nearest(a, b, { by }))
    }
  })
})

describe('any number of threads', () => {
  const a = normalRows('a', 330, 301)
  const b = normalRows('b', 530, 301)
  // More rows than a tile of either kind has.
  const ties = [gridRows('c', 2200, 4), gridRows('d', 1100, 4)] as const
  const order = {
    a: randomPermutation(createRng('order/a'), 330).slice(0, 290),
    b: randomPermutation(createRng('order/b'), 530),
  }
  const plain = {
    products: plainEngine.multiply(a, b),
    gram: plainEngine.multiply(b, b),
    nearest: LIKENESSES.map((by) => plainEngine.nearest(a, b, { by })),
    ordered: LIKENESSES.map((by) => plainEngine.nearest(a, b, { by, order })),
    ties: LIKENESSES.map((by) => plainEngine.nearest(...ties, { by })),
  }

  it.each([1, 2, 4])('gives the bits of the plain engine: %i', (workers) => {
    const engine = open({ workers, sharedWorkMin: 0 })
    for (let round = 0; round < 3; round++) {
      expect(sameBits(engine.multiply(a, b), plain.products)).toBe(true)
      expect(sameBits(engine.multiply(b, b), plain.gram)).toBe(true)
      expect(LIKENESSES.map((by) => engine.nearest(a, b, { by }))).toEqual(plain.nearest)
      expect(LIKENESSES.map((by) => engine.nearest(a, b, { by, order }))).toEqual(plain.ordered)
      expect(LIKENESSES.map((by) => engine.nearest(...ties, { by }))).toEqual(plain.ties)
    }
    expect(engine.threads()).toBe(workers - 1)
  })

  it('starts none for small jobs', () => {
    const engine = open({ workers: 4 })
    expect(engine.multiply(a, b)).toEqual(plain.products)
    expect(engine.threads()).toBe(0)
  })

  it('is from 1 to 64', () => {
    for (const workers of [0, -1, 1.5, 65, Number.NaN]) {
      expect(() => openMatrixEngine({ workers })).toThrow('number of workers')
    }
  })
})

describe('jobs that are cut into parts', () => {
  const run = (job: TileJob) => {
    for (let tile = 0; tile < tileCount(job.shape); tile++) own(job, tile)
  }
  const own = tileRunner(loadKernel('row-products'))
  const limits = { bytes: 4 * 37 * 40, rows: 20 }
  const pair = { a: gridRows('e', 67, 37), b: gridRows('f', 49, 37) }

  it('give the same bits', () => {
    expect(multiplyInParts(run, pair, limits)).toEqual(plainEngine.multiply(pair.a, pair.b))
    const same = { a: pair.a, b: pair.a }
    expect(multiplyInParts(run, same, limits)).toEqual(plainEngine.multiply(pair.a, pair.a))
    for (const by of LIKENESSES) {
      expect(nearestInParts(run, pair, { by, limits })).toEqual(
        plainEngine.nearest(pair.a, pair.b, { by }),
      )
      const order = {
        a: randomPermutation(createRng('a'), pair.a.rows),
        b: randomPermutation(createRng('b'), pair.b.rows),
      }
      expect(nearestInParts(run, pair, { by, order, limits })).toEqual(
        plainEngine.nearest(pair.a, pair.b, { by, order }),
      )
    }
  })
})
