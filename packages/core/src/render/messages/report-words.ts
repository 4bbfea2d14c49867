import type { Language } from './language.ts'
import { NO_BREAK } from './quantity.ts'
import { fill, type Message, type Piece, plainText, type Values } from './template.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

/** Headings and fixed sentences of a report, on the terminal and on a page. */
export const REPORT_WORDS = {
  audit_title: words('독자성 감사 보고서', 'Independence audit'),
  comparison_title: words('가중치 비교 보고서', 'Comparison of weights'),
  candidate: words('심사 대상', 'Candidate'),
  reference: words('참조 모델', 'Reference'),
  references: words('참조 모델', 'References'),
  identity: {
    values: { format: 'name', modelType: 'name', parameters: 'parameters', layers: 'count' },
    ko: `{format}, {modelType}, 매개변수 {parameters}개, {layers}개${NO_BREAK}층`,
    en: '{format}, {modelType}, {parameters} parameters, {layers} {layers#layer|layers}',
  },
  unknown_type: words('구조 이름 없음', 'architecture not named'),
  component: words('구성 요소', 'Component'),
  verdict: words('판정', 'Verdict'),
  basis: words('근거', 'Basis'),
  chance: words('우연히 나올 확률', 'Chance'),
  detectable: words('검출 한계', 'Detection limit'),
  share: words('비중', 'Share'),
  chance_note: words(
    '우연히 나올 확률: 두 모델이 서로 무관하게 초기화되었다고 할 때 이만큼의 일치가 나올 확률(검정 수를 보정한 값). 모델이 독립일 확률이 아닙니다.',
    'Chance: how likely agreement this strong would be if the two models had been initialised independently, corrected for the number of tests. It is not the probability that the model is independent.',
  ),
  detectable_note: words(
    '검출 한계: 평균 상관이 이 값 이상이었다면 찾아냈을 것입니다.',
    'Detection limit: a mean correlation of this size or more would have been found.',
  ),
  share_note: words(
    '비중: 심사 대상 모델의 매개변수 가운데 이 구성 요소가 차지하는 비율.',
    "Share: the part of the candidate's parameters that belongs to this component.",
  ),
  criteria: words('세 기준', 'The three criteria'),
  criterion: words('기준', 'Criterion'),
  outcome: words('결과', 'Outcome'),
  never_summed: words(
    '세 기준은 따로 판단하며 점수로 합하지 않습니다.',
    'Each criterion stands alone; they are never added into a score.',
  ),
  why: words('판정 이유', 'Why'),
  cautions: words('유의할 점', 'To bear in mind'),
  not_tested: words('검정하지 못한 것', 'Not tested'),
  all_tested: words(
    '모든 구성 요소에 적어도 하나의 검정을 했습니다.',
    'At least one test was made on every component.',
  ),
  tokenizer_overlap: {
    values: { reference: 'name', shared: 'count', tokens: 'count', share: 'fraction' },
    ko: '{reference}: 토큰 {tokens}개 가운데 {shared}개({share})가 이 모델에도 있습니다.',
    en: '{reference}: {shared} of the {tokens} tokens ({share}) are in its vocabulary too.',
  },
  none_recognised: words(
    '검정할 구성 요소를 알아보지 못했으므로 아무 검정도 하지 않았습니다.',
    'No component was recognised, so no test was made.',
  ),
  read: words('읽은 양', 'What was read'),
  read_pair: {
    values: { candidate: 'bytes', reference: 'bytes' },
    ko: '심사 대상 {candidate}, 참조 모델 {reference}.',
    en: '{candidate} of the candidate, {reference} of the reference.',
  },
  read_total: {
    values: { bytes: 'bytes', references: 'count' },
    ko: '참조 모델 {references}개와 비교하며 모두 {bytes:을|를} 읽었습니다.',
    en: '{bytes} in all, over {references} {references#reference|references}.',
  },
  level: {
    values: { log10Alpha: 'chance' },
    ko: '무관한 모델을 관련 있다고 잘못 판정할 확률은 비교 한 번 전체에서 {log10Alpha} 이하로 맞추었습니다(홀름 보정).',
    en: 'The chance of wrongly finding a relation is held to at most {log10Alpha} over a whole comparison (Holm correction).',
  },
  check_again: words('다시 확인하기', 'Check it yourself'),
  matched_reference: {
    values: { reference: 'name' },
    ko: '참조 모델: {reference}',
    en: 'Reference: {reference}',
  },
  none: words('-', '-'),
  no_reason: words('따로 적을 이유가 없습니다.', 'No reason was recorded.'),
} as const satisfies Record<string, Message>

export type ReportWord = keyof typeof REPORT_WORDS

/** The same, cut where values stand. */
export function phrase(key: ReportWord, language: Language, values: Values = {}): readonly Piece[] {
  return fill(REPORT_WORDS[key], language, values)
}

export function say(key: ReportWord, language: Language, values: Values = {}): string {
  return plainText(fill(REPORT_WORDS[key], language, values))
}
