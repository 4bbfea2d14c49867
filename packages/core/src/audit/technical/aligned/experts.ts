import { createRng } from '../../../base/rng.ts'
import type { ComponentName } from '../../../model/role.ts'
import { unitRows } from '../../../numeric/column-maps.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import type { TestResult } from '../../result.ts'
import { decideFamily } from '../decide-signs.ts'
import type { MeasureContext } from '../measure-context.ts'
import type { SideSketch } from '../unit-batch.ts'
import { sketchOf } from './blocks.ts'
import { foldedSource, type ModelPart, type Place, partOf, roleAt } from './folded-layers.ts'
import { matchedRows, matchUnits, shortRows } from './match-rows.ts'
import { batchOf } from './measure-aligned.ts'
import { readWhole } from './row-source.ts'

/** One expert of the candidate against the dense MLP, or one expert, of the reference's layer. */
export type ExpertPair = {
  readonly layer: number
  readonly expert: number
  /** Null: the dense MLP. */
  readonly referenceExpert: number | null
}

export type ExpertCell = ExpertPair & { readonly result: TestResult }

export type ExpertPlan = {
  readonly pairs: readonly ExpertPair[]
  /** No pair of this kind is in the plain tests, so that they are looked at in any case. */
  readonly isAlways: boolean
}

const WORK_MAX = 4e9
const PAIRS_MAX = 4096

/**
 * Up-cycling: experts that began as a dense MLP, or as experts at other places. Every pair is a
 * hypothesis of its own, each unit enters it once, and nothing is added over copies.
 */
export function planExperts(
  context: MeasureContext,
  component: ComponentName,
  isComplete: boolean,
): ExpertPlan | null {
  const a = partOf(context, component, 'candidate')
  const b = partOf(context, component, 'reference')
  if (!isComplete || !a || !b) return null
  const own = placesOf(a).filter(({ expert }) => expert !== null && expert >= 0)
  const other = placesOf(b)
  const pairs = own.flatMap(({ layer, expert }) =>
    other
      .filter((place) => place.layer === layer && (place.expert === null || place.expert >= 0))
      .map((place) => ({ layer, expert: expert ?? 0, referenceExpert: place.expert })),
  )
  const first = pairs[0]
  if (!first || pairs.length > PAIRS_MAX) return null
  const size = roleAt(a, 'gate', first)?.view
  const units = roleAt(b, 'gate', { layer: first.layer, expert: first.referenceExpert })?.view.rows
  const work = (size?.rows ?? 0) * (size?.cols ?? 0) * (units ?? 0) * pairs.length
  if (work > WORK_MAX) return null
  return { pairs, isAlways: pairs.every((pair) => pair.referenceExpert === null) }
}

const placesOf = (part: ModelPart): Place[] =>
  part.roles.flatMap((role) =>
    role.kind === 'up' && role.part === 'weight' && role.layer !== null
      ? [{ layer: role.layer, expert: role.expert }]
      : [],
  )

export async function measureExperts(
  context: MeasureContext,
  component: ComponentName,
  plan: ExpertPlan,
): Promise<ExpertCell[]> {
  const a = partOf(context, component, 'candidate')
  const b = partOf(context, component, 'reference')
  if (!a || !b) return []
  const [own, other] = [mlpReader(a, context.engine), mlpReader(b, context.engine)]
  const cells: ExpertCell[] = []
  for (const pair of plan.pairs) {
    const x = await own({ layer: pair.layer, expert: pair.expert })
    const y = await other({ layer: pair.layer, expert: pair.referenceExpert })
    if (!x || !y) continue
    const result = testExpert(x, y, { pair, seed: context.seed, engine: context.engine })
    if (result) cells.push({ ...pair, result })
  }
  return cells
}

type Mlp = {
  /** What gates are matched by. */
  readonly gate: RowMatrix
  readonly width: number
  readonly up: RowMatrix
  readonly sketch: SideSketch
}

/** Each MLP is read once, and only those of one layer are kept. */
function mlpReader(part: ModelPart, engine: MatrixEngine): (place: Place) => Promise<Mlp | null> {
  const held = new Map<number | null, Mlp | null>()
  let layer = -1
  return async (place) => {
    if (place.layer !== layer) held.clear()
    layer = place.layer
    const known = held.get(place.expert)
    if (known !== undefined) return known
    const mlp = await readMlp(part, place, engine)
    held.set(place.expert, mlp)
    return mlp
  }
}

async function readMlp(part: ModelPart, place: Place, engine: MatrixEngine): Promise<Mlp | null> {
  const gate = await foldedSource(part, 'gate', place)
  const up = await foldedSource(part, 'up', place)
  if (!gate || !up || gate.rows !== up.rows) return null
  return {
    gate: shortRows(unitRows(await readWhole(gate)), engine),
    width: gate.columns,
    up: await readWhole(up),
    sketch: await sketchOf(up),
  }
}

function testExpert(
  a: Mlp,
  b: Mlp,
  job: { readonly pair: ExpertPair; readonly seed: number; readonly engine: MatrixEngine },
): TestResult | null {
  if (a.width !== b.width) return null
  const { engine } = job
  const { layer, expert, referenceExpert } = job.pair
  const rng = createRng(job.seed).fork(`experts/${layer}/${expert}/${referenceExpert}`)
  const match = matchUnits(a.gate, b.gate, { rng, by: 'cosine', engine })
  const [own, other] = matchedRows(a.up, b.up, match)
  const sides = { layer, candidate: a.sketch, reference: b.sketch }
  const decided = decideFamily('expert_match', [batchOf('expert_match', { own, other }, sides)])
  return 'pooled' in decided && decided.pooled.log10P !== null ? { ...decided.pooled, layer } : null
}
