import type { ComponentName } from '../../../model/role.ts'
import type { MeasureContext } from '../measure-context.ts'
import { layersWith, type ModelPart, partOf, roleAt } from './folded-layers.ts'
import type { MapKind } from './residual-map.ts'
import {
  DEEP_WORK,
  layerBytes,
  layerWork,
  pairWork,
  permutationWork,
  rotationWork,
  type Size,
  type Sizes,
  type Task,
  USUAL_WORK,
  type WorkLimits,
} from './work.ts'

/**
 * What will be aligned, decided from shapes alone before any weight is looked at: every hypothesis
 * that may be tested is counted whether or not the aligned work is done in the end.
 */
export type AlignedPlan = {
  readonly kinds: readonly MapKind[]
  /** A rotation would be looked for, were it less work. */
  readonly isRotationLeftOut: boolean
  /** What the robust tier may cost, in multiplications, and whether it may read every layer. */
  readonly robust: { readonly work: number; readonly isComplete: boolean }
  /** Layers of either model whose blocks are read in full. */
  readonly candidateLayers: readonly number[]
  readonly referenceLayers: readonly number[]
  /** Every layer against every other, or each against its own only. */
  readonly everyPair: boolean
  readonly hypotheses: number
}

/** Bytes of rows held at once. */
const HELD_MAX_BYTES = 1e9
/** Layers of a large model that deep work looks at. */
const DEEP_LAYERS = 4

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
  const sizes = sizesOf([a, b], kind, [all[0][0] ?? 0, all[1][0] ?? 0])
  const limits = options.deep ? DEEP_WORK : USUAL_WORK
  const { kinds, isRotationLeftOut } = mapKinds(component, sizes, limits)
  if (kinds.length === 0) return null
  const bounds = {
    work: limits.rest - (kinds.includes('signed_permutation') ? permutationWork(sizes) : 0),
    most: options.isComplete ? Number.POSITIVE_INFINITY : DEEP_LAYERS,
    available: [all[0].length, all[1].length],
  } as const
  const whole = affordableLayers({ sizes, kinds, hasAnchors: true }, bounds)
  const layers = whole ?? affordableLayers({ sizes, kinds, hasAnchors: false }, bounds)
  if (!layers) return null
  const [own, other] = [spread(all[0], layers.count), spread(all[1], layers.count)]
  const cells = layers.everyPair ? own.length * other.length : Math.min(own.length, other.length)
  return {
    kinds,
    isRotationLeftOut,
    robust: {
      work: whole === null ? 0 : limits.robust,
      isComplete: options.isComplete,
    },
    candidateLayers: own,
    referenceLayers: other,
    everyPair: layers.everyPair,
    // Per map: units pooled, values pooled, and a cell for every pair of layers.
    hypotheses: kinds.length * (2 + cells),
  }
}

/** As many layers as fit, and every pair of them where that fits as well; null where none does. */
function affordableLayers(
  task: Task,
  limits: {
    readonly work: number
    readonly most: number
    readonly available: readonly [number, number]
  },
): { readonly count: number; readonly everyPair: boolean } | null {
  const [ofLayer, ofPair] = [layerWork(task), pairWork(task)]
  const count = Math.min(
    limits.most,
    Math.max(...limits.available),
    Math.floor(limits.work / (ofLayer + ofPair)),
    Math.floor(HELD_MAX_BYTES / layerBytes(task)),
  )
  if (count < 1) return null
  const [own, other] = limits.available.map((layers) => Math.min(layers, count)) as [number, number]
  const everyPair = Math.max(own, other) * ofLayer + own * other * ofPair <= limits.work
  return { count, everyPair }
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

/** Of the first layer that has the kind; blocks of a stack are built alike. */
function sizesOf(
  parts: readonly [ModelPart, ModelPart],
  kind: 'gate' | 'v',
  layers: readonly [number, number],
): Sizes {
  const of = (side: 0 | 1, of: 'gate' | 'v'): Size => {
    const view = roleAt(parts[side], of, { layer: layers[side], expert: null })?.view
    return { rows: view?.rows ?? 0, cols: view?.cols ?? 0 }
  }
  return { own: of(0, kind), other: of(1, kind), ownValue: of(0, 'v'), otherValue: of(1, 'v') }
}

function mapKinds(
  component: ComponentName,
  sizes: Sizes,
  limits: WorkLimits,
): { readonly kinds: readonly MapKind[]; readonly isRotationLeftOut: boolean } {
  const hasAxes = component === 'language_model' || component.includes('encoder')
  const kinds: MapKind[] = sizes.own.cols === sizes.other.cols ? ['identity'] : []
  if (hasAxes) kinds.push('signed_permutation')
  const isAffordable = rotationWork(sizes) <= limits.rotation
  if (hasAxes && isAffordable) kinds.push('rotation')
  return { kinds, isRotationLeftOut: hasAxes && !isAffordable }
}

/** So many of them, evenly spaced. */
export function spread<T>(entries: readonly T[], count: number): T[] {
  if (entries.length <= count) return [...entries]
  return Array.from(
    { length: count },
    (_, k) => entries[Math.floor(((k + 0.5) * entries.length) / count)] as T,
  )
}
