// Writes record.jsonl of the replay. Run: node examples/korea-2026-stage2/replay.ts
import { type Replay, replayRecord, writeReplay } from '../simulation/replay-record.ts'

const TIME = '2026-11-23T00:00:00Z'
const MINISTRY = { ko: '과학기술정보통신부', en: 'The ministry' }
const LINK = 'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156774699'
const RELEASE = { title: 'Result of stage 2, 18 August 2026', link: LINK }
const RETOLD = { retold: { on: '2026-08-18', sources: [LINK] }, corrects: null }

function tell(replay: Replay): void {
  // No team was excluded by the check; its results and votes per team were not published.
  for (const team of ['lg', 'skt', 'upstage', 'motif']) {
    replay.act('gate.decided', {
      team,
      axes: {},
      published: 'passes',
      replies: [],
      votes: null,
      decidedBy: MINISTRY,
      advice: [],
      dissent: [],
      ...RETOLD,
    })
  }
  replay.decide({
    reasons: {
      motif: [
        {
          says: { ko: '근소한 차이로 종합 점수 4위', en: 'Fourth by total, by a narrow margin' },
          evidence: [RELEASE],
        },
      ],
    },
    decidedBy: MINISTRY,
    dissent: [],
    ...RETOLD,
  })
}

export const makeRecord = () => replayRecord(import.meta.dirname, TIME, tell)

if (import.meta.main) writeReplay(import.meta.dirname, await makeRecord())
