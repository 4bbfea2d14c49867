import { spread } from '../aligned/plan.ts'

/** Agreeing units of one MLP of the candidate with each MLP of the reference it was held against. */
export type AgreementRow = {
  /** The most that could agree: units of the smaller of the two. */
  readonly units: number
  readonly counts: readonly number[]
}

/**
 * Above this share the second best no longer counts against the best: layers doubled inside the
 * reference, or two of its layers side by side in one of the candidate, would answer as strongly.
 * Twice the share in which models trained apart were found alike. docs/methods/robust-tier.md
 */
const SECOND_SHARE_MAX = 0.1

/**
 * By how much the best place stands out from the second best. With more places to choose from the
 * best grows by chance, but not the gap to the next: of independent counts whose chance of one more
 * does not grow with the count, it shrinks.
 */
export function standingOut({ counts, units }: AgreementRow): number {
  const [best = 0, second = 0] = counts.toSorted((x, y) => y - x)
  return best - Math.min(second, SECOND_SHARE_MAX * units)
}

/** Share of the units by which the best places stand out, over all rows. */
export function scoreOf(rows: readonly AgreementRow[]): number {
  const units = rows.reduce((sum, row) => sum + row.units, 0)
  return units > 0 ? rows.reduce((sum, row) => sum + standingOut(row), 0) / units : 0
}

/** Units by which the best places stand out, for each row. */
export const unitsOutOf = (rows: readonly AgreementRow[]): number =>
  rows.length > 0 ? rows.reduce((sum, row) => sum + standingOut(row), 0) / rows.length : 0

/** How many places there were to choose from. */
export type AgreementShape = {
  readonly rows: number
  readonly columns: number
  /** Each at its own place only: one column a row. */
  readonly isOwnOnly: boolean
}

/** A pair of the cohort as it would look with no more places than the suspect's, evenly spaced. */
export function cutTo(rows: readonly AgreementRow[], shape: AgreementShape): AgreementRow[] {
  return spread([...rows.keys()], shape.rows).map((at) => {
    const { units, counts } = rows[at] ?? { units: 0, counts: [] }
    const columns = shape.isOwnOnly ? [at] : spread([...counts.keys()], shape.columns)
    return { units, counts: columns.map((column) => counts[column] ?? 0) }
  })
}
