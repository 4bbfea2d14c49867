import { createRng, type Rng } from '../../../base/rng.ts'
import type { ComponentName } from '../../../model/role.ts'
import { dot, normSquared, rowCosines } from '../../../numeric/kernels.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { Note, TestName, TestResult } from '../../result.ts'
import { decideFamily } from '../decide-signs.ts'
import { exactCell } from '../exact-cell.ts'
import type { MeasureContext } from '../measure-context.ts'
import { stepCounter, tellStep } from '../progress.ts'
import type { Products, UnitBatch } from '../unit-batch.ts'
import { type Anchors, type AxisFeatures, anchorsOf, axisFeatures } from './axis-features.ts'
import { type Block, readBlocks } from './blocks.ts'
import { type ComparedRows, comparedRows, unitScales } from './compared-rows.ts'
import { partOf, widthOf } from './folded-layers.ts'
import { frameOf, matchUnits, type UnitMatch } from './match-rows.ts'
import type { AlignedPlan } from './plan.ts'
import { type MapKind, type ResidualMap, rotationMap, signedPermutation } from './residual-map.ts'
import type { HeldOut } from './transform.ts'

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
  readonly anchors: Anchors | null
  /** The most telling transform replayed on down projections; filled in where it may matter. */
  readonly heldOut: HeldOut | null
  /** Hidden units (or value dimensions) of the first layer and width of the residual stream. */
  readonly sizes: { readonly candidate: Sizes; readonly reference: Sizes }
  readonly notes: readonly Note[]
}

type Sides = { readonly candidate: readonly Block[]; readonly reference: readonly Block[] }

export async function measureAligned(
  context: MeasureContext,
  component: ComponentName,
  plan: AlignedPlan,
): Promise<AlignedEvidence | null> {
  const { engine } = context
  const own = partOf(context, component, 'candidate')
  const other = partOf(context, component, 'reference')
  if (!own || !other) return null
  const from = widthOf(own, plan.candidateLayers)
  const to = widthOf(other, plan.referenceLayers)
  tellStep(context, component, 'axes')
  const { maps, anchors } = await axesOf(context, component, { plan, from, to })
  const frames = [...maps.values()].map((map) => frameOf(map, { from, to, engine }))
  const unmoved = frameOf({ kind: 'identity' }, { from: to, to, engine })
  tellStep(context, component, 'folding')
  const candidate = await readBlocks(own, { layers: plan.candidateLayers, frames, engine })
  const reference = await readBlocks(other, {
    layers: plan.referenceLayers,
    frames: [unmoved],
    engine,
  })
  const parts: UnderMap[] = []
  const of = FAMILIES.length * frames.length * candidate.length
  const onLayer = stepCounter(context, component, { step: 'alignment', of })
  for (const [index, { map }] of frames.entries()) {
    const job = { map, index, plan, seed: context.seed, engine, onLayer }
    parts.push(await testUnderMap({ candidate, reference }, job))
  }
  return {
    pooled: parts.flatMap((part) => part.pooled),
    cells: parts.flatMap((part) => part.cells),
    notes: parts.flatMap((part) => part.notes).filter(isConvention),
    maps,
    anchors,
    heldOut: null,
    sizes: { candidate: sizesOf(candidate), reference: sizesOf(reference) },
  }
}

function sizesOf(blocks: readonly Block[]): Sizes {
  const matrix = blocks[0]?.up ?? blocks[0]?.value
  return { units: matrix?.rows ?? 0, width: matrix?.columns ?? 0 }
}

const isConvention = ({ code }: Note): boolean => code.startsWith('sign_convention')

/** What embeddings say; they are dropped again, being as large as all that is kept. */
async function axesOf(
  context: MeasureContext,
  component: ComponentName,
  job: { readonly plan: AlignedPlan; readonly from: number; readonly to: number },
): Promise<{ readonly maps: Map<MapKind, ResidualMap>; readonly anchors: Anchors | null }> {
  const { engine } = context
  const { kinds } = job.plan
  const found = kinds.some((kind) => kind !== 'identity')
    ? await axisFeatures(context, component, kinds.includes('rotation'))
    : null
  // Embeddings of another width than the stream (factorised ones) say nothing of its axes.
  const isOfStream = found?.candidate.columns === job.from && found.reference.columns === job.to
  const features = isOfStream ? found : null
  const maps = new Map<MapKind, ResidualMap>()
  for (const kind of kinds) {
    const rng = createRng(context.seed).fork('residual')
    const map = kind === 'identity' ? { kind } : features && mapOf(kind, features, { rng, engine })
    if (map) maps.set(kind, map)
  }
  return { maps, anchors: features && anchorsOf(features) }
}

