import { createRng } from '../../../base/rng.ts'
import type { ComponentName } from '../../../model/role.ts'
import { dot, normSquared, rowCosines } from '../../../numeric/kernels.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import type { Note, TestName, TestResult } from '../../result.ts'
import { decideFamily } from '../decide-signs.ts'
import { exactCell } from '../exact-cell.ts'
import type { MeasureContext } from '../measure-context.ts'
import { type Products, type SideSketch, sketchSide, type UnitBatch } from '../unit-batch.ts'
import { foldedMatrix, type ModelPart, partOf } from './folded-layers.ts'
import { matchedRows, matchUnits, type UnitMatch } from './match-rows.ts'
import type { AlignedPlan } from './plan.ts'
import {
  type AxisFeatures,
  axisFeatures,
  type MapKind,
  mapRows,
  type ResidualMap,
  rotationMap,
  signedPermutation,
} from './residual-map.ts'
import { type HeldOut, unitScales } from './transform.ts'

/**
 * T4: the residual axes and the order of units are aligned by quantities that do not change when the
 * tested signs flip; then those signs are tested. The p-values are exact however good or bad the
 * alignment is. docs/methods/aligned-tests.md
 */
export type AlignedCell = {
  readonly map: MapKind
  readonly candidateLayer: number
  readonly referenceLayer: number
  readonly match: UnitMatch
  readonly scales: Float64Array
  readonly result: TestResult
  /** Over the matched up rows (value rows), in the axes of the reference. */
  readonly products: Products
}

type Sizes = { readonly units: number; readonly width: number }

export type AlignedEvidence = {
  readonly pooled: readonly TestResult[]
  readonly cells: readonly AlignedCell[]
  readonly maps: ReadonlyMap<MapKind, ResidualMap>
  readonly features: AxisFeatures | null
  readonly blocks: Sides
  /** The most telling transform replayed on down projections; filled in where it may matter. */
  readonly heldOut: HeldOut | null
  /** Hidden units (or value dimensions) of the first layer and width of the residual stream. */
  readonly sizes: { readonly candidate: Sizes; readonly reference: Sizes }
  readonly notes: readonly Note[]
}

export async function measureAligned(
  context: MeasureContext,
  component: ComponentName,
  plan: AlignedPlan,
): Promise<AlignedEvidence | null> {
  const own = partOf(context, component, 'candidate')
  const other = partOf(context, component, 'reference')
  if (!own || !other) return null
  const features = plan.kinds.some((kind) => kind !== 'identity')
    ? await axisFeatures(context, component)
    : null
  const maps = residualMaps(plan, features, context.seed)
  const candidate = await readBlocks(own, plan.candidateLayers)
  const reference = await readBlocks(other, plan.referenceLayers)
  const parts = [...maps].map(([kind, map]) =>
    testUnderMap(
      { candidate: candidate.map((block) => moved(block, map)), reference },
      { kind, plan, seed: context.seed },
    ),
  )
  return {
    pooled: parts.flatMap((part) => part.pooled),
    cells: parts.flatMap((part) => part.cells),
    notes: parts.flatMap((part) => part.notes).filter(isConvention),
    maps,
    features,
    blocks: { candidate, reference },
    heldOut: null,
    sizes: { candidate: sizesOf(candidate), reference: sizesOf(reference) },
  }
}

function sizesOf(blocks: readonly Block[]): Sizes {
  const matrix = blocks[0]?.up ?? blocks[0]?.value
  return { units: matrix?.rows ?? 0, width: matrix?.columns ?? 0 }
}

const isConvention = ({ code }: Note): boolean => code.startsWith('sign_convention')

function residualMaps(
  plan: AlignedPlan,
  features: AxisFeatures | null,
  seed: number,
): Map<MapKind, ResidualMap> {
  const maps = new Map<MapKind, ResidualMap>()
  for (const kind of plan.kinds) {
    const rng = createRng(seed).fork('residual')
    const map =
      kind === 'identity'
        ? ({ kind } as const)
        : features &&
          (kind === 'rotation' ? rotationMap(features) : signedPermutation(features, rng))
    if (map) maps.set(kind, map)
  }
  return maps
}

/** What is read of one layer; rows in stored order, columns in the axes of some model. */
export type Block = {
  readonly layer: number
  readonly gate: RowMatrix | null
  readonly up: RowMatrix | null
  readonly value: RowMatrix | null
  /** Of the rows as stored: a convention or a copy shows in the axes of its own model. */
  readonly sketches: { readonly up: SideSketch | null; readonly value: SideSketch | null }
}

async function readBlocks(part: ModelPart, layers: readonly number[]): Promise<Block[]> {
  const blocks: Block[] = []
  for (const layer of layers) {
    const place = { layer, expert: null }
    const up = await foldedMatrix(part, 'up', place)
    const value = await foldedMatrix(part, 'v', place)
    blocks.push({
      layer,
      gate: await foldedMatrix(part, 'gate', place),
      up,
      value,
      sketches: { up: up && sketchOf(up), value: value && sketchOf(value) },
    })
  }
  return blocks
}

