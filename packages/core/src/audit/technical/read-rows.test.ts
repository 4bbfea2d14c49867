import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MatrixView } from '../../model/role.ts'
import { memoryModel } from '../testing/memory-model.ts'
import { NonFiniteLog } from './non-finite.ts'
import { readRows } from './read-rows.ts'

const ROWS = 12
const COLS = 8

/** Stored element numbers as values, so that every read shows where it came from. */
const source = (values = Float32Array.from({ length: ROWS * COLS }, (_, i) => i)) =>
  memoryModel('m', { w: { shape: [ROWS, COLS], values } })

const plain: MatrixView = {
  rows: ROWS,
  cols: COLS,
  offset: 0,
  rowStep: COLS,
  colStep: 1,
  segments: [{ first: 0, count: ROWS }],
}

/** The definition in role.ts, element by element. */
function slowly(view: MatrixView, ranges: readonly { first: number; count: number }[]): number[] {
  const stored = view.segments.flatMap((s) =>
    Array.from({ length: s.count }, (_, i) => s.first + i),
  )
  return ranges.flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, i) => stored[first + i]!).flatMap((row) =>
      Array.from(
        { length: view.cols },
        (_, j) => view.offset + row * view.rowStep + j * view.colStep,
      ),
    ),
  )
}

const views: Record<string, MatrixView> = {
  plain,
  'a part of fused rows': { ...plain, rows: 4, segments: [{ first: 4, count: 4 }] },
  'rows of two heads, interleaved': {
    ...plain,
    rows: 4,
    segments: [
      { first: 2, count: 2 },
      { first: 8, count: 2 },
    ],
  },
  'every other row': { ...plain, rows: 6, rowStep: 2 * COLS, segments: [{ first: 0, count: 6 }] },
  'the first columns of each row': { ...plain, cols: 5 },
  'stored transposed': {
    rows: COLS,
    cols: ROWS,
    offset: 0,
    rowStep: 1,
    colStep: COLS,
    segments: [{ first: 0, count: COLS }],
  },
  'one of three transposed parts': {
    rows: 3,
    cols: ROWS,
    offset: 0,
    rowStep: 1,
    colStep: COLS,
    segments: [{ first: 3, count: 3 }],
  },
}

describe('reading rows through a view', () => {
  it.each(Object.entries(views))('%s agrees with the definition', async (_, view) => {
    const model = source()
    const tensor = model.checkpoint.tensors[0]!
    await fc.assert(
      fc.asyncProperty(fc.nat(view.rows - 1), fc.nat(view.rows - 1), async (x, y) => {
        const [first, last] = [Math.min(x, y), Math.max(x, y)]
        const ranges = [{ first, count: last - first + 1 }]
        const read = await readRows(model, tensor, { view, ranges })
        expect([...read]).toEqual(slowly(view, ranges))
      }),
      { numRuns: 30 },
    )
  })

  it('joins ranges in the order asked for', async () => {
    const model = source()
    const ranges = [
      { first: 6, count: 2 },
      { first: 1, count: 1 },
    ]
    const read = await readRows(model, model.checkpoint.tensors[0]!, { view: plain, ranges })
    expect([...read]).toEqual(slowly(plain, ranges))
  })

  it('reads no more than the rows it needs', async () => {
    const model = source()
    const before = model.bytesRead()
    const ranges = [{ first: 3, count: 2 }]
    await readRows(model, model.checkpoint.tensors[0]!, { view: plain, ranges })
    expect(model.bytesRead() - before).toBe(2 * COLS * 4)
  })

  it.each([
    ['NaN', Number.NaN],
    ['an infinite value', Number.NEGATIVE_INFINITY],
  ])('refuses %s by its tensor and row where nobody keeps account of them', async (word, bad) => {
    const values = new Float32Array(ROWS * COLS).fill(1)
    values[50] = bad
    const model = source(values)
    const reading = readRows(model, model.checkpoint.tensors[0]!, {
      view: plain,
      ranges: [{ first: 6, count: 1 }],
    })
    await expect(reading).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(reading).rejects.toThrow(`tensor w holds ${word} in row 6`)
  })

  it.each(Object.entries(views))('%s: notes stored rows of what is no number', async (_, view) => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(ROWS * COLS - 1)), async (places) => {
        const values = Float32Array.from({ length: ROWS * COLS }, (__, i) => i + 1)
        for (const at of places) values[at] = at % 2 ? Number.NaN : Number.POSITIVE_INFINITY
        const nonFinite = new NonFiniteLog()
        const model = { ...source(values), nonFinite }
        const ranges = [{ first: 1, count: view.rows - 1 }]
        const wanted = { view, ranges }
        const read = await readRows(model, model.checkpoint.tensors[0]!, wanted)
        const seen = slowly(view, ranges)
        const bad = seen.filter((at) => places.includes(at))
        expect([...read]).toEqual(seen.map((at) => (places.includes(at) ? 0 : at + 1)))
        const rows = new Set(bad.map((at) => Math.floor(at / COLS)))
        expect(nonFinite.summaryOf(new Set(['other']))).toBeNull()
        expect(nonFinite.summaryOf(new Set(['w', 'other']))).toEqual(
          bad.length === 0
            ? null
            : {
                ...{ tensor: 'w', tensors: 1, row: Math.min(...rows), rows: rows.size },
                share: bad.length / seen.length,
              },
        )
        const keep = { ...wanted, nonFinite: 'keep' } as const
        const kept = await readRows(model, model.checkpoint.tensors[0]!, keep)
        expect([...kept]).toEqual(seen.map((at) => values[at]))
      }),
      { numRuns: 20 },
    )
  })
})
