import type { Digest } from '../../base/digest.ts'
import type { Rational } from '../../base/rational.ts'
import type { AxisOutcome } from '../plan/conduct.ts'
import type { RowInput } from '../rows/rows.ts'
import type { Trace } from './trace.ts'

/** A score that may not be known. It is never 0 or an average for want of data. */
export type Amount =
  /** Computed from raw rows by the rules. */
  | { readonly kind: 'exact'; readonly value: Rational }
  /** Taken from a publication, true to half a unit of its last printed digit. */
  | { readonly kind: 'published'; readonly value: Rational; readonly digits: number }
  /** Not known. `least` and `most` when published aggregates bound it. */
  | {
      readonly kind: 'unknown'
      readonly reason: string
      readonly least?: Rational
      readonly most?: Rational
    }

export type PartScore = {
  readonly part: string
  readonly points: Rational
  readonly amount: Amount
  readonly trace: Trace
  readonly parts: readonly PartScore[]
}

/** What the gate says about one team; `none` when the plan has no gate. */
export type GateState = {
  readonly outcome: 'none' | 'passes' | 'excluded' | 'undecided'
  readonly axes: Readonly<Record<string, AxisOutcome>>
  readonly reasons: readonly string[]
  readonly evidence: readonly string[]
}

/** An answer that may have to wait for data, for the gate or for a tie rule. */
export type Answer<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'open'; readonly reason: string }

export type TeamScore = {
  readonly team: string
  readonly total: Amount
  readonly trace: Trace
  readonly rank: Answer<number>
  readonly gate: GateState
  /** What the score alone says, before the gate is asked. */
  readonly advancesByScore: Answer<boolean>
  readonly advances: Answer<boolean>
  readonly parts: readonly PartScore[]
}

/** How much of what the plan expects was there. */
export type Coverage = {
  readonly part: string
  readonly team: string
  readonly expected: number
  readonly scored: number
  readonly notScored: number
  readonly absent: number
}

/** The result of one set of rules on one set of rows. Teams in the order of the plan. */
export type Scoreboard = {
  readonly planDigest: Digest
  readonly rowsDigest: Digest
  /** Of the plan digest, the rows digest and every score, rank and gate outcome. */
  readonly digest: Digest
  readonly teams: readonly TeamScore[]
  /** Team ids from first to last; tied teams in the order of the plan. Unranked teams are absent. */
  readonly ranking: readonly string[]
  readonly openPlaces: Answer<number>
  readonly coverage: readonly Coverage[]
  /** Panellists whose scores count, per panel. */
  readonly panels: readonly { readonly panel: string; readonly counted: number }[]
  readonly inputs: readonly RowInput[]
  /** What the reader must know: assumptions in use, rules published late, quorum not stated. */
  readonly notes: readonly string[]
}