export const sketchOf = (matrix: RowMatrix): SideSketch =>
  sketchSide(
    matrix.data,
    matrix.columns,
    Array.from({ length: matrix.rows }, (_, row) => [row]),
  )

export const moved = (block: Block, map: ResidualMap): Block => ({
  ...block,
  gate: block.gate && mapRows(block.gate, map),
  up: block.up && mapRows(block.up, map),
  value: block.value && mapRows(block.value, map),
})

export type Sides = { readonly candidate: readonly Block[]; readonly reference: readonly Block[] }

function testUnderMap(
  sides: Sides,
  job: { readonly kind: MapKind; readonly plan: AlignedPlan; readonly seed: number },
): Pick<AlignedEvidence, 'pooled' | 'cells' | 'notes'> {
  const tested = (['aligned_up', 'aligned_value'] as const).map((test) =>
    testFamilyUnderMap(sides, { ...job, test }),
  )
  const gated = tested[0] && tested[0].cells.length > 0
  return {
    pooled: tested.flatMap((family) => family.pooled),
    // One picture of layers is enough: hidden units where there are any, else values.
    cells: (gated ? tested[0] : tested[1])?.cells ?? [],
    notes: tested.flatMap((family) => family.notes),
  }
}

function testFamilyUnderMap(
  sides: Sides,
  job: {
    readonly kind: MapKind
    readonly plan: AlignedPlan
    readonly seed: number
    readonly test: 'aligned_up' | 'aligned_value'
  },
): { pooled: TestResult[]; cells: AlignedCell[]; notes: readonly Note[] } {
  const diagonal: UnitBatch[] = []
  const cells: AlignedCell[] = []
  for (const [i, a] of sides.candidate.entries()) {
    for (const [j, b] of sides.reference.entries()) {
      const isOwn = i === j
      if (!isOwn && (!job.plan.everyPair || (job.test === 'aligned_value' && a.gate))) continue
      const pair = alignPair(a, b, job)
      if (!pair) continue
      if (isOwn) diagonal.push(pair.batch)
      const result = exactCell(job.test, a.layer, pair.batch.correlations)
      if (result) {
        cells.push({
          map: job.kind,
          candidateLayer: a.layer,
          referenceLayer: b.layer,
          match: pair.match,
          scales: pair.scales,
          products: pair.batch.products,
          result: { ...result, notes: cellNotes(job.kind, a.layer, b.layer) },
        })
      }
    }
  }
  if (diagonal.length === 0) return { pooled: [], cells, notes: [] }
  const decided = decideFamily(job.test, diagonal)
  if (!('pooled' in decided)) return { pooled: [], cells: [], notes: decided.notes }
  const how: Note = { code: 'aligned_by', values: { alignment: job.kind } }
  const pooled = { ...decided.pooled, notes: [how, ...decided.pooled.notes] }
  return { pooled: pooled.log10P === null ? [] : [pooled], cells, notes: decided.pooled.notes }
}

function cellNotes(alignment: MapKind, candidate: number, reference: number): Note[] {
  const how: Note = { code: 'aligned_by', values: { alignment } }
  return candidate === reference
    ? [how]
    : [how, { code: 'layer_moved', values: { candidate, reference } }]
}

/**
 * Matches the units of two layers and correlates the matched ones. Gates are matched with their
 * signs, which no flip of an up row changes; values by the size of their cosine, which is even.
 */
function alignPair(
  a: Block,
  b: Block,
  job: { readonly kind: MapKind; readonly seed: number; readonly test: TestName },
): {
  readonly batch: UnitBatch
  readonly match: UnitMatch
  readonly scales: Float64Array
} | null {
  const isUp = job.test === 'aligned_up'
  const [own, other] = isUp ? [a.up, b.up] : [a.value, b.value]
  const [by, against] = isUp ? [a.gate, b.gate] : [own, other]
  const [candidate, reference] = [a, b].map(({ sketches }) => sketches[isUp ? 'up' : 'value'])
  if (!own || !other || !by || !against || !candidate || !reference) return null
  if (by.columns !== against.columns) return null
  if (own.rows !== by.rows || other.rows !== against.rows) return null
  const rng = createRng(job.seed).fork(`${job.test}/${job.kind}/${a.layer}/${b.layer}`)
  const match = matchUnits(by, against, { rng, by: isUp ? 'cosine' : 'absolute-cosine' })
  const pair = { layer: a.layer, own, other, match, candidate, reference }
  return { match, batch: batchOf(job.test, pair), scales: unitScales(own, other, match) }
}

export function batchOf(
  test: TestName,
  pair: {
    readonly layer: number
    readonly own: RowMatrix
    readonly other: RowMatrix
    readonly match: UnitMatch
    readonly candidate: SideSketch
    readonly reference: SideSketch
  },
): UnitBatch {
  const [x, y] = matchedRows(pair.own, pair.other, pair.match)
  return {
    test,
    layer: pair.layer,
    expert: null,
    tensor: '',
    correlations: rowCosines(x, y).cosines,
    products: { ab: dot(x.data, y.data), aa: normSquared(x.data), bb: normSquared(y.data) },
    candidate: pair.candidate,
    reference: pair.reference,
  }
}
