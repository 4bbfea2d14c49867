import type { Message } from '../messages/template.ts'
import { speaker, words } from './speaker.ts'

const named = { team: 'name' } as const
const listed = { teams: 'list' } as const

/** Headings and fixed sentences of the page of a stage. */
export const ROUND_WORDS = {
  title: words('결과', 'result'),
  page_for_public: words('공개본', 'Public edition'),
  page_for_team: { values: named, ko: '{team} 열람본', en: 'Edition for {team}' },
  page_for_panel: words('평가위원 열람본', 'Edition for the panel'),
  page_for_office: words(
    '내부용 전체본 (공개 금지)',
    'Complete edition, internal, not for publication',
  ),
  owner: words('주관', 'Owner'),
  edition: words('판', 'Edition'),
  as_of: words('기준 시각', 'As of'),
  sealed_plan: words('봉인된 평가계획', 'Sealed plan'),
  sealed_on: words('봉인', 'Sealed'),
  contents: words('차례', 'Contents'),
  conclusion: words('결정', 'Decision'),
  none: words('없음', 'none'),

  advance: {
    values: listed,
    ko: '{teams:이|가} 다음 단계로 진출합니다.',
    en: '{teams} advance to the next stage.',
  },
  advance_one: {
    values: listed,
    ko: '{teams:이|가} 다음 단계로 진출합니다.',
    en: '{teams} advances to the next stage.',
  },
  would_advance: {
    values: listed,
    ko: '봉인된 규칙에 따르면 {teams:이|가} 진출합니다. 결정은 아직 기록되지 않았습니다.',
    en: 'By the sealed rules {teams} would advance. No decision is on record yet.',
  },
  nobody_advances: words('진출하는 팀이 없습니다.', 'No team advances.'),
  open_result: words('누가 진출하는지 아직 정해지지 않았습니다.', 'Who advances is still open.'),
  result_withheld: words(
    '누가 진출하는지는 이 판에서 공개하지 않습니다.',
    'Who advances is not part of this edition.',
  ),
  out_by_score: { values: named, ko: '{team}: 점수로 탈락', en: '{team}: out by score' },
  out_by_gate: {
    values: named,
    ko: '{team}: 점수로는 진출권이었으나 독자성 관문에서 배제',
    en: '{team}: in by score, excluded by the independence gate',
  },
  out_by_gate_only: {
    values: named,
    ko: '{team}: 독자성 관문에서 배제',
    en: '{team}: excluded by the independence gate',
  },
  out_by_both: {
    values: named,
    ko: '{team}: 점수로도, 독자성 관문에서도 탈락',
    en: '{team}: out by score and by the gate',
  },
  places_open: {
    values: { places: 'count' },
    ko: '다음 단계의 {places}자리가 비어 있습니다.',
    en: '{places} {places#place|places} of the next stage {places#is|are} open.',
  },
  places_filled: {
    values: listed,
    ko: '추가 공모로 {teams:이|가} 합류합니다.',
    en: '{teams} {n#joins|join} by additional recruitment.',
  },
  simulated_title: words('모의 자료로 계산했습니다', 'Computed from simulated rows'),
  simulated_text: words(
    '원자료가 공표되지 않아, 공표된 집계값에 맞춘 모의 원자료로 계산했습니다. ‘모의’ 표시가 붙은 수치는 어느 팀의 실제 점수도 아닙니다. 누가 진출하고 누가 왜 탈락했는지는 공표된 사실입니다.',
    'The raw rows were never published, so the scores rest on simulated rows that fit the published aggregates. Figures marked “simulated” are nobody’s real scores. Who advanced, who did not and why are published facts.',
  ),
  simulated: words('모의', 'simulated'),
  simulated_long: words(
    '모의 자료로 계산한 값이며 실제 점수가 아닙니다',
    'Computed from simulated rows; not a real score',
  ),
  retold: words('공표된 사실을 옮겨 적음', 'Retold from publications'),
  retold_text: words(
    '이 기록은 주관 기관이 쓴 것이 아니라 공표된 사실을 나중에 옮겨 적은 것입니다.',
    'This record was not written by the owner; it retells published facts afterwards.',
  ),
  certainty_line: {
    values: { word: 'name', percent: 'name' },
    ko: '같은 팀들이 진출한다는 결과의 확실성: {word} ({percent})',
    en: 'How sure it is that the same teams advance: {word} ({percent})',
  },
  certainty_capped: words(
    '다시 추출하지 못한 항목이 있어 ‘분명함’이라고 하지 않습니다.',
    'Not called clear, because some parts could not be resampled.',
  ),
  certainty_simulated: words(
    '모의 자료에 대한 확실성이며 실제 평가에 대한 것이 아닙니다.',
    'Of the simulated rows, not of the real evaluation.',
  ),
  what_it_leaves_open: words('유의할 점', 'To bear in mind'),
  limit_certainty: words(
    '점수 차이가 우연을 넘는지는 ‘순위의 확실성’에 따로 적습니다. 결정은 봉인된 규칙이 하고, 분석은 그 옆에 놓일 뿐입니다.',
    'Whether the differences exceed chance stands under “How certain the ranks are”. The sealed rules decide; the analysis only stands beside them.',
  ),
  limit_gate: words(
    '독자성은 통과 여부만 가르며 점수가 되지 않습니다.',
    'Independence decides whether a team may go on; it never becomes points.',
  ),

  totals: words('점수', 'Scores'),
  totals_caption: words('팀별 점수와 결과', 'Scores and result of each team'),
  totals_intro: {
    values: { points: 'name' },
    ko: '배점 {points}점.',
    en: 'Out of {points} points.',
  },
  totals_traced: words(
    '모든 수치는 아래 ‘점수가 나온 과정’에서 원자료까지 따라갈 수 있습니다.',
    'Every figure can be followed to the raw rows below, under “How the scores came about”.',
  ),
  totals_order_plan: words(
    '팀은 계획에 적힌 순서이며 순위가 아닙니다.',
    'Teams stand in the order of the plan, which is not a rank.',
  ),
  rank: words('순위', 'Rank'),
  team: words('팀', 'Team'),
  total: words('총점', 'Total'),
  gate: words('독자성 관문', 'Gate'),
  result: words('결과', 'Result'),
  advances: words('진출', 'advances'),
  leaves: words('탈락', 'leaves'),
  undecided: words('미정', 'open'),
  gate_passes: words('배제되지 않음', 'not excluded'),
  gate_excluded: words('배제', 'excluded'),
  gate_undecided: words('판단 없음', 'not judged'),
  gate_none: words('관문 없음', 'no gate'),
  withheld: words('비공개', 'withheld'),
  withheld_all: words(
    '팀별 점수는 봉인된 공개 규칙에 따라 이 판에서 공개하지 않습니다. 점수가 없거나 0점이라는 뜻이 아닙니다. 각 팀은 자기 점수가 아래 공개 루트 안에 있음을 증명할 수 있습니다.',
    'By the sealed disclosure rules the scores of the teams are withheld from this edition. They are neither absent nor zero. Each team can prove that its own scores are inside the public root below.',
  ),
  not_published: words('공표되지 않음', 'not published'),
  range: {
    values: { least: 'name', most: 'name' },
    ko: '{least}–{most} 사이',
    en: '{least} to {most}',
  },
  as_published: words('공표값', 'as published'),
  aggregates: words('항목별 최고점·평균·격차', 'Best, mean and gap of each part'),
  aggregates_caption: words('항목별 최고점, 평균, 격차', 'Best, mean and gap of each part'),
  part: words('항목', 'Part'),
  points: words('배점', 'Points'),
  best: words('최고점', 'Best'),
  mean: words('평균', 'Mean'),
  gap: words('최고–최저 차이', 'Gap'),
  figures: words('공표된 수치와의 대조', 'Published figures, checked'),
  figures_intro: words(
    '공표된 수치를 모두 적고, 이 계산이 같은 자릿수에서 같은 값을 내는지 확인했습니다.',
    'Every published figure, and whether this computation gives the same at the printed digits.',
  ),
  figures_caption: words('공표된 수치와 대조 결과', 'Published figures and how they compare'),
  statistic: words('종류', 'Kind'),
  published_value: words('공표값', 'Published'),
  source: words('출처', 'Source'),
  agreement: words('대조', 'Comparison'),
  agrees: words('일치', 'agrees'),
  contradicts: words('다름', 'differs'),
  not_checkable: words('확인 불가', 'cannot be checked'),
  stat_score: words('점수', 'score'),
  stat_best: words('최고점', 'best'),
  stat_mean: words('평균', 'mean'),
  stat_gap: words('최고–최저 차이', 'gap'),
  stat_ahead: words('앞선 팀', 'teams in front'),
  contradiction: words(
    '다음 공표 수치는 동시에 참일 수 없습니다.',
    'These published figures cannot all be true.',
  ),

  footer: words(
    '이 문서는 한 파일로 완결되며 외부에 접속하지 않습니다. 자바스크립트 없이도 모두 읽을 수 있습니다.',
    'This document is complete in one file and contacts nothing outside. All of it can be read without JavaScript.',
  ),
} as const satisfies Record<string, Message>

export type RoundWord = keyof typeof ROUND_WORDS

export const roundWords = speaker(ROUND_WORDS)
