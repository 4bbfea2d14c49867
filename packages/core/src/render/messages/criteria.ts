import type {
  Criterion,
  CriterionReason,
  CriterionReasonCode,
  Outcome,
} from '../../audit/result.ts'
import type { Language, Words } from './language.ts'
import type { UntestedCode } from './note-untested.ts'
import { NOTE_MESSAGES } from './notes.ts'
import { fill, type Message, type Piece } from './template.ts'

export const CRITERION_WORDS: Readonly<
  Record<Criterion, { readonly name: Words; readonly question: Words }>
> = {
  technical: {
    name: { ko: '기술적 독자성', en: 'Technical' },
    question: {
      ko: '가중치를 스스로 초기화하고 학습했는가?',
      en: 'Were the weights initialised and then trained by the team?',
    },
  },
  policy: {
    name: { ko: '정책적 독자성', en: 'Policy' },
    question: {
      ko: '외부의 누군가가 이 모델의 개발이나 운영을 멈추거나 좌우할 수 있는가?',
      en: "Could anybody outside stop or steer the model's development or operation?",
    },
  },
  ethical: {
    name: { ko: '윤리적 독자성', en: 'Ethical' },
    question: {
      ko: '라이선스를 지키고 출처를 밝혔는가?',
      en: 'Are the licences kept and the sources named?',
    },
  },
}

export type OutcomeWords = { readonly name: Words; readonly mark: string; readonly meaning: Words }

export const OUTCOME_WORDS: Readonly<Record<Outcome, OutcomeWords>> = {
  met: {
    name: { ko: '충족', en: 'Met' },
    mark: '[ok]',
    meaning: {
      ko: '제시된 자료와 검정의 범위 안에서 기준에 어긋나는 점이 없습니다.',
      en: 'Within the material given and the tests made, nothing contradicts the criterion.',
    },
  },
  not_met: {
    name: { ko: '미충족', en: 'Not met' },
    mark: '[!!]',
    meaning: {
      ko: '기준에 어긋나는 구체적인 증거가 있으며, 이유에 적었습니다.',
      en: 'There is specific evidence against the criterion; the reasons name it.',
    },
  },
  not_determinable: {
    name: { ko: '판단 불가', en: 'Not determinable' },
    mark: '[?]',
    meaning: {
      ko: '판단에 필요한 자료가 빠져 있으며, 무엇이 빠졌는지 적었습니다. 불리한 판단이 아닙니다.',
      en: 'Material needed for an answer is missing; the reasons name it. This is not a finding against the model.',
    },
  },
}

