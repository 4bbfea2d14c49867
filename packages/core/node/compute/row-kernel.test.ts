import { describe, expect, it } from 'vitest'
import { createRng } from '../../src/base/rng.ts'
import { DTYPE_SIZE_BYTES, type Dtype } from '../../src/model/tensor.ts'
import { dot, normSquared, rowNormsSquared } from '../../src/numeric/kernels.ts'
import { rowMatrix, rowOf } from '../../src/numeric/row-matrix.ts'
import { plainMeasurer } from '../../src/numeric/row-measurer.ts'
import {
  BLOCK_ELEMENTS_MAX,
  decoded,
  ROW_SIGNS,
  type StoredRows,
} from '../../src/numeric/row-pairs.ts'
import { normalRows } from '../../src/numeric/testing/random-rows.ts'
import { openRowMeasurer } from './row-kernel.ts'

const measurer = openRowMeasurer()

const FORMATS: readonly Dtype[] = ['BF16', 'F32', 'F16', 'F64', 'F8_E4M3']

/** Rows of random finite numbers, some rows zero, some entries zero, repeated or of the other sign. */
function randomRows(seed: string, rows: number, options: Omit<StoredRows, 'bytes'>): StoredRows {
  const { dtype, columns } = options
  const rng = createRng(seed)
  const count = rows * columns
  const bytes = new Uint8Array(count * DTYPE_SIZE_BYTES[dtype])
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) {
    const isZero = Math.floor(i / columns) % 5 === 3 || rng.nextUint32() % 7 === 0
    const value = isZero ? 0 : ((rng.nextUint32() % 2001) - 1000) / 256
    const float = new Uint32Array(Float32Array.of(value).buffer)[0] as number
    if (dtype === 'F32') view.setFloat32(i * 4, value, true)
    else if (dtype === 'F64') view.setFloat64(i * 8, value, true)
    else if (dtype === 'BF16') view.setUint16(i * 2, float >>> 16, true)
    else if (dtype === 'F16') view.setUint16(i * 2, isZero ? 0 : rng.nextUint32() & 0xbbff, true)
    else view.setUint8(i, isZero ? 0 : rng.nextUint32() & 0xf7)
  }
  return { bytes, dtype, columns }
}

