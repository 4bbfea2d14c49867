import {
  invalidRows,
  keyOf,
  popcount,
  rowCount,
  type SketchRows,
  type SketchShape,
} from './sketch.ts'

/** Whose a sketch is: an entry of the registry, and the place among that entry's sketches. */
export type SketchOwner = { readonly entry: string; readonly position: number }

/**
 * Sketches of one shape, one owner's after the other, with their rows in the kernel's order: groups
 * of 16, in each eight planes of 16 bytes, plane b holding byte b of the 16 rows.
 */
export type SketchRun = {
  readonly shape: SketchShape
  readonly owners: readonly SketchOwner[]
  /** [owners, rows / 16, 8, 16] */
  readonly planes: Uint8Array
  /** [owners, rows / 8], one bit per row, least significant first. */
  readonly valid: Uint8Array
}

export type OwnedSketch = { readonly owner: SketchOwner; readonly sketch: SketchRows }

/** One run per shape; within it, the order of the argument. */
export function packRuns(owned: readonly OwnedSketch[]): SketchRun[] {
  const groups = Map.groupBy(owned, ({ sketch }) => `${keyOf(sketch)}#${sketch.layers}`)
  return [...groups.values()].map((members) => {
    const [first] = members as [OwnedSketch, ...OwnedSketch[]]
    const rows = rowCount(first.sketch)
    const planes = new Uint8Array(members.length * rows * 8)
    const valid = new Uint8Array((members.length * rows) / 8)
    for (const [at, { sketch }] of members.entries()) {
      packRows(sketch, planes.subarray(at * rows * 8, (at + 1) * rows * 8))
      valid.set(sketch.valid.subarray(0, rows / 8), (at * rows) / 8)
    }
    return {
      shape: shapeOf(first.sketch),
      owners: members.map(({ owner }) => owner),
      planes,
      valid,
    }
  })
}

export const shapeOf = ({ role, width, layers, rowsPerLayer }: SketchShape): SketchShape => ({
  role,
  width,
  layers,
  rowsPerLayer,
})

/** Rows in the kernel's order; rows that do not fit into `target` are left out. */
export function packRows(sketch: SketchRows, target: Uint8Array): void {
  const rows = Math.min(rowCount(sketch), target.length / 8)
  for (let row = 0; row < rows; row++) {
    const base = planeByte(row)
    for (let byte = 0; byte < 8; byte++) {
      target[base + byte * 16] = sketch.bits[row * 8 + byte] ?? 0
    }
  }
}

/** Where the first byte of a row stands; the other seven follow in steps of 16. */
const planeByte = (row: number): number => (row >> 4) * 128 + (row & 15)

/** Sketch `at` of a run with its rows in their own order again. */
export function unpackSketch(run: SketchRun, at: number): SketchRows {
  const rows = rowCount(run.shape)
  const planes = run.planes.subarray(at * rows * 8, (at + 1) * rows * 8)
  const bits = new Uint8Array(rows * 8)
  for (let row = 0; row < rows; row++) {
    const base = planeByte(row)
    for (let byte = 0; byte < 8; byte++) bits[row * 8 + byte] = planes[base + byte * 16] ?? 0
  }
  return { ...run.shape, bits, valid: validOf(run, at) }
}

/** Bits in which row `row` of some bits and of sketch `at` differ. */
export function rowDistance(bits: Uint8Array, row: number, run: SketchRun, at: number): number {
  const base = at * rowCount(run.shape) * 8 + planeByte(row)
  let count = 0
  for (let byte = 0; byte < 8; byte++) {
    count += popcount((bits[row * 8 + byte] ?? 0) ^ (run.planes[base + byte * 16] ?? 0))
  }
  return count
}

/** Of each sketch of a run, the rows that have no signs. */
export function invalidRowsOf(run: SketchRun): readonly (readonly number[])[] {
  return run.owners.map((_, at) => {
    const valid = validOf(run, at)
    return valid.every((byte) => byte === 255) ? NONE : invalidRows({ ...run.shape, valid })
  })
}

const NONE: readonly number[] = []

function validOf(run: SketchRun, at: number): Uint8Array {
  const bytes = rowCount(run.shape) / 8
  return run.valid.subarray(at * bytes, (at + 1) * bytes)
}

/** Every layer as a sketch of its own: the bytes are the same, layers stand one after the other. */
export const layersOf = (run: SketchRun): SketchRun => ({
  ...run,
  shape: { ...run.shape, layers: 1 },
  owners: run.owners.flatMap((owner) => Array<SketchOwner>(run.shape.layers).fill(owner)),
})
