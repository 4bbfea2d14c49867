import { visibleWithin } from '../visible.ts'
import type { Language, Words } from './language.ts'

const COMPONENT_WORDS: Readonly<Record<string, Words>> = {
  language_model: { ko: '언어 모델', en: 'Language model' },
  vision_encoder: { ko: '비전 인코더', en: 'Vision encoder' },
  audio_encoder: { ko: '오디오 인코더', en: 'Audio encoder' },
  projector: { ko: '프로젝터', en: 'Projector' },
  embeddings: { ko: '임베딩', en: 'Embeddings' },
  tokenizer: { ko: '토크나이저', en: 'Tokenizer' },
}

const COMPONENT_MEANINGS: Readonly<Record<string, Words>> = {
  language_model: {
    ko: '글을 이해하고 만들어 내는 본체',
    en: 'the body that reads and writes text',
  },
  vision_encoder: {
    ko: '이미지와 영상을 숫자로 바꾸는 부분',
    en: 'turns images and video into numbers',
  },
  audio_encoder: { ko: '소리를 숫자로 바꾸는 부분', en: 'turns sound into numbers' },
  projector: {
    ko: '인코더의 출력을 언어 모델에 이어 주는 부분',
    en: 'connects an encoder to the language model',
  },
  embeddings: {
    ko: '낱말 조각(토큰)마다의 입출력 벡터',
    en: 'the input and output vectors of word pieces (tokens)',
  },
  tokenizer: {
    ko: '글을 낱말 조각(토큰)으로 나누는 사전',
    en: 'the dictionary that cuts text into word pieces (tokens)',
  },
}

/** The name of a known component; a path inside the model is shown as it is, made visible. */
export function componentName(component: string, language: Language): string {
  if (Object.hasOwn(COMPONENT_WORDS, component)) return COMPONENT_WORDS[component]?.[language] ?? ''
  return visibleWithin(component, 80)
}

/** What the component does, for readers who do not know the term; null for paths. */
export function componentMeaning(component: string, language: Language): string | null {
  if (!Object.hasOwn(COMPONENT_MEANINGS, component)) return null
  return COMPONENT_MEANINGS[component]?.[language] ?? null
}
