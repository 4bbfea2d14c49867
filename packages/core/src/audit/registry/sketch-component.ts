import type { ComponentStructure, Role, RoleKind } from '../../model/role.ts'
import { type OpenModel, tensorOf } from '../technical/measure-signs.ts'
import { readRows } from '../technical/read-rows.ts'
import { hasResidualSigns, signUnitsFor } from '../technical/sign-units.ts'
import { tokenTable } from '../technical/token-table.ts'
import { sketchSide } from '../technical/unit-batch.ts'
import { type SketchRole, sketchDirections, sketchRows } from './directions.ts'
import { ROWS_PER_LAYER, type SignCounts, type Sketch } from './sketch.ts'

/** Tokens whose embeddings stand for the columns; fewer where the vocabulary is smaller. */
const TOKENS_MAX = 1024
const RESIDUAL_DIMS_MAX = 65_536

const KINDS: readonly { readonly role: SketchRole; readonly kinds: readonly RoleKind[] }[] = [
  { role: 'up', kinds: ['up'] },
  { role: 'value', kinds: ['v', 'kv_b'] },
]

/** The sketches of one component: hidden units of gated MLPs and value dimensions. */
export async function sketchComponent(
  model: OpenModel,
  roles: readonly Role[],
  structure: ComponentStructure | undefined,
): Promise<Sketch[]> {
  const sketches: Sketch[] = []
  for (const { role, kinds } of KINDS) {
    const chosen = perLayer(roles.filter((one) => isTestable(one, kinds, structure)))
    const widths = Map.groupBy(chosen, (one) => one.view.cols)
    for (const [width, layers] of [...widths].sort((x, y) => x[0] - y[0])) {
      sketches.push(await sketchLayers(model, { role, width, layers }))
    }
  }
  return sketches
}

function isTestable(
  role: Role,
  kinds: readonly RoleKind[],
  structure: ComponentStructure | undefined,
): boolean {
  if (!kinds.includes(role.kind) || role.part !== 'weight' || role.layer === null) return false
  const pair = { candidate: role, reference: role, rows: role.view.rows, cols: role.view.cols }
  return signUnitsFor(pair, 1, { candidate: structure, reference: undefined }) !== null
}

/** One matrix per layer: dense before the first expert, and in a fixed order of slots. */
function perLayer(roles: readonly Role[]): Role[] {
  const rank = (role: Role) => role.expert ?? -2
  const sorted = [...roles].sort(
    (x, y) =>
      (x.layer ?? 0) - (y.layer ?? 0) ||
      // Shared experts (-1) come last: up-cycled experts are copies of a dense layer.
      (rank(x) === -1 ? 1e9 : rank(x)) - (rank(y) === -1 ? 1e9 : rank(y)) ||
      (x.slot < y.slot ? -1 : 1),
  )
  return sorted.filter((role, at) => role.layer !== sorted[at - 1]?.layer)
}

async function sketchLayers(
  model: OpenModel,
  job: { readonly role: SketchRole; readonly width: number; readonly layers: readonly Role[] },
): Promise<Sketch> {
  const { role, width } = job
  const directions = sketchDirections(role, width)
  const layers = 1 + Math.max(...job.layers.map((one) => one.layer ?? 0))
  const bits = new Uint8Array(layers * ROWS_PER_LAYER * 8)
  const valid = new Uint8Array((layers * ROWS_PER_LAYER) / 8)
  const counts: SignCounts[] = []
  for (const one of job.layers) {
    const count = Math.min(ROWS_PER_LAYER, one.view.rows)
    const values = await readRows(model.source, tensorOf(model, one), {
      view: one.view,
      ranges: [{ first: 0, count }],
    })
    const sketched = sketchRows(values, width, directions)
    const layer = one.layer ?? 0
    bits.set(sketched.bits, layer * ROWS_PER_LAYER * 8)
    valid.set(sketched.valid, (layer * ROWS_PER_LAYER) / 8)
    counts.push(signsOf(values, width))
  }
  return { role, width, layers, rowsPerLayer: ROWS_PER_LAYER, bits, valid, signs: total(counts) }
}

/** Residual dimensions through the columns of the token embeddings; one block of rows. */
export async function sketchResidual(
  model: OpenModel,
  roles: readonly Role[],
  body: ComponentStructure | undefined,
): Promise<Sketch | null> {
  const table = tokenTable(roles, (role) => role)
  if (!table || !hasResidualSigns({ candidate: body, reference: undefined })) return null
  const dims = table.view.cols
  // A power of two, so that an extended vocabulary keeps the tokens of the original.
  const tokens = 2 ** Math.floor(Math.log2(Math.min(TOKENS_MAX, table.view.rows)))
  if (dims > RESIDUAL_DIMS_MAX || tokens < 16) return null
  const values = await readRows(model.source, tensorOf(model, table), {
    view: table.view,
    ranges: [{ first: 0, count: tokens }],
  })
  const columns = centredColumns(values, dims)
  const sketched = sketchRows(columns, tokens, sketchDirections('residual', tokens))
  const rowsPerLayer = Math.ceil(dims / 16) * 16
  const bits = new Uint8Array(rowsPerLayer * 8)
  const valid = new Uint8Array(rowsPerLayer / 8)
  bits.set(sketched.bits)
  valid.set(sketched.valid)
  const signs = signsOf(columns, tokens)
  return { role: 'residual', width: tokens, layers: 1, rowsPerLayer, bits, valid, signs }
}

/** Columns as rows, [dims, tokens]: tokens scaled to unit length, then each column centred. */
function centredColumns(values: Float32Array, dims: number): Float32Array {
  const tokens = values.length / dims
  const columns = new Float32Array(values.length)
  for (let t = 0; t < tokens; t++) {
    let squares = 0
    for (let j = 0; j < dims; j++) squares += (values[t * dims + j] as number) ** 2
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
    for (let j = 0; j < dims; j++)
      columns[j * tokens + t] = (values[t * dims + j] as number) * scale
  }
  for (let j = 0; j < dims; j++) {
    const column = columns.subarray(j * tokens, (j + 1) * tokens)
    let sum = 0
    for (let t = 0; t < tokens; t++) sum += column[t] as number
    const mean = sum / tokens
    for (let t = 0; t < tokens; t++) column[t] = (column[t] as number) - mean
  }
  return columns
}

function signsOf(values: Float32Array, width: number): SignCounts {
  const members = Array.from({ length: values.length / width }, (_, row) => [row])
  const { units, positiveFirst, positiveLargest, positiveSum } = sketchSide(values, width, members)
  return { units, positiveFirst, positiveLargest, positiveSum }
}

const total = (counts: readonly SignCounts[]): SignCounts => ({
  units: counts.reduce((sum, one) => sum + one.units, 0),
  positiveFirst: counts.reduce((sum, one) => sum + one.positiveFirst, 0),
  positiveLargest: counts.reduce((sum, one) => sum + one.positiveLargest, 0),
  positiveSum: counts.reduce((sum, one) => sum + one.positiveSum, 0),
})
