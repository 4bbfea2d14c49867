import type { Message } from '../../messages/template.ts'
import { plain } from './plain.ts'

/** References, links and the path between checkpoints. */
export const PATH = {
  references_clear: {
    values: { references: 'count', step: 'count' },
    ko: '참조 모델 {references}개와 비교하여 처음과 마지막({step}단계) 체크포인트에서 우연을 넘는 일치가 나오지 않았습니다.',
    en: 'Against {references} {references#reference|references}, neither the first nor the last checkpoint (step {step}) agrees beyond chance.',
  },
  reference_matches: {
    values: { reference: 'name', step: 'count', component: 'component', log10P: 'chance' },
    ko: '{step}단계, {component}: {reference}의 가중치와 독립이 아닙니다. 우연히 나올 확률은 {log10P} 이하입니다.',
    en: 'Step {step}, {component}: not independent of the weights of {reference}; the chance of such agreement is at most {log10P}.',
  },
  reference_alike: {
    values: { reference: 'name', step: 'count', component: 'component', verdict: 'verdict' },
    ko: '{step}단계, {component}: 재배열을 되돌리면 {reference:과|와} 같은 가중치입니다("{verdict}"). 경험적 검정이며 정확한 확률은 없습니다.',
    en: 'Step {step}, {component}: with its rearrangement undone it is made of the weights of {reference} ("{verdict}"); an empirical test, without an exact chance.',
  },
  reference_shares_start: {
    values: { reference: 'name', step: 'count', component: 'component', log10P: 'chance' },
    ko: '{step}단계, {component}: {reference:과|와} 같은 시드에서 시작했습니다(우연히 나올 확률 {log10P} 이하). 학습까지 이어받았는지는 이 기록만으로 정해지지 않습니다.',
    en: 'Step {step}, {component}: shares the start of {reference}, that is its seed (chance at most {log10P}). Whether training was shared too is not settled here.',
  },
  reference_untested: {
    values: { reference: 'name', step: 'count' },
    ko: '{reference}: {step}단계와 견줄 수 있는 검정이 없었습니다.',
    en: '{reference}: no test could compare it with step {step}.',
  },
  no_references: plain(
    '비교할 참조 모델이 없습니다. 이 기록은 남의 모델과 무관하다는 검정 곁에서만 의미가 있습니다(--against, --registry).',
    'No reference was given. A training record counts only beside tests against known models (--against, --registry).',
  ),
  links_dependent: {
    values: { links: 'count', log10P: 'chance' },
    ko: '이어진 체크포인트 {links}쌍이 모두 서로 의존합니다(가장 약한 고리에서 우연히 나올 확률 {log10P} 이하).',
    en: 'All {links} links between consecutive checkpoints are dependent (chance at the weakest link: at most {log10P}).',
  },
  link_independent: {
    values: { from: 'count', to: 'count', component: 'component', log10P: 'chance' },
    ko: '{from}단계에서 {to}단계로, {component}: 앞의 체크포인트와 무관합니다. 하나의 학습에서 나온 두 점이라면 있을 수 없는 일입니다.',
    en: 'Step {from} to {to}, {component}: unrelated to the checkpoint before, which two points of one training run cannot be.',
  },
  link_undecided: {
    values: { from: 'count', to: 'count', component: 'component' },
    ko: '{from}단계에서 {to}단계로, {component}: 의존 여부를 가릴 수 없습니다(단위가 적거나, 감쇠로 흔적이 지워질 간격입니다).',
    en: 'Step {from} to {to}, {component}: dependence could not be decided (too few units, or so far apart that decay erases it).',
  },
  slope_matches: {
    values: { found: 'correlation', predicted: 'correlation', step: 'count' },
    ko: '{step}단계에 남은 0단계의 몫은 {found}, 감쇠만 따른 예측은 {predicted}입니다. 실제 학습에서 본 범위 안입니다.',
    en: 'At step {step}, {found} of the start is left; decay alone predicts {predicted}. That is within what real training shows.',
  },
  slope_off: {
    values: { found: 'correlation', predicted: 'correlation', step: 'count' },
    ko: '{step}단계에 남은 0단계의 몫은 {found}인데, 선언된 일정의 예측은 {predicted}입니다.',
    en: 'At step {step}, {found} of the start is left, where the declared schedule predicts {predicted}.',
  },
  slope_silent: {
    values: { predicted: 'correlation' },
    ko: '감쇠 뒤에 남을 몫({predicted})이 너무 작아 기울기로는 아무것도 말할 수 없습니다.',
    en: 'Decay leaves so little of the start ({predicted}) that the slope says nothing.',
  },
  slope_decay_unknown: {
    values: { optimiser: 'name' },
    ko: '{optimiser}의 감쇠로 0단계가 얼마나 남을지 예측하지 못했습니다(sgd라면 모멘텀을 beta1에 적으십시오).',
    en: 'What the decay of {optimiser} should leave of the start is not known (for sgd, state its momentum as beta1).',
  },
  updates_turn: {
    values: { median: 'correlation', largest: 'correlation' },
    ko: '이어진 갱신의 방향이 실제 학습처럼 바뀝니다(코사인 중앙값 {median}, 최대 {largest}).',
    en: 'Consecutive updates turn as in real training (cosine: median {median}, largest {largest}).',
  },
  updates_collinear: {
    values: { from: 'count', middle: 'count', to: 'count', cosine: 'correlation' },
    ko: '{from}, {middle}, {to}단계가 반올림 안에서 한 직선 위에 있습니다. 두 점 사이를 보간한 모습이며, 학습은 그렇게 나아가지 않습니다.',
    en: 'Steps {from}, {middle} and {to} lie on one straight line to within rounding, as checkpoints interpolated between two points do and training does not.',
  },
  updates_nearly_straight: {
    values: { median: 'correlation', largest: 'correlation' },
    ko: '이어진 갱신이 거의 같은 방향입니다(코사인 중앙값 {median}). 느린 학습도, 흔들어 놓은 보간도 그렇게 보이므로 가릴 수 없습니다. 더 멀리 떨어진 체크포인트가 필요합니다.',
    en: 'Consecutive updates go almost the same way (median cosine {median}). Slow training looks like that, and so does interpolation with noise: checkpoints farther apart would tell.',
  },
  updates_too_few: {
    values: { updates: 'count' },
    ko: '체크포인트가 적어 갱신의 방향을 비교하지 못했습니다(갱신 {updates}개).',
    en: 'Too few checkpoints to compare the directions of updates ({updates}).',
  },
  steps_fit_rate: {
    values: { largest: 'correlation', smallest: 'correlation' },
    ko: '체크포인트 사이의 거리가 선언된 학습률로 갈 수 있는 범위입니다(학습률 합에 대한 비 {smallest} ~ {largest}).',
    en: 'The distances between checkpoints fit the declared rates (ratio to the sum of rates: {smallest} to {largest}).',
  },
  step_too_large: {
    values: { from: 'count', to: 'count', rms: 'correlation', bound: 'correlation', kind: 'name' },
    ko: '{from}단계에서 {to}단계로: 움직인 거리({rms})가 선언된 학습률로 갈 수 있는 한계({bound})를 넘습니다.',
    en: 'Step {from} to {to}: the weights moved {rms}, farther than the declared rates can carry them ({bound}).',
  },
  step_too_small: {
    values: { from: 'count', to: 'count', ratio: 'count', least: 'count' },
    ko: '{from}단계에서 {to}단계로: 선언된 학습률에 견주어 거의 움직이지 않았습니다(비 {ratio}, 하한 {least}).',
    en: 'Step {from} to {to}: hardly any movement for the declared rates (ratio {ratio}, at least {least}).',
  },
  step_bound_unknown: {
    values: { optimiser: 'name' },
    ko: '{optimiser}: 한 걸음의 크기에 알려진 한계가 없어 거리를 대조하지 못했습니다(AdamW라면 beta1과 beta2가 필요하며, beta1의 제곱이 beta2보다 작아야 합니다).',
    en: '{optimiser}: no bound on the size of a step is known (AdamW needs beta1 and beta2, and beta1² below beta2), so distances were not checked.',
  },
  schedule_unknown: plain(
    '학습률을 알 수 없어 기울기와 거리를 대조하지 못했습니다.',
    'The learning rates are unknown, so slopes and distances were not checked.',
  ),
  moments_fit: {
    values: { step: 'count', cosine: 'correlation' },
    ko: '{step}단계의 최적화기 모멘트가 가능한 값이며, 가중치가 움직인 방향을 가리킵니다(코사인 {cosine}).',
    en: "The optimiser's moments at step {step} are possible values and point where the weights went (cosine {cosine}).",
  },
  moments_impossible: {
    values: { step: 'count', share: 'fraction' },
    ko: '{step}단계의 모멘트 가운데 {share:은|는} 어떤 기울기에서도 나올 수 없는 값입니다.',
    en: '{share} of the moments at step {step} cannot come from any gradients.',
  },
  moments_unrelated: {
    values: { step: 'count', cosine: 'correlation', least: 'correlation' },
    ko: '{step}단계의 모멘트가 가중치가 움직인 방향과 무관합니다(코사인 {cosine}, 하한 {least}).',
    en: 'The moments at step {step} have nothing to do with where the weights went (cosine {cosine}, at least {least}).',
  },
  moments_zero: {
    values: { step: 'count' },
    ko: '{step}단계의 최적화기 상태가 모두 0입니다. 갱신을 한 번이라도 했다면 있을 수 없는 값입니다.',
    en: 'The optimiser state at step {step} is all zeros, which no state is after an update.',
  },
  moments_missing: plain(
    '대조할 최적화기 상태가 없습니다. 한두 체크포인트에 함께 남기면 됩니다(optimiserState).',
    'There is no optimiser state to compare; keeping it with one or two checkpoints is enough (optimiserState).',
  ),
  moments_unnamed: {
    values: { step: 'count' },
    ko: '{step}단계의 최적화기 상태에 exp_avg.<텐서>와 exp_avg_sq.<텐서>라는 이름의 텐서가 없어 대조하지 못했습니다. 바꾸는 방법은 docs/guide/training-record.ko.md에 있습니다.',
    en: 'The optimiser state at step {step} has no tensors named exp_avg.<tensor> and exp_avg_sq.<tensor>, so it was not compared; docs/guide/training-record.md shows how to write them.',
  },
  moments_without_updates: {
    values: { step: 'count' },
    ko: '{step}단계의 최적화기 상태와 견줄 갱신이 없습니다(앞뒤 체크포인트가 없거나 움직이지 않았습니다).',
    en: 'There is no update to hold the optimiser state at step {step} against: no checkpoint before or after it, or none that moved.',
  },
  moments_betas_unknown: plain(
    '최적화기 상태는 있으나 beta1과 beta2가 적혀 있지 않아 대조하지 못했습니다.',
    'There is an optimiser state, but beta1 and beta2 are not stated, so it was not compared.',
  ),
  submitted_equal: {
    values: { step: 'count' },
    ko: '제출된 모델은 마지막 체크포인트({step}단계)와 같습니다.',
    en: 'The submitted model is the last checkpoint (step {step}).',
  },
  submitted_differs: {
    values: { component: 'component', verdict: 'verdict' },
    ko: '제출된 모델이 마지막 체크포인트와 다릅니다({component}: "{verdict}").',
    en: 'The submitted model is not the last checkpoint ({component}: "{verdict}").',
  },
  submitted_missing: plain(
    '제출된 모델을 주지 않아 마지막 체크포인트와 같은지 보지 못했습니다.',
    'The submitted model was not given, so it was not compared with the last checkpoint.',
  ),
} as const satisfies Record<string, Message>
