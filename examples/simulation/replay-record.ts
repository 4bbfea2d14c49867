// Makes the record of a replayed stage: the seal of the reconstructed plan, and gate, decision and
// what followed as they were published. The key and the secret are derived from published
// sentences, so signatures prove nothing about who signed and salts hide nothing; they show how a
// record looks and that nothing in it was changed afterwards.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readInputFiles } from '../../packages/core/node/round/round-folder.ts'
import { digestBytes } from '../../packages/core/src/base/digest.ts'
import {
  type DecisionGiven,
  makeDecision,
} from '../../packages/core/src/round/decision/make-decision.ts'
import { blindOf } from '../../packages/core/src/round/disclosure/salts.ts'
import type { ActBody, ActKind } from '../../packages/core/src/round/docket/acts.ts'
import { writeAct } from '../../packages/core/src/round/docket/write-act.ts'
import { parsePlan } from '../../packages/core/src/round/plan/parse-plan.ts'
import { runRound } from '../../packages/core/src/round/run-round.ts'
import { keyFromSeed } from '../../packages/core/src/round/seal/envelope.ts'
import { formatEntry, type RecordEntry } from '../../packages/core/src/round/seal/record.ts'
import { sealPlan } from '../../packages/core/src/round/seal/seal.ts'

export const REPLAY_AUTHOR = 'Replay of published facts (not the ministry)'
const worthless = (what: string) =>
  createHash('sha256').update(`dokja example ${what}: published, and therefore worthless`).digest()
const REPLAY_KEY = keyFromSeed(worthless('key'))
export const REPLAY_SECRET = worthless('secret').toString('hex')

/** An entry to write; it may refer to those before it. */
export type ReplayEntry =
  | {
      [K in ActKind]: {
        readonly kind: K
        readonly body: (record: readonly RecordEntry[]) => Omit<ActBody<K>, 'blind'>
      }
    }[ActKind]
  | { readonly kind: 'decide'; readonly given: DecisionGiven }

export type Replay = { readonly time: string; readonly entries: readonly ReplayEntry[] }

/** The text of record.jsonl for a folder with plan, rows, panels and facts. */
export async function replayRecord(folder: string, replay: Replay): Promise<string> {
  const { time } = replay
  const text = readFileSync(join(folder, 'plan.yaml'), 'utf8')
  const files = await readInputFiles(folder)
  let record: readonly RecordEntry[] = [
    sealPlan({
      parsed: parsePlan(text, 'plan.yaml'),
      record: [],
      time,
      author: REPLAY_AUTHOR,
      key: REPLAY_KEY,
      existingResults: files
        .filter((file) => file.role !== 'panel')
        .map((file) => ({ path: file.path, digest: digestBytes(file.bytes), seenBy: null })),
    }),
  ]
  const format = () => record.map(formatEntry).join('')
  for (const entry of replay.entries) {
    const kind = entry.kind === 'decide' ? 'decision.made' : entry.kind
    const blind = blindOf(REPLAY_SECRET, { kind, after: record.at(-1)?.digest ?? '' })
    const writing = { time, author: REPLAY_AUTHOR, blind }
    if (entry.kind === 'decide') {
      const plan = { text, path: 'plan.yaml' }
      const result = runRound({ plan, record: { text: format(), path: 'record.jsonl' }, files })
      record = [...record, makeDecision(result, entry.given, writing).entry]
    } else {
      const body = entry.body(record) as Omit<ActBody<ActKind>, 'blind'>
      record = [...record, writeAct<ActKind>(entry.kind, body, { ...writing, record }).entry]
    }
  }
  return format()
}

export async function writeReplayRecord(folder: string, replay: Replay): Promise<void> {
  writeFileSync(join(folder, 'record.jsonl'), await replayRecord(folder, replay))
  process.stdout.write('→ record.jsonl\n')
}

/** The digest of the last entry of a kind. */
export function lastOf(record: readonly RecordEntry[], kind: string): RecordEntry['digest'] {
  const found = record.findLast((entry) => entry.kind === kind)
  if (!found) throw new Error(`no entry of kind ${kind}`)
  return found.digest
}
