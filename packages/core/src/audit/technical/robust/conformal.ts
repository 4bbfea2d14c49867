import { createRng } from '../../../base/rng.ts'
import { type AgreementRow, type AgreementShape, cutTo, scoreOf } from './agreement.ts'

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

/** A cohort's scores, as its pairs are and as they would be with the suspect's many places. */
export type RankedAmong = readonly (readonly number[])[]

/** Draws for each pair of the cohort: a threshold drawn once would be off by a fifth. */
const DRAWS_PER_PAIR = 10
/** Places beyond these change little, and drawing them would take long. */
const DRAWN_MAX = 64

/**
 * Scores of the cohort cut to the shape of the suspect; and where the suspect has more places than
 * its pairs, once more with as many places, each drawn from all of the cohort's. The first lacks the
 * larger choice, the second the likeness of layers of one model: what is ranked must do so in both.
 */
export function cohortScores(cohort: Cohort, shape: AgreementShape): RankedAmong {
  const cut = cohort.pairs.map((rows) => cutTo(rows, shape))
  const isDeeper = cut.some(
    (rows) =>
      rows.length < shape.rows || rows.some(({ counts }) => counts.length < columnsOf(shape)),
  )
  const scores = cut.map(scoreOf)
  return isDeeper ? [scores, drawnScores(cohort, shape)] : [scores]
}

const columnsOf = ({ isOwnOnly, columns }: AgreementShape): number => (isOwnOnly ? 1 : columns)

function drawnScores({ pairs }: Cohort, shape: AgreementShape): number[] {
  const cells = pairs
    .flat()
    .flatMap(({ units, counts }) => counts.map((count) => ({ units, count })))
  const rng = createRng('cohort').fork(`${shape.rows}/${columnsOf(shape)}`)
  const drawn = () => cells[Math.floor(rng.nextFloat() * cells.length)] ?? { units: 0, count: 0 }
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
    scoreOf(Array.from({ length: rows }, row)),
  )
}

/**
 * Conformal p-value (1 + #{cohort ≥ score}) / (1 + n): the chance of a rank this high if the suspect's
 * score is exchangeable with the cohort's; the larger one where there are two rankings. Never below
 * 1/(n + 1). docs/methods/robust-tier.md
 */
export function conformalLog10P(score: number, among: RankedAmong): number {
  const ranks = among.map(
    (scores) => (1 + scores.filter((other) => other >= score).length) / (1 + scores.length),
  )
  return Math.log10(Math.max(...ranks))
}

/** No score of the cohort reaches this one. */
export const isAtFloor = (score: number, among: RankedAmong): boolean =>
  among.every((scores) => scores.every((other) => other < score))
