import type { FindingCode } from '../../audit/technical/training/finding.ts'
import type { Message } from '../messages/template.ts'

const plain = (ko: string, en: string): Message => ({ values: {}, ko, en })

/** Files, dates, commitments, log: what the record states. */
const STATED = {
  files_match: {
    values: { files: 'count' },
    ko: '파일 {files}개의 SHA-256이 기록과 같습니다.',
    en: '{files} {files#file has|files have} the SHA-256 that the record states.',
  },
  file_differs: {
    values: { file: 'name' },
    ko: '{file}: 내용이 기록의 SHA-256과 다릅니다.',
    en: '{file}: the content is not the one whose SHA-256 the record states.',
  },
  file_absent: {
    values: { file: 'name' },
    ko: '{file}: 기록에는 있으나 파일이 없습니다.',
    en: '{file}: named by the record, but not there.',
  },
  file_unlisted: {
    values: { file: 'name' },
    ko: '{file}: 가중치 파일인데 기록에 SHA-256이 없습니다.',
    en: '{file}: holds weights, but the record states no SHA-256 for it.',
  },
  dates_in_order: {
    values: { checkpoints: 'count' },
    ko: '체크포인트 {checkpoints}개의 단계와 날짜가 같은 순서입니다.',
    en: 'Steps and dates of the {checkpoints} checkpoints are in one order.',
  },
  dates_out_of_order: {
    values: { step: 'count' },
    ko: '{step}단계: 단계와 날짜의 순서가 맞지 않거나, 기록의 날짜보다 나중입니다.',
    en: 'Step {step}: steps and dates are out of order, or it is dated after the record itself.',
  },
  step_beyond_schedule: {
    values: { step: 'count', steps: 'count' },
    ko: '{step}단계: 선언된 일정은 {steps}단계에서 끝납니다.',
    en: 'Step {step}: the declared schedule ends at step {steps}.',
  },
  commitments_in_time: {
    values: { checkpoints: 'count', from: 'name', until: 'name' },
    ko: '체크포인트 {checkpoints}개가 저마다 다음 것이 생기기 전에 봉인되었습니다({from} ~ {until}). 봉인은 모두 열리고 파일과 일치합니다.',
    en: 'All {checkpoints} checkpoints were committed to before the next one existed ({from} to {until}); every commitment opens to these files.',
  },
  commitment_late: {
    values: { step: 'count' },
    ko: '{step}단계: 봉인의 날짜가 저장 시각과 다음 체크포인트 사이에 있지 않습니다. 학습 중의 봉인으로 볼 수 없습니다.',
    en: 'Step {step}: its commitment is not dated between its saving and the next checkpoint, so it does not count as made during training.',
  },
  commitment_absent: {
    values: { step: 'count' },
    ko: '{step}단계: 이 파일들을 여는 봉인이 없습니다.',
    en: 'Step {step}: no commitment opens to these files.',
  },
  commitment_unopened: {
    values: { step: 'count' },
    ko: '{step}단계: 공개된 열쇠(소금값과 목록)가 봉인과 맞지 않습니다.',
    en: 'Step {step}: the opening (salt and manifest) does not fit its commitment.',
  },
  commitments_unordered: {
    values: { entry: 'count' },
    ko: '봉인 {entry}번의 날짜가 앞의 것보다 이릅니다. 이어 쓴 시각으로 볼 수 없어 학습 중의 봉인으로 셈하지 않습니다.',
    en: 'Commitment {entry} is dated before the one it follows, so the dates are not those of writing and do not count as made during training.',
  },
  commitments_unshown: {
    values: { count: 'count', of: 'count' },
    ko: '봉인 {of}개 가운데 {count}개는 이 기록의 어떤 체크포인트도 열지 않습니다. 보이지 않은 체크포인트나 다른 학습이 있을 수 있습니다. 나머지 열쇠를 함께 보이면 풀립니다.',
    en: '{count} of {of} commitments open to no checkpoint of this record: there may be checkpoints or runs that are not shown. Showing their openings settles it.',
  },
  order_committed: {
    values: { step: 'count' },
    ko: '데이터 순서가 {step}단계의 봉인에 들어 있습니다.',
    en: 'The order of the data stands in the commitment of step {step}.',
  },
  order_uncommitted: plain(
    '데이터 순서가 어느 봉인에도 들어 있지 않습니다. dokja training commit --order로 처음부터 봉인할 수 있습니다.',
    'The order of the data stands in no commitment: dokja training commit --order fixes it from the start.',
  ),
  log_committed: {
    values: { checkpoints: 'count' },
    ko: '봉인된 로그 {checkpoints}개가 모두 지금 로그의 앞부분과 같습니다.',
    en: 'The {checkpoints} committed {checkpoints#log is|logs are} the beginning of the log that is shown.',
  },
  log_not_as_committed: {
    values: { step: 'count' },
    ko: '{step}단계에 봉인된 로그는 지금 보인 로그의 앞부분이 아닙니다. 형식을 바꾸었다면 원본을 보이십시오.',
    en: 'The log as committed at step {step} is not the beginning of the log that is shown. If its format was changed, show the original.',
  },
  commitments_missing: plain(
    '학습 중에 만든 봉인이 없습니다. 이 기록은 학습이 끝난 뒤에 한꺼번에 만들 수도 있었습니다. dokja training commit으로 학습 중에 봉인하면 증거의 무게가 커집니다.',
    'No commitments were made during training: the whole record could have been made afterwards. dokja training commit during a run makes the evidence weigh more.',
  ),
  no_outside_witness: plain(
    '봉인의 날짜는 작성자의 시계에서 왔습니다. 공개 게시, 공증, 투명성 로그 같은 외부 증인이 있는지 확인해야 합니다.',
    "The dates of the commitments come from the writer's own clock: look for an outside witness (publication, a notary, a transparency log).",
  ),
  log_fits: {
    values: { rows: 'count', first: 'correlation', last: 'correlation' },
    ko: '학습 로그 {rows}행: 순서와 손실의 흐름이 기록과 맞습니다(손실 {first}에서 {last}까지).',
    en: 'Training log, {rows} rows: order and the course of the loss fit the record (loss {first} to {last}).',
  },
  log_rates_fit: {
    values: { rows: 'count' },
    ko: '로그의 학습률 {rows}개가 선언된 일정과 맞습니다.',
    en: 'The {rows} learning {rows#rate|rates} of the log {rows#fits|fit} the declared schedule.',
  },
  log_rates_are_schedule: plain(
    '일정이 로그의 학습률로 선언되어(logged) 학습률을 대조할 것이 없습니다.',
    'The schedule is declared to be that of the log (logged), so there is nothing to hold its rates against.',
  ),
  log_disordered: {
    values: { row: 'count' },
    ko: '학습 로그 {row}번째 행: 단계나 토큰 수가 앞 행보다 늘지 않습니다.',
    en: 'Training log, row {row}: the step or the token count does not grow.',
  },
  log_rate_differs: {
    values: { step: 'count', logged: 'count', declared: 'count' },
    ko: '{step}단계: 로그의 학습률({logged})이 선언된 일정({declared})과 다릅니다.',
    en: 'Step {step}: the logged learning rate ({logged}) is not that of the declared schedule ({declared}).',
  },
  log_rate_absent: plain(
    '로그에 학습률이 없어 일정과 대조하지 못했습니다.',
    'The log has no learning rates to hold against the schedule.',
  ),
  log_loss_start: {
    values: { loss: 'correlation', expected: 'correlation' },
    ko: '첫 손실 {loss:은|는} 아무것도 배우지 않은 모델의 값(어휘 크기의 로그, {expected})보다 훨씬 낮습니다.',
    en: 'The first loss, {loss}, is far below that of a model that has learnt nothing (logarithm of the vocabulary, {expected}).',
  },
  log_loss_rises: {
    values: { first: 'correlation', last: 'correlation' },
    ko: '손실이 처음 {first}에서 끝 {last:으로|로} 줄지 않았습니다.',
    en: 'The loss does not fall: {first} at the start, {last} at the end.',
  },
  log_loss_hardly_falls: {
    values: { first: 'correlation', last: 'correlation' },
    ko: '손실이 처음 {first}에서 끝 {last:으로|로} 거의 줄지 않아, 학습이 있었는지 로그로는 알 수 없습니다.',
    en: 'The loss hardly falls ({first} at the start, {last} at the end), so the log does not show that anything was learnt.',
  },
  log_claim_differs: {
    values: { step: 'count', claimed: 'correlation', logged: 'correlation' },
    ko: '{step}단계: 체크포인트에 적힌 손실 {claimed:이|가} 로그의 {logged:과|와} 다릅니다.',
    en: 'Step {step}: the loss claimed for the checkpoint ({claimed}) is not that of the log ({logged}).',
  },
  log_gap: {
    values: { from: 'count', to: 'count' },
    ko: '{from}단계와 {to}단계 사이의 로그가 없습니다.',
    en: 'The log has nothing between steps {from} and {to}.',
  },
  log_missing: plain('학습 로그가 없습니다.', 'There is no training log.'),
  losses_not_rerun: plain(
    '손실을 다시 계산하지 않았습니다. 체크포인트와 데이터로 짧은 구간을 다시 학습해 보는 것은 이 도구의 범위 밖입니다.',
    'Losses were not computed again: re-running a short segment from a checkpoint and its data is outside this tool.',
  ),
} as const satisfies Record<string, Message>

