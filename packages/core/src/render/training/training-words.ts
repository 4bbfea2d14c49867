import type { Finding, List, TrainingCheck } from '../../audit/technical/training/finding.ts'
import type { TrainingOutcome } from '../../audit/technical/training/judge-training.ts'
import type { Language, Words } from '../messages/language.ts'
import { fill, type Piece } from '../messages/template.ts'
import { FINDING_MESSAGES } from './finding-messages.ts'

export const TRAINING_TITLE: Words = { ko: '학습 기록 검토', en: 'Training record' }

export const OUTCOME_STATEMENTS: Readonly<
  Record<TrainingOutcome, { readonly mark: string; readonly text: Words }>
> = {
  consistent: {
    mark: '[ok]',
    text: {
      ko: '이 기록은 선언된 초기값에서 학습했다는 주장과 모순되지 않습니다.',
      en: 'The record is consistent with training from the claimed initialisation.',
    },
  },
  contradicted: {
    mark: '[!!]',
    text: {
      ko: '이 기록에는 선언된 초기값에서 학습했다는 주장과 모순되는 사실이 있습니다.',
      en: 'The record contradicts training from the claimed initialisation.',
    },
  },
  not_determinable: {
    mark: '[?]',
    text: {
      ko: '이 기록만으로는 판단할 수 없습니다. 무엇이 빠졌는지 아래에 적었습니다.',
      en: 'The record does not settle the claim; what is missing is listed below.',
    },
  },
}

/** A record can be forged; no outcome says more than it can. */
export const TRAINING_LIMIT: Words = {
  ko: '모순되지 않는다는 것은 증명이 아닙니다. 학습 기록은 위조할 수 있으며, 남의 모델과 비교한 결과와 학습 중에 만든 봉인 곁에서만 무게를 가집니다.',
  en: 'Consistent is not proved. A training record can be forged; it carries weight only beside tests against known models and commitments made while training ran.',
}

export const COMMITTED_WORDS: Readonly<Record<'yes' | 'no', Words>> = {
  yes: {
    ko: '봉인: 학습 중에 만들어졌습니다(날짜는 작성자의 시계).',
    en: "Commitments: made during training (dates are the writer's).",
  },
  no: {
    ko: '봉인: 학습 중에 만들어졌음이 보이지 않습니다.',
    en: 'Commitments: not shown to have been made during training.',
  },
}

export const LIST_WORDS: Readonly<Record<List, Words>> = {
  contradicts: { ko: '모순되는 것', en: 'Contradicts the claim' },
  consistent: { ko: '모순되지 않는 것', en: 'Consistent with the claim' },
  missing: { ko: '빠진 것', en: 'Missing' },
}

export const CHECK_WORDS: Readonly<Record<TrainingCheck, Words>> = {
  files: { ko: '파일', en: 'Files' },
  dates: { ko: '날짜', en: 'Dates' },
  commitments: { ko: '봉인', en: 'Commitments' },
  start: { ko: '시작점', en: 'Start' },
  initialisation: { ko: '초기화 재현', en: 'Initialisation' },
  containment: { ko: '초기값의 흔적', en: 'Trace of the start' },
  references: { ko: '참조 모델', en: 'References' },
  links: { ko: '고리', en: 'Links' },
  slope: { ko: '기울기', en: 'Slope' },
  directions: { ko: '방향', en: 'Directions' },
  step_sizes: { ko: '거리', en: 'Distances' },
  log: { ko: '학습 로그', en: 'Log' },
  optimiser: { ko: '최적화기', en: 'Optimiser' },
  submitted: { ko: '제출물', en: 'Submission' },
}

/** A finding in words. */
export function trainingFindingText(finding: Finding, language: Language): readonly Piece[] {
  return fill(FINDING_MESSAGES[finding.code], language, finding.values)
}
