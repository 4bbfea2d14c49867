import type { ComponentName } from '../../../model/role.ts'
import { POLAR_STEPS_MAX } from '../../../numeric/polar.ts'
import type { MeasureContext } from '../measure-context.ts'
import { layersWith, type ModelPart, partOf, roleAt } from './folded-layers.ts'
import type { MapKind } from './residual-map.ts'

/**
 * What will be aligned, decided from shapes alone before any weight is looked at: every hypothesis
 * that may be tested is counted whether or not the aligned work is done in the end.
 */
export type AlignedPlan = {
  readonly kinds: readonly MapKind[]
  /** Layers of either model whose blocks are read in full. */
  readonly candidateLayers: readonly number[]
  readonly referenceLayers: readonly number[]
  /** Every layer against every other, or each against its own only. */
  readonly everyPair: boolean
  readonly hypotheses: number
}

/** Multiplications: seconds on one core. Deep work was asked for and may take minutes. */
const WORK_MAX = 6e9
const DEEP_WORK_MAX = 1.5e12
/** Bytes of rows held at once. */
const HELD_MAX_BYTES = 2.5e9
/** Layers of a large model that deep work reads in full. */
const DEEP_LAYERS = 4
/** Tokens through which the robust tier looks at units. */
const ANCHORS = 512
/** Rows longer than this are projected before they are matched. */
export const MATCH_COLUMNS_MAX = 512
/** Directions kept of them: cosines of 0.3 and more survive (Johnson–Lindenstrauss). */
export const PROJECTED_COLUMNS = 256

export function planAligned(
  context: MeasureContext,
  component: ComponentName,
  options: { readonly deep: boolean; readonly isComplete: boolean },
): AlignedPlan | null {
  if (!options.isComplete && !options.deep) return null
  const a = partOf(context, component, 'candidate')
  const b = partOf(context, component, 'reference')
  if (!a || !b) return null
  const kind = matchedKind(a, b)
  if (!kind) return null
  const all = [layersWith(a, kind), layersWith(b, kind)] as const
  if (all.some((layers) => layers.length === 0)) return null
  const sizes = { own: sizeOf(a, kind, all[0][0] ?? 0), other: sizeOf(b, kind, all[1][0] ?? 0) }
  const workMax = options.deep ? DEEP_WORK_MAX : WORK_MAX
  const kinds = mapKinds(component, sizes, workMax / 2)
  const left = workMax - (kinds.includes('rotation') ? polarWork(sizes.own) : 0)
  const most = options.isComplete ? Number.POSITIVE_INFINITY : DEEP_LAYERS
  const affordable = Math.min(
    most,
    Math.floor(left / layerWork(sizes, kinds)),
    Math.floor(HELD_MAX_BYTES / layerBytes(sizes)),
  )
  if (kinds.length === 0 || affordable < 1) return null
  const [own, other] = [spread(all[0], affordable), spread(all[1], affordable)]
  const diagonal = Math.min(own.length, other.length)
  const everyPair = matchWork(sizes, kinds) * own.length * other.length <= left
  const cells = everyPair ? own.length * other.length : diagonal
  return {
    kinds,
    candidateLayers: own,
    referenceLayers: other,
    everyPair,
    // Per map: units pooled, values pooled, and a cell for every pair of layers.
    hypotheses: kinds.length * (2 + cells),
  }
}

type Sizes = { readonly own: Size; readonly other: Size }

const polarWork = ({ cols }: Size): number => 2 * POLAR_STEPS_MAX * cols ** 3

const matchWork = ({ own, other }: Sizes, kinds: readonly MapKind[]): number =>
  own.rows *
  other.rows *
  (other.cols > MATCH_COLUMNS_MAX ? PROJECTED_COLUMNS : other.cols) *
  kinds.length

/** Matching under every map, rows carried through them, and matching through anchors. */
const layerWork = (sizes: Sizes, kinds: readonly MapKind[]): number =>
  matchWork(sizes, kinds) +
  (kinds.includes('rotation') ? 3 * sizes.own.rows * sizes.own.cols ** 2 : 0) +
  2 * ANCHORS * sizes.own.rows * (sizes.other.rows + 2 * sizes.own.cols)

/** Could units of this component be aligned, were enough of it read? */
export function isAlignable(context: MeasureContext, component: ComponentName): boolean {
  const a = partOf(context, component, 'candidate')
  const b = partOf(context, component, 'reference')
  return a !== null && b !== null && matchedKind(a, b) !== null
}

/** Gated blocks are aligned by their gates; without gates the values of attention are. */
function matchedKind(a: ModelPart, b: ModelPart): 'gate' | 'v' | null {
  return (
    (['gate', 'v'] as const).find((kind) =>
      [a, b].every((part) => layersWith(part, kind).length > 0),
    ) ?? null
  )
}

type Size = { readonly rows: number; readonly cols: number }

function sizeOf(part: ModelPart, kind: 'gate' | 'v', layer: number): Size {
  const view = roleAt(part, kind, { layer, expert: null })?.view
  return { rows: view?.rows ?? 0, cols: view?.cols ?? 0 }
}

/** Gate, up and value rows as float32, and once more in the axes of the reference. */
const layerBytes = ({ own, other }: Sizes): number =>
  12 * (2 * own.rows * own.cols + other.rows * other.cols)

function mapKinds(component: ComponentName, sizes: Sizes, rotationWorkMax: number): MapKind[] {
  const { own, other } = sizes
  const hasAxes = component === 'language_model' || component.includes('encoder')
  const kinds: MapKind[] = own.cols === other.cols ? ['identity'] : []
  if (hasAxes) kinds.push('signed_permutation')
  if (hasAxes && own.cols === other.cols && polarWork(own) <= rotationWorkMax) {
    kinds.push('rotation')
  }
  return kinds
}

function spread(layers: readonly number[], count: number): number[] {
  if (layers.length <= count) return [...layers]
  return Array.from(
    { length: count },
    (_, k) => layers[Math.floor(((k + 0.5) * layers.length) / count)] ?? 0,
  )
}
