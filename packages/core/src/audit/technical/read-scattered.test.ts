import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MatrixView } from '../../model/role.ts'
import { memoryModel } from '../testing/memory-model.ts'
import { readRows } from './read-rows.ts'
import { readScattered } from './read-scattered.ts'

const ROWS = 40
const COLS = 9000
const values = Float32Array.from({ length: ROWS * COLS }, (_, i) => i % 65_521)

const plain: MatrixView = {
  rows: ROWS,
  cols: COLS,
  offset: 0,
  rowStep: COLS,
  colStep: 1,
  segments: [{ first: 0, count: ROWS }],
}

const views: Record<string, MatrixView> = {
  plain,
  'two segments, the later one first': {
    ...plain,
    rows: 20,
    segments: [
      { first: 25, count: 10 },
      { first: 3, count: 10 },
    ],
  },
  'the last columns of each row': { ...plain, cols: 4000, offset: 5000 },
}

describe('scattered rows', () => {
  it.each(Object.entries(views))('are those that readRows gives: %s', async (_, view) => {
    const chosen = fc.uniqueArray(fc.nat(view.rows - 1), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(chosen, async (drawn) => {
        const rows = drawn.sort((x, y) => x - y)
        const source = memoryModel('m', { w: { shape: [ROWS, COLS], values } })
        const tensor = source.checkpoint.tensors[0]!
        const ranges = rows.map((first) => ({ first, count: 1 }))
        const expected = await readRows(source, tensor, { view, ranges })
        expect(await readScattered(source, tensor, { view, rows })).toEqual(expected)
      }),
      { numRuns: 30 },
    )
  })

  it('leave out what lies far between, and take near ones in one read', async () => {
    const source = memoryModel('m', { w: { shape: [ROWS, COLS], values } })
    const tensor = source.checkpoint.tensors[0]!
    await readScattered(source, tensor, { view: plain, rows: [1, 2, 4, 30] })
    // Rows of 36,000 bytes: the gap of one row is read over, the gap of 25 rows is not.
    expect(source.bytesRead()).toBe(5 * 4 * COLS)
  })

  it('that are not finite are refused', async () => {
    const bad = values.slice()
    bad[30 * COLS] = Number.NaN
    const source = memoryModel('m', { w: { shape: [ROWS, COLS], values: bad } })
    const tensor = source.checkpoint.tensors[0]!
    await expect(readScattered(source, tensor, { view: plain, rows: [3, 30] })).rejects.toThrow(
      'NaN',
    )
  })
})