const mapOf = (
  kind: 'signed_permutation' | 'rotation',
  features: AxisFeatures,
  options: { readonly rng: Rng; readonly engine: MatrixEngine },
): ResidualMap | null =>
  kind === 'rotation' ? rotationMap(features, options.engine) : signedPermutation(features, options)

const FAMILIES = ['aligned_up', 'aligned_value'] as const

type UnderMap = Pick<AlignedEvidence, 'pooled' | 'cells' | 'notes'>

type MapJob = {
  readonly map: ResidualMap
  /** Place of the map among the frames. */
  readonly index: number
  readonly plan: AlignedPlan
  readonly seed: number
  readonly engine: MatrixEngine
  /** Told after each layer of the candidate. */
  readonly onLayer: () => void
}

async function testUnderMap(sides: Sides, job: MapJob): Promise<UnderMap> {
  const [first, second] = FAMILIES
  const up = await testFamilyUnderMap(sides, { ...job, test: first })
  const value = await testFamilyUnderMap(sides, { ...job, test: second })
  return {
    pooled: [...up.pooled, ...value.pooled],
    // One picture of layers is enough: hidden units where there are any, else values.
    cells: (up.cells.length > 0 ? up : value).cells,
    notes: [...up.notes, ...value.notes],
  }
}

type FamilyJob = MapJob & { readonly test: (typeof FAMILIES)[number] }

async function testFamilyUnderMap(sides: Sides, job: FamilyJob): Promise<UnderMap> {
  const { kind } = job.map
  const diagonal: UnitBatch[] = []
  const cells: AlignedCell[] = []
  for (const [i, a] of sides.candidate.entries()) {
    for (const [j, b] of sides.reference.entries()) {
      const isOwn = i === j
      if (!isOwn && (!job.plan.everyPair || (job.test === 'aligned_value' && a.gate))) continue
      const pair = await alignPair(a, b, job)
      if (!pair) continue
      if (isOwn) diagonal.push(pair.batch)
      const result = exactCell(job.test, a.layer, pair.batch.correlations)
      if (result) {
        cells.push({
          map: kind,
          candidateLayer: a.layer,
          referenceLayer: b.layer,
          match: pair.match,
          scales: pair.scales,
          products: pair.batch.products,
          result: { ...result, notes: cellNotes(kind, a.layer, b.layer) },
        })
      }
    }
    job.onLayer()
  }
  if (diagonal.length === 0) return { pooled: [], cells, notes: [] }
  const decided = decideFamily(job.test, diagonal)
  if (!('pooled' in decided)) return { pooled: [], cells: [], notes: decided.notes }
  const how: Note = { code: 'aligned_by', values: { alignment: kind } }
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
async function alignPair(
  a: Block,
  b: Block,
  job: FamilyJob,
): Promise<{
  readonly batch: UnitBatch
  readonly match: UnitMatch
  readonly scales: Float64Array
} | null> {
  const [rows, key] =
    job.test === 'aligned_up' ? (['up', 'gate'] as const) : (['value', 'value'] as const)
  const [own, other] = [a[rows], b[rows]]
  const [by, against] = [a.matchedBy[job.index]?.[key], b.matchedBy[0]?.[key]]
  const [candidate, reference] = [a.sketches[rows], b.sketches[rows]]
  if (!own || !other || !by || !against || !candidate || !reference) return null
  if (by.columns !== against.columns) return null
  if (own.rows !== by.rows || other.rows !== against.rows) return null
  const { map, engine } = job
  const rng = createRng(job.seed).fork(`${job.test}/${map.kind}/${a.layer}/${b.layer}`)
  const likeness = key === 'gate' ? 'cosine' : 'absolute-cosine'
  const match = matchUnits(by, against, { rng, by: likeness, engine })
  const compared = await comparedRows({ own, other, match }, { map, engine })
  const sides = { layer: a.layer, candidate, reference }
  return {
    match,
    batch: batchOf(job.test, compared, sides),
    scales: unitScales(compared, own.rows),
  }
}

export const batchOf = (
  test: TestName,
  { own, other }: Pick<ComparedRows, 'own' | 'other'>,
  sides: Pick<UnitBatch, 'layer' | 'candidate' | 'reference'>,
): UnitBatch => ({
  test,
  expert: null,
  tensor: '',
  correlations: rowCosines(own, other).cosines,
  products: {
    ab: dot(own.data, other.data),
    aa: normSquared(own.data),
    bb: normSquared(other.data),
  },
  ...sides,
})
