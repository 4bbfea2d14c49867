// Writes record.jsonl of the replay. Run: node examples/korea-2026-stage1/replay.ts
import { type ReplayEntry, replayRecord, writeReplayRecord } from '../simulation/replay-record.ts'

const TIME = '2026-11-23T00:00:00Z'
const RELEASE = 'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156739871'

/** A verdict per aspect was not published; that a team went on says only that none excluded it. */
const passed = (team: string): ReplayEntry => ({
  kind: 'gate.decided',
  body: {
    team,
    axes: { technical: 'met', policy: 'met', ethical: 'met' },
    reasons: ['Not excluded: the team went on. A verdict per aspect was not published.'],
    evidence: [RELEASE],
  },
})

const ENTRIES: readonly ReplayEntry[] = [
  {
    kind: 'gate.decided',
    body: {
      team: 'naver-cloud',
      axes: { technical: 'not_met', policy: 'not_determinable', ethical: 'not_determinable' },
      reasons: [
        'Judged not to meet the independence criteria after all three aspects were weighed; experts had raised it too.',
        'The vision encoder carried the weights of an outside open model and was used frozen, closed to updates, while the minimum condition is that weights are initialised and then trained.',
        'A verdict per aspect was not published: the technical one is read from the explanations given, the other two stay open.',
      ],
      evidence: [
        RELEASE,
        'https://newspub.kr/content?nid=69689c2a36714e6ba5c1af67',
        'https://www.digitaltoday.co.kr/en/view/9427/',
      ],
    },
  },
  passed('lg'),
  passed('skt'),
  passed('upstage'),
]

export const makeRecord = () => replayRecord(import.meta.dirname, { time: TIME, entries: ENTRIES })

if (import.meta.main) await writeReplayRecord(import.meta.dirname, { time: TIME, entries: ENTRIES })
