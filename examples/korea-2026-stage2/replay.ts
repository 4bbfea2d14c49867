// Writes record.jsonl of the replay. Run: node examples/korea-2026-stage2/replay.ts
// Every entry retells what was published; nothing here was decided by this project. Sources:
//   18 Aug 2026, result         korea.kr newsId=156774699
//   20 Aug 2026, explanation    korea.kr newsId=148970354
import { type ReplayEntry, replayRecord, writeReplayRecord } from '../simulation/replay-record.ts'

const TIME = '2026-11-23T00:00:00Z'
const RESULT = 'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156774699'
const ministry = { ko: '과학기술정보통신부', en: 'Ministry of Science and ICT' }
const retold = { on: '2026-08-18', sources: [RESULT] }

const ENTRIES: readonly ReplayEntry[] = [
  ...['lg', 'skt', 'upstage', 'motif'].map(
    (team): ReplayEntry => ({
      kind: 'gate.decided',
      body: () => ({
        team,
        // No team was excluded by the check; what the forms of the experts said was not published.
        axes: {},
        published: 'passes',
        replies: [],
        votes: null,
        decidedBy: ministry,
        advice: [],
        dissent: [],
        retold,
        corrects: null,
      }),
    }),
  ),
  {
    kind: 'decide',
    given: {
      reasons: {
        motif: [
          {
            says: {
              ko: '총점이 가장 낮았습니다. 차이는 근소하다고 발표되었습니다.',
              en: 'It had the lowest total, by what was called a narrow margin.',
            },
            evidence: [
              {
                title: { ko: '2차 단계평가 결과 (과기정통부)', en: 'Result of stage 2 (ministry)' },
                link: RESULT,
              },
            ],
          },
        ],
      },
      decidedBy: ministry,
      dissent: [],
      retold,
      corrects: null,
    },
  },
]

const REPLAY = { time: TIME, entries: ENTRIES }

export const makeRecord = () => replayRecord(import.meta.dirname, REPLAY)

if (import.meta.main) await writeReplayRecord(import.meta.dirname, REPLAY)
