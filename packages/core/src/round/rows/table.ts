import type { Digest } from '../../base/digest.ts'
import type { RowKind } from '../plan/measure.ts'

/** A file handed to the round: what it is for, where it came from (for messages), its bytes. */
export type InputFile = {
  readonly role: 'rows' | 'panel' | 'facts'
  /** Row source, or panel id; of facts any name. */
  readonly name: string
  readonly path: string
  readonly bytes: Uint8Array
}

export type TableKind = RowKind | 'targets'

/** Why an item row carries no score. `scored` is 0, so that a typed array starts that way. */
export const STATUSES = ['scored', 'error', 'timeout', 'refused', 'truncated', 'unscored'] as const
export type Status = (typeof STATUSES)[number]

export type KeyColumn = 'team' | 'benchmark' | 'item' | 'epoch' | 'panellist' | 'criterion'

/** The columns that identify a row, per kind; two rows with the same key are a fault. */
export const KEY_COLUMNS: { readonly [kind in TableKind]: readonly KeyColumn[] } = {
  items: ['team', 'benchmark', 'item', 'epoch'],
  values: ['team', 'benchmark'],
  rubric: ['team', 'panellist', 'criterion'],
  ratings: ['team', 'panellist'],
  targets: ['team', 'benchmark'],
}

/** One column of labels: `labels` sorted by code unit, `index[row]` points into it. */
export type LabelColumn = { readonly labels: readonly string[]; readonly index: Uint32Array }

/**
 * The rows of one source, in canonical order (by key columns), so that the order in the files
 * changes neither the digest nor a result. Row r is worth units[r] / 10^digits when status[r] is 0.
 */
export type RowTable = {
  readonly source: string
  readonly kind: TableKind
  readonly count: number
  readonly columns: ReadonlyMap<KeyColumn, LabelColumn>
  readonly digits: number
  readonly units: readonly bigint[]
  /** The same values as doubles, for statistics. NaN where the status is not `scored`. */
  readonly values: Float64Array
  /** Index into STATUSES. */
  readonly status: Uint8Array
  /** Index into `files`, and the line in that file, counted from 1. */
  readonly file: Uint16Array
  readonly line: Uint32Array
  readonly files: readonly { readonly path: string; readonly digest: Digest }[]
  /** Of the canonical rows: keys, values and statuses; not of file names, order or layout. */
  readonly digest: Digest
}

/** Who sat on a panel. Only those who attended are expected to have scored. */
export type Panellist = {
  readonly id: string
  readonly group: string | undefined
  readonly attended: boolean
  /** Teams that this panellist may not judge. */
  readonly conflicts: readonly string[]
}

export type Roster = { readonly panel: string; readonly panellists: readonly Panellist[] }

/**
 * Whether a panellist is expected to judge a team. Where no conflict rule was published, a
 * declared conflict still keeps the panellist from that team.
 */
export function mayJudge(
  panellist: Panellist,
  team: string,
  effect: 'recused_from_team' | 'excluded_from_panel' | undefined,
): boolean {
  if (!panellist.attended) return false
  if (effect === 'excluded_from_panel') return panellist.conflicts.length === 0
  return !panellist.conflicts.includes(team)
}
