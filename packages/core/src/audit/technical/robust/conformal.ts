import { createRng } from '../../../base/rng.ts'
import { type AgreementRow, type AgreementShape, cutTo, scoreOf, unitsOutOf } from './agreement.ts'

/**
 * Pairs of models that are known to be independent of each other, one for each family, looked at
 * exactly as the suspect is.
 */
export type Cohort = {
  /** What a report calls it. */
  readonly name: string
  /** Simulated models say little of real ones; the report says so. */
  readonly isSimulated: boolean
  readonly pairs: readonly (readonly AgreementRow[])[]
}

/**
 * Conformal p-value (1 + #{cohort ≥ score}) / (1 + n): the chance of a rank this high if the suspect's
 * score is exchangeable with the cohort's. Never below 1/(n + 1). docs/methods/robust-tier.md
 */
export function conformalLog10P(score: number, scores: readonly number[]): number {
  const above = scores.filter((other) => other >= score).length
  return Math.log10((1 + above) / (1 + scores.length))
}

export type Rank = {
  readonly log10P: number
  /** No score of the cohort reaches this one, in any ranking. */
  readonly isAtFloor: boolean
}

/**
 * Chance lets about as many units agree whether a layer is small or large, and what training makes
 * alike is a share of it: the first would put small layers too high, the second large ones.
 */
const MEASURES = [scoreOf, unitsOutOf]

/**
 * Ranks the suspect by each measure among the cohort cut to its shape; and where it has more places
 * than the pairs of the cohort, among pairs of its own shape drawn from these as well. The first lacks
 * the larger choice, the second the likeness of layers of one model. The largest p is kept.
 */
export function rankAmong(
  rows: readonly AgreementRow[],
  cohort: Cohort,
  shape: AgreementShape,
): Rank {
  const rankings = rankingsOf(cohort, shape).flatMap((pairs) =>
    MEASURES.map((measure) => ({ score: measure(rows), scores: pairs.map(measure) })),
  )
  return {
    log10P: Math.max(...rankings.map(({ score, scores }) => conformalLog10P(score, scores))),
    isAtFloor: rankings.every(({ score, scores }) => scores.every((other) => other < score)),
  }
}

type Pair = readonly AgreementRow[]

export function rankingsOf(cohort: Cohort, shape: AgreementShape): readonly (readonly Pair[])[] {
  const cut = cohort.pairs.map((rows) => cutTo(rows, shape))
  const isDeeper = cut.some(
    (rows) =>
      rows.length < shape.rows || rows.some(({ counts }) => counts.length < columnsOf(shape)),
  )
  return isDeeper ? [cut, drawnPairs(cohort, shape)] : [cut]
}

const columnsOf = ({ isOwnOnly, columns }: AgreementShape): number => (isOwnOnly ? 1 : columns)

/** Draws for each pair of the cohort: a threshold drawn once would be off by a fifth. */
const DRAWS_PER_PAIR = 10
/** Places beyond these change little, and drawing them would take long. */
const DRAWN_MAX = 64

function drawnPairs({ pairs }: Cohort, shape: AgreementShape): Pair[] {
  const cells = pairs
    .flat()
    .flatMap(({ units, counts }) => counts.map((count) => ({ units, count })))
  const rng = createRng('cohort').fork(`${shape.rows}/${columnsOf(shape)}`)
  const drawn = () => cells[rng.nextInt(cells.length)] ?? { units: 0, count: 0 }
  const row = (): AgreementRow => {
    const { units, count } = drawn()
    const others = Math.min(DRAWN_MAX, columnsOf(shape)) - 1
    // Cells of other sizes count by their share.
    const counts = Array.from({ length: others }, drawn).map(
      (cell) => (cell.count * units) / cell.units,
    )
    return { units, counts: [count, ...counts] }
  }
  const rows = Math.min(DRAWN_MAX, shape.rows)
  return Array.from({ length: DRAWS_PER_PAIR * pairs.length }, () =>
    Array.from({ length: rows }, row),
  )
}
