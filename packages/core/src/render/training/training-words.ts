import {
  type Finding,
  type List,
  TRAINING_CHECKS,
  type TrainingCheck,
} from '../../audit/technical/training/finding.ts'
import type {
  TrainingOutcome,
  TrainingReport,
} from '../../audit/technical/training/judge-training.ts'
import type { Language, Words } from '../messages/language.ts'
import { fill, type Message, type Piece, plainText, type Values } from '../messages/template.ts'
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
  imprint: { ko: '시작점의 자국', en: 'Imprint of the start' },
  references: { ko: '참조 모델', en: 'References' },
  registry: { ko: '등록부', en: 'Registry' },
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

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

/** Words that only the page needs. */
const PAGE = {
  declared_by: words('작성자', 'Declared by'),
  checkpoints: words('체크포인트', 'Checkpoints'),
  checkpoint_steps: {
    values: { count: 'count', first: 'count', last: 'count' },
    ko: '체크포인트 {count}개, {first}단계부터 {last}단계까지',
    en: '{count} {count#checkpoint|checkpoints}, steps {first} to {last}',
  },
  decided_by: {
    values: { names: 'list' },
    ko: '모순되는 항목: {names}',
    en: 'Contradicted by: {names}',
  },
  open_because: {
    values: { names: 'list' },
    ko: '판단을 열어 둔 항목: {names}',
    en: 'What keeps it open: {names}',
  },
  made_when: words('봉인', 'Commitments'),
  findings: words('확인한 것', 'Findings'),
  finding_counts: {
    values: { contradicts: 'count', consistent: 'count', missing: 'count' },
    ko: '모순되는 것 {contradicts}, 모순되지 않는 것 {consistent}, 빠진 것 {missing}',
    en: '{contradicts} contradicting, {consistent} consistent, {missing} missing',
  },
  check: words('항목', 'Check'),
  finding: words('결과', 'Finding'),
  none_of_list: words('없습니다.', 'None.'),
  lead_contradicts: words(
    '하나라도 있으면 기록은 주장과 모순됩니다. 시드, 학습률, 다이제스트를 잘못 적어도 여기에 나타납니다.',
    'One is enough for the record to contradict the claim. A typing error in a seed, a rate or a digest shows here too.',
  ),
  lead_consistent: words(
    '주장대로 학습했다면 이렇게 보입니다. 증명은 아닙니다.',
    'What training as claimed would look like. It is no proof.',
  ),
  lead_missing: words(
    '어느 쪽으로도 말해 주지 않는 것과 그 이유입니다.',
    'What says nothing either way, and why.',
  ),
  checks: words('무엇을 확인하나', 'What is checked'),
  checks_intro: words(
    '공식과 가정, 한계와 위조에 대한 측정은 소스 저장소의 docs/methods/training-evidence.md와 docs/methods/init-replay.md에 있습니다.',
    'Formulas, assumptions, limits and measurements against forgeries are in docs/methods/training-evidence.md and docs/methods/init-replay.md of the source repository.',
  ),
} as const satisfies Record<string, Message>

export const trainingPageWords = (
  key: keyof typeof PAGE,
  language: Language,
  values: Values = {},
): string => plainText(fill(PAGE[key], language, values))

/** How many checkpoints there are, and which steps they span. */
export const checkpointWords = (steps: readonly number[], language: Language): string =>
  trainingPageWords('checkpoint_steps', language, {
    count: steps.length,
    first: steps[0] ?? 0,
    last: steps.at(-1) ?? 0,
  })

/** Which checks decided: those that contradict, or those that keep the outcome open. */
export function decisiveLines(report: TrainingReport, language: Language): readonly string[] {
  const checks =
    report.outcome === 'contradicted'
      ? TRAINING_CHECKS.filter((check) => report.contradicts.some((one) => one.check === check))
      : report.openChecks
  if (checks.length === 0) return []
  const names = checks.map((check) => CHECK_WORDS[check][language]).join(', ')
  const key = report.outcome === 'contradicted' ? 'decided_by' : 'open_because'
  return [trainingPageWords(key, language, { names })]
}

/** The question that each check puts to the record. */
export const CHECK_QUESTIONS: Readonly<Record<TrainingCheck, Words>> = {
  files: {
    ko: '파일이 기록에 적힌 SHA-256과 같은가?',
    en: 'Do the files have the SHA-256 that the record states?',
  },
  dates: { ko: '단계와 날짜의 순서가 같은가?', en: 'Are steps and dates in one order?' },
  commitments: {
    ko: '체크포인트마다 다음 것이 생기기 전에 봉인되었는가?',
    en: 'Was each checkpoint committed to before the next one existed?',
  },
  start: {
    ko: '0단계는 아직 학습되지 않은, 새로 뽑은 값인가?',
    en: 'Is step 0 a fresh draw that nobody has trained yet?',
  },
  initialisation: {
    ko: '선언된 시드와 방식에서 0단계가 그대로 나오는가?',
    en: 'Do the declared seed and scheme give step 0 again?',
  },
  containment: {
    ko: '0단계가 마지막 체크포인트 안에 남아 있는가?',
    en: 'Is step 0 still contained in the last checkpoint?',
  },
  imprint: {
    ko: '학습이 더한 값이 0단계의 가중치로 만들어졌는가, 아니면 0단계가 섞여 있을 뿐인가?',
    en: 'Was what training added made from the weights of step 0, or is step 0 merely mixed in?',
  },
  references: {
    ko: '처음과 마지막 체크포인트가 이름을 댄 모델과 독립인가?',
    en: 'Are the first and the last checkpoint independent of the models named?',
  },
  registry: {
    ko: '처음과 마지막 체크포인트가 등록부의 모든 모델과 독립인가?',
    en: 'Are the first and the last checkpoint independent of every model of the registry?',
  },
  links: {
    ko: '체크포인트마다 바로 앞의 것에 의존하는가?',
    en: 'Does each checkpoint depend on the one before it?',
  },
  slope: {
    ko: '남아 있는 초기값의 몫이 선언된 감쇠와 맞는가?',
    en: 'Does what is left of the start fit the declared decay?',
  },
  directions: {
    ko: '갱신의 방향이 실제 학습처럼 바뀌는가?',
    en: 'Do the updates turn as in real training?',
  },
  step_sizes: {
    ko: '움직인 거리가 선언된 학습률로 갈 수 있는 만큼인가?',
    en: 'Can the declared rates carry the weights as far as they moved, and no less?',
  },
  log: {
    ko: '학습 로그가 일정, 체크포인트와 맞는가?',
    en: 'Does the log fit the schedule and the checkpoints?',
  },
  optimiser: {
    ko: '최적화기의 모멘트가 가능한 값이며 갱신과 맞는가?',
    en: 'Are the moments of the optimiser possible, and do they fit the updates?',
  },
  submitted: {
    ko: '제출된 모델이 마지막 체크포인트인가?',
    en: 'Is the submitted model the last checkpoint?',
  },
}
