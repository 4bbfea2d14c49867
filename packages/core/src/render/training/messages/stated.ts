import type { Message } from '../../messages/template.ts'
import { plain } from './plain.ts'

/** Files, dates, commitments, log: what the record states. */
export const STATED = {
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
