/**
 * Products of two matrices, cut into tiles of rows that any thread may take in any order: what a
 * tile writes depends on the tile alone. The arrays may lie in memory that threads share.
 */
export type TileJob = {
  readonly shape: JobShape
  /** [rowsA, columns] and [rowsB, columns] */
  readonly a: Float32Array
  readonly b: Float32Array
  /** Where `productsOf` or `bestsOf` find the results. */
  readonly out: ArrayBufferLike
}

export type JobShape = {
  readonly kind: JobKind
  readonly rowsA: number
  readonly rowsB: number
  readonly columns: number
}

export const JOB_KINDS = [
  'multiply', // all products
  'gram', // of a matrix with itself: tiles below the diagonal are copied from above it
  'nearest', // the largest products of every row of either side
  'nearest_absolute', // those largest in size
] as const
export type JobKind = (typeof JOB_KINDS)[number]

/** Bound on the bytes of either matrix and of the results of a job that threads share. */
export const PART_BYTES = 2 ** 26

/** Two packed blocks of 256 rows and 256 columns fit a common second-level cache. */
const TILE_ROWS_MAX = 256
/** Values of a packed tile: bounds the memory of a thread where rows are very long. */
const TILE_VALUES_MAX = 2 ** 24

/** Rows of a tile, a multiple of 8; the same on both sides. */
export function tileRowsOf({ columns }: JobShape): number {
  const affordable = Math.floor(TILE_VALUES_MAX / Math.max(1, columns) / 8) * 8
  return Math.max(8, Math.min(TILE_ROWS_MAX, affordable))
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
export function tileAt(shape: JobShape, tile: number): { blockA: number; blockB: number } {
  if (shape.kind === 'gram') {
    let [blockB, left] = [0, tile]
    while (left > blockB) left -= ++blockB
    return { blockA: left, blockB }
  }
  const { a } = blocksOf(shape)
  return { blockA: tile % a, blockB: Math.floor(tile / a) }
}

export function resultBytes(shape: JobShape): number {
  const { a, b } = blocksOf(shape)
  const isProduct = shape.kind === 'multiply' || shape.kind === 'gram'
  return isProduct ? 4 * shape.rowsA * shape.rowsB : 8 * (b * shape.rowsA + a * shape.rowsB)
}

/** [rowsA, rowsB] */
export const productsOf = ({ shape, out }: TileJob): Float32Array =>
  new Float32Array(out, 0, shape.rowsA * shape.rowsB)

/** Best of each row of one side within each block of the other, [blocks, rows]. */
export type Bests = { readonly values: Float32Array; readonly places: Int32Array }

export function bestsOf({ shape, out }: TileJob): { readonly a: Bests; readonly b: Bests } {
  const blocks = blocksOf(shape)
  const [countA, countB] = [blocks.b * shape.rowsA, blocks.a * shape.rowsB]
  const at = (index: number, count: number): Bests => ({
    values: new Float32Array(out, index, count),
    places: new Int32Array(out, index + 4 * count, count),
  })
  return { a: at(0, countA), b: at(8 * countA, countB) }
}
