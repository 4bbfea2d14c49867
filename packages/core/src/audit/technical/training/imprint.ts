import type { TensorSource } from '../../../model/checkpoint.ts'
import type { Role } from '../../../model/role.ts'
import { mapRoles } from '../../../model/roles/map-roles.ts'
import { dot } from '../../../numeric/kernels.ts'
import { type RowRange, readRows } from '../read-rows.ts'
import { tensorNamed } from './trajectory.ts'

/**
 * Does what training added know the start? A gradient is made of the weights that it passes through:
 * what a matrix that reads the residual stream gains is made of token embeddings, what one that
 * writes into it gains is made of the output layer. So residual axes that are alike in the start's
 * tables get alike updates. Weights of another origin to which a start was added know nothing of it:
 * each axis of freshly drawn tables may be negated without changing their law, and the statistic is a
 * quadratic form in those signs with mean 0 and a known variance.
 */
export type Imprint = {
  /** Standard deviations above chance; 0 ± 1 for weights to which the start was merely added. */
  readonly z: number
  readonly axes: number
  readonly matrices: number
}

/** Residual axes, rows of a matrix and layers that are looked at, in evenly spaced runs. */
const AXES = 256
const ROWS = 256
const LAYERS = 8
/** Rows of a table: the first ones, which are the frequent tokens, and as many spread over the rest. */
const TOKENS = 1024
const RUNS = 4
/** Fewer axes have too few pairs to say anything. */
const AXES_MIN = 48

const READERS: ReadonlySet<string> = new Set(['q', 'k', 'v', 'q_a', 'kv_a', 'gate', 'up', 'fc1'])
const WRITERS: ReadonlySet<string> = new Set(['o', 'down', 'fc2'])

/** Null where the model has no token tables, too few axes, or nothing that moved. */
export async function measureImprint(
  start: TensorSource,
  later: TensorSource,
): Promise<Imprint | null> {
  const layout = layoutOf(start, later)
  if (!layout) return null
  const { axes, head, embedding } = layout
  const input = await readTable(start, later, { role: embedding, axes })
  const output = head ? await readTable(start, later, { role: head, axes }) : input
  const fromInput = emptySum(input.length)
  const fromOutput = head ? emptySum(output.length) : fromInput
  for (const { role, side } of layout.matrices) {
    const gained = await gainedAxes(start, later, { role, side, axes })
    addGram(side === 'reads' ? fromInput : fromOutput, gained)
  }
  if (head) {
    addGram(
      fromOutput,
      input.map(({ gained }) => gained),
    )
    addGram(
      fromInput,
      output.map(({ gained }) => gained),
    )
  }
  const parts = [...scoreOf(input, fromInput), ...(head ? scoreOf(output, fromOutput) : [])]
  if (parts.length === 0) return null
  const z = parts.reduce((sum, part) => sum + part, 0) / Math.sqrt(parts.length)
  return { z, axes: input.length, matrices: layout.matrices.length }
}

type Side = 'reads' | 'writes'
type Layout = {
  readonly embedding: Role
  /** null: tied to the embedding. */
  readonly head: Role | null
  readonly axes: readonly RowRange[]
  readonly matrices: readonly { readonly role: Role; readonly side: Side }[]
}

function layoutOf(start: TensorSource, later: TensorSource): Layout | null {
  const shapes = new Map(
    later.checkpoint.tensors.map((tensor) => [tensor.name, tensor.shape.join('x')]),
  )
  const roles = mapRoles(start.checkpoint).roles.filter(
    ({ part, tensor }) =>
      part === 'weight' &&
      shapes.get(tensor) === tensorNamed(start, tensor).shape.join('x') &&
      /^(F|BF)/.test(tensorNamed(start, tensor).dtype),
  )
  const embedding = roles.find(({ kind, layer }) => kind === 'embedding' && layer === null)
  if (!embedding) return null
  const width = embedding.view.cols
  if (width < AXES_MIN) return null
  const head = roles.find(({ kind, view }) => kind === 'head' && view.cols === width) ?? null
  const inside = roles.flatMap((role) => {
    const side = sideOf(role, width)
    return side && role.expert === null ? [{ role, side }] : []
  })
  const layers = [...new Set(inside.map(({ role }) => role.layer))]
  const kept = new Set(spread(layers.length, LAYERS).map((at) => layers[at]))
  const matrices = inside.filter(({ role }) => kept.has(role.layer))
  return { embedding, head, axes: runsOf(width, AXES), matrices }
}

function sideOf({ kind, view }: Role, width: number): Side | null {
  if (READERS.has(kind) && view.cols === width) return 'reads'
  return WRITERS.has(kind) && view.rows === width ? 'writes' : null
}

const spread = (count: number, wanted: number): number[] =>
  count <= wanted
    ? Array.from({ length: count }, (_, at) => at)
    : Array.from({ length: wanted }, (_, at) => Math.floor(((at + 0.5) * count) / wanted))