describe('the kernel of stored rows', () => {
  it.each(FORMATS)('gives the bits of plain arithmetic for %s, at any width', (dtype) => {
    for (const columns of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 31, 64, 100]) {
      const [a, b] = ['a', 'b'].map((side) =>
        randomRows(`${side}/${dtype}/${columns}`, 23, { dtype, columns }),
      ) as [StoredRows, StoredRows]
      const expected = plainMeasurer.pairs(a, b)
      expect(expected?.signsA.some((signs) => signs === 0)).toBe(true)
      expect(measurer.pairs(a, b), `${columns} columns`).toEqual(expected)
    }
  })

  it.each(FORMATS)('gathers axes of tables of %s with the bits of plain arithmetic', (dtype) => {
    for (const columns of [1, 3, 4, 5, 8, 17, 64]) {
      for (const rows of [1, 2, 5, 11, 23]) {
        const size = { rows: 2 * rows, columns }
        const [own, plain] = [measurer.axes(size), plainMeasurer.axes(size)] as const
        for (const table of [0, 1] as const) {
          for (const first of [0, rows]) {
            const block = randomRows(`${table}/${first}/${columns}`, rows, { dtype, columns })
            const squares = rowNormsSquared(rowMatrix(decoded(block), columns))
            for (const axes of [own, plain]) axes.add(table, block, { first, squares })
          }
        }
        const [found, expected] = [own.measure(), plain.measure()]
        expect(found.pairs, `${rows} x ${columns}`).toEqual(expected.pairs)
        expect(found.tables).toEqual(expected.tables)
        for (const table of [0, 1] as const) {
          expect(found.kurtosis[table]).toBeCloseTo(expected.kurtosis[table], 9)
        }
      }
    }
  })

  it('takes the mean out of every column, of rows of unit length', () => {
    const bytes = new Uint8Array(Float32Array.of(3, 4, 0, 2).buffer)
    const rows: StoredRows = { bytes, dtype: 'F32', columns: 2 }
    for (const { axes } of [measurer, plainMeasurer]) {
      const both = axes({ rows: 2, columns: 2 })
      for (const table of [0, 1] as const) {
        both.add(table, rows, { first: 0, squares: Float64Array.of(25, 4) })
      }
      const { tables, kurtosis, pairs } = both.measure()
      for (const [i, value] of [0.3, -0.3, -0.1, 0.1].entries()) {
        expect(tables[0].data[i]).toBeCloseTo(value, 6)
      }
      expect(kurtosis[1]).toBeCloseTo((2 * (0.3 ** 4 + 0.1 ** 4) * 4) / (2 * (0.09 + 0.01)) ** 2, 6)
      expect(pairs.products[0]).toBeCloseTo(0.18, 6)
    }
  })

  it('begins a table anew with its first row', () => {
    const size = { rows: 4, columns: 6 }
    const [twice, once] = [measurer.axes(size), measurer.axes(size)]
    const block = (seed: string) => randomRows(seed, 4, { dtype: 'BF16', columns: 6 })
    const squares = Float64Array.from([1, 2, 3, 4])
    twice.add(0, block('other'), { first: 0, squares })
    for (const axes of [twice, once]) {
      axes.add(0, block('a'), { first: 0, squares })
      axes.add(1, block('b'), { first: 0, squares })
    }
    expect(twice.measure()).toEqual(once.measure())
  })

  it('finds the products of a block with many blocks, in parts where they are many', () => {
    for (const [rows, columns, blocks] of [
      [7, 64, 5],
      [64, 256, 40],
      [3, 10, 4],
    ] as const) {
      const a = normalRows(1, rows, columns)
      const b = normalRows(2, rows * blocks, columns)
      const found = measurer.blockDots(a, b)
      expect(found).toEqual(plainMeasurer.blockDots(a, b))
      expect(found[rows]).toBe(dot(rowOf(a, 0), rowOf(b, rows)))
    }
  })

  it.each(FORMATS)(
    'scales the beginnings of rows of %s with the bits of plain arithmetic',
    (dtype) => {
      for (const columns of [1, 3, 8, 17, 300]) {
        const block = randomRows(`${dtype}/${columns}`, 23, { dtype, columns })
        const places = Int32Array.from([3, 0, 22, 5, 5])
        for (const kept of [1, Math.min(columns, 13), columns]) {
          const plain = plainMeasurer.starts(block, places, kept)
          expect(measurer.starts(block, places, kept), `${kept} of ${columns}`).toEqual(plain)
          expect(plain.subarray(0, kept).every((value) => value === 0)).toBe(true)
          expect(normSquared(plain.subarray(3 * kept, 4 * kept))).toBeCloseTo(
            plain[3 * kept] === 0 && kept === 1 ? 0 : 1,
            5,
          )
        }
      }
    },
  )

  it('finds the largest code, wherever it stands', () => {
    const room = measurer.borrow(64)
    for (let count = 0; count <= 27; count++) {
      for (let at = 0; at < count; at++) {
        const codes = new Uint16Array(room.bytes.buffer, room.bytes.byteOffset, count)
        codes.fill(0x8001)
        codes[at] = at % 2 === 0 ? 0xff80 : 0x7f7f
        expect(measurer.largestCode(codes)).toBe(at % 2 === 0 ? 0x7f80 : 0x7f7f)
        expect(measurer.largestCode(codes.slice())).toBe(measurer.largestCode(codes))
      }
    }
    expect(measurer.largestCode(new Uint16Array(room.bytes.buffer, room.bytes.byteOffset, 0))).toBe(
      0,
    )
    room.giveBack()
  })

  it('measures two formats against each other', () => {
    const a = randomRows('a', 9, { dtype: 'BF16', columns: 24 })
    const b = randomRows('b', 9, { dtype: 'F32', columns: 24 })
    expect(measurer.pairs(a, b)).toEqual(plainMeasurer.pairs(a, b))
  })

  it('takes the first of entries as large, whatever their signs', () => {
    const rows = (...values: number[]): StoredRows => ({
      bytes: new Uint8Array(Float32Array.from(values).buffer),
      dtype: 'F32',
      columns: 4,
    })
    const found = measurer.pairs(rows(0, -2, 2, 1, 0, 2, -2, -1), rows(1, 1, 1, 1, 1, 1, 1, 1))
    expect(Array.from(found?.signsA ?? [])).toEqual([
      ROW_SIGNS.live | ROW_SIGNS.sum,
      ROW_SIGNS.live | ROW_SIGNS.first | ROW_SIGNS.largest,
    ])
  })

  it('measures without a copy what lies in room that it lent', () => {
    const a = randomRows('a', 50, { dtype: 'BF16', columns: 40 })
    const b = randomRows('b', 50, { dtype: 'BF16', columns: 40 })
    const rooms = [a, b].map(({ bytes }) => measurer.borrow(bytes.length))
    rooms[0]?.bytes.set(a.bytes)
    rooms[1]?.bytes.set(b.bytes)
    const [x, y] = rooms.map(({ bytes }) => ({ ...a, bytes })) as [StoredRows, StoredRows]
    expect(measurer.pairs(x, y)).toEqual(plainMeasurer.pairs(a, b))
    for (const room of rooms) room.giveBack()
  })

  it('lends no room twice, and room of its own once all is lent', () => {
    const rooms = Array.from({ length: 20 }, () => measurer.borrow(1000))
    for (const [k, { bytes }] of rooms.entries()) bytes.fill(k)
    for (const [k, { bytes }] of rooms.entries()) expect(new Set(bytes)).toEqual(new Set([k]))
    for (const room of rooms) room.giveBack()
    expect(measurer.borrow(BLOCK_ELEMENTS_MAX * 8).bytes.length).toBe(BLOCK_ELEMENTS_MAX * 8)
  })

  it.each(['BF16', 'F32', 'F16'] as const)(
    'sees what is no number wherever it stands: %s',
    (dtype) => {
      const size = DTYPE_SIZE_BYTES[dtype]
      const [infinite, nan] = {
        BF16: [0x7f80, 0xffc0],
        F32: [0x7f800000, 0xffc00000],
        F16: [0x7c00, 0xfe00],
      }[dtype] as [number, number]
      for (const columns of [3, 8, 13]) {
        for (const code of [infinite, nan]) {
          for (let at = 0; at < 5 * columns; at++) {
            const a = randomRows('a', 5, { dtype, columns })
            const b = randomRows('b', 5, { dtype, columns })
            const view = new DataView((at % 2 === 0 ? a : b).bytes.buffer)
            if (size === 2) view.setUint16(at * 2, code, true)
            else view.setUint32(at * 4, code, true)
            expect(measurer.pairs(a, b)).toBeNull()
            expect(plainMeasurer.pairs(a, b)).toBeNull()
          }
        }
      }
    },
  )
})
