import type { Message } from '../../messages/template.ts'
import { plain } from './plain.ts'

/** The start and what it was drawn from. */
export const START = {
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
    ko: '선언된 초기화를 여기에서는 다시 만들 수 없습니다({reason}).',
    en: 'The declared initialisation cannot be drawn again here ({reason}).',
  },
  init_generator_unknown: {
    values: { generator: 'name' },
    ko: '난수 생성기 {generator}의 초기값은 다시 만들 수 없습니다. CUDA에서 뽑은 값(Megatron-LM의 기본 방식 등)은 CPU에서 재현되지 않습니다.',
    en: 'Draws of the generator {generator} have no replay here. Values drawn on CUDA (as Megatron-LM does by default) cannot be drawn again on a CPU.',
  },
  init_undeclared: plain(
    '초기값을 무엇에서 뽑았는지(draws 또는 recipe) 적혀 있지 않아 다시 만들지 못했습니다.',
    'The record states neither draws nor a recipe, so nothing could be drawn again.',
  ),
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
