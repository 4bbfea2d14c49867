import { instantiateKernel, PAGE_BYTES, type WasmMemory, type WasmModule } from '../wasm-kernel.ts'
import { type Bests, bestsOf, productsOf, type TileJob, tileAt, tileRowsOf } from './tile-job.ts'

/** packages/core/wasm/row-products.ts; matrices are byte offsets. */
type Exports = {
  readonly memory: WasmMemory
  readonly pack: (
    rows: number,
    columns: number,
    lanes: number,
    panel: number,
    tileRows: number,
    tile: number,
  ) => void
  readonly multiply: (
    a: number,
    rowsA: number,
    b: number,
    rowsB: number,
    columns: number,
    out: number,
  ) => void
  readonly bestOfRows: (
    matrix: number,
    rows: number,
    columns: number,
    stride: number,
    isAbsolute: boolean,
    values: number,
    places: number,
  ) => void
  readonly bestOfColumns: (
    matrix: number,
    rows: number,
    stride: number,
    isAbsolute: boolean,
    values: number,
    places: number,
  ) => void
}

/** Rows that the kernel packs side by side. */
const LANES = { a: 4, b: 8 } as const
type SideName = keyof typeof LANES

/** Byte offsets in the memory of one thread. */
type Layout = {
  readonly staged: number
  readonly a: number
  readonly b: number
  readonly out: number
  readonly values: number
  readonly places: number
  readonly end: number
}

/** One side of a tile: its block, its first row, its rows, and these rounded up to whole panels. */
type Part = {
  readonly block: number
  readonly first: number
  readonly rows: number
  readonly padded: number
}

/** A tile of a job on its way through the kernel. */
type Task = {
  readonly kernel: Exports
  readonly layout: Layout
  readonly job: TileJob
  readonly a: Part
  readonly b: Part
}

export type TileRunner = (job: TileJob, tile: number) => void

/**
 * Computes tiles in a WebAssembly memory of its own. Packed rows are kept from tile to tile: the
 * matrices of a job must not change while it runs, and every job is a new object.
 */
export function tileRunner(module: WasmModule): TileRunner {
  const kernel = instantiateKernel<Exports>(module)
  let current: TileJob | null = null
  let packed = { a: -1, b: -1 }
  return (job, tile) => {
    const { shape } = job
    const layout = layoutOf(shape.columns, tileRowsOf(shape))
    if (current !== job) {
      current = job
      packed = { a: -1, b: -1 }
      growTo(kernel.memory, layout.end)
    }
    const { blockA, blockB } = tileAt(shape, tile)
    const [a, b] = [partOf(job, 'a', blockA), partOf(job, 'b', blockB)]
    const task: Task = { kernel, layout, job, a, b }
    if (packed.a !== blockA) packPart(task, 'a')
    if (packed.b !== blockB) packPart(task, 'b')
    packed = { a: blockA, b: blockB }
    kernel.multiply(layout.a, a.padded, layout.b, b.padded, shape.columns, layout.out)
    if (shape.kind === 'multiply' || shape.kind === 'gram') keepProducts(task)
    else keepBests(task)
  }
}

function layoutOf(columns: number, tileRows: number): Layout {
  const tileBytes = 4 * tileRows * columns
  const staged = PAGE_BYTES
  const a = staged + 4 * LANES.b * columns
  const b = a + tileBytes
  const out = b + tileBytes
  const values = out + 4 * tileRows * tileRows
  const places = values + 4 * tileRows
  return { staged, a, b, out, values, places, end: places + 4 * tileRows }
}

function growTo(memory: WasmMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
}

function partOf({ shape }: TileJob, side: SideName, block: number): Part {
  const tileRows = tileRowsOf(shape)
  const first = block * tileRows
  const rows = Math.min(tileRows, (side === 'a' ? shape.rowsA : shape.rowsB) - first)
  return { block, first, rows, padded: Math.ceil(rows / LANES[side]) * LANES[side] }
}

function packPart(task: Task, side: SideName): void {
  const { kernel, layout, job } = task
  const { columns } = job.shape
  const [part, matrix, lanes] = [task[side], job[side], LANES[side]]
  const staged = new Float32Array(kernel.memory.buffer, layout.staged, lanes * columns)
  for (let panel = 0; panel * lanes < part.rows; panel++) {
    const first = part.first + panel * lanes
    const rows = Math.min(lanes, part.rows - panel * lanes)
    if (rows < lanes) staged.fill(0, rows * columns)
    staged.set(matrix.subarray(first * columns, (first + rows) * columns))
    kernel.pack(layout.staged, columns, lanes, panel, part.padded, layout[side])
  }
}

function keepProducts({ kernel, layout, job, a, b }: Task): void {
  const out = productsOf(job)
  const stride = job.shape.rowsB
  const tile = new Float32Array(kernel.memory.buffer, layout.out, a.rows * b.padded)
  for (let i = 0; i < a.rows; i++) {
    const row = tile.subarray(i * b.padded, i * b.padded + b.rows)
    out.set(row, (a.first + i) * stride + b.first)
  }
  if (job.shape.kind !== 'gram' || a.block === b.block) return
  for (let j = 0; j < b.rows; j++) {
    let to = (b.first + j) * stride + a.first
    for (let i = 0, at = j; i < a.rows; i++, at += b.padded) out[to++] = tile[at] as number
  }
}

function keepBests(task: Task): void {
  const { kernel, layout, job, a, b } = task
  const { out, values, places } = layout
  const isAbsolute = job.shape.kind === 'nearest_absolute'
  const bests = bestsOf(job)
  kernel.bestOfRows(out, a.rows, b.rows, b.padded, isAbsolute, values, places)
  const firstA = b.block * job.shape.rowsA + a.first
  copyBests(task, { to: bests.a, first: firstA, rows: a.rows, offset: b.first })
  kernel.bestOfColumns(out, a.rows, b.padded, isAbsolute, values, places)
  const firstB = a.block * job.shape.rowsB + b.first
  copyBests(task, { to: bests.b, first: firstB, rows: b.rows, offset: a.first })
}

function copyBests(
  { kernel, layout }: Task,
  job: {
    readonly to: Bests
    readonly first: number
    readonly rows: number
    /** First row of the other side: the kernel counts places within the tile. */
    readonly offset: number
  },
): void {
  const { to, first, rows, offset } = job
  const { buffer } = kernel.memory
  to.values.set(new Float32Array(buffer, layout.values, rows), first)
  const places = new Int32Array(buffer, layout.places, rows)
  for (let i = 0; i < rows; i++) {
    const place = places[i] as number
    to.places[first + i] = place < 0 ? -1 : offset + place
  }
}
