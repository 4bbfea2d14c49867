import type { Message } from '../messages/template.ts'
import { speaker, words } from './speaker.ts'

/** Traces, rules, digests and how to check again. */
export const RULE_WORDS = {
  traces: words('점수가 나온 과정', 'How the scores came about'),
  traces_intro: words(
    '각 수치를 펼치면 규칙과 원자료의 줄까지 이어집니다. =는 정확한 값, ≈는 표시 자릿수에서 반올림한 값입니다.',
    'Every figure opens down to the rule and the lines of the raw rows. “=” is exact, “≈” is rounded for display.',
  ),
  traces_withheld: words(
    '계산 과정은 이 판에서 공개하지 않습니다.',
    'The computation is withheld from this edition.',
  ),
  cut_other_teams: words(
    '다른 팀의 값이 드러나므로 이 아래는 공개하지 않습니다.',
    'What follows would show another team’s value and is withheld.',
  ),
  cut_panellists: words(
    '평가자별 점수는 공개하지 않습니다.',
    'The scores of single panellists are withheld.',
  ),
  rows_lines: {
    values: { path: 'name', lines: 'name', count: 'count' },
    ko: '{path} {lines}행 ({count}건)',
    en: '{path} lines {lines} ({count} {count#row|rows})',
  },
  rows_count: {
    values: { path: 'name', count: 'count' },
    ko: '{path} ({count}건)',
    en: '{path} ({count} {count#row|rows})',
  },
  rules: words('봉인된 규칙', 'The sealed rules'),
  rules_intro: words(
    '채점 전에 봉인된 계획의 규칙입니다. 출처가 ‘가정’인 것은 공표되지 않아 계산을 위해 정한 것입니다.',
    'The rules of the sealed plan. Those marked as assumption were never published and had to be assumed to compute anything.',
  ),
  rules_withheld: words(
    '규칙은 이 판에서 공개하지 않습니다.',
    'The rules are withheld from this edition.',
  ),
  rules_caption: words(
    '항목, 배점, 측정 주체와 환산 규칙',
    'Parts, points, who measures, and the rule',
  ),
  by: words('측정', 'Measured by'),
  steps: words('규칙', 'Rule'),
  group: words('아래 항목의 합', 'sum of the parts below'),
  step_mean: { values: { over: 'name' }, ko: '{over} 평균', en: 'mean over {over}' },
  step_median: { values: { over: 'name' }, ko: '{over} 중앙값', en: 'median over {over}' },
  step_sum: { values: { over: 'name' }, ko: '{over} 합계', en: 'sum over {over}' },
  step_trimmed: {
    values: { over: 'name', drop: 'count' },
    ko: '{over}: 최고·최저 {drop}개씩 빼고 평균',
    en: 'mean over {over} without the {drop} highest and {drop} lowest',
  },
  step_weighted: {
    values: { over: 'name' },
    ko: '{over} 가중평균',
    en: 'weighted mean over {over}',
  },
  step_as_points: words('그대로 점수', 'taken as points'),
  step_fraction: {
    values: { full: 'name' },
    ko: '{full:을|를} 만점으로 환산',
    en: 'share of {full} as full marks',
  },
  step_fraction_from: {
    values: { full: 'name', zero: 'name' },
    ko: '{zero}–{full} 구간을 환산',
    en: 'share of the range {zero} to {full}',
  },
  step_target: words('목표 모델의 점수에 대한 비율', 'ratio to the score of a target model'),
  step_target_cap: {
    values: { cap: 'name' },
    ko: '목표 모델의 점수에 대한 비율, 상한 {cap}',
    en: 'ratio to the score of a target model, at most {cap}',
  },
  step_best_team: words('최고 팀을 만점으로 환산', 'best team gets full marks'),
  step_min_max: words('최저 팀 0점, 최고 팀 만점', 'lowest team none, highest all'),
  step_rank_points: words('순위별 점수', 'points by rank'),
  step_z_score: words('표준점수', 'standard score'),
  step_anchors: words('고정 기준점으로 환산', 'by fixed anchors'),
  over_epochs: words('반복', 'runs'),
  over_items: words('문항', 'items'),
  over_benchmarks: words('벤치마크', 'benchmarks'),
  over_criteria: words('평가 기준', 'criteria'),
  over_raters: words('평가자', 'panellists'),
  advancement: words('진출', 'Advancement'),
  top: { values: { n: 'count' }, ko: '상위 {n}팀 진출', en: 'the first {n} go on' },
  drop_lowest: {
    values: { n: 'count' },
    ko: '하위 {n}팀 탈락',
    en: 'the lowest {n} {n#drops|drop} out',
  },
  threshold: {
    values: { points: 'name' },
    ko: '{points}점 이상 진출',
    en: 'from {points} points on',
  },
  places: {
    values: { places: 'count' },
    ko: '다음 단계 {places}자리',
    en: '{places} places in the next stage',
  },
  ties: words('동점', 'Ties'),
  tie_part: {
    values: { part: 'name' },
    ko: '{part} 점수가 높은 팀이 앞',
    en: 'the higher score in {part} is ahead',
  },
  tie_lot: words('추첨', 'by lot'),
  panels: words('평가단', 'Panels'),
  panels_caption: words('평가단의 규모와 규칙', 'Size and rules of each panel'),
  planned: words('계획', 'Planned'),
  took_part: words('참여', 'Took part'),
  quorum: words('정족수', 'Quorum'),
  conflicts: words('이해상충 확인', 'Conflict check'),
  blinding: words('팀 이름', 'Team names'),
  names_hidden: words('가림', 'hidden'),
  names_visible: words('보임', 'visible'),
  declared: words('신고', 'declared'),
  yes: words('있음', 'yes'),
  notes: words('유의사항', 'Notes'),
  basis: words('규칙의 근거', 'What the rules rest on'),
  official: words('공식', 'official'),
  press: words('보도', 'press'),
  assumption: words('가정', 'assumption'),
  scoring: {
    values: { from: 'name', to: 'name' },
    ko: '채점 {from} – {to}',
    en: 'scoring {from} to {to}',
  },

  check: words('다시 확인하기', 'Check it yourself'),
  check_intro: words(
    '이 판의 모든 점수는 아래 루트 하나에 묶여 있습니다. 열람본을 받은 팀은 자기 점수가 이 루트 안에 있음을 인터넷 없이 확인할 수 있습니다.',
    'All scores are bound by the one root below. A team that holds its own edition can verify offline that its scores are inside it.',
  ),
  check_command: words(
    '열람본(view.json)이 공개본의 루트에 속하는지 확인',
    'Verify a private view against the public one',
  ),
  check_score: words(
    '원자료가 있는 폴더에서 점수를 다시 계산',
    'Recompute the scores in the folder that holds the rows',
  ),
  root: words('머클 루트', 'Merkle root'),
  leaves: words('잎의 수', 'Leaves'),
  plan_digest: words('계획 다이제스트', 'Digest of the plan'),
  record_head: words('기록의 마지막', 'Head of the record'),
  withheld_digests: words(
    '점수표와 원자료의 다이제스트는 값을 추측하는 데 쓰일 수 있어 소금을 친 잎으로만 들어 있습니다.',
    'The digests of scoreboard and rows could be used to guess values, so they are inside the root as salted leaves only.',
  ),
  record: words('기록', 'The record'),
  record_intro: words(
    '모든 기록은 앞 기록의 다이제스트를 담고 있어, 고치거나 지우면 드러납니다. 정정은 새 기록으로만 합니다.',
    'Every entry holds the digest of the one before, so that a change or a gap shows. Corrections are new entries.',
  ),
  record_caption: words('기록 목록', 'Entries of the record'),
  number: words('번호', 'No.'),
  when: words('시각', 'Time'),
  who: words('작성', 'Author'),
  what: words('내용', 'What'),
  digest: words('다이제스트', 'Digest'),
  sealed_after: {
    values: { n: 'count' },
    ko: '봉인할 때 이미 있던 결과 파일 {n}개',
    en: '{n} {n#file|files} of results existed when it was sealed',
  },
  amended: words('계획 개정', 'Amendment of the plan'),
  amended_reason: { values: { reason: 'name' }, ko: '이유: {reason}', en: 'reason: {reason}' },
  changes: words('기록한 뒤 달라진 것', 'Changed since it was recorded'),
  change_file: { values: { path: 'name' }, ko: '파일 {path}', en: 'file {path}' },
  change_rows: words('원자료', 'the rows'),
  change_board: words('점수표', 'the scoreboard'),
  since: { values: { n: 'count' }, ko: '기록 {n}번 이후', en: 'since entry {n}' },
} as const satisfies Record<string, Message>

export const ruleWords = speaker(RULE_WORDS)

/** Names of the kinds of entries. */
export const ENTRY_WORDS = {
  'plan.sealed': words('계획 봉인', 'plan sealed'),
  'plan.amended': words('계획 개정', 'plan amended'),
  'gate.asked': words('관문: 팀에 질의', 'gate: team asked'),
  'gate.replied': words('관문: 팀의 소명', 'gate: reply'),
  'gate.decided': words('관문: 판단', 'gate: decided'),
  'decision.made': words('결정', 'decision'),
  'objection.filed': words('이의제기', 'objection'),
  'objection.answered': words('이의에 대한 답변', 'answer to an objection'),
  'objections.closed': words('이의제기 기간 종료', 'objection window closed'),
  'recruitment.opened': words('추가 공모 시작', 'recruitment opened'),
  'recruitment.closed': words('추가 공모 선정', 'recruitment decided'),
  'stage.carried': words('다음 단계로 이어짐', 'carried to the next stage'),
  'views.published': words('열람본 공개', 'views published'),
} as const satisfies Record<string, Message>

export const entryWords = speaker(ENTRY_WORDS)
