import type { ComponentName } from '../../../model/role.ts'
import type { TestResult } from '../../result.ts'
import { partOf } from '../aligned/folded-layers.ts'
import type { AlignedEvidence } from '../aligned/measure-aligned.ts'
import type { AlignedPlan } from '../aligned/plan.ts'
import { type HeldOut, replayDown, type TransformParts } from '../aligned/transform.ts'
import type { MeasureContext } from '../measure-context.ts'
import { stepCounter } from '../progress.ts'
import { type AgreementRow, scoreOf, standingOut } from './agreement.ts'
import { type Cohort, rankAmong } from './conformal.ts'
import { type BestPlace, measureCells } from './measure-cells.ts'
import { mlpPlaces, planCells } from './mlps.ts'
import { recoverTransform } from './recover-transform.ts'

/** Why the robust tier has nothing to say. */
export type Untried = {
  readonly untried:
    | 'no_cohort'
    | 'no_tokens_in_common'
    | 'no_anchors_in_common'
    | 'no_gated_mlp'
    | 'too_much_work'
}

/**
 * T5: what survives a change of units, signs, scales and residual axes all at once, at whatever
 * layer or expert it now stands. Empirical: the p-value is a rank among known independents, never
 * the tail of a counting law. docs/methods/robust-tier.md
 */
export type RobustEvidence = {
  /** Units on which the two matchings agree, over the best places. */
  readonly agreeing: number
  /** Units of the model that has fewer: the most that could agree. */
  readonly units: number
  /** Of each MLP of the candidate: what is ranked in the cohort. */
  readonly rows: readonly AgreementRow[]
  /** Share of the units by which the best places stand out. */
  readonly score: number
  readonly isAtFloor: boolean
  readonly cohort: Cohort
  /** Layers at other places were not looked at, or not all layers. */
  readonly limits: { readonly isOwnOnly: boolean; readonly isPartial: boolean }
  readonly parts: TransformParts | null
  readonly heldOut: HeldOut | null
  readonly result: TestResult
}

/** Below these a best place is where chance may have put it. */
const RECOGNISED_UNITS = 4
const RECOGNISED_SHARE = 0.05

export async function measureRobust(
  context: MeasureContext,
  component: ComponentName,
  job: {
    readonly aligned: AlignedEvidence
    readonly plan: AlignedPlan
    readonly cohort: Cohort | null
  },
): Promise<RobustEvidence | Untried> {
  const { aligned, plan, cohort } = job
  const own = partOf(context, component, 'candidate')
  const other = partOf(context, component, 'reference')
  const places = { own: own ? mlpPlaces(own) : [], other: other ? mlpPlaces(other) : [] }
  if (!own || !other || places.own.length === 0 || places.other.length === 0) {
    return { untried: 'no_gated_mlp' }
  }
  if (!cohort) return { untried: 'no_cohort' }
  const { anchors } = aligned
  const isText = component === 'language_model'
  if (!anchors) return { untried: isText ? 'no_tokens_in_common' : 'no_anchors_in_common' }
  const cells = planCells(places, plan)
  if (!cells) return { untried: 'too_much_work' }
  const onPlace = stepCounter(context, component, { step: 'robust', of: cells.own.length })
  const found = await measureCells(context, { own, other }, { cells, anchors, onPlace })
  if (found.length === 0) return { untried: 'no_gated_mlp' }
  const ranked = rankOf(found, { cohort, columns: cells.other.length, isOwnOnly: cells.isOwnOnly })
  const parts = ranked.isAtFloor
    ? await recoverTransform(aligned, found.filter(isRecognised), context.engine)
    : null
  return {
    ...ranked,
    cohort,
    limits: {
      isOwnOnly: cells.isOwnOnly && (cells.own.length > 1 || cells.other.length > 1),
      isPartial: cells.isPartial && !isAll(cells, places),
    },
    parts,
    heldOut: parts && (await replayDown(context, component, parts)),
  }
}

const isAll = (
  cells: { readonly own: readonly unknown[]; readonly other: readonly unknown[] },
  places: { readonly own: readonly unknown[]; readonly other: readonly unknown[] },
): boolean => cells.own.length === places.own.length && cells.other.length === places.other.length

const isRecognised = ({ row }: BestPlace): boolean =>
  standingOut(row) >= Math.max(RECOGNISED_UNITS, RECOGNISED_SHARE * row.units)

function rankOf(
  found: readonly BestPlace[],
  among: { readonly cohort: Cohort; readonly columns: number; readonly isOwnOnly: boolean },
): Pick<RobustEvidence, 'agreeing' | 'units' | 'rows' | 'score' | 'isAtFloor' | 'result'> {
  const rows = found.map(({ row }) => row)
  const agreeing = found.reduce((sum, place) => sum + place.agreeing, 0)
  const units = rows.reduce((sum, row) => sum + row.units, 0)
  const { log10P, isAtFloor } = rankAmong(rows, among.cohort, { rows: rows.length, ...among })
  const result = resultOf({ agreeing, units, log10P })
  return { agreeing, units, rows, score: scoreOf(rows), isAtFloor, result }
}

function resultOf(counts: {
  readonly agreeing: number
  readonly units: number
  readonly log10P: number
}): TestResult {
  return {
    test: 'robust_agreement',
    tier: 'empirical',
    layer: null,
    log10P: counts.log10P,
    log10PAdjusted: null,
    statistic: counts.agreeing,
    n: counts.units,
    meanCorrelation: null,
    minDetectableCorrelation: null,
    notes: [],
  }
}