export const CRITERION_REASON_MESSAGES: Readonly<Record<CriterionReasonCode, Message>> = {
  component_descends: {
    values: { component: 'component', verdict: 'verdict', reference: 'name', log10P: 'chance' },
    ko: '{component}: {reference}의 가중치와 독립이 아닙니다(판정 "{verdict}"). 서로 무관하게 초기화되었다면 이런 일치가 나올 확률은 {log10P} 이하입니다.',
    en: '{component}: not independent of the weights of {reference} (verdict "{verdict}"). Had they been initialised independently, such agreement would have a probability of at most {log10P}.',
  },
  component_shares_weights: {
    values: { component: 'component', verdict: 'verdict', reference: 'name', log10P: 'chance' },
    ko: '{component}: {reference:과|와} 가중치를 공유합니다(판정 "{verdict}"). 서로 무관하게 초기화되었다면 이런 일치가 나올 확률은 {log10P} 이하입니다. 어느 쪽이 먼저인지는 가중치로 알 수 없으므로, 이 모델이 먼저라면 날짜가 있는 증거로 보여야 합니다.',
    en: '{component}: shares weights with {reference} (verdict "{verdict}"). Had they been initialised independently, such agreement would have a probability of at most {log10P}. The weights do not tell which came first; if this model did, dated evidence has to show it.',
  },
  component_continued_by: {
    values: { component: 'component', verdict: 'verdict', reference: 'name' },
    ko: '{component}: {reference:과|와} 가중치를 공유하지만(판정 "{verdict}"), 구조를 보면 {reference} 쪽이 나중에 만들어진 것입니다. 이 모델에 불리한 증거가 아닙니다. 그런 구조는 흉내 낼 수 있으므로 날짜가 있는 증거로 확인해야 합니다.',
    en: '{component}: shares weights with {reference} (verdict "{verdict}"), but structure shows {reference} to be the later one. This does not speak against the model. Such structure can be imitated, so dated evidence has to confirm it.',
  },
  component_own_ancestor: {
    values: { component: 'component', verdict: 'verdict', reference: 'name' },
    ko: '{component}: {reference}에서 이어졌습니다(판정 "{verdict}"). 제출 팀이 스스로 만든 앞선 모델로 신고한 것이며, 자체 모델에서 이어진 것은 흠이 아닙니다. 그 모델 자체의 출처는 따로 확인해야 합니다.',
    en: '{component}: continues {reference} (verdict "{verdict}"), which the team declared as its own earlier model. Descent from a team\'s own model is not a fault; where that model came from has to be examined separately.',
  },
  component_dependent: {
    values: { component: 'component', verdict: 'verdict', reference: 'name' },
    ko: '{component}: {reference:과|와} 공유하는 것이 있습니다(판정 "{verdict}"). 학습된 가중치를 이어받았는지는 이 결과만으로 정해지지 않으며, 학습 기록이 필요합니다.',
    en: '{component}: has something in common with {reference} (verdict "{verdict}"). Whether trained weights were inherited is not settled by this alone; training records are needed.',
  },
  component_clear: {
    values: {
      component: 'component',
      references: 'count',
      minDetectableCorrelation: 'detectable',
    },
    ko: '{component}: 참조 모델 {references}개와 비교하여 우연을 넘는 일치가 나오지 않았습니다. 평균 상관이 {minDetectableCorrelation} 이상이었다면 드러났을 것입니다.',
    en: '{component}: compared with {references} {references#reference|references}, no agreement beyond chance was found. A mean correlation of {minDetectableCorrelation} or more would have been found.',
  },
  component_untested: {
    values: { component: 'component', why: 'term' },
    ko: '{component}: 검정하지 못했습니다. {why}',
    en: '{component}: not tested. {why}',
  },
  no_reference_given: {
    values: {},
    ko: '비교할 참조 모델이 주어지지 않았습니다. 가중치의 출처를 살피려면 하나 이상의 참조 모델이나 등록부가 필요합니다.',
    en: 'No reference was given. At least one reference model or a registry is needed to examine where the weights come from.',
  },
  limits_of_search: {
    values: { references: 'count' },
    ko: '이 결과는 비교한 참조 모델 {references}개에 대해서만 유효합니다. 목록에 없는 모델에서 왔을 가능성은 남습니다.',
    en: 'The result holds for the {references} {references#reference|references} compared. Descent from a model outside that list remains possible.',
  },
  training_record_missing: {
    values: {},
    ko: '학습 기록(초기값의 시드, 0단계부터 날짜가 있는 체크포인트)이 제출되지 않았습니다. 일치가 없다는 사실만으로 스스로 학습했음이 증명되지는 않습니다.',
    en: 'No training record was submitted (seed of the initialisation, dated checkpoints from step 0). The absence of agreement alone does not prove that the team trained the model.',
  },
  licence_review_missing: {
    values: {},
    ko: '구성 요소별 라이선스 검토 자료가 없습니다. 라이선스 원문과 사용 조건을 확인해야 합니다.',
    en: 'No licence review of the components is available. The licence texts and their conditions have to be examined.',
  },
  declaration_missing: {
    values: {},
    ko: '제출 팀의 신고서(계보, 재사용한 구성 요소, 데이터, 교사 모델)가 없습니다.',
    en: "The team's declaration is missing (lineage, reused components, data, teacher models).",
  },
}

const FIRST_CODES: readonly CriterionReasonCode[] = [
  'component_descends',
  'component_shares_weights',
  'component_dependent',
  'component_continued_by',
  'component_own_ancestor',
  'component_untested',
  'component_clear',
]

/** What weighs against the criterion first, then what is open, then what is clear. */
export function orderedReasons(reasons: readonly CriterionReason[]): readonly CriterionReason[] {
  const rank = ({ code }: CriterionReason) => {
    const at = FIRST_CODES.indexOf(code)
    return at < 0 ? FIRST_CODES.length : at
  }
  return [...reasons].sort((a, b) => rank(a) - rank(b))
}

