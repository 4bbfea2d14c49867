import { TEST_NAMES, type TestResult } from '../../audit/result.ts'
import type { Language, Words } from './language.ts'
import { testName } from './tests.ts'

/** Words that appear as values inside notes. */
const TERM_WORDS: Readonly<Record<string, Words>> = {
  candidate: { ko: '심사 대상 모델', en: 'the candidate' },
  reference: { ko: '참조 모델', en: 'the reference' },
  both: { ko: '두 모델 모두', en: 'both models' },
  embedding: { ko: '토큰 임베딩', en: 'token embedding' },
  head: { ko: '출력층', en: 'output head' },
  position: { ko: '위치 임베딩', en: 'position embedding' },
  norm: { ko: '정규화 가중치', en: 'norm weights' },
  qk_norm: { ko: '질의·키 정규화', en: 'query and key norm' },
  empirical: { ko: '경험적 판단', en: 'empirical' },
  descriptive: { ko: '참고용', en: 'for information' },
  any_order: {
    ko: '단위나 잔차 축의 순서와 부호를 바꾸거나 축을 회전한 사본, 헤드 안에서 값을 섞거나 키를 돌려 놓은 어텐션',
    en: 'copies whose units or residual axes were reordered, negated or rotated; attention whose values were mixed or keys turned inside its heads',
  },
  beyond_alignment: {
    ko: '임베딩과 정규화까지 새것으로 바꾸면서 축과 단위를 옮긴 사본, 어텐션만 가져와 헤드 안에서 값을 섞고 키를 돌려 놓은 사본',
    en: 'copies whose axes and units were moved under replaced embeddings and norms; attention taken alone, its values mixed and keys turned inside each head',
  },
  axes_moved: {
    ko: '잔차 축을 옮기거나 회전한 사본, 토크나이저 없이 토큰의 순서만 바꾼 사본, 따로 저장된 출력 행렬만 가져온 경우',
    en: 'copies whose residual axes were moved or rotated, tokens in another order without the tokenizer that tells it, and the reuse of a separate output head alone',
  },
  rounded_values: {
    ko: '그 값은 다른 쪽의 값을 반올림한 것입니다',
    en: "Its values are the other's after rounding",
  },
  layers_doubled: {
    ko: '그 모델의 여러 층이 다른 쪽의 한 층과 일치합니다',
    en: 'Several of its layers agree with a single layer of the other',
  },
  experts_copied: {
    ko: '그 모델의 전문가(expert)들이 다른 쪽의 MLP 하나에서 나왔습니다',
    en: 'Its experts come from a dense MLP of the other',
  },
  mixture: {
    ko: '그 모델은 다른 쪽을 포함한 여러 모델의 가중합입니다',
    en: 'It is a weighted sum of several models, the other among them',
  },
  vocabulary_extended: {
    ko: '그 모델의 어휘가 더 큽니다. 줄인 어휘일 수도 있습니다',
    en: 'Its vocabulary is larger; the other may also have been trimmed',
  },
  layers_dropped: {
    ko: '그 모델의 층이 더 적고 모두 다른 쪽에 있습니다. 다른 쪽이 층을 더한 것일 수도 있습니다',
    en: "It has fewer layers, all of them the other's; the other may also have added some",
  },
  widths_cut: {
    ko: '그 모델의 단위나 축이 더 적습니다. 다른 쪽이 넓힌 것일 수도 있습니다',
    en: 'It has fewer units or axes; the other may also have been widened',
  },
  named_base_model: {
    ko: '그 모델의 모델 카드가 다른 쪽을 기반 모델로 적고 있습니다',
    en: 'Its model card names the other as its base model',
  },
  attention: { ko: '어텐션', en: 'attention' },
  mlp: { ko: 'MLP', en: 'MLP' },
  channels: { ko: '채널', en: 'channels' },
  q: { ko: '어텐션 질의(query)', en: 'attention query' },
  k: { ko: '어텐션 키(key)', en: 'attention key' },
  v: { ko: '어텐션 값(value)', en: 'attention value' },
  o: { ko: '어텐션 출력', en: 'attention output' },
  q_a: { ko: '질의 잠재 축소 행렬', en: 'query latent, down' },
  q_b: { ko: '질의 잠재 확장 행렬', en: 'query latent, up' },
  kv_a: { ko: '키·값 잠재 축소 행렬', en: 'key/value latent, down' },
  kv_b: { ko: '키·값 잠재 확장 행렬', en: 'key/value latent, up' },
  gate: { ko: 'MLP 게이트', en: 'MLP gate' },
  up: { ko: 'MLP 확장 행렬(up)', en: 'MLP up matrix' },
  down: { ko: 'MLP 축소 행렬(down)', en: 'MLP down matrix' },
  fc1: { ko: 'MLP 첫 행렬', en: 'first MLP matrix' },
  fc2: { ko: 'MLP 둘째 행렬', en: 'second MLP matrix' },
  router: { ko: '전문가 선택기(router)', en: 'expert router' },
  patch: { ko: '패치 임베딩', en: 'patch embedding' },
  conv: { ko: '합성곱', en: 'convolution' },
  linear: { ko: '선형층', en: 'dense layer' },
  buffer: { ko: '고정된 값', en: 'fixed buffer' },
  other: { ko: '기타 텐서', en: 'other tensors' },
  sinusoids: { ko: '사인파로 계산된 값', en: 'computed sinusoids' },
  filter_bank: { ko: '계산된 필터 뱅크', en: 'a computed filter bank' },
  hidden: { ko: '은닉 단위', en: 'hidden units' },
  identity: { ko: '은닉 단위의 순서', en: 'order of hidden units' },
  signed_permutation: {
    ko: '잔차 축의 순서와 부호, 은닉 단위의 순서',
    en: 'order and signs of residual axes, order of hidden units',
  },
  rotation: {
    ko: '잔차 축의 회전, 은닉 단위의 순서',
    en: 'rotation of residual axes, order of hidden units',
  },
  norms_constant: {
    ko: '정규화 가중치가 모두 같은 값',
    en: 'norm weights all equal to one constant',
  },
  axes_isotropic: {
    ko: '모든 잔차 축이 고르게 섞여 있음',
    en: 'all residual axes mixed evenly',
  },
  residual: { ko: '잔차 축', en: 'residual axis' },
  no_cohort: {
    ko: '이 부분에는 견주어 볼 무관한 모델의 기록이 없음',
    en: 'for this component there are no known independents to rank it among',
  },
  no_tokens_in_common: {
    ko: '두 모델에 공통된 토큰이 모자람',
    en: 'the models have too few tokens in common',
  },
  too_much_work: {
    ko: '이 크기의 행렬에서는 계산량이 너무 많음',
    en: 'too much work for matrices of this size',
  },
  no_gated_mlp: {
    ko: '두 모델 모두에 게이트가 있는 MLP가 있지는 않음',
    en: 'not both models have gated MLPs',
  },
  no_anchors_in_common: {
    ko: '두 인코더의 패치 임베딩이 서로 맞지 않음',
    en: 'the patch embeddings of the two encoders do not correspond',
  },
}

const TESTS: ReadonlySet<string> = new Set(TEST_NAMES)

/** The words for a value such as a tensor role, a side or a test family; undefined if unknown. */
export function lookUpTerm(term: string, language: Language): string | undefined {
  if (Object.hasOwn(TERM_WORDS, term)) return TERM_WORDS[term]?.[language]
  return TESTS.has(term) ? testName(term, language) : undefined
}

/** How the models were aligned before a test; null for a test of weights as they are stored. */
export function alignmentOf({ notes }: TestResult, language: Language): string | null {
  const alignment = notes.find(({ code }) => code === 'aligned_by')?.values['alignment']
  return alignment === undefined ? null : (lookUpTerm(String(alignment), language) ?? null)
}
