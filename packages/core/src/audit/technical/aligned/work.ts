import { ROTATION_STEPS_MAX } from '../../../numeric/nearest-rotation.ts'
import { ANCHORS_MAX, tokensWanted } from './axis-features.ts'
import { type MapKind, OBSERVATIONS_MATCHED_MAX } from './residual-map.ts'
import { HELD_VALUES } from './row-source.ts'

// What aligning costs, in multiplications and bytes, from shapes alone. A core does some 25e9
// multiplications a second through the SIMD kernel.

/** Rows longer than this are projected before they are matched. */
export const MATCH_COLUMNS_MAX = 512
/** Directions kept of them: cosines of 0.3 and more survive (Johnson–Lindenstrauss). */
export const PROJECTED_COLUMNS = 256
/** Matched units whose rows are compared, for each pair of layers. */
export const UNITS_COMPARED_MAX = 2048

export type Size = { readonly rows: number; readonly cols: number }

/** Matched matrices of a layer (gates, or values) and of its attention, for either model. */
export type Sizes = {
  readonly own: Size
  readonly other: Size
  readonly ownValue: Size
  readonly otherValue: Size
}

/** What is tried with matrices of these sizes. */
export type Task = {
  readonly sizes: Sizes
  readonly kinds: readonly MapKind[]
  /** Whether the robust tier may follow, which looks at units through anchors. */
  readonly hasAnchors: boolean
}

export type WorkLimits = {
  /** For finding the rotation. */
  readonly rotation: number
  /** For all else that is aligned. */
  readonly rest: number
  /** For the robust tier, which is asked where all of that was silent. */
  readonly robust: number
}

/** A second or two on one core. */
export const USUAL_WORK: WorkLimits = { rotation: 1e10, rest: 2e10, robust: 2e10 }
/**
 * Was asked for and may take a minute on two cores, somewhat more with the largest rotation, of
 * 5,120 axes, which is planned with as many steps as are ever made and takes about half of them.
 */
export const DEEP_WORK: WorkLimits = { rotation: 4.8e12, rest: 1.5e12, robust: 1.5e12 }

export function rotationWork({ own, other }: Sizes): number {
  const tokens = tokensWanted(Math.max(own.cols, other.cols), true)
  const steps = 1.5 * ROTATION_STEPS_MAX * Math.min(own.cols, other.cols)
  return own.cols * other.cols * (tokens + steps)
}

export const permutationWork = ({ own, other }: Sizes): number =>
  own.cols * other.cols * OBSERVATIONS_MATCHED_MAX

const isProjected = ({ other }: Sizes): boolean => other.cols > MATCH_COLUMNS_MAX

/** Columns by which rows are matched. */
const matchedColumns = (sizes: Sizes): number =>
  isProjected(sizes) ? PROJECTED_COLUMNS : sizes.other.cols

/** One layer of either model, its values matched, and its units through anchors as well. */
export function layerWork({ sizes, kinds, hasAnchors }: Task): number {
  const { own, other, ownValue, otherValue } = sizes
  const elements = ({ rows, cols }: Size) => rows * cols
  const projection = isProjected(sizes)
    ? PROJECTED_COLUMNS *
      (kinds.length * (elements(own) + elements(ownValue)) + elements(other) + elements(otherValue))
    : rotated(kinds, own.rows + ownValue.rows, sizes)
  const anchors = 2 * ANCHORS_MAX * (elements(own) + elements(other) + own.rows * other.rows)
  const values = ownValue.rows * otherValue.rows * matchedColumns(sizes) * kinds.length
  return projection + (hasAnchors ? anchors : 0) + values + 3 * rotated(kinds, compared(own), sizes)
}

/** One pair of layers: units matched under every map, and the rows of some of them compared. */
export const pairWork = ({ sizes, kinds }: Task): number =>
  sizes.own.rows * sizes.other.rows * matchedColumns(sizes) * kinds.length +
  rotated(kinds, compared(sizes.own), sizes)

const compared = ({ rows }: Size): number => Math.min(rows, UNITS_COMPARED_MAX)

const rotated = (kinds: readonly MapKind[], rows: number, { own, other }: Sizes): number =>
  kinds.includes('rotation') ? rows * own.cols * other.cols : 0

/** Held of one layer of each model: rows to match by, and small matrices as wholes. */
export function layerBytes({ sizes, kinds }: Task): number {
  const { own, other, ownValue, otherValue } = sizes
  const matched =
    matchedColumns(sizes) *
    (kinds.length * (own.rows + ownValue.rows) + other.rows + otherValue.rows)
  const kept = [own, own, ownValue, other, other, otherValue]
    .map(({ rows, cols }) => rows * cols)
    .filter((values) => values <= HELD_VALUES)
  return 4 * (matched + kept.reduce((sum, values) => sum + values, 0))
}
