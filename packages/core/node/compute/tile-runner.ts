import { growTo, instantiateKernel, PAGE_BYTES, type WasmModule } from '../wasm-kernel.ts'
import { distanceTile } from './distance-tile.ts'
import type { ProductKernel } from './product-kernel.ts'
import {
  bestsOf,
  copyRows,
  type Part,
  partsAt,
  productsOf,
  storeBests,
  type TileJob,
  tileRowsOf,
} from './tile-job.ts'

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

/** A tile of a job on its way through the kernel. */
type Task = {
  readonly kernel: ProductKernel
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
  const kernel = instantiateKernel<ProductKernel>(module)
  let current: TileJob | null = null
  let packed = { a: -1, b: -1 }
  return (job, tile) => {
    const { kind, columns } = job.shape
    const { a, b } = partsAt(job, tile)
    const isKept = {
      a: current === job && packed.a === a.block,
      b: current === job && packed.b === b.block,
    }
    current = job
    packed = { a: a.block, b: b.block }
    if (kind === 'euclidean') {
      distanceTile(kernel, job, { a, b, isKept })
      return
    }
    const layout = layoutOf(columns, tileRowsOf(job.shape))
    growTo(kernel.memory, layout.end)
    const task: Task = { kernel, layout, job, a, b }
    if (!isKept.a) packPart(task, 'a')
    if (!isKept.b) packPart(task, 'b')
    kernel.multiply(layout.a, padded('a', a), layout.b, padded('b', b), columns, layout.out)
    if (kind === 'multiply' || kind === 'gram') keepProducts(task)
    else keepBests(task)
  }
}

/** Rows rounded up to whole panels. */
const padded = (side: SideName, { rows }: Part): number =>
  Math.ceil(rows / LANES[side]) * LANES[side]

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

function packPart(task: Task, side: SideName): void {
  const { kernel, layout, job } = task
  const { kind, columns } = job.shape
  const [part, lanes, tileRows] = [task[side], LANES[side], padded(side, task[side])]
  const staged = new Float32Array(kernel.memory.buffer, layout.staged, lanes * columns)
  for (let panel = 0; panel * lanes < part.rows; panel++) {
    const count = Math.min(lanes, part.rows - panel * lanes)
    if (count < lanes) staged.fill(0, count * columns)
    copyRows(job[side], columns, { first: part.first + panel * lanes, count, to: staged })
    kernel.pack(layout.staged, columns, lanes, panel, tileRows, layout[side])
    if (kind === 'multiply' || kind === 'gram') continue
    kernel.divideByLengths(columns, lanes, panel, tileRows, layout[side])
  }
}

function keepProducts({ kernel, layout, job, a, b }: Task): void {
  const out = productsOf(job)
  const [stride, width] = [job.shape.rowsB, padded('b', b)]
  const tile = new Float32Array(kernel.memory.buffer, layout.out, a.rows * width)
  for (let i = 0; i < a.rows; i++) {
    const row = tile.subarray(i * width, i * width + b.rows)
    out.set(row, (a.first + i) * stride + b.first)
  }
  if (job.shape.kind !== 'gram' || a.block === b.block) return
  for (let j = 0; j < b.rows; j++) {
    let to = (b.first + j) * stride + a.first
    for (let i = 0, at = j; i < a.rows; i++, at += width) out[to++] = tile[at] as number
  }
}

function keepBests({ kernel, layout, job, a, b }: Task): void {
  const { out, values, places } = layout
  const isAbsolute = job.shape.kind === 'absolute-cosine'
  const [bests, width] = [bestsOf(job), padded('b', b)]
  const { buffer } = kernel.memory
  const found = (rows: number, other: number) => ({
    values: new Float32Array(buffer, values, rows),
    places: new Int32Array(buffer, places, rows),
    other,
  })
  kernel.bestOfRows(out, a.rows, b.rows, width, isAbsolute, values, places)
  storeBests(bests.a, b.block * job.shape.rowsA + a.first, found(a.rows, b.first))
  kernel.bestOfColumns(out, a.rows, width, isAbsolute, values, places)
  storeBests(bests.b, a.block * job.shape.rowsB + b.first, found(b.rows, a.first))
}
