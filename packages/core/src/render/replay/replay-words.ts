import type {
  ReplayBasis,
  ReplayedKind,
  ReplayOutcome,
} from '../../audit/technical/replay/replay.ts'
import type { Language, Words } from '../messages/language.ts'
import { fill, type Message, plainText, type Values } from '../messages/template.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

/** Headings and sentences of a replay on the terminal. */
const REPLAY_WORDS = {
  title: words('되찾은 변환의 재현', 'Replay of a recovered transform'),
  transform: words('변환', 'Transform'),
  identity: words('잔차 축은 그대로', 'residual axes as they were'),
  signed_permutation: words('잔차 축의 순서와 부호', 'residual axes reordered and negated'),
  rotation: words('잔차 공간의 회전', 'residual space rotated'),
  recovered_from: {
    values: { candidate: 'name', reference: 'name' },
    ko: '파일에 적힌 이름: 심사 대상 {candidate}, 참조 모델 {reference}. 이름은 아무것도 증명하지 않습니다.',
    en: 'The file names {candidate} as the candidate and {reference} as the reference; names prove nothing.',
  },
  reproduced: {
    values: {
      correlation: 'correlation',
      error: 'correlation',
    },
    ko: '파일에 적힌 수치가 그대로 나왔습니다. 되찾을 때 보지 않은 down 행렬에서 상관 {correlation}, 상대 오차 {error}입니다.',
    en: 'The transform gives what the file states: on the down projections, which the recovery has not seen, a correlation of {correlation} and a relative error of {error}.',
  },
  not_reproduced: {
    values: {
      correlation: 'correlation',
      error: 'correlation',
      statedCorrelation: 'correlation',
      statedError: 'correlation',
    },
    ko: '파일에 적힌 수치가 나오지 않았습니다. down 행렬의 상관은 {correlation}(적힌 값 {statedCorrelation}), 상대 오차는 {error}(적힌 값 {statedError})입니다.',
    en: 'The transform does not give what the file states: on the down projections the correlation is {correlation} where {statedCorrelation} is stated, the relative error {error} where {statedError} is stated.',
  },
  not_determinable: words(
    '파일에 대조할 수치가 없습니다. 아래 값은 보여 줄 뿐입니다.',
    'The file states nothing that could be checked; the figures below only describe.',
  ),
  matrices: words('행렬별', 'By matrix'),
  matrix: words('행렬', 'Matrix'),
  seen: words('되찾을 때', 'In the recovery'),
  held_out: words('보지 않음', 'not seen'),
  looked_at: words('사용함', 'used'),
  correlation: words('상관', 'Correlation'),
  error: words('상대 오차', 'Relative error'),
  values: words('비교한 값의 수', 'Numbers'),
  by_layer: words(
    '층별 상관(심사 대상 → 참조 모델)',
    'Correlation by layer (candidate → reference)',
  ),
  layer: words('층', 'Layer'),
  more_layers: {
    values: { count: 'count' },
    ko: '나머지 {count}개 층은 --json에 있습니다.',
    en: '{count} more {count#layer is|layers are} in --json.',
  },
  in_place: words(
    '° 변환에 들어 있지 않은 층. 되찾을 때 쓰지 않았으며, 어텐션을 같은 자리의 층과 비교했습니다.',
    '° A layer that the transform does not name: the recovery has not used it, and its attention is compared at its own place.',
  ),
  in_part: {
    values: { kinds: 'list' },
    ko: '읽을 수 있는 양(--budget)에 맞추어 일부만 비교했습니다: {kinds}.',
    en: 'Compared in part, within what may be read (--budget): {kinds}.',
  },
  over_budget: {
    values: { kinds: 'list' },
    ko: '읽을 수 있는 양(--budget)을 넘어 비교하지 않았습니다: {kinds}.',
    en: 'Not compared, being more than may be read (--budget): {kinds}.',
  },
  shapes_differ: {
    values: { kinds: 'list' },
    ko: '두 모델의 크기가 달라 비교하지 않았습니다: {kinds}.',
    en: 'Not compared, for their sizes differ between the models: {kinds}.',
  },
  no_rotation: {
    values: { gap: 'correlation' },
    ko: '파일의 행렬은 회전에서 {gap}만큼 벗어나 있습니다. 아무 선형 변환이나 허용하면 무관한 가중치도 맞추어 낼 수 있으므로 아래 수치를 믿을 수 없습니다.',
    en: 'The matrix of the file is {gap} away from a rotation. A linear map of any kind can be fitted to weights that have nothing in common, so the figures below are not to be trusted.',
  },
  error_note: words(
    '상대 오차: ‖B − λT(A)‖/‖B‖. λ는 행렬마다 하나입니다.',
    'Relative error: ‖B − λT(A)‖/‖B‖, with one λ for each matrix.',
  ),
  as_stored: words(
    '* 잔차 쪽만 변환했습니다. 어텐션 헤드 안의 순서와 부호는 되찾은 것이 없어 저장된 그대로 비교했으므로, 값이 낮아도 무관하다는 뜻이 아닙니다.',
    '* Transformed on the side of the residual stream alone. Nothing was recovered of the order and signs inside heads, which are compared as stored: a low figure does not say that they are unrelated.',
  ),
  invariant: words(
    '** 헤드마다 두 행렬의 곱. 헤드 안에서 순서나 부호를 바꾸어도 달라지지 않습니다.',
    '** Products of two matrices over each head, which no change of order or sign inside a head can alter.',
  ),
  limit: words(
    '재현은 변환이 한 모델로 다른 모델을 얼마나 설명하는지 보여 줄 뿐입니다. 확률이 아니며 판정의 근거가 되지 않습니다. 누가 먼저인지도 말하지 않습니다.',
    'A replay shows how well the transform explains the one model by the other. It gives no probability, no verdict rests on it, and it does not say who was first.',
  ),
  read: {
    values: { candidate: 'bytes', reference: 'bytes' },
    ko: '읽은 양: 심사 대상 {candidate}, 참조 모델 {reference}.',
    en: 'Read: {candidate} of the candidate, {reference} of the reference.',
  },
} as const satisfies Record<string, Message>

export type ReplayWord = keyof typeof REPLAY_WORDS

export const replayWords = (key: ReplayWord, language: Language, values: Values = {}): string =>
  plainText(fill(REPLAY_WORDS[key], language, values))

export const KIND_WORDS: Readonly<Record<ReplayedKind, Words>> = {
  down: { ko: 'MLP down', en: 'MLP down' },
  gate: { ko: 'MLP gate', en: 'MLP gate' },
  up: { ko: 'MLP up', en: 'MLP up' },
  q: { ko: '어텐션 질의(q)', en: 'Attention q' },
  k: { ko: '어텐션 키(k)', en: 'Attention k' },
  v: { ko: '어텐션 값(v)', en: 'Attention v' },
  o: { ko: '어텐션 출력(o)', en: 'Attention o' },
  qk: { ko: '질의 × 키', en: 'q × k' },
  vo: { ko: '값 × 출력', en: 'v × o' },
  embedding: { ko: '토큰 임베딩', en: 'Token embedding' },
  head: { ko: '출력층', en: 'Output head' },
  patch: { ko: '패치 임베딩', en: 'Patch embedding' },
}

/** Points to the sentence that says what a figure rests on. */
export const BASIS_MARK: Readonly<Record<ReplayBasis, string>> = {
  recovered: '',
  as_stored: ' *',
  invariant: ' **',
}

export const OUTCOME_MARK: Readonly<Record<ReplayOutcome, string>> = {
  reproduced: '[ok]',
  not_reproduced: '[!!]',
  not_determinable: '[?]',
}
