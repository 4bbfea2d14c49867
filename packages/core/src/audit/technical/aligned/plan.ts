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
const WORK_MAX = 4e9
const DEEP_WORK_MAX = 4e11
/** Layers of a large model that deep work reads in full. */
const DEEP_LAYERS = 4
/** Rows longer than this are projected before they are matched. */
export const MATCH_COLUMNS_MAX = 512

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
  const layers = (part: ModelPart) => {
    const all = layersWith(part, kind)
    return options.isComplete ? all : spread(all, DEEP_LAYERS)
  }
  const [own, other] = [layers(a), layers(b)]
  if (own.length === 0 || other.length === 0) return null
  const sizes = { own: sizeOf(a, kind, own[0] ?? 0), other: sizeOf(b, kind, other[0] ?? 0) }
  const workMax = options.deep ? DEEP_WORK_MAX : WORK_MAX
  const kinds = mapKinds(component, sizes, workMax)
  const matching =
    sizes.own.rows * sizes.other.rows * Math.min(sizes.other.cols, MATCH_COLUMNS_MAX) * kinds.length
  const diagonal = Math.min(own.length, other.length)
  if (kinds.length === 0 || matching * diagonal > workMax) return null
  const everyPair = matching * own.length * other.length <= workMax
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

function mapKinds(
  component: ComponentName,
  sizes: { readonly own: Size; readonly other: Size },
  workMax: number,
): MapKind[] {
  const { own, other } = sizes
  const hasAxes = component === 'language_model' || component.includes('encoder')
  const kinds: MapKind[] = own.cols === other.cols ? ['identity'] : []
  if (hasAxes) kinds.push('signed_permutation')
  const polarWork = 2 * POLAR_STEPS_MAX * own.cols ** 3
  if (hasAxes && own.cols === other.cols && polarWork <= workMax) kinds.push('rotation')
  return kinds
}

function spread(layers: readonly number[], count: number): number[] {
  if (layers.length <= count) return [...layers]
  return Array.from(
    { length: count },
    (_, k) => layers[Math.floor(((k + 0.5) * layers.length) / count)] ?? 0,
  )
}
