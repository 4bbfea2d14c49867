import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { TensorInfo } from '../../model/tensor.ts'
import { rowDots } from '../../numeric/kernels.ts'
import { takeRows } from '../../numeric/row-matrix.ts'
import { plainMeasurer } from '../../numeric/row-measurer.ts'
import { normalRows } from '../../numeric/testing/random-rows.ts'
import { NonFiniteLog } from './non-finite.ts'
import { measureStored, type StoredUnits } from './stored-units.ts'
import { sketchSide } from './unit-batch.ts'

const [ROWS, COLUMNS] = [48, 12_000]

/** A matrix in memory, read in rooms or in bytes of its own. */
function sideOf(
  seed: number,
  options: { readonly usesRooms: boolean; readonly members: StoredUnits['members'] },
) {
  const matrix = normalRows(seed, ROWS, COLUMNS)
  const stored = new Uint8Array(matrix.data.buffer)
  const tensor: TensorInfo = {
    name: `matrix-${seed}`,
    dtype: 'F32',
    shape: [ROWS, COLUMNS],
    storage: { kind: 'memory', bytes: stored },
  }
  const readBytes: TensorSource['readBytes'] = async (_tensor, begin, end, room) => {
    const bytes = stored.subarray(begin, end)
    if (!options.usesRooms || !room) return bytes.slice()
    room.set(bytes)
    return room
  }
  const nonFinite = new NonFiniteLog()
  const units: StoredUnits = {
    source: { readBytes, nonFinite } as unknown as StoredUnits['source'],
    tensor,
    view: {
      rows: ROWS,
      cols: COLUMNS,
      offset: 0,
      rowStep: COLUMNS,
      colStep: 1,
      segments: [{ first: 0, count: ROWS }],
    },
    // 45 rows in two runs: more than one block of elements.
    ranges: [
      { first: 0, count: 40 },
      { first: 42, count: 5 },
    ],
    members: options.members,
  }
  return { units, matrix, nonFinite }
}

const PAIRS = Array.from({ length: 22 }, (_, unit) => [2 * unit + 1, 2 * unit])
const KEPT = Array.from({ length: 45 }, (_, row) => (row < 40 ? row : row + 2))

describe('units measured as they are stored', () => {
  it.each([true, false])('agree with decoded rows; read into rooms: %s', async (usesRooms) => {
    const a = sideOf(1, { usesRooms, members: PAIRS })
    const b = sideOf(2, { usesRooms, members: PAIRS.map((rows) => [...rows]) })
    const sides = { candidate: a.units, reference: b.units }
    const measured = await measureStored(plainMeasurer, sides)
    const [x, y] = [takeRows(a.matrix, KEPT), takeRows(b.matrix, KEPT)]
    expect(measured?.pairs.products).toEqual(rowDots(x, y))
    expect(measured?.pairs.squaresB).toEqual(rowDots(y, y))
    expect(measured?.candidate).toEqual(sketchSide(x.data, COLUMNS, PAIRS))
    expect(measured?.reference).toEqual(sketchSide(y.data, COLUMNS, PAIRS))
  })

  it('are left to decoding where an entry is no number, and nothing is noted', async () => {
    const a = sideOf(1, { usesRooms: true, members: PAIRS })
    const b = sideOf(2, { usesRooms: true, members: PAIRS })
    b.matrix.data[44 * COLUMNS + 5] = Number.NaN
    const sides = { candidate: a.units, reference: b.units }
    expect(await measureStored(plainMeasurer, sides)).toBeNull()
    expect(b.nonFinite.summaryOf(new Set(['matrix-2']))).toBeNull()
  })

  it('are left to decoding where the sides list their rows in other orders', async () => {
    const rng = createRng('order')
    const other = PAIRS.map((rows) => (rng.nextUint32() & 1 ? [...rows].reverse() : rows))
    const a = sideOf(1, { usesRooms: true, members: PAIRS })
    const b = sideOf(2, { usesRooms: true, members: other })
    const sides = { candidate: a.units, reference: b.units }
    expect(await measureStored(plainMeasurer, sides)).toBeNull()
  })
})
