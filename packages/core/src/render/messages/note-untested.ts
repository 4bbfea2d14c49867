import type { Message } from './template.ts'

/** Why something was not tested, and what would make it possible. */
export const UNTESTED_MESSAGES = {
  no_counterpart: {
    values: {},
    ko: '참조 모델에 견줄 구성 요소가 없습니다. 같은 종류의 구성 요소가 있는 참조 모델이 필요합니다.',
    en: 'The reference has no such component. A reference with a component of this kind is needed.',
  },
  no_weights: {
    values: {},
    ko: '학습된 가중치가 없어 가중치 검정의 대상이 아닙니다. 출처는 신고 내용과 파일 대조, 라이선스로 확인해야 합니다.',
    en: 'It has no trained weights, so tests on weights do not apply. Its source has to be established from the declaration, the files and their licences.',
  },
  widths_differ: {
    values: { kind: 'term', candidate: 'count', reference: 'count' },
    ko: '{kind}의 크기가 서로 다릅니다(심사 대상 {candidate}, 참조 {reference}). 같은 크기를 전제로 하는 검정은 할 수 없으며, 이 부분은 크기가 같은 참조 모델이나 크기 변화를 되돌리는 방법이 있어야 확인됩니다.',
    en: 'The width of {kind} differs (candidate {candidate}, reference {reference}), and the tests need equal widths. A reference of the same width, or a method that undoes the change of width, is needed.',
  },
  axes_rearranged: {
    values: {},
    ko: '본체의 잔차 축이 옮겨져 있고, 이 표는 어디로 옮겨졌는지를 찾는 데 쓰였습니다. 저장된 배열 그대로의 검정은 서로 다른 축을 견주므로 아무것도 말해 주지 않습니다. 본체의 판정을 보아야 합니다.',
    en: 'The residual axes of the body were moved, and these tables were used to find where to. Tests on them as stored compare axes that do not correspond, and say nothing. The verdict on the body is what counts.',
  },
  too_few_units: {
    values: { units: 'count', log10Floor: 'chance' },
    ko: '비교할 단위가 {units}개뿐입니다. 모두 일치하더라도 {log10Floor}보다 강한 증거가 될 수 없어 판정하지 않았습니다. 단위가 더 많은 부분을 읽어야 합니다.',
    en: 'Only {units} {units#unit|units} can be compared. Even full agreement could not be stronger evidence than {log10Floor}, so no verdict is given. More units would have to be read.',
  },
  no_symmetry_known: {
    values: {},
    ko: '이 텐서들에 적용되는 정확 검정이 알려져 있지 않습니다. 서로 바꿀 수 있는 단위를 알려 주는 구조 정보(설정 파일이나 계산 그래프)가 필요합니다.',
    en: 'No exact test is known for these tensors. A description of the architecture that shows which units are interchangeable (a configuration or a graph) is needed.',
  },
  no_detection_limit: {
    values: { tests: 'count' },
    ko: '할 수 있었던 검정 {tests}개에서는 아무것도 나오지 않았지만, 가중치 행렬이 서로 얼마나 닮아야 찾아냈을지 말해 주는 검정이 없습니다. 그래서 "증거 없음"이라고 하지 않았습니다. 서로 바꿀 수 있는 단위를 알려 주는 구조 정보(설정 파일이나 계산 그래프)가 필요합니다.',
    en: 'The {tests} {tests#test|tests} that could be made found nothing, but none says how alike the matrices would have to be to be found, so this is not called "no evidence". A description of the architecture that shows which units are interchangeable (a configuration or a graph) is needed.',
  },
  not_readable: {
    values: { dtype: 'name' },
    ko: '{dtype} 형식으로 저장된 값은 읽을 수 없습니다. bf16, f16, f32 가운데 하나로 저장된 사본이 필요합니다.',
    en: 'Values stored as {dtype} cannot be read. A copy stored as bf16, f16 or f32 is needed.',
  },
  no_finite_weights: {
    values: {
      model: 'term',
      tensor: 'name',
      row: 'count',
      rows: 'count',
      tensors: 'count',
      share: 'fraction',
    },
    ko: '{model}에서 읽은 값의 {share:이|가} 수가 아닙니다(NaN 또는 무한대). 텐서 {tensors}개의 행 {rows}개이며, 처음은 {tensor}의 {row}번 행입니다(0번부터 셉니다). 남은 값으로는 검정할 수 없습니다. 온전하게 저장된 사본이 필요합니다.',
    en: 'In {model}, {share} of the values read are no numbers (NaN or infinite), in {rows} {rows#row|rows} of {tensors} {tensors#tensor|tensors}, the first being row {row} of {tensor} (counted from 0). What is left cannot be tested. A sound copy is needed.',
  },
} as const satisfies Record<string, Message>

export type UntestedCode = keyof typeof UNTESTED_MESSAGES