/** Why a component was not tested, in words that need no numbers; the details hold those. */
const UNTESTED_CAUSES: Readonly<Record<UntestedCode, Words>> = {
  no_counterpart: {
    ko: '참조 모델에 견줄 구성 요소가 없습니다.',
    en: 'The references have no such component.',
  },
  no_weights: {
    ko: '학습된 가중치가 없습니다.',
    en: 'It has no trained weights.',
  },
  widths_differ: {
    ko: '참조 모델과 크기가 달라 같은 크기를 전제로 하는 검정을 할 수 없습니다.',
    en: 'Its widths differ from those of the references, and the tests need equal widths.',
  },
  axes_rearranged: {
    ko: '본체의 축이 옮겨져 있어, 저장된 배열로는 견줄 수 없습니다.',
    en: 'The axes of the body were moved, so that as stored it cannot be compared.',
  },
  too_few_units: {
    ko: '비교할 단위가 너무 적어 모두 일치해도 증거가 되지 못합니다.',
    en: 'Too few units can be compared: even full agreement would not be evidence.',
  },
  no_symmetry_known: {
    ko: '이 텐서들에 적용되는 정확 검정이 알려져 있지 않습니다.',
    en: 'No exact test is known for its tensors.',
  },
  no_detection_limit: {
    ko: '할 수 있었던 검정으로는 얼마나 닮아야 찾아냈을지 말할 수 없습니다.',
    en: 'None of the tests that could be made has a size that it would have found.',
  },
  not_readable: {
    ko: '저장된 값을 읽을 수 없습니다.',
    en: 'Its stored values cannot be read.',
  },
  no_finite_weights: {
    ko: '저장된 값의 대부분이 수가 아닙니다(NaN 또는 무한대).',
    en: 'Most of its stored values are no numbers (NaN or infinite).',
  },
}

const CAUSE_IN_DETAILS: Words = {
  ko: '이유는 이 구성 요소의 상세에 있습니다.',
  en: 'The details of the component give the reason.',
}

const NO_LIMIT: Message = {
  values: { component: 'component', references: 'count' },
  ko: '{component}: 참조 모델 {references}개와 비교하여 우연을 넘는 일치가 나오지 않았습니다. 실시한 검정에는 상관으로 나타낼 검출 한계가 없습니다.',
  en: '{component}: compared with {references} {references#reference|references}, no agreement beyond chance was found. The tests made have no detection limit that can be put as a correlation.',
}

const NO_CHANCE: Message = {
  values: { component: 'component', verdict: 'verdict', reference: 'name' },
  ko: '{component}: {reference}의 가중치와 독립이 아닙니다(판정 "{verdict}").',
  en: '{component}: not independent of the weights of {reference} (verdict "{verdict}").',
}

const SHARED_WITHOUT_CHANCE: Message = {
  values: { component: 'component', verdict: 'verdict', reference: 'name' },
  ko: '{component}: {reference:과|와} 가중치를 공유합니다(판정 "{verdict}"). 어느 쪽이 먼저인지는 가중치로 알 수 없으므로, 이 모델이 먼저라면 날짜가 있는 증거로 보여야 합니다.',
  en: '{component}: shares weights with {reference} (verdict "{verdict}"). The weights do not tell which came first; if this model did, dated evidence has to show it.',
}

/** A reason in words. */
export function criterionReasonText(reason: CriterionReason, language: Language): readonly Piece[] {
  const { code, values } = reason
  const why = values['why']
  if (code === 'component_untested' && typeof why === 'string') {
    return fill(CRITERION_REASON_MESSAGES[code], language, {
      ...values,
      why: causeOf(why, language),
    })
  }
  return fill(messageOf(reason), language, values)
}

/** Without a limit or a chance to state, the sentence leaves it out instead of stating 1. */
function messageOf({ code, values }: CriterionReason): Message {
  const { minDetectableCorrelation: limit, log10P } = values
  if (code === 'component_clear' && typeof limit === 'number' && limit >= 1) return NO_LIMIT
  const isStated = typeof log10P !== 'number' || log10P <= -1
  if (code === 'component_descends' && !isStated) return NO_CHANCE
  if (code === 'component_shares_weights' && !isStated) return SHARED_WITHOUT_CHANCE
  return CRITERION_REASON_MESSAGES[code]
}

/** The cause behind a note code; words that are no code are kept as they came. */
function causeOf(why: string, language: Language): string {
  if (Object.hasOwn(UNTESTED_CAUSES, why)) return UNTESTED_CAUSES[why as UntestedCode][language]
  const isCode = why === '' || Object.hasOwn(NOTE_MESSAGES, why)
  return isCode ? CAUSE_IN_DETAILS[language] : why
}

/** Values that a reason should carry for its text and does not; empty when it is complete. */
export function missingReasonValues(reason: CriterionReason): readonly string[] {
  return Object.keys(CRITERION_REASON_MESSAGES[reason.code].values).filter(
    (name) => !Object.hasOwn(reason.values, name),
  )
}
