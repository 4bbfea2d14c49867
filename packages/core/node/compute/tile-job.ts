import type { Likeness } from '../../src/numeric/likeness.ts'

/**
 * Products of two matrices, cut into tiles of rows that any thread may take in any order: what a
 * tile writes depends on the tile alone. The arrays may lie in memory that threads share.
 */
export type TileJob = {
  readonly shape: JobShape
  readonly a: JobRows
  readonly b: JobRows
  /** Where `productsOf` or `bestsOf` find the results. */
  readonly out: ArrayBufferLike
}

/** Rows of `columns` entries; those that `order` names, where it is given, one after the other. */
export type JobRows = { readonly data: Float32Array; readonly order: Uint32Array | null }

export type JobShape = {
  readonly kind: JobKind
  readonly rowsA: number
  readonly rowsB: number
  readonly columns: number
}

export const JOB_KINDS = [
  'multiply', // all products
  'gram', // of a matrix with itself: tiles below the diagonal are copied from above it
  'cosine', // the most alike rows of every row of either side
  'absolute-cosine',
  'euclidean',
] as const satisfies readonly ('multiply' | 'gram' | Likeness)[]
export type JobKind = (typeof JOB_KINDS)[number]

/** Bound on the bytes of either matrix and of the results of a job that threads share. */
export const PART_BYTES = 2 ** 26

/** Two packed blocks of 256 rows and 256 columns fit a common second-level cache. */
const TILE_ROWS_MAX = 256
/** Short float64 rows fit it in larger numbers, and fewer tiles have fewer first bests to look at. */
const WIDE_ROWS_MAX = 1024
const WIDE_VALUES = 2 ** 16
/** Values of a packed tile: bounds the memory of a thread where rows are very long. */
const TILE_VALUES_MAX = 2 ** 24

/** Rows of a tile, a multiple of 8; the same on both sides. */
export function tileRowsOf({ kind, columns }: JobShape): number {
  const rowsOf = (values: number) => Math.floor(values / Math.max(1, columns) / 8) * 8
  const fitting = Math.min(WIDE_ROWS_MAX, rowsOf(WIDE_VALUES))
  const most = kind === 'euclidean' ? Math.max(TILE_ROWS_MAX, fitting) : TILE_ROWS_MAX
  return Math.max(8, Math.min(most, rowsOf(TILE_VALUES_MAX)))
}

const blocksOf = (shape: JobShape) => {
  const tileRows = tileRowsOf(shape)
  return { a: Math.ceil(shape.rowsA / tileRows), b: Math.ceil(shape.rowsB / tileRows) }
}

export function tileCount(shape: JobShape): number {
  const { a, b } = blocksOf(shape)
  return shape.kind === 'gram' ? (a * (a + 1)) / 2 : a * b
}

/** Neighbouring tiles have the block of `b` in common, which a thread packs once. */
function tileAt(shape: JobShape, tile: number): { blockA: number; blockB: number } {
  if (shape.kind === 'gram') {
    let [blockB, left] = [0, tile]
    while (left > blockB) left -= ++blockB
    return { blockA: left, blockB }
  }
  const { a } = blocksOf(shape)
  return { blockA: tile % a, blockB: Math.floor(tile / a) }
}

/** One side of a tile: its block and its rows. */
export type Part = { readonly block: number; readonly first: number; readonly rows: number }

export function partsAt({ shape }: TileJob, tile: number): { readonly a: Part; readonly b: Part } {
  const tileRows = tileRowsOf(shape)
  const { blockA, blockB } = tileAt(shape, tile)
  const partOf = (block: number, rows: number): Part => {
    const first = block * tileRows
    return { block, first, rows: Math.min(tileRows, rows - first) }
  }
  return { a: partOf(blockA, shape.rowsA), b: partOf(blockB, shape.rowsB) }
}

export function resultBytes(shape: JobShape): number {
  const { a, b } = blocksOf(shape)
  const isProduct = shape.kind === 'multiply' || shape.kind === 'gram'
  return isProduct ? 4 * shape.rowsA * shape.rowsB : 12 * (b * shape.rowsA + a * shape.rowsB)
}

/** [rowsA, rowsB] */
export const productsOf = ({ shape, out }: TileJob): Float32Array =>
  new Float32Array(out, 0, shape.rowsA * shape.rowsB)

/** Best of each row of one side within each block of the other, [blocks, rows]. */
export type Bests = { readonly values: Float64Array; readonly places: Int32Array }

export function bestsOf({ shape, out }: TileJob): { readonly a: Bests; readonly b: Bests } {
  const blocks = blocksOf(shape)
  const [countA, countB] = [blocks.b * shape.rowsA, blocks.a * shape.rowsB]
  const placesAt = 8 * (countA + countB)
  return {
    a: {
      values: new Float64Array(out, 0, countA),
      places: new Int32Array(out, placesAt, countA),
    },
    b: {
      values: new Float64Array(out, 8 * countA, countB),
      places: new Int32Array(out, placesAt + 4 * countA, countB),
    },
  }
}

/** Stores the bests of a tile, whose places count from row `other` of the other side. */
export function storeBests(
  to: Bests,
  first: number,
  found: {
    readonly values: ArrayLike<number>
    readonly places: Int32Array
    readonly other: number
  },
): void {
  const { values, places, other } = found
  to.values.set(values, first)
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number
    to.places[first + i] = place < 0 ? -1 : other + place
  }
}

/** Copies `count` rows of one side from row `first` on. */
export function copyRows(
  { data, order }: JobRows,
  columns: number,
  span: { readonly first: number; readonly count: number; readonly to: Float32Array },
): void {
  const { first, count, to } = span
  if (!order) {
    to.set(data.subarray(first * columns, (first + count) * columns))
    return
  }
  for (let i = 0; i < count; i++) {
    const from = (order[first + i] as number) * columns
    to.set(data.subarray(from, from + columns), i * columns)
  }
}
