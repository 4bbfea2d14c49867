// Writes record.jsonl of the replay. Run: node examples/korea-2026-stage1/replay.ts
// Every entry retells what was published; nothing here was decided by this project. Sources:
//   15 Jan 2026, result                     korea.kr newsId=156739871
//   20 Feb 2026, additional team            korea.kr newsId=156745298
import type { Evidence } from '../../packages/core/src/round/docket/entry-body.ts'
import type { GateDecided } from '../../packages/core/src/round/gate/gate-bodies.ts'
import {
  lastOf,
  type ReplayEntry,
  replayRecord,
  writeReplayRecord,
} from '../simulation/replay-record.ts'

const TIME = '2026-11-23T00:00:00Z'
const RESULT = 'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156739871'
const ADDITION = 'https://www.korea.kr/briefing/pressReleaseView.do?newsId=156745298'
/** The release was public from 15:00 in Korea. */
const RESULT_AT = '2026-01-15T06:00:00Z'

const link = (ko: string, en: string, address: string): Evidence => ({
  title: { ko, en },
  link: address,
})
const release = link('1차 단계평가 결과 (과기정통부)', 'Result of stage 1 (ministry)', RESULT)
const addition = link('1개 정예팀 추가 선정 (과기정통부)', 'Additional team (ministry)', ADDITION)
const ministry = { ko: '과학기술정보통신부', en: 'Ministry of Science and ICT' }
const retold = (on: string, ...sources: string[]) => ({ on, sources })
const corrects = null

const TOGETHER = {
  says: {
    ko: '세 측면을 종합한 하나의 판단으로 공표되었습니다. 측면별 판정과 증거 목록은 공표되지 않았습니다.',
    en: 'Published as one judgement over the three aspects together. A verdict per aspect and a list of evidence were not published.',
  },
  evidence: [release],
}

const naverAxes: GateDecided['axes'] = {
  technical: {
    outcome: 'not_met',
    reasons: [
      TOGETHER,
      {
        says: {
          ko: '가중치를 초기화한 뒤 학습하는 것이 최소조건인데, 외부 공개 모델의 비전·오디오 인코더와 그 가중치를 그대로 썼습니다. 인코더는 가중치를 갱신할 수 없는 상태(frozen)였습니다.',
          en: 'The minimum condition is that weights are initialised and then trained. The vision encoder and the audio encoder of an outside open model were used with their weights, frozen, so that they could not be updated.',
        },
        evidence: [
          release,
          link(
            '1차 평가 브리핑 보도',
            'Press on the briefing',
            'https://www.asiae.co.kr/article/2026011517240601130',
          ),
          link(
            '인코더가 고정된 채 쓰였다는 설명',
            'Explanation that the encoder was frozen',
            'https://www.digitaltoday.co.kr/en/view/9427/',
          ),
        ],
      },
    ],
    findings: [
      {
        component: 'vision_encoder',
        role: 'weights',
        outcome: 'not_met',
        says: {
          ko: 'Qwen2.5 계열의 비전 인코더 가중치. 팀도 외부 인코더를 채택했다고 밝혔습니다.',
          en: 'Weights of a Qwen2.5 vision encoder. The team itself said that it had adopted an outside encoder.',
        },
        evidence: [
          link(
            '팀의 설명 보도',
            'Press on the explanation of the team',
            'https://www.etnews.com/20260106000047',
          ),
        ],
      },
      {
        component: 'audio_encoder',
        role: 'weights',
        outcome: 'not_met',
        says: {
          ko: '브리핑에서 비디오·오디오 인코더가 함께 거론되었습니다.',
          en: 'The briefing named the video and audio encoders together.',
        },
        evidence: [
          link(
            '1차 평가 브리핑 보도',
            'Press on the briefing',
            'https://www.asiae.co.kr/article/2026011517240601130',
          ),
        ],
      },
    ],
    conditions: [],
  },
  policy: {
    outcome: 'not_met',
    reasons: [
      TOGETHER,
      {
        says: {
          ko: '언제든 스스로 개발·고도화하고 어떤 상황에서도 운용을 통제할 수 있어야 하며, 공개 소프트웨어 활용에 따른 외부의 통제·간섭이 없어야 합니다. 브리핑은 기술적·정책적 측면의 미충족을 말했습니다.',
          en: 'A team must be able to develop and upgrade at any time and to control operation in any situation, free of outside control that comes with open source. The briefing spoke of the technical and the policy aspect as not met.',
        },
        evidence: [
          release,
          link(
            '브리핑 발언 (SBS)',
            'Words of the briefing (SBS)',
            'https://news.sbs.co.kr/news/endPage.do?news_id=N1008406081',
          ),
        ],
      },
    ],
    findings: [
      {
        component: 'vision_encoder',
        role: 'weights',
        outcome: 'not_met',
        says: {
          ko: '외부 모델의 가중치에 의존합니다. 라이선스가 취소될 위험이 보도되었습니다.',
          en: 'It depends on the weights of an outside model; the press raised the risk of a revoked licence.',
        },
        evidence: [
          link(
            '라이선스 취소 위험 보도',
            'Press on the risk of revocation',
            'https://www.asiae.co.kr/article/2026010615431790858',
          ),
        ],
      },
    ],
    conditions: [],
  },
  ethical: {
    outcome: 'not_met',
    reasons: [
      TOGETHER,
      {
        says: {
          ko: '레퍼런스 고지를 포함한 라이선스 정책 준수가 기준입니다. 결과 발표 뒤 라이선스 문제도 함께 보도되었습니다.',
          en: 'The criterion is to keep licence policy, including notice of the references used. After the result the press named the licence question too.',
        },
        evidence: [
          release,
          link(
            '라이선스 문제 보도',
            'Press on the licence question',
            'https://cm.asiae.co.kr/article/2026011516131115189',
          ),
        ],
      },
    ],
    findings: [
      {
        component: 'vision_encoder',
        role: 'weights',
        outcome: 'not_met',
        says: {
          ko: '공표된 판단은 세 측면을 묶은 것이며, 윤리적 측면만의 상세 근거는 공표되지 않았습니다.',
          en: 'The published judgement joins the three aspects; grounds for the ethical one alone were not published.',
        },
        evidence: [release],
      },
    ],
    conditions: [],
  },
}

