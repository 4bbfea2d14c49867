/**
 * How a number came about, down to lines of files. `says` is a sentence for people such as
 * `33.6 = 9.2 + 14.4 + 10.0`; `exact` is the fraction behind the printed `value`.
 */
export type Trace = {
  readonly says: string
  readonly value: string | null
  readonly exact: string | null
  /** Name of the rule of the plan, or `published`. */
  readonly rule: string
  readonly from: readonly Trace[]
  readonly rows: readonly RowReference[]
}

/** Rows of one file that a number rests on. */
export type RowReference = {
  readonly path: string
  /** `2-401,507`; cut after so many ranges, then it ends in `…`. */
  readonly lines: string
  readonly count: number
}
