import type { Message } from '../messages/template.ts'
import { speaker, words } from './speaker.ts'

/** How sure the result is, and what other rules would have given. */
export const CERTAINTY_WORDS = {
  title: words('순위의 확실성', 'How certain the ranks are'),
  intro: {
    values: { draws: 'count', seed: 'name' },
    ko: '같은 방식으로 다른 문항과 다른 평가자를 뽑았다면 결과가 얼마나 달라졌을지 {draws}번 다시 추출해 계산했습니다(시드 {seed}). 모델의 참된 실력이 그 순위일 확률은 아닙니다.',
    en: 'How often the result would have been the same with other items and other panellists drawn in the same way: {draws} resamples (seed {seed}). It is not the probability that a model truly has that rank.',
  },
  words_mean: {
    values: { clear: 'name', likely: 'name' },
    ko: '분명함: {clear} 이상 · 유력함: {likely} 이상 · 구분되지 않음: 그 아래. 이 문턱은 계획에 봉인되어 있습니다.',
    en: 'Clear: {clear} or more. Likely: {likely} or more. Not separable: below. The plan sealed these thresholds.',
  },
  clear: words('분명함', 'clear'),
  likely: words('유력함', 'likely'),
  not_separable: words('구분되지 않음', 'not separable'),
  ranks_caption: words('팀별 순위 확률', 'Probability of each rank, by team'),
  rank_n: { values: { rank: 'count' }, ko: '{rank}위', en: 'rank {rank}' },
  by_score: words('점수로 진출할 확률', 'P(in by score)'),
  total_interval: words('총점 구간', 'Interval of the total'),
  word: words('판단', 'In words'),
  pairs: words('이웃한 순위', 'Neighbours in rank'),
  pairs_caption: words(
    '이웃한 두 팀의 차이와 확실성',
    'Difference of neighbours in rank, and how sure it is',
  ),
  pair: {
    values: { ahead: 'name', behind: 'name' },
    ko: '{ahead} > {behind}',
    en: '{ahead} > {behind}',
  },
  cut_here: words('여기가 진출선입니다', 'the cut is here'),
  difference: words('점수 차', 'Difference'),
  interval: words('구간', 'Interval'),
  probability: words('앞설 확률', 'P(ahead)'),
  no_probabilities: words(
    '순위 확률을 계산할 수 없습니다.',
    'Rank probabilities cannot be computed.',
  ),
  bar_title: {
    values: { team: 'name', shares: 'name' },
    ko: '{team}의 순위 확률: {shares}',
    en: 'Rank probabilities of {team}: {shares}',
  },
  withheld: words(
    '이 분석은 점수를 드러낼 수 있어 봉인된 공개 규칙에 따라 이 판에서 공개하지 않습니다.',
    'This analysis would give scores away and is withheld from this edition by the sealed rules.',
  ),
  gap_totals_unknown: words('총점이 알려지지 않았습니다.', 'The totals are not known.'),
  gap_nothing_to_resample: words(
    '다시 추출할 원자료가 없습니다.',
    'There are no rows to resample.',
  ),
  gap_decision_open: words(
    '결과 자체가 아직 정해지지 않았습니다.',
    'The result itself is still open.',
  ),
  held_no_rows: words('집계값만 공표되어', 'only aggregates were published'),
  held_one_figure: words('팀마다 수치가 하나뿐이어서', 'there is one figure per team'),
  held_one_unit: words('문항이나 평가자가 하나뿐이어서', 'there is a single item or panellist'),
  held_no_variation: words('어떻게 뽑아도 점수가 같아', 'every draw gives the same points'),
  note_held_fixed: {
    values: { part: 'name', why: 'name' },
    ko: '{part}: {why} 고정해 두었습니다. 그만큼 확실성이 실제보다 높게 보일 수 있습니다.',
    en: '{part} was held fixed because {why}; the result may look more certain than it is.',
  },
  note_some_strata_fixed: {
    values: { part: 'name', strata: 'count' },
    ko: '{part}: 묶음 {strata}개는 다시 추출할 수 없어 고정했습니다.',
    en: '{part}: {strata} {strata#stratum|strata} could not be resampled and stayed fixed.',
  },
  note_few_units: {
    values: { part: 'name', units: 'count' },
    ko: '{part}: 평가자나 문항이 {units}뿐이어서 우연의 몫이 크고 ‘분명함’이라고는 말하지 않습니다.',
    en: '{part}: only {units} {units#unit|units} to draw from, so chance weighs much and nothing is called clear.',
  },
  note_capped_at_likely: {
    values: { points: 'count' },
    ko: '배점 {points}점은 다시 추출하지 못했거나 표본이 너무 작아 ‘분명함’이라고는 말하지 않습니다.',
    en: 'For {points} points nothing, or too little, could be drawn; nothing is called clear.',
  },
  note_gate_taken: {
    values: { team: 'name' },
    ko: '{team}: 독자성 판단이 공표되지 않아 통과로 두고 계산했습니다.',
    en: '{team}: the gate is not decided and was taken as passed.',
  },
  note_discarded: {
    values: { share: 'fraction' },
    ko: '추출의 {share}는 규칙을 적용할 수 없어 버렸습니다.',
    en: '{share} of the draws could not be scored and were left out.',
  },
  note_too_many: {
    values: { panel: 'name' },
    ko: '{panel}: 평가자가 많아 한 명씩 빼는 계산은 하지 않았습니다.',
    en: '{panel}: too many panellists to leave each one out.',
  },
  note_before_rounding: words(
    '배점 이동은 반올림 전의 점수로 계산했습니다.',
    'Swaps of points are computed before rounding.',
  ),

  alternatives: words('규칙이 달랐다면', 'Under other rules'),
  alternatives_intro: words(
    '계획을 봉인할 때 함께 적어 둔 대안 규칙으로 같은 자료를 다시 계산했습니다. 결정에는 쓰이지 않습니다.',
    'The same rows under the alternative rules that were sealed with the plan. They do not decide.',
  ),
  alternatives_caption: words('대안 규칙에서의 결과', 'Result under each alternative rule'),
  rule: words('규칙', 'Rule'),
  who_advances: words('진출', 'Who advances'),
  order: words('순서', 'Order'),
  effect: words('결과', 'Effect'),
  same: words('진출팀 같음', 'the same teams advance'),
  other: words('진출팀 달라짐', 'other teams advance'),
  unknown_effect: words('알 수 없음', 'not known'),
  no_alternatives: words('계획에 대안 규칙이 없습니다.', 'The plan has no alternative rules.'),
  enters: { values: { teams: 'list' }, ko: '{teams} 진출', en: '{teams} in' },
  leaves: { values: { teams: 'list' }, ko: '{teams} 탈락', en: '{teams} out' },
  open_for: { values: { teams: 'list' }, ko: '{teams}: 알 수 없음', en: '{teams}: not known' },

  swaps: words('결과가 뒤집히는 배점', 'Points that would turn the result'),
  swaps_intro: words(
    '점수는 그대로 두고 배점만 옮길 때, 두 팀이 동점이 되는 가장 작은 변화입니다.',
    'The smallest change of points, scores unchanged, that would bring two teams level.',
  ),
  swaps_far: words(
    '그 밖에는 배점을 절반 넘게 옮겨야 순서가 바뀝니다.',
    'Otherwise more than half of all points would have to move.',
  ),
  swaps_only_far: words(
    '배점을 절반 넘게 옮기지 않는 한 순서가 바뀌지 않습니다.',
    'The order holds unless more than half of all points move.',
  ),
  at_first: words('1위', 'first place'),
  at_cut: words('진출선', 'the cut'),
  swaps_none: words(
    '배점을 어떻게 옮겨도 순서가 바뀌지 않습니다.',
    'No change of points turns the order.',
  ),
  swap_between: {
    values: { from: 'name', to: 'name', points: 'name', overtakes: 'name', passed: 'name' },
    ko: '{from}에서 {to:으로|로} {points}점을 옮기면 {overtakes:과|와} {passed:이|가} 동점이 됩니다.',
    en: 'If {points} points move from {from} to {to}, {overtakes} is level with {passed}.',
  },
  swap_others_more: {
    values: { part: 'name', points: 'name', overtakes: 'name', passed: 'name' },
    ko: '{part} 배점을 {points}점 늘리면 {overtakes:과|와} {passed:이|가} 동점이 됩니다.',
    en: 'With {points} more points on {part}, {overtakes} is level with {passed}.',
  },
  swap_others_less: {
    values: { part: 'name', points: 'name', overtakes: 'name', passed: 'name' },
    ko: '{part} 배점을 {points}점 줄이면 {overtakes:과|와} {passed:이|가} 동점이 됩니다.',
    en: 'With {points} fewer points on {part}, {overtakes} is level with {passed}.',
  },
  swap_none: {
    values: { overtakes: 'name', passed: 'name' },
    ko: '{overtakes:과|와} {passed}: 배점을 옮겨서는 동점이 되지 않습니다.',
    en: '{overtakes} and {passed}: no change of points brings them level.',
  },
  threshold: {
    values: { points: 'name' },
    ko: '기준 {points}점',
    en: 'the {points} points asked for',
  },
  space_any: {
    values: { share: 'fraction' },
    ko: '배점을 아무렇게나 나누어도 {share}에서 같은 팀들이 진출합니다.',
    en: 'Under any division of the points the same teams advance in {share} of cases.',
  },
  space_near: {
    values: { share: 'fraction' },
    ko: '각 배점이 5분의 1까지 달라져도 {share}에서 같은 팀들이 진출합니다.',
    en: 'With each part’s points up to a fifth more or less, the same teams advance in {share} of cases.',
  },
  effective: words('실제로 팀을 가른 비중', 'What really separated the teams'),
  effective_intro: words(
    '배점이 커도 모두 비슷한 점수를 받으면 팀을 가르지 못합니다.',
    'A part with many points separates nobody if all teams score alike in it.',
  ),
  effective_caption: words('배점 비중과 실제 비중', 'Nominal and effective share of each part'),
  nominal: words('배점 비중', 'Share of points'),
  effective_share: words('실제 비중', 'Effective share'),
  left_out: words('하나씩 빼 보기', 'Leaving one out'),
  left_out_caption: words('하나씩 뺐을 때 달라지는 결과', 'What changes when one is left out'),
  kind: words('뺀 것', 'Left out'),
  tried: words('시도', 'Tried'),
  change_order: words('순서가 달라진 경우', 'Order changes'),
  change_advancing: words('진출팀이 달라진 경우', 'Advancing teams change'),
  cases: words('진출팀이 달라지는 예', 'Cases in which others advance'),
  kind_part: words('항목', 'a part'),
  kind_benchmark: words('벤치마크', 'a benchmark'),
  kind_criterion: words('평가 기준', 'a criterion'),
  kind_panellist: words('평가자', 'a panellist'),
  kind_group: words('평가자 집단', 'a group of panellists'),
  agreement: words('평가자 사이의 일치', 'Agreement of panellists'),
  agreement_caption: words(
    '평가자 사이의 일치도(크리펜도르프 알파)',
    'Agreement of panellists (Krippendorff’s alpha)',
  ),
  alpha: words('알파', 'Alpha'),
  panellists: words('평가자', 'Panellists'),
  alpha_note: words(
    '1은 완전한 일치, 0은 우연 수준입니다. 0.667에 못 미치면 잠정 결론에도 부족하다고 봅니다.',
    '1 is full agreement, 0 is chance. Below .667 even tentative conclusions are thought unsafe.',
  ),
  all_criteria: words('전체', 'all'),
} as const satisfies Record<string, Message>

export const certaintyWords = speaker(CERTAINTY_WORDS)