/** The start and what it was drawn from. */
const START = {
  starts_at_zero: {
    values: { vectors: 'count' },
    ko: '0단계의 벡터 {vectors}개(정규화 가중치와 편향)가 모두 상수입니다. 아직 학습되지 않은 모습입니다.',
    en: 'All {vectors} vectors of step 0 (norm weights, biases) are constant, as before any training.',
  },
  step_zero_missing: {
    values: { firstStep: 'count' },
    ko: '0단계 체크포인트가 없습니다(처음 것은 {firstStep}단계). 어디에서 시작했는지 볼 수 없습니다.',
    en: 'There is no checkpoint of step 0 (the first is step {firstStep}): where training began cannot be seen.',
  },
  constants_moved: {
    values: { tensor: 'name' },
    ko: '{tensor}: 0단계라고 하지만 상수가 아닙니다. 이미 학습된 값입니다.',
    en: '{tensor}: claimed as step 0, but not constant; it has been trained.',
  },
  not_fresh: {
    values: { tensor: 'name', law: 'name', log10P: 'chance' },
    ko: '{tensor}: 선언된 분포({law})에서 나온 값이 아닙니다. 우연히 이렇게 어긋날 확률은 {log10P} 이하입니다.',
    en: '{tensor}: its values do not follow the declared law ({law}); so large a departure has a probability of at most {log10P}.',
  },
  not_random: {
    values: { tensor: 'name', ratio: 'count', limit: 'count' },
    ko: '{tensor}: 무작위 행렬에서 나올 수 없는 방향이 있습니다(가장 큰 특잇값의 제곱 {ratio}, 한계 {limit}). 학습된 흔적입니다.',
    en: '{tensor}: one direction stands out of what a random matrix has (largest squared singular value {ratio}, limit {limit}): a trace of training.',
  },
  fresh_draw: {
    values: { tensors: 'count' },
    ko: '0단계의 행렬 {tensors}개가 선언된 분포를 따르며, 무작위를 벗어나는 방향이 없습니다.',
    en: '{tensors} matrices of step 0 follow the declared law, and no direction stands out of noise.',
  },
  law_unknown: {
    values: { tensors: 'count' },
    ko: '행렬 {tensors}개는 초기 분포가 선언되지 않아 대조하지 못했습니다. 재현하지 않는 방식이라도 draws에 분포를 적을 수 있습니다.',
    en: 'For {tensors} {tensors#matrix|matrices} no initial law is declared, so none could be tested: draws may state the law even where nothing is replayed.',
  },
  init_replays: {
    values: { tensors: 'count', values: 'count' },
    ko: '선언된 시드와 방식으로 초기값을 다시 만들었더니 텐서 {tensors}개의 값 {values}개가 저장 형식의 반올림 안에서 모두 같습니다.',
    en: 'Drawn again from the declared seed and scheme, all {values} values of {tensors} tensors equal step 0 within the rounding of the stored type.',
  },
  init_replays_bfloat16: {
    values: { tensors: 'count', values: 'count' },
    ko: '선언된 시드와 방식으로 bfloat16에서 바로 초기값을 다시 뽑았더니 텐서 {tensors}개의 값 {values}개가 모두 같습니다.',
    en: 'Drawn again in bfloat16 from the declared seed and scheme, all {values} values of {tensors} tensors equal step 0.',
  },
  init_differs: {
    values: { tensor: 'name', share: 'fraction' },
    ko: '{tensor}: 선언된 시드로 다시 만든 초기값과 {share}의 값이 다릅니다. 시드, 방식, 라이브러리 판, 초기화 전에 뽑은 난수를 확인하십시오.',
    en: '{tensor}: {share} of its values differ from what the declared seed gives. Check seed, scheme, version, and whether the code drew anything before.',
  },
  init_incomplete: {
    values: { tensors: 'count', tensor: 'name' },
    ko: '0단계의 행렬 {tensors}개({tensor} 등)는 선언된 초기화 어디에서도 만들어지지 않습니다.',
    en: '{tensors} {tensors#matrix|matrices} of step 0 ({tensor}) {tensors#comes|come} from no declared draw.',
  },
  init_not_replayable: {
    values: { reason: 'name' },
    ko: '초기화를 다시 만들 수 없습니다({reason}). CUDA에서 뽑은 값(Megatron-LM의 기본 방식 등)은 CPU에서 재현되지 않습니다.',
    en: 'The initialisation cannot be drawn again ({reason}). Values drawn on CUDA (as Megatron-LM does by default) have no replay on a CPU.',
  },
  start_contained: {
    values: { log10P: 'chance', needed: 'log10' },
    ko: '다시 만든 초기값이 마지막 체크포인트 안에 남아 있습니다. 무관하다면 확률은 {log10P} 이하(log10 p = {log10P@log10}), 시드의 길이를 셈한 기준은 {needed}입니다. 초기값을 나중에 조금 섞어도 같은 결과가 나오므로 이것만으로는 증거가 되지 않습니다.',
    en: 'The replayed start is contained in the last checkpoint: were they unrelated, the probability would be at most {log10P} (log10 p = {log10P@log10}; with the length of the seed counted, {needed} is needed). A start mixed in afterwards would show the same, so this alone is no evidence.',
  },
  start_not_contained: {
    values: { log10P: 'chance', needed: 'log10' },
    ko: '마지막 체크포인트에 0단계의 흔적이 없습니다. 선언된 일정이라면 남아 있어야 합니다.',
    en: 'The last checkpoint holds no trace of step 0, though the declared schedule would have left it there.',
  },
  start_decay_unknown: {
    values: { log10P: 'chance', needed: 'log10' },
    ko: '마지막 체크포인트에서 0단계의 흔적을 찾지 못했으나, 선언된 방식으로는 감쇠 뒤에 얼마나 남을지 알 수 없습니다.',
    en: 'No trace of step 0 was found in the last checkpoint, but how much decay leaves of it is not known for the declared optimiser and schedule.',
  },
  imprint_found: {
    values: { stretches: 'count', z: 'count' },
    ko: '0단계에서 시작하는 구간을 비롯한 {stretches}개 구간에서, 학습이 더한 값이 구간이 시작할 때의 가중치로 만들어졌습니다(가장 약한 구간에서 우연의 {z} 표준편차). 다른 모델에 초기값을 섞기만 했다면 보이지 않는 관계입니다.',
    en: 'In {stretches} {stretches#stretch|stretches}, the one from step 0 among them, what training added was made from the weights it began with (weakest: {z} standard deviations above chance). A start that was merely mixed into another model does not show this.',
  },
  imprint_absent: {
    values: { from: 'count', to: 'count', z: 'count', distance: 'count' },
    ko: '{from}단계에서 {to}단계까지 더해진 값이 {from}단계의 가중치와 아무 관계가 없습니다({z} 표준편차, 거리는 가중치 크기의 {distance}배). 기울기는 그 가중치로 만들어지므로 학습했다면 있어야 할 관계입니다. 다른 가중치를 섞거나 그리로 건너뛴 모습입니다.',
    en: 'What was added from step {from} to step {to} has nothing to do with the weights of step {from} ({z} standard deviations; distance {distance} times their size), though gradients are made of them. So look other weights that were mixed in or jumped to.',
  },
  imprint_undecided: {
    values: { stretches: 'count', from: 'count', to: 'count', z: 'count', distance: 'count' },
    ko: '{stretches}개 구간(예: {from}단계에서 {to}단계)에서는 더해진 값이 그 시작의 가중치로 만들어졌는지 가릴 수 없습니다({z} 표준편차, 거리는 가중치 크기의 {distance}배). 더 촘촘한 체크포인트가 필요합니다.',
    en: 'In {stretches} {stretches#stretch|stretches} (such as step {from} to {to}) it could not be decided whether what was added was made from the weights it began with ({z} standard deviations; distance {distance} times their size). Checkpoints closer together would tell.',
  },
  imprint_untested: plain(
    '토큰 임베딩이 없거나 폭이 좁아, 더해진 값이 0단계에서 만들어졌는지 검정하지 못했습니다.',
    'The model has no token embeddings, or is too narrow, to test whether what was added was made from step 0.',
  ),
  start_may_be_erased: {
    values: { log10P: 'chance', needed: 'log10', left: 'fraction' },
    ko: '마지막 체크포인트에서 0단계의 흔적을 시드 길이에 맞는 수준으로 찾지 못했습니다. 감쇠 뒤에 남는 몫은 {left}입니다.',
    en: 'No trace of step 0 was found in the last checkpoint at the level that the seed asks for; decay leaves {left} of it.',
  },
} as const satisfies Record<string, Message>

