import type { Digest } from '../base/digest.ts'
import { decisionInForce } from './docket/docket.ts'
import { readDocket } from './docket/read-docket.ts'
import type { Scoreboard } from './score/scoreboard.ts'
import type { RecordEntry } from './seal/record.ts'
import type { Seal } from './seal/seal.ts'

/** Something that is not what it was when the record last spoke of it. */
export type InputChange = {
  /** A file that existed at the seal, or what a decision was made on. */
  readonly what:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'rows' | 'board' }
  readonly before: Digest
  /** null: the file is gone. */
  readonly after: Digest | null
  /** The entry that named the earlier digest. */
  readonly since: { readonly sequence: number; readonly time: string }
}

/**
 * What differs from the files that existed when the plan in force was sealed, and from the rows
 * and the scoreboard that the standing decision names.
 */
export function changedInputs(
  seal: Seal,
  board: Scoreboard,
  record: readonly RecordEntry[],
): InputChange[] {
  const now = new Map(board.inputs.map((input) => [input.path, input.digest]))
  const files = seal.existingResults.flatMap(({ path, digest }): InputChange[] => {
    const after = now.get(path) ?? null
    if (after === digest) return []
    const since = { sequence: seal.sequence, time: seal.time }
    return [{ what: { kind: 'file', path }, before: digest, after, since }]
  })
  const decision = decisionInForce(readDocket(record))
  if (!decision) return files
  const since = { sequence: decision.entry.sequence, time: decision.entry.time }
  const compared = [
    { kind: 'rows', before: decision.body.rows, after: board.rowsDigest },
    { kind: 'board', before: decision.body.board, after: board.digest },
  ] as const
  return [
    ...files,
    ...compared.flatMap(({ kind, before, after }): InputChange[] =>
      before === after ? [] : [{ what: { kind }, before, after, since }],
    ),
  ]
}
