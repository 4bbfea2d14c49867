import type { Digest } from '../../base/digest.ts'
import type { Fact } from './facts.ts'
import type { InputFile, Roster, RowTable } from './table.ts'

/** Everything that was measured, checked against the plan. */
export type Rows = {
  /** By source. A source of the plan without any file is not in here. */
  readonly tables: ReadonlyMap<string, RowTable>
  /** By panel id. */
  readonly rosters: ReadonlyMap<string, Roster>
  readonly facts: readonly Fact[]
  /** Of all of the above; independent of file names, layout and order of rows. */
  readonly digest: Digest
  readonly inputs: readonly RowInput[]
}

export type RowInput = {
  readonly role: InputFile['role']
  readonly name: string
  readonly path: string
  /** Of the bytes of the file. */
  readonly digest: Digest
  readonly rows: number
}