/** References, links and the path between checkpoints. */
const PATH = {
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

/** The search of a registry of known models. */
const REGISTRY = {
  registry_clear: {
    values: { models: 'count', compared: 'count', component: 'component', limit: 'detectable' },
    ko: '{component}: 등록부의 모델 {models}개(견줄 수 있었던 것 {compared}개) 가운데 처음과 마지막 체크포인트가 의존하는 모델이 없습니다. 상관이 {limit} 이상이었다면 찾았을 것입니다. 축이나 단위를 재배열한 사본은 지문에 보이지 않으니, 의심되는 모델은 --against로 대십시오.',
    en: '{component}: of {models} {models#model|models} in the registry ({compared} could be compared) neither the first nor the last checkpoint depends on any. A correlation of {limit} or more would have been found. Copies whose axes or units were rearranged do not show in fingerprints: name a suspected model with --against.',
  },
  registry_matches: {
    values: { reference: 'name', step: 'count', component: 'component', log10P: 'chance' },
    ko: '{step}단계, {component}: 등록부의 {reference:과|와} 독립이 아닙니다. 우연히 나올 확률은 {log10P} 이하입니다.',
    en: 'Step {step}, {component}: not independent of {reference} in the registry; the chance of such agreement is at most {log10P}.',
  },
  registry_shares_start: {
    values: { reference: 'name', step: 'count', component: 'component', log10P: 'chance' },
    ko: '{step}단계, {component}: 등록부의 {reference:과|와} 같은 시드에서 시작했습니다(우연히 나올 확률 {log10P} 이하). 학습까지 이어받았는지는 이 기록만으로 정해지지 않습니다.',
    en: 'Step {step}, {component}: shares the start of {reference} in the registry, that is its seed (chance at most {log10P}). Whether training was shared too is not settled here.',
  },
  registry_untested: {
    values: { component: 'component', step: 'count' },
    ko: '{component}: {step}단계를 등록부의 지문으로 검정할 수 없었습니다.',
    en: '{component}: step {step} is not testable against the fingerprints of this registry.',
  },
  registry_left_out: {
    values: { models: 'count', names: 'list' },
    ko: '등록부의 모델 {models}개는 이 모델 자신이라고 하여 검색하지 않았습니다: {names}',
    en: '{models} {models#model|models} of the registry {models#was|were} said to be this model itself and not searched: {names}',
  },
  registry_empty: plain(
    '등록부에 견줄 모델이 남아 있지 않습니다.',
    'The registry holds no model to compare with.',
  ),
} as const satisfies Record<string, Message>

/** Every code has a text: a new code does not compile until it has been given one. */
export const FINDING_MESSAGES: Readonly<Record<FindingCode, Message>> = {
  ...STATED,
  ...START,
  ...PATH,
  ...REGISTRY,
}