/** Not excluded; a verdict per aspect was not published. */
const passed = (team: string, ...also: string[]): ReplayEntry => ({
  kind: 'gate.decided',
  body: () => ({
    team,
    axes: {},
    published: 'passes',
    replies: [],
    votes: null,
    decidedBy: ministry,
    advice: [],
    dissent: [],
    retold: retold(RESULT_AT, RESULT, ...also),
    corrects,
  }),
})

/** The press: no ground of independence was named against the team that left by score. */
const NC_AI = 'https://zdnet.co.kr/view/?no=20260115150326'

const gate: readonly ReplayEntry[] = [
  {
    kind: 'gate.replied',
    body: () => ({
      team: 'naver-cloud',
      asked: null,
      says: {
        ko: '모델의 핵심 엔진은 처음부터 100% 자체 기술로 개발했고, 호환성과 효율을 위해 검증된 외부 인코더를 채택했으며, 인코더는 언제든 자체 개발 모델로 교체할 수 있다고 밝혔습니다. (공개 설명의 요약)',
        en: 'The core engine was developed from scratch with 100 % own technology; a verified outside encoder was adopted for compatibility and efficiency; the encoder can be replaced by an own one at any time. (Summary of its public explanation.)',
      },
      evidence: [
        link(
          '100% 자체 기술이라는 설명 (전자신문)',
          'On its own technology (ETNews)',
          'https://www.etnews.com/20260106000047',
        ),
        link(
          '언제든 교체 가능하다는 설명 (연합뉴스)',
          'On replacing it at any time (Yonhap)',
          'https://news.zum.com/articles/103285124',
        ),
      ],
      final: false,
      retold: retold(
        '2026-01-07',
        'https://www.etnews.com/20260106000047',
        'https://news.zum.com/articles/103285124',
      ),
      corrects,
    }),
  },
  {
    kind: 'gate.decided',
    body: (record) => ({
      team: 'naver-cloud',
      axes: naverAxes,
      published: null,
      replies: [
        {
          reply: lastOf(record, 'gate.replied'),
          considered: false,
          says: {
            ko: '서면 소명은 평가가 진행 중이라는 이유로 반영되지 않았습니다.',
            en: 'The written explanation was not considered, because evaluation was under way.',
          },
        },
      ],
      votes: null,
      decidedBy: ministry,
      advice: [
        {
          by: { ko: '전문가 평가위원', en: 'Experts of the panel' },
          says: {
            ko: '평가위원들도 독자성의 한계를 제기했습니다.',
            en: 'Experts of the panel also raised limits of independence.',
          },
          evidence: [release],
        },
      ],
      dissent: [],
      retold: retold(RESULT_AT, RESULT, 'https://www.asiae.co.kr/article/2026011517240601130'),
      corrects,
    }),
  },
  ...['lg', 'skt', 'upstage'].map((team) => passed(team)),
  passed('nc-ai', NC_AI),
]

const decision: ReplayEntry = {
  kind: 'decide',
  given: {
    reasons: {
      'naver-cloud': [
        {
          says: {
            ko: '점수로는 상위 네 팀에 들었으나, 기술적·정책적·윤리적 측면을 종합해 독자성 기준을 충족하지 못한 것으로 판단되었습니다.',
            en: 'Its score was among the four that go on, but over the technical, policy and ethical aspects together it was judged not to meet independence.',
          },
          evidence: [release],
        },
      ],
      'nc-ai': [
        {
          says: {
            ko: '세 평가 점수를 종합한 상위 네 팀에 들지 못했습니다.',
            en: 'It was not among the four teams in front when the three scores were added.',
          },
          evidence: [release],
        },
      ],
    },
    decidedBy: ministry,
    dissent: [],
    retold: retold(RESULT_AT, RESULT),
    corrects,
  },
}

