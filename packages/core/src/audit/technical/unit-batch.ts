import { rowDots } from '../../numeric/kernels.ts'
import { rowMatrix } from '../../numeric/row-matrix.ts'
import { ROW_SIGNS, rowSigns, setUnitRow } from '../../numeric/row-pairs.ts'
import type { TestName } from '../result.ts'
import type { SignUnits } from './sign-units.ts'

/** Columns kept of each unit to look for copies inside a model: enough to see cosines of 0.3. */
const SKETCH_COLUMNS = 256
/** Units kept of each matrix, for that and for comparing layers at other places: 2^−64 is enough. */
export const SKETCH_UNITS = 64

/** What one pair of matrices contributes to a sign family. */
export type UnitBatch = {
  readonly test: TestName
  readonly layer: number | null
  readonly expert: number | null
  readonly tensor: string
  /** Mean cosine of the unit's rows between the models; 0 where a row is zero. */
  readonly correlations: Float64Array
  /** Over the elements read: Σab, Σa², Σb². */
  readonly products: Products
  readonly candidate: SideSketch
  readonly reference: SideSketch
}

/** a: candidate, b: reference. */
export type Products = { readonly ab: number; readonly aa: number; readonly bb: number }

/** What a batch remembers of one model alone. */
export type SideSketch = {
  /** First units and columns, [SKETCH_UNITS, SKETCH_COLUMNS] at most, rows of unit length or zero. */
  readonly rows: Float32Array
  readonly columns: number
  /** Units whose first entry, whose largest entry and whose sum are positive; and how many. */
  readonly positiveFirst: number
  readonly positiveLargest: number
  readonly positiveSum: number
  readonly units: number
}

/** Sketch of the first row of every unit. `rows` is [n, cols], `members` positions in it. */
export function sketchSide(
  rows: Float32Array,
  cols: number,
  members: SignUnits['candidateMembers'],
): SideSketch {
  const sketch = new SketchedRows(members.length, cols)
  const signs = new Uint8Array(members.length)
  members.forEach((unit, index) => {
    const start = (unit[0] ?? 0) * cols
    const row = rows.subarray(start, start + cols)
    sketch.set(index, row)
    signs[index] = rowSigns(row)
  })
  return sketch.withSigns(signs)
}

/** The sketch of one side as its rows come in. */
export class SketchedRows {
  readonly #rows: Float32Array
  readonly #columns: number

  constructor(units: number, cols: number) {
    this.#columns = Math.min(cols, SKETCH_COLUMNS)
    this.#rows = new Float32Array(Math.min(units, SKETCH_UNITS) * this.#columns)
  }

  /** Entries at the beginning of a row that are kept. */
  get columns(): number {
    return this.#columns
  }

  /** Keeps the beginning of the first row of this unit, if it is one of those that are kept. */
  set(unit: number, row: Float32Array): void {
    if (unit < SKETCH_UNITS) setUnitRow(this.#placeOf(unit), row.subarray(0, this.#columns))
  }

  /** The same of what is of unit length already. */
  keep(unit: number, start: Float32Array): void {
    this.#placeOf(unit).set(start)
  }

  #placeOf(unit: number): Float32Array {
    return this.#rows.subarray(unit * this.#columns, (unit + 1) * this.#columns)
  }

  /** `signs`: ROW_SIGNS of the first row of each unit. */
  withSigns(signs: Uint8Array): SideSketch {
    const count = (bit: number) => signs.reduce((sum, code) => sum + Number((code & bit) > 0), 0)
    return {
      rows: this.#rows,
      columns: this.#columns,
      positiveFirst: count(ROW_SIGNS.first),
      positiveLargest: count(ROW_SIGNS.largest),
      positiveSum: count(ROW_SIGNS.sum),
      units: count(ROW_SIGNS.live),
    }
  }
}

/** Cosines of the units of two sketches, in order; equal numbers of columns. */
export function sketchCorrelations(
  a: SideSketch,
  b: SideSketch,
  unitsMax = SKETCH_UNITS,
): Float64Array {
  const units = Math.min(a.rows.length / a.columns, b.rows.length / b.columns, unitsMax)
  const part = ({ rows, columns }: SideSketch) =>
    rowMatrix(rows.subarray(0, units * columns), columns)
  return rowDots(part(a), part(b))
}
