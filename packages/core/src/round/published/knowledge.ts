import type { Rational } from '../../base/rational.ts'

/** What published aggregates say about scores that no rows are there for. */
export type PublishedKnowledge = {
  /** A score that was itself published, for a part or `total`. */
  readonly scoreOf: (
    team: string,
    part: string,
  ) => { readonly value: Rational; readonly digits: number } | undefined
  /** The range in which a score must lie; undefined when nothing bounds it beyond 0 and full marks. */
  readonly boundsOf: (
    team: string,
    part: string,
  ) => { readonly least: Rational; readonly most: Rational } | undefined
  /** Whether it was published that a is in front of b. */
  readonly isAhead: (part: string, a: string, b: string) => boolean
}

export const NOTHING_PUBLISHED: PublishedKnowledge = {
  scoreOf: () => undefined,
  boundsOf: () => undefined,
  isAhead: () => false,
}
