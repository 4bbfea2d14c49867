// Makes the record of a replayed stage: the seal of the reconstructed plan, then what was published
// about gate, decision, objections and recruitment, told again with its sources. The key is derived
// from a published sentence, so its signatures prove nothing about who signed; they show how a
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
import type { ActBody, ActKind } from '../../packages/core/src/round/docket/acts.ts'
import { type Written, writeAct } from '../../packages/core/src/round/docket/write-act.ts'
import { parsePlan } from '../../packages/core/src/round/plan/parse-plan.ts'
import type { InputFile } from '../../packages/core/src/round/rows/table.ts'
import { runRound } from '../../packages/core/src/round/run-round.ts'
import { keyFromSeed } from '../../packages/core/src/round/seal/envelope.ts'
import { formatEntry, type RecordEntry } from '../../packages/core/src/round/seal/record.ts'
import { sealPlan } from '../../packages/core/src/round/seal/seal.ts'

const AUTHOR = 'Replay of published facts (not the ministry)'
const hash = (text: string) => createHash('sha256').update(text)
const KEY = keyFromSeed(hash('dokja example key: published, and therefore worthless').digest())

/** Writes one entry after another, all at one time, with blinds that anybody can compute. */
export type Replay = {
  readonly act: <K extends ActKind>(kind: K, body: Omit<ActBody<K>, 'blind'>) => RecordEntry
  /** Decides by the scoreboard as it then stands. */
  readonly decide: (given: DecisionGiven) => RecordEntry
}

/** The text of record.jsonl for a folder with plan, rows, panels and facts. */
export async function replayRecord(
  folder: string,
  time: string,
  tell: (replay: Replay) => void,
): Promise<string> {
  const text = readFileSync(join(folder, 'plan.yaml'), 'utf8')
  const files = await readInputFiles(folder)
  let record: readonly RecordEntry[] = [sealed(text, files, time)]
  const writing = () => ({
    time,
    author: AUTHOR,
    blind: hash(`replay ${record.length}`).digest('hex'),
  })
  const keep = (written: Written): RecordEntry => {
    record = [...record, written.entry]
    return written.entry
  }
  tell({
    act: (kind, body) => keep(writeAct(kind, body, { ...writing(), record })),
    decide: (given) => {
      const result = runRound({
        plan: { text, path: 'plan.yaml' },
        record: { text: record.map(formatEntry).join(''), path: 'record.jsonl' },
        files,
      })
      return keep(makeDecision(result, given, writing()))
    },
  })
  return record.map(formatEntry).join('')
}

function sealed(text: string, files: readonly InputFile[], time: string): RecordEntry {
  return sealPlan({
    parsed: parsePlan(text, 'plan.yaml'),
    record: [],
    time,
    author: AUTHOR,
    key: KEY,
    existingResults: files
      .filter((file) => file.role !== 'panel')
      .map((file) => ({ path: file.path, digest: digestBytes(file.bytes), seenBy: null })),
  })
}

export function writeReplay(folder: string, text: string): void {
  writeFileSync(join(folder, 'record.jsonl'), text)
  process.stdout.write('→ record.jsonl\n')
}
