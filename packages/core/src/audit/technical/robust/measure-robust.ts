import { createRng } from '../../../base/rng.ts'
import type { ComponentName } from '../../../model/role.ts'
import { rowCosines } from '../../../numeric/kernels.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { TestResult } from '../../result.ts'
import type { Block } from '../aligned/blocks.ts'
import { comparedRows, unitScales } from '../aligned/compared-rows.ts'
import { matchedCount, type UnitMatch } from '../aligned/match-rows.ts'
import type { AlignedEvidence } from '../aligned/measure-aligned.ts'
import type { ResidualMap } from '../aligned/residual-map.ts'
import {
  type HeldOut,
  type LayerTransform,
  replayDown,
  type TransformParts,
} from '../aligned/transform.ts'
import type { MeasureContext } from '../measure-context.ts'
import { type Cohort, conformalLog10P, isAtFloor } from './conformal.ts'
import { agreeingUnits } from './token-space.ts'

/** Cohorts are scores of language models; other components have nothing to be ranked among. */
const COHORT_COMPONENT: ComponentName = 'language_model'

/** Why the robust tier has nothing to say. */
export type Untried = {
  readonly untried: 'no_cohort' | 'no_tokens_in_common' | 'no_gated_mlp' | 'too_much_work'
}

/**
 * T5: what survives a change of units, signs, scales and residual axes all at once. Empirical: the
 * p-value is a rank among known independents, never the tail of a counting law.
 * docs/methods/robust-tier.md
 */
export type RobustEvidence = {
  /** Units on which the two matchings agree, over all layers. */
  readonly agreeing: number
  /** Units of the model that has fewer: the most that could agree. */
  readonly units: number
  /** Agreements for each layer: the score that is ranked in the cohort. */
  readonly score: number
  readonly isAtFloor: boolean
  readonly families: number
  readonly cohort: string
  readonly parts: TransformParts | null
  readonly heldOut: HeldOut | null
  readonly result: TestResult
}

export async function measureRobust(
  context: MeasureContext,
  component: ComponentName,
  job: {
    readonly aligned: AlignedEvidence
    readonly cohort: Cohort
    /** Planned to be too much work for matrices of this size. */
    readonly isLeftOut: boolean
  },
): Promise<RobustEvidence | Untried> {
  const { engine } = context
  const { aligned, cohort } = job
  const { anchors } = aligned
  if (component !== COHORT_COMPONENT) return { untried: 'no_cohort' }
  if (!anchors) return { untried: 'no_tokens_in_common' }
  if (job.isLeftOut) return { untried: 'too_much_work' }
  const { candidate, reference } = aligned.blocks
  const layers: MatchedPair[] = []
  for (const [index, a] of candidate.entries()) {
    const b = reference[index]
    if (!b) continue
    const rng = createRng(context.seed).fork(`robust/${index}`)
    const match = await agreeingUnits({ candidate: a, reference: b }, anchors, { rng, engine })
    if (match) layers.push({ pair: [a, b], match })
  }
  if (layers.length === 0) return { untried: 'no_gated_mlp' }
  const agreeing = layers.reduce((sum, { match }) => sum + matchedCount(match), 0)
  const units = layers.reduce((sum, { pair: [a, b] }) => sum + fewerUnits(a, b), 0)
  const score = agreeing / layers.length
  const parts = await transformOf(aligned, layers, engine)
  return {
    agreeing,
    units,
    score,
    isAtFloor: isAtFloor(score, cohort),
    families: cohort.scores.length,
    cohort: cohort.name,
    parts,
    heldOut: parts && (await replayDown(context, component, parts)),
    result: resultOf({ agreeing, units, log10P: conformalLog10P(score, cohort) }),
  }
}

const fewerUnits = (a: Block, b: Block): number => Math.min(a.up?.rows ?? 0, b.up?.rows ?? 0)

type MatchedPair = { readonly pair: readonly [Block, Block]; readonly match: UnitMatch }

/** The residual map under which the agreeing units fit best, with their signs and scales. */
async function transformOf(
  aligned: AlignedEvidence,
  layers: readonly MatchedPair[],
  engine: MatrixEngine,
): Promise<TransformParts | null> {
  const { candidate, reference } = aligned.sizes
  const width = { candidate: candidate.width, reference: reference.width }
  let best: { readonly parts: TransformParts; readonly fit: number } | null = null
  for (const map of aligned.maps.values()) {
    const transforms: LayerTransform[] = []
    let fit = 0
    for (const layer of layers) {
      const fitted = await layerUnder(layer, { map, engine })
      if (!fitted) continue
      transforms.push(fitted.transform)
      fit += fitted.fit
    }
    if (!best || fit > best.fit) best = { parts: { map, width, layers: transforms }, fit }
  }
  return best?.parts ?? null
}

/** Signs and scales from up rows alone, and Σ|cosine| of the agreeing units that were compared. */
async function layerUnder(
  { pair: [a, b], match }: MatchedPair,
  options: { readonly map: ResidualMap; readonly engine: MatrixEngine },
): Promise<{ readonly transform: LayerTransform; readonly fit: number } | null> {
  if (!a.up || !b.up) return null
  const compared = await comparedRows({ own: a.up, other: b.up, match }, options)
  if (compared.own.columns !== compared.other.columns) return null
  const { cosines } = rowCosines(compared.own, compared.other)
  const fit = cosines.reduce((sum, cosine) => sum + Math.abs(cosine), 0)
  const scales = unitScales(compared, match.length)
  return { transform: { candidate: a.layer, reference: b.layer, match, scales }, fit }
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
