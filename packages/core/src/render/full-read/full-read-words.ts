import type { Language } from '../messages/language.ts'
import { fill, type Message, plainText, type Values } from '../messages/template.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

export const FULL_READ_WORDS = {
  title: {
    values: { reference: 'name' },
    ko: '모든 바이트를 읽은 결과(참고): {reference}',
    en: 'Every byte read (for information): {reference}',
  },
  intro: {
    values: { candidate: 'bytes', reference: 'bytes' },
    ko: '두 모델의 파일을 처음부터 끝까지 읽었습니다(심사 대상 {candidate}, 참조 모델 {reference}). 아래 수치에는 우연히 나올 확률이 없으며 판정에 쓰이지 않습니다. 따로 학습한 모델도 같은 방법으로 초기화한 벡터(정규화 가중치 등)는 서로 비슷하므로 구성 요소의 코사인은 행렬만으로 셈합니다.',
    en: 'The files of both models were read from the first byte to the last ({candidate} of the candidate, {reference} of the reference). These figures have no chance attached and decide nothing: vectors such as norm weights are alike even in models that were trained apart, so the cosine of a component is taken over its matrices.',
  },
  caption: words(
    '구성 요소별로 같은 텐서의 수와 모든 행렬의 코사인',
    'Identical tensors and cosine over all matrices, for each component',
  ),
  component: words('구성 요소', 'Component'),
  identical: words('완전히 같은 텐서', 'Identical tensors'),
  identical_of: {
    values: { identical: 'count', compared: 'count' },
    ko: '{compared}개 가운데 {identical}개',
    en: '{identical} of {compared}',
  },
  alone: words('짝이 없는 텐서', 'Without counterpart'),
  cosine: words('행렬의 코사인', 'Cosine of matrices'),
  pearson: words('중심화한 상관', 'Centred correlation'),
  digests: words('파일의 SHA-256', 'SHA-256 of the files'),
  digests_in_json: words(
    '파일마다의 SHA-256과 텐서마다의 수치는 JSON 문서에 있습니다.',
    'The SHA-256 of every file and the figures of every tensor are in the JSON document.',
  ),
  not_finite: {
    values: { tensors: 'count', first: 'name' },
    ko: '텐서 {tensors}개에 NaN이나 무한대, 또는 더할 수 없이 큰 값이 있습니다. 첫 번째: {first}.',
    en: '{tensors} {tensors#tensor holds|tensors hold} NaN, infinities or values too large to be added up, {first} first.',
  },
  file: words('파일', 'File'),
  size: words('크기', 'Size'),
} as const satisfies Record<string, Message>

export type FullReadWord = keyof typeof FULL_READ_WORDS

export function fullReadWords(key: FullReadWord, language: Language, values: Values = {}): string {
  return plainText(fill(FULL_READ_WORDS[key], language, values))
}
