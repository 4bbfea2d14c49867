import type { Rational } from '../../base/rational.ts'

/**
 * A published figure without its raw rows. `digits` is the precision as printed: 30.4 says that
 * the true value lies within 30.35 and 30.45, both ends included because the rounding mode of
 * the printer is not known.
 */
export type Fact = {
  /** Part id, or `total`. */
  readonly part: string
  readonly statistic: FactStatistic
  readonly value: Rational | undefined
  readonly digits: number
  /** score: the team; best: the teams that hold it (may be empty); ahead: the teams in front. */
  readonly teams: readonly string[]
  readonly source: string
  readonly file: string
  readonly line: number
}

/**
 * score: of one team · best: the highest of all teams · mean: over all teams · gap: highest minus
 * lowest · ahead: these teams, in any order, are not behind any other team.
 */
export const FACT_STATISTICS = ['score', 'best', 'mean', 'gap', 'ahead'] as const
export type FactStatistic = (typeof FACT_STATISTICS)[number]
