import type { ComponentName, Role, RoleKind, RoleMap } from '../../model/role.ts'
import { type RowMatrix, rowMatrix } from '../../numeric/row-matrix.ts'
import type { TestName, TestResult } from '../result.ts'
import { exactCell } from './exact-cell.ts'
import type { MeasureContext } from './measure-context.ts'
import { type OpenModel, tensorOf } from './measure-signs.ts'
import { readRows } from './read-rows.ts'
import { type Structures, signUnitsFor } from './sign-units.ts'
import {
  type SideSketch,
  SKETCH_UNITS,
  sketchCorrelations,
  sketchSide,
  type UnitBatch,
} from './unit-batch.ts'

/**
 * Layers that were moved, dropped or doubled: every layer of the candidate against every other
 * layer of the reference, each cell a sign test of its own. A cell needs no alignment, so it is
 * exact; the price of looking everywhere is paid in the correction.
 * docs/methods/layer-matrix.md
 */
export type LayerCellTest = {
  readonly candidateLayer: number
  readonly referenceLayer: number
  readonly result: TestResult
}

/** The families whose units are rows of one matrix per layer. */
const MATRIX_KINDS: readonly (readonly [RoleKind, TestName])[] = [
  ['up', 'sign_up'],
  ['v', 'sign_value'],
]

/** Cells beyond this are not looked at: 1,000 layers against 1,000. */
const CELLS_MAX = 1_000_000

export async function measureLayerMatrix(
  context: MeasureContext,
  job: {
    readonly component: ComponentName
    readonly structures: Structures
    readonly batches: readonly UnitBatch[]
    readonly tests: ReadonlySet<TestName>
  },
): Promise<LayerCellTest[]> {
  const cells: LayerCellTest[] = []
  for (const [kind, test] of MATRIX_KINDS) {
    if (!job.tests.has(test)) continue
    const sides = await Promise.all(
      (['candidate', 'reference'] as const).map((side) =>
        sketchesOf(context, side, { ...job, kind, test }),
      ),
    )
    const [candidate, reference] = sides
    if (!candidate || !reference || candidate.size * reference.size > CELLS_MAX) continue
    const stacks = stackAlike(reference)
    for (const [i, a] of candidate) {
      const stack = stacks.get(shapeOf(a))
      const dots = stack && context.engine.rows.blockDots(matrixOf(a), stack.rows)
      for (const [j, b] of reference) {
        if (i === j || a.columns !== b.columns) continue
        const at = stack?.places.get(j)
        const correlations = dots && at !== undefined ? cut(dots, at, a) : sketchCorrelations(a, b)
        const result = exactCell(test, i, correlations)
        if (result) cells.push({ candidateLayer: i, referenceLayer: j, result })
      }
    }
  }
  return cells
}

/** Sketches of one shape end to end, and where each layer stands among them. */
type Stack = { readonly rows: RowMatrix; readonly places: ReadonlyMap<number, number> }

const shapeOf = ({ rows, columns }: SideSketch): string => `${rows.length}/${columns}`

const matrixOf = ({ rows, columns }: SideSketch): RowMatrix => rowMatrix(rows, columns)

/** Row dots of sketch `a` with the stacked sketch at this place. */
function cut(dots: Float64Array, at: number, { rows, columns }: SideSketch): Float64Array {
  const units = rows.length / columns
  return dots.slice(at * units, (at + 1) * units)
}

/** Many products are found at once then; sketches of another shape are compared one by one. */
function stackAlike(sketches: ReadonlyMap<number, SideSketch>): ReadonlyMap<string, Stack> {
  const alike = Map.groupBy(sketches, ([, sketch]) => shapeOf(sketch))
  return new Map(
    [...alike].map(([shape, entries]) => {
      const [first] = entries
      const { length } = first?.[1].rows ?? []
      const data = new Float32Array(entries.length * length)
      entries.forEach(([, { rows }], place) => {
        data.set(rows, place * length)
      })
      const places = new Map(entries.map(([layer], place) => [layer, place] as const))
      return [shape, { rows: rowMatrix(data, first?.[1].columns ?? 1), places }] as const
    }),
  )
}

/** Sketches by layer: kept from the paired layers, read for the layers only this model has. */
async function sketchesOf(
  context: MeasureContext,
  side: 'candidate' | 'reference',
  job: {
    readonly component: ComponentName
    readonly structures: Structures
    readonly batches: readonly UnitBatch[]
    readonly kind: RoleKind
    readonly test: TestName
  },
): Promise<ReadonlyMap<number, SideSketch>> {
  const sketches = new Map<number, SideSketch>()
  for (const batch of job.batches) {
    if (batch.test === job.test && batch.layer !== null && batch.expert === null) {
      sketches.set(batch.layer, batch[side])
    }
  }
  const model = context[side]
  const roles = side === 'candidate' ? context.candidateRoles : context.referenceRoles
  const paired = new Set(sketches.keys())
  const own = job.component
  const component = side === 'candidate' ? own : context.pairing.components.get(own)
  if (component === undefined) return sketches
  for (const role of extraLayers(roles, { component, kind: job.kind })) {
    if (role.layer === null || paired.has(role.layer)) continue
    const sketch = await readSketch(model, role, job.structures)
    if (sketch) sketches.set(role.layer, sketch)
  }
  return sketches
}

const extraLayers = (
  roles: RoleMap,
  job: { readonly component: ComponentName; readonly kind: RoleKind },
): readonly Role[] =>
  roles.roles.filter(
    (role) =>
      role.component === job.component &&
      role.kind === job.kind &&
      role.part === 'weight' &&
      role.expert === null,
  )

async function readSketch(
  model: OpenModel,
  role: Role,
  structures: Structures,
): Promise<SideSketch | null> {
  const rows = Math.min(role.view.rows, SKETCH_UNITS)
  const pair = { candidate: role, reference: role, rows: role.view.rows, cols: role.view.cols }
  const units = signUnitsFor(pair, rows, structures)
  if (!units) return null
  const values = await readRows(model.source, tensorOf(model, role), {
    view: role.view,
    ranges: units.candidateRanges,
  })
  return sketchSide(values, role.view.cols, units.candidateMembers)
}

/** For each candidate layer the reference layer with the smallest significant p, if any. */
export function layerMapOf(
  cells: readonly LayerCellTest[],
  diagonal: readonly TestResult[],
  options: {
    readonly adjusted: ReadonlyMap<TestResult, number>
    readonly log10Alpha: number
  },
): { readonly candidate: number; readonly reference: number; readonly log10P: number }[] {
  const best = new Map<number, { candidate: number; reference: number; log10P: number }>()
  const offer = (candidate: number, reference: number, result: TestResult) => {
    const log10P = options.adjusted.get(result) ?? 0
    if (log10P > options.log10Alpha || (result.meanCorrelation ?? 0) === 0) return
    const held = best.get(candidate)
    if (!held || log10P < held.log10P) best.set(candidate, { candidate, reference, log10P })
  }
  for (const result of diagonal)
    if (result.layer !== null) offer(result.layer, result.layer, result)
  for (const cell of cells) offer(cell.candidateLayer, cell.referenceLayer, cell.result)
  return [...best.values()].sort((x, y) => x.candidate - y.candidate)
}
