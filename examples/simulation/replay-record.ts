// Makes the record of a replayed stage: the seal of the reconstructed plan, and the gate as it was
// published. The key is derived from a published sentence, so its signatures prove nothing about
// who signed; they show how a record looks and that nothing in it was changed afterwards.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readInputFiles } from '../../packages/core/node/round/round-folder.ts'
import type { JsonValue } from '../../packages/core/src/base/canonical-json.ts'
import { digestBytes } from '../../packages/core/src/base/digest.ts'
import { parsePlan } from '../../packages/core/src/round/plan/parse-plan.ts'
import { keyFromSeed } from '../../packages/core/src/round/seal/envelope.ts'
import {
  formatEntry,
  nextEntry,
  type RecordEntry,
} from '../../packages/core/src/round/seal/record.ts'
import { sealPlan } from '../../packages/core/src/round/seal/seal.ts'

export const REPLAY_AUTHOR = 'Replay of published facts (not the ministry)'
const REPLAY_KEY = keyFromSeed(
  createHash('sha256').update('dokja example key: published, and therefore worthless').digest(),
)

export type ReplayEntry = { readonly kind: string; readonly body: JsonValue }

/** The text of record.jsonl for a folder with plan, rows, panels and facts. */
export async function replayRecord(
  folder: string,
  options: { readonly time: string; readonly entries: readonly ReplayEntry[] },
): Promise<string> {
  const text = readFileSync(join(folder, 'plan.yaml'), 'utf8')
  const files = await readInputFiles(folder)
  const record: RecordEntry[] = [
    sealPlan({
      parsed: parsePlan(text, 'plan.yaml'),
      record: [],
      time: options.time,
      author: REPLAY_AUTHOR,
      key: REPLAY_KEY,
      existingResults: files
        .filter((file) => file.role !== 'panel')
        .map((file) => ({ path: file.path, digest: digestBytes(file.bytes), seenBy: null })),
    }),
  ]
  for (const entry of options.entries) {
    record.push(nextEntry(record, { ...entry, time: options.time, author: REPLAY_AUTHOR }))
  }
  return record.map(formatEntry).join('')
}

export async function writeReplayRecord(
  folder: string,
  options: { readonly time: string; readonly entries: readonly ReplayEntry[] },
): Promise<void> {
  writeFileSync(join(folder, 'record.jsonl'), await replayRecord(folder, options))
  process.stdout.write('→ record.jsonl\n')
}
