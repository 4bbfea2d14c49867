// Writes record.jsonl of the replay. Run: node examples/korea-2026-stage1/replay.ts
import type { Evidence } from '../../packages/core/src/round/docket/entry-body.ts'
import { type Replay, replayRecord, writeReplay } from '../simulation/replay-record.ts'

const TIME = '2026-11-23T00:00:00Z'
const MINISTRY = { ko: '과학기술정보통신부', en: 'The ministry' }

const page = (title: string, link: string): Evidence => ({ title, link })
const RELEASE = page(
  'Result of stage 1, 15 January 2026',
  'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156739871',
)
const RECRUITS = page(
  'Additional team, 20 February 2026',
  'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156745298',
)
const ENCODER = page(
  'IITP on the frozen encoder, January 2026',
  'https://newspub.kr/content?nid=69689c2a36714e6ba5c1af67',
)
const WINDOW = page(
  'Objection window and the written explanation, 15 January 2026',
  'https://www.asiae.co.kr/article/2026011517240601130',
)
const NO_APPEAL = page(
  'Neither team appealed, 16 January 2026',
  'https://biz.newdaily.co.kr/site/data/html/2026/01/16/2026011600056.html',
)
const BIDS = page('Two bids', 'https://news.sbs.co.kr/news/endPage.do?news_id=N1008411065')

const retold = (on: string, ...pages: readonly Evidence[]) => ({
  retold: { on, sources: pages.map((entry) => entry.link ?? '') },
  corrects: null,
})

function tell(replay: Replay): void {
  const reply = replay.act('gate.replied', {
    team: 'naver-cloud',
    asked: null,
    says: {
      ko: '검증된 외부 인코더를 사용했고 언어 모델은 100% 자체 기술이며 인코더는 언제든 교체할 수 있다고 설명',
      en: 'A verified external encoder was used; the language model is 100 % its own and the encoder can be replaced at any time',
    },
    evidence: [
      page('The explanation in the press', 'https://m.segye.com/view/20260105516977'),
      WINDOW,
    ],
    final: false,
    ...retold('2026-01-05', WINDOW),
  })
  tellGate(replay, reply.digest)
  const decision = replay.decide({
    reasons: {
      'naver-cloud': [
        {
          says: {
            ko: '상위 4개 팀에 들었으나 독자성 기준 미충족',
            en: 'Among the top four, but judged not to meet the independence criteria',
          },
          evidence: [RELEASE],
        },
      ],
      'nc-ai': [
        {
          says: { ko: '종합 점수 상위 4개 팀에 들지 못함', en: 'Not among the top four by total' },
          evidence: [RELEASE],
        },
      ],
    },
    decidedBy: MINISTRY,
    dissent: [],
    ...retold('2026-01-15', RELEASE),
  })
  replay.act('objections.closed', {
    decision: decision.digest,
    says: {
      ko: '10일의 이의제기 기간에 신청 없음',
      en: 'Nobody objected within the window of 10 days',
    },
    ...retold('2026-01-25', WINDOW, NO_APPEAL),
  })
  tellRecruitment(replay)
}

function tellGate(replay: Replay, reply: `sha256:${string}`): void {
  const blank = { votes: null, decidedBy: MINISTRY, dissent: [] }
  replay.act('gate.decided', {
    ...blank,
    team: 'naver-cloud',
    axes: {
      technical: {
        outcome: 'not_met',
        reasons: [
          {
            says: {
              ko: '외부 비전 인코더를 가중치 갱신 없이 고정하여 사용. 가중치를 초기화한 뒤 학습하는 것이 최소조건',
              en: 'The outside vision encoder was used frozen, closed to weight updates; that weights are initialised and then trained is the minimum condition',
            },
            evidence: [ENCODER, RELEASE],
          },
        ],
        findings: [
          {
            component: 'vision_encoder',
            role: 'weights',
            outcome: 'not_met',
            says: 'The vision encoder carries the weights of another company’s open model',
            evidence: [ENCODER],
          },
        ],
        conditions: [],
      },
    },
    // One finding over all three aspects was published, no verdict per aspect.
    published: 'excluded',
    replies: [
      {
        reply,
        considered: false,
        says: {
          ko: '평가가 진행 중이어서 고려하지 않음',
          en: 'Not considered because evaluation was under way',
        },
      },
    ],
    advice: [
      {
        by: { ko: '전문가 평가위원', en: 'The experts' },
        says: 'Experts had raised the question too',
        evidence: [RELEASE],
      },
    ],
    ...retold('2026-01-15', RELEASE, ENCODER),
  })
  for (const team of ['lg', 'skt', 'upstage']) {
    replay.act('gate.decided', {
      ...blank,
      team,
      axes: {},
      published: 'passes',
      replies: [],
      advice: [],
      ...retold('2026-01-15', RELEASE),
    })
  }
}

function tellRecruitment(replay: Replay): void {
  const opened = replay.act('recruitment.opened', {
    places: 1,
    until: '2026-02-12',
    terms: [
      { term: 0, says: 'The same GPUs, data money and title', windows: null, agreed: null },
      {
        term: 1,
        says: 'Six months each, evaluated together in early August',
        windows: {
          incumbents: { from: '2026-01-01', to: '2026-06-30' },
          newcomer: { from: '2026-02-01', to: '2026-07-31' },
        },
        agreed: null,
      },
    ],
    evidence: [RELEASE, RECRUITS],
    ...retold('2026-01-23', RECRUITS),
  })
  replay.act('recruitment.closed', {
    opened: opened.digest,
    applicants: 2,
    selected: [
      {
        team: 'motif',
        name: { ko: '모티프테크놀로지스', en: 'Motif Technologies' },
        reasons: [
          {
            says: { ko: '근소한 점수 차이로 선정', en: 'Selected by a narrow score difference' },
            evidence: [RECRUITS, BIDS],
          },
        ],
      },
    ],
    decidedBy: MINISTRY,
    dissent: [],
    ...retold('2026-02-20', RECRUITS),
  })
  const carried = (
    team: string,
    name: { ko: string; en: string },
    from: 'advanced' | 'recruited',
  ) => ({
    team,
    name,
    from,
    conditions: [],
  })
  replay.act('stage.carried', {
    stage: { id: 'stage-2', name: { ko: '2차 단계평가', en: 'Stage 2 evaluation' } },
    teams: [
      carried('lg', { ko: 'LG AI연구원', en: 'LG AI Research' }, 'advanced'),
      carried('skt', { ko: 'SK텔레콤', en: 'SK Telecom' }, 'advanced'),
      carried('upstage', { ko: '업스테이지', en: 'Upstage' }, 'advanced'),
      carried('motif', { ko: '모티프테크놀로지스', en: 'Motif Technologies' }, 'recruited'),
    ],
    inherits: [],
    ...retold('2026-02-20', RECRUITS),
  })
}

export const makeRecord = () => replayRecord(import.meta.dirname, TIME, tell)

if (import.meta.main) writeReplay(import.meta.dirname, await makeRecord())
