// Writes record.jsonl of the replay. Run: node examples/korea-2026-stage2/replay.ts
import { type ReplayEntry, replayRecord, writeReplayRecord } from '../simulation/replay-record.ts'

const TIME = '2026-11-23T00:00:00Z'
const RELEASE = 'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156774699'

const ENTRIES: readonly ReplayEntry[] = ['lg', 'skt', 'upstage', 'motif'].map((team) => ({
  kind: 'gate.decided',
  body: {
    team,
    axes: { technical: 'met', policy: 'met', ethical: 'met' },
    reasons: ['No team was excluded by the check. Its results per team were not published.'],
    evidence: [RELEASE],
  },
}))

export const makeRecord = () => replayRecord(import.meta.dirname, { time: TIME, entries: ENTRIES })

if (import.meta.main) await writeReplayRecord(import.meta.dirname, { time: TIME, entries: ENTRIES })
