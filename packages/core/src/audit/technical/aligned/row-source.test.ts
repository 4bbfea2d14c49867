import { beforeAll, describe, expect, it } from 'vitest'
import type { MatrixView, Role } from '../../../model/role.ts'
import { type RowMatrix, takeRows } from '../../../numeric/row-matrix.ts'
import { memoryModel } from '../../testing/memory-model.ts'
import { openModel } from '../measure-signs.ts'
import { type RowSource, readWhole, rowSource, takeColumns } from './row-source.ts'

/** Larger than what is read at once: 2^24 values. */
const ROWS = 8200
const COLUMNS = 2060
let values: Float32Array
beforeAll(() => {
  values = Float32Array.from({ length: ROWS * COLUMNS }, (_, at) => (at * 7919) % 10_007)
})

function roleOf(view: Partial<MatrixView>): Role {
  return {
    component: 'language_model',
    layer: 0,
    expert: null,
    kind: 'gate',
    part: 'weight',
    slot: '',
    tensor: 'w',
    basis: 'name',
    view: {
      rows: ROWS,
      cols: COLUMNS,
      offset: 0,
      rowStep: COLUMNS,
      colStep: 1,
      segments: [{ first: 0, count: ROWS }],
      ...view,
    },
  }
}

const modelOf = () => openModel(memoryModel('m', { w: { shape: [ROWS, COLUMNS], values } }))

const transposed: Partial<MatrixView> = {
  rows: COLUMNS,
  cols: ROWS,
  rowStep: 1,
  colStep: COLUMNS,
  segments: [{ first: 0, count: COLUMNS }],
}

const cases: Record<string, Partial<MatrixView>> = {
  'large, row by row': {},
  'large, column by column': transposed,
  'small enough to be kept': { rows: 40, segments: [{ first: 60, count: 40 }] },
}

/** Entry (i, k) of a view, from its definition. */
function entry({ view }: Role, i: number, k: number): number {
  const first = view.segments[0]!.first
  return values[view.offset + (first + i) * view.rowStep + k * view.colStep]!
}

describe.each(Object.entries(cases))('a matrix, %s', (_, view) => {
  const role = roleOf(view)
  const { rows, cols } = role.view
  const chosen = [rows - 1, 3, 17, 4, 0]
  let source: RowSource
  beforeAll(() => {
    source = rowSource(modelOf(), role)
  })

  it('shows all of its rows in order, once', async () => {
    let next = 0
    await source.visit((piece, first) => {
      expect(first).toBe(next)
      next += piece.rows
      for (const i of [0, piece.rows - 1]) {
        expect(piece.data[i * cols + 5]).toBe(entry(role, first + i, 5))
      }
    })
    expect(next).toBe(rows)
  })

  it('gives rows and columns by number', async () => {
    const taken = await source.take(chosen)
    chosen.forEach((row, at) => {
      for (const k of [0, 7, cols - 1]) expect(taken.data[at * cols + k]).toBe(entry(role, row, k))
    })
    const columns = await takeColumns(source, [cols - 1, 2])
    for (const i of [0, rows - 1]) {
      expect(columns.data[i]).toBe(entry(role, i, cols - 1))
      expect(columns.data[rows + i]).toBe(entry(role, i, 2))
    }
  })

  it('has its columns multiplied by the factors', async () => {
    const factors = Float32Array.from({ length: cols }, (_, k) => 1 + (k % 5))
    const folded = await rowSource(modelOf(), role, factors).take(chosen)
    const plain = await source.take(chosen)
    expect(folded.data).toEqual(plain.data.map((x, at) => x * factors[at % cols]!))
  })
})

describe('reading as a whole', () => {
  it('joins the pieces', async () => {
    const whole: RowMatrix = await readWhole(rowSource(modelOf(), roleOf({})))
    expect([whole.rows, whole.columns]).toEqual([ROWS, COLUMNS])
    expect(takeRows(whole, [8190]).data).toEqual(values.subarray(8190 * COLUMNS, 8191 * COLUMNS))
  })
})
