import type { Verdict } from '../../audit/result.ts'
import type { Message } from './template.ts'

/** One statement for the whole result, by its strongest verdict. */
export const TITLE_MESSAGES: Readonly<Record<Verdict, Message>> = {
  identical: {
    values: { strongest: 'count', components: 'count' },
    ko: '구성 요소 {components}개 가운데 {strongest}개의 값이 참조 모델과 같습니다.',
    en: '{strongest} of {components} {components#component|components} {strongest#holds|hold} the same values as a reference model.',
  },
  reencoded: {
    values: { strongest: 'count', components: 'count' },
    ko: '구성 요소 {components}개 가운데 {strongest}개의 값이 참조 모델의 값을 형식만 바꾼 것과 같습니다.',
    en: '{strongest} of {components} {components#component|components} {strongest#holds|hold} the values of a reference model in another number format.',
  },
  derived: {
    values: { strongest: 'count', components: 'count' },
    ko: '구성 요소 {components}개 가운데 {strongest}개의 가중치가 참조 모델과 독립이 아닙니다.',
    en: 'The weights of {strongest} of {components} {components#component|components} are not independent of a reference model.',
  },
  derived_obfuscated: {
    values: { strongest: 'count', components: 'count' },
    ko: '구성 요소 {components}개 가운데 {strongest}개의 가중치가, 배열을 되돌려 맞추면 참조 모델과 독립이 아닙니다.',
    en: 'Once lined up again, the weights of {strongest} of {components} {components#component|components} are not independent of a reference model.',
  },
  common_origin: {
    values: { strongest: 'count', components: 'count' },
    ko: '구성 요소 {components}개 가운데 {strongest}개가 참조 모델과 같은 기원을 가집니다.',
    en: '{strongest} of {components} {components#component|components} {strongest#has|have} an origin in common with a reference model.',
  },
  shared_initialisation: {
    values: { strongest: 'count', components: 'count' },
    ko: '구성 요소 {components}개 가운데 {strongest}개가 참조 모델과 같은 무작위 초기값에서 출발한 것으로 보입니다(경험적 판단).',
    en: '{strongest} of {components} {components#component|components} {strongest#appears|appear} to start from the same random values as a reference model (an empirical judgement).',
  },
  no_evidence: {
    values: { tested: 'count', components: 'count' },
    ko: '구성 요소 {components}개 가운데 검정한 {tested}개에서 참조 모델과의 관련을 보이는 증거가 나오지 않았습니다.',
    en: 'In the {tested} of {components} {components#component|components} that could be tested, no evidence of a relation to the references was found.',
  },
  not_testable: {
    values: { components: 'count' },
    ko: '구성 요소 {components}개 가운데 검정할 수 있는 것이 없었습니다.',
    en: 'None of the {components} {components#component|components} could be tested.',
  },
}

/** Instead of a verdict over no components at all. */
export const NO_COMPONENT: Message = {
  values: {},
  ko: '심사 대상에서 학습된 가중치로 알아볼 수 있는 구성 요소를 찾지 못했습니다.',
  en: 'No component that holds trained weights was recognised in the candidate.',
}

/** One line for the components that share a verdict and a reference. */
export const GROUP_MESSAGES: Readonly<Record<Verdict, Message>> = {
  identical: {
    values: { components: 'list', reference: 'name' },
    ko: '{components}: 저장된 값이 {reference:과|와} 같습니다.',
    en: '{components}: the stored values are the same as those of {reference}.',
  },
  reencoded: {
    values: { components: 'list', reference: 'name' },
    ko: '{components}: 값이 {reference}의 값을 다른 숫자 형식으로 바꾼 것과 같습니다.',
    en: '{components}: the values are those of {reference} in another number format.',
  },
  derived: {
    values: { components: 'list', reference: 'name' },
    ko: '{components}: 가중치가 {reference:과|와} 독립이 아닙니다. 한쪽이 다른 쪽에서 나왔거나 둘 다 같은 모델에서 나왔습니다.',
    en: '{components}: the weights are not independent of {reference}. One descends from the other, or both from the same model.',
  },
  derived_obfuscated: {
    values: { components: 'list', reference: 'name' },
    ko: '{components}: 배열을 되돌려 맞추면 가중치가 {reference:과|와} 독립이 아닙니다.',
    en: '{components}: lined up again, the weights are not independent of {reference}.',
  },
  common_origin: {
    values: { components: 'list', reference: 'name' },
    ko: '{components}: {reference:과|와} 공통된 기원이 있으며, 더 가까운 다른 모델이 알려져 있습니다.',
    en: '{components}: an origin in common with {reference}, through another model that is closer.',
  },
  shared_initialisation: {
    values: { components: 'list', reference: 'name' },
    ko: '{components}: {reference:과|와} 같은 무작위 초기값에서 출발해 따로 학습된 것으로 보입니다. 경험적 판단입니다.',
    en: '{components}: appears to share its random start with {reference} and to have been trained separately. An empirical judgement.',
  },
  no_evidence: {
    values: { components: 'list', minDetectableCorrelation: 'detectable' },
    ko: '{components}: 관련을 보이는 증거가 나오지 않았습니다. 평균 상관이 {minDetectableCorrelation} 이상이었다면 드러났을 것입니다.',
    en: '{components}: no evidence of a relation. A mean correlation of {minDetectableCorrelation} or more would have been found.',
  },
  not_testable: {
    values: { components: 'list' },
    ko: '{components}: 검정할 수 없었습니다. 유리하게도 불리하게도 해석해서는 안 됩니다.',
    en: '{components}: could not be tested. This counts neither for nor against the model.',
  },
}

/** The same, where the tests made have no limit that could be put as a correlation. */
export const NO_EVIDENCE_WITHOUT_LIMIT: Message = {
  values: { components: 'list' },
  ko: '{components}: 관련을 보이는 증거가 나오지 않았습니다. 이 검정에는 상관으로 나타낼 검출 한계가 없습니다.',
  en: '{components}: no evidence of a relation. These tests have no detection limit that can be put as a correlation.',
}

/** Said whenever nothing was found or nothing could be tested for a part of the model. */
export const CLEAR_LIMIT: Message = {
  values: { references: 'count' },
  ko: '증거가 없다는 것은 독립이 증명되었다는 뜻이 아닙니다. 비교한 참조 모델 {references}개와 검출 한계 안에서만 유효합니다.',
  en: 'The absence of evidence is not proof of independence. It holds for the {references} {references#reference|references} compared, down to the detection limits.',
}

/** Said whenever a relation was found. */
export const DIRECTION_LIMIT: Message = {
  values: {},
  ko: '이 결과는 가중치 사이의 관련을 말할 뿐, 누가 누구의 것을 썼는지와 그 사용이 허락되었는지는 말하지 않습니다.',
  en: 'The result states a relation between weights. It does not say who used whose, or whether the use was permitted.',
}

/** In place of the sentence above where every relation has a direction. */
export const PERMISSION_LIMIT: Message = {
  values: {},
  ko: '이 결과는 가중치 사이의 관련을 말할 뿐, 그 사용이 허락되었는지는 말하지 않습니다.',
  en: 'The result states a relation between weights. It does not say whether the use was permitted.',
}

/** Components for which something shows which model is the later one. */
export const DIRECTION_SHOWN: Message = {
  values: { components: 'list', reference: 'name', later: 'term' },
  ko: '{components}({reference}): 나중에 만들어진 쪽은 {later:으로|로} 보입니다. 그 근거와 등급은 상세에 있습니다.',
  en: '{components} ({reference}): the later of the two appears to be {later}. The details give the grounds and their tier.',
}
