/**
 * Scores of models that are known to be independent of each other, one for each family, computed
 * exactly as the suspect's score is.
 */
export type Cohort = {
  /** What a report calls it. */
  readonly name: string
  /** Simulated models say little of real ones; the report says so. */
  readonly isSimulated: boolean
  readonly scores: readonly number[]
}

/**
 * Conformal p-value (1 + #{cohort ≥ score}) / (1 + n): the chance of a rank this high if the suspect's
 * score is exchangeable with the cohort's. Never below 1/(n + 1). docs/methods/robust-tier.md
 */
export function conformalLog10P(score: number, cohort: Cohort): number {
  const above = cohort.scores.filter((other) => other >= score).length
  return Math.log10((1 + above) / (1 + cohort.scores.length))
}

/** No score of the cohort reaches this one. */
export const isAtFloor = (score: number, cohort: Cohort): boolean =>
  cohort.scores.every((other) => other < score)