function runsOf(count: number, wanted: number): RowRange[] {
  if (count <= wanted) return [{ first: 0, count }]
  return Array.from({ length: RUNS }, (_, run) => ({
    first: Math.floor((run * count) / RUNS),
    count: wanted / RUNS,
  }))
}

/** One residual axis of a table: what the start has of it, weighted by token, and what it gained. */
type Axis = { readonly start: Float32Array; readonly gained: Float32Array }

/** Tokens count by how far they moved: those that the data never held say nothing. */
async function readTable(
  start: TensorSource,
  later: TensorSource,
  job: { readonly role: Role; readonly axes: readonly RowRange[] },
): Promise<Axis[]> {
  const { rows } = job.role.view
  const first = Math.min(rows, TOKENS)
  const rest = runsOf(rows - first, TOKENS).map((run) => ({ ...run, first: run.first + first }))
  const ranges = [{ first: 0, count: first }, ...rest].filter((run) => run.count > 0)
  const before = await columns(start, { ...job, ranges })
  const gained = residuals(before, await columns(later, { ...job, ranges }))
  const tokens = before[0]?.length ?? 0
  const weight = new Float32Array(tokens)
  for (const axis of gained) {
    for (const [t, x] of axis.entries()) weight[t] = (weight[t] as number) + x * x
  }
  const weighted = before.map((axis) => axis.map((x, t) => x * (weight[t] as number) ** 0.25))
  return weighted.map((axis, at) => ({ start: axis, gained: gained[at] as Float32Array }))
}

/** What a matrix gained, residual axis by residual axis. */
async function gainedAxes(
  start: TensorSource,
  later: TensorSource,
  job: { readonly role: Role; readonly side: Side; readonly axes: readonly RowRange[] },
): Promise<Float32Array[]> {
  const { role, side, axes } = job
  const read = (source: TensorSource): Promise<Float32Array[]> =>
    side === 'reads'
      ? columns(source, { role, axes, ranges: runsOf(role.view.rows, ROWS) })
      : rowsOf(source, { role, axes })
  return residuals(await read(start), await read(later))
}

/** later − β·start with β by least squares over all of it: the start itself is taken out. */
function residuals(
  before: readonly Float32Array[],
  after: readonly Float32Array[],
): Float32Array[] {
  let own = 0
  let shared = 0
  before.forEach((axis, at) => {
    own += dot(axis, axis)
    shared += dot(axis, after[at] as Float32Array)
  })
  const share = own > 0 ? shared / own : 0
  return before.map((axis, at) =>
    (after[at] as Float32Array).map((x, i) => x - share * (axis[i] as number)),
  )
}

async function columns(
  source: TensorSource,
  job: {
    readonly role: Role
    readonly axes: readonly RowRange[]
    readonly ranges: readonly RowRange[]
  },
): Promise<Float32Array[]> {
  const { view, tensor } = job.role
  const values = await readRows(source, tensorNamed(source, tensor), { view, ranges: job.ranges })
  const rows = values.length / view.cols
  return numbered(job.axes).map((axis) =>
    Float32Array.from({ length: rows }, (_, row) => values[row * view.cols + axis] as number),
  )
}

async function rowsOf(
  source: TensorSource,
  job: { readonly role: Role; readonly axes: readonly RowRange[] },
): Promise<Float32Array[]> {
  const { view, tensor } = job.role
  const values = await readRows(source, tensorNamed(source, tensor), { view, ranges: job.axes })
  const kept = numbered(runsOf(view.cols, ROWS))
  return numbered(job.axes).map((_, at) =>
    Float32Array.from(kept, (column) => values[at * view.cols + column] as number),
  )
}

const numbered = (ranges: readonly RowRange[]): number[] =>
  ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, at) => first + at))

/** Products of axes r < s, row by row of the triangle. */
const emptySum = (axes: number): Float64Array => new Float64Array((axes * (axes - 1)) / 2)

function gramOf(axes: readonly Float32Array[]): Float64Array {
  const out = emptySum(axes.length)
  let at = 0
  for (const [r, axis] of axes.entries()) {
    for (let s = 0; s < r; s++) out[at++] = dot(axis, axes[s] as Float32Array)
  }
  return out
}

/** Every matrix at one length, so that a large one does not speak for all. */
function addGram(sum: Float64Array, axes: readonly Float32Array[]): void {
  const gram = gramOf(axes)
  const length = Math.sqrt(gram.reduce((total, x) => total + x * x, 0))
  if (!(length > 0)) return
  for (const [at, x] of gram.entries()) sum[at] = (sum[at] as number) + x / length
}

/** Σ K·S over pairs of axes, over its standard deviation when the signs of axes are coins. */
function scoreOf(table: readonly Axis[], sum: Float64Array): number[] {
  const gram = gramOf(table.map(({ start }) => start))
  let total = 0
  let square = 0
  gram.forEach((x, at) => {
    const product = x * (sum[at] as number)
    total += product
    square += product * product
  })
  return square > 0 ? [total / Math.sqrt(square)] : []
}