const after: readonly ReplayEntry[] = [
  {
    kind: 'objections.closed',
    body: (record) => ({
      decision: lastOf(record, 'decision.made'),
      says: {
        ko: '10일의 이의제기 기간에 제기된 이의는 알려진 것이 없습니다. 두 팀 모두 이의를 제기하지 않았습니다.',
        en: 'No objection is known from the window of ten days; neither of the two teams objected.',
      },
      retold: {
        on: null,
        sources: [
          'https://www.asiae.co.kr/article/2026011517240601130',
          'https://www.news1.kr/amp/it-science/general-it/6040695',
          'https://biz.newdaily.co.kr/site/data/html/2026/01/16/2026011600056.html',
        ],
      },
      corrects,
    }),
  },
  {
    kind: 'recruitment.opened',
    body: () => ({
      places: 1,
      until: '2026-02-12',
      terms: [
        {
          term: 0,
          says: {
            ko: '기존 정예팀과 같은 수준의 지원: B200 768장, 데이터 구축 17.5억 원, 공동 데이터 약 100억 원, "K-AI 기업" 명칭',
            en: 'Support at the level of the other teams: 768 B200 GPUs, ₩1.75 bn for own data, about ₩10 bn of joint data, the title "K-AI company"',
          },
          windows: null,
          agreed: null,
        },
        {
          term: 1,
          says: {
            ko: '기존 팀은 1월부터 6월 말까지, 새 팀은 2월부터 7월 말까지 개발하고, 8월 초에 함께 평가합니다.',
            en: 'The other teams develop from January to the end of June, the new one from February to the end of July; all are evaluated in early August.',
          },
          windows: {
            incumbents: { from: '2026-01-01', to: '2026-06-30' },
            newcomer: { from: '2026-02-01', to: '2026-07-31' },
          },
          agreed: null,
        },
      ],
      evidence: [
        addition,
        link(
          '추가 공모 시작 보도',
          'Press on the opening',
          'https://www.khan.co.kr/article/202601231617001',
        ),
      ],
      retold: retold('2026-01-23', 'https://www.khan.co.kr/article/202601231617001', ADDITION),
      corrects,
    }),
  },
  {
    kind: 'recruitment.closed',
    body: (record) => ({
      opened: lastOf(record, 'recruitment.opened'),
      applicants: 2,
      selected: [
        {
          team: 'motif',
          name: { ko: '모티프테크놀로지스', en: 'Motif Technologies' },
          reasons: [
            {
              says: {
                ko: '기존 세 팀과 의미 있는 경쟁을 하고 생태계 성장에 기여할 수 있다고 평가되었습니다. 트릴리온랩스와는 근소한 점수 차이였습니다.',
                en: 'Judged able to compete with the three teams in earnest and to help the ecosystem grow. The score difference to Trillion Labs was narrow.',
              },
              evidence: [addition],
            },
          ],
        },
      ],
      decidedBy: ministry,
      dissent: [],
      retold: retold('2026-02-20', ADDITION),
      corrects,
    }),
  },
  {
    kind: 'stage.carried',
    body: () => ({
      stage: { id: 'stage-2', name: { ko: '2차 단계평가', en: 'Stage 2 evaluation' } },
      teams: [
        ...(
          [
            ['lg', 'LG AI연구원', 'LG AI Research'],
            ['skt', 'SK텔레콤', 'SK Telecom'],
            ['upstage', '업스테이지', 'Upstage'],
          ] as const
        ).map(([team, ko, en]) => ({
          team,
          name: { ko, en },
          from: 'advanced' as const,
          conditions: [],
        })),
        {
          team: 'motif',
          name: { ko: '모티프테크놀로지스', en: 'Motif Technologies' },
          from: 'recruited' as const,
          conditions: [],
        },
      ],
      inherits: [
        {
          says: {
            ko: '평가의 큰 틀(벤치마크, 전문가, 사용자)은 유지하고, 전문가 평가의 독자성 항목을 나누는 것을 검토합니다.',
            en: 'The frame (benchmark, expert, user) stays; dividing the independence item of the expert evaluation is under review.',
          },
          evidence: [addition],
        },
      ],
      retold: retold('2026-02-20', ADDITION),
      corrects,
    }),
  },
]

const REPLAY = { time: TIME, entries: [...gate, decision, ...after] }

export const makeRecord = () => replayRecord(import.meta.dirname, REPLAY)

if (import.meta.main) await writeReplayRecord(import.meta.dirname, REPLAY)
