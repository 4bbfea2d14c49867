import type { Message } from './template.ts'

/** What a reader should bear in mind beside a result. */
export const CAUTION_MESSAGES = {
  layers_differ: {
    values: { candidate: 'count', reference: 'count' },
    ko: '층의 수가 다릅니다(심사 대상 {candidate}, 참조 {reference}). 층마다 같은 번호뿐 아니라 다른 번호의 층과도 비교했습니다.',
    en: 'The number of layers differs (candidate {candidate}, reference {reference}). Each layer was compared with layers of other numbers too.',
  },
  layer_moved: {
    values: { candidate: 'count', reference: 'count' },
    ko: '심사 대상의 {candidate}번 층이 참조의 {reference}번 층과 일치합니다(0번부터 셉니다).',
    en: 'Layer {candidate} of the candidate agrees with layer {reference} of the reference (counted from 0).',
  },
  only_first_read: {
    values: { readFraction: 'fraction' },
    ko: '표본을 읽은 결과입니다. 저장된 가중치의 {readFraction:을|를} 읽었습니다.',
    en: 'The result rests on a sample: {readFraction} of the stored weights was read.',
  },
  not_finite: {
    values: {
      model: 'term',
      tensor: 'name',
      row: 'count',
      rows: 'count',
      tensors: 'count',
      share: 'fraction',
    },
    ko: '{model}에 수가 아닌 값(NaN 또는 무한대)이 있습니다. 텐서 {tensors}개의 행 {rows}개이며, 처음은 {tensor}의 {row}번 행입니다(0번부터 셉니다). 읽은 값의 {share:을|를} 검정에서 빼고 나머지는 그대로 검정했습니다.',
    en: 'In {model}, {rows} {rows#row|rows} of {tensors} {tensors#tensor|tensors} {rows#holds|hold} values that are no numbers (NaN or infinite), the first being row {row} of {tensor} (counted from 0). {share} of the values read were left out; everything else was tested as usual.',
  },
  deterministic_tensor_excluded: {
    values: { tensor: 'name', why: 'term' },
    ko: '텐서 {tensor:은|는} 학습과 무관하게 정해지는 값이어서 증거에서 뺐습니다({why}).',
    en: 'Tensor {tensor} was left out of the evidence: its values are fixed independently of training ({why}).',
  },
  constant_tensors_excluded: {
    values: { count: 'count' },
    ko: '모든 값이 같은 텐서 {count}개는 증거에서 뺐습니다. 상수가 서로 같은 것은 아무것도 말해 주지 않습니다.',
    en: '{count} {count#tensor|tensors} holding one constant value {count#was|were} left out of the evidence: equal constants say nothing.',
  },
  internal_copies: {
    values: { family: 'term', classes: 'count' },
    ko: '한 모델 안에 서로 베낀 부분이 있습니다({family}, 서로 다른 무리 {classes}개). 사본을 따로 세면 증거가 부풀려지므로 그렇게 세지 않았습니다.',
    en: 'One model holds copies of its own parts ({family}, {classes} distinct {classes#group|groups}). Counting copies separately would inflate the evidence, so this was not done.',
  },
  sign_convention_candidate: {
    values: { family: 'term' },
    ko: '심사 대상 모델은 부호를 정해진 규칙으로 맞춘 것으로 보입니다({family}). 그래서 검정의 가정을 참조 모델에만 두었습니다.',
    en: 'The candidate appears to have its signs set by a convention ({family}). The assumption of the test was therefore placed on the reference alone.',
  },
  sign_convention_reference: {
    values: { family: 'term' },
    ko: '참조 모델은 부호를 정해진 규칙으로 맞춘 것으로 보입니다({family}). 그래서 검정의 가정을 심사 대상 모델에만 두었습니다.',
    en: 'The reference appears to have its signs set by a convention ({family}). The assumption of the test was therefore placed on the candidate alone.',
  },
  sign_convention_both: {
    values: { family: 'term' },
    ko: '두 모델 모두 부호를 정해진 규칙으로 맞춘 것으로 보입니다({family}). 규칙이 같으면 무관한 모델도 부호가 일치하므로 이 검정은 쓰지 않았습니다.',
    en: 'Both models appear to have their signs set by a convention ({family}). Under one convention the signs of unrelated models agree as well, so this test was not used.',
  },
  assumption_on: {
    values: { model: 'term' },
    ko: '확률 계산의 가정: {model}에서 무작위 초기값과 학습 방법이 이 대칭을 한쪽으로 치우치게 하지 않는다. 통상의 초기화와 학습 방법은 이를 충족합니다.',
    en: 'Assumption behind the probability: in {model}, neither the random initialisation nor the training favours one side of this symmetry. Usual methods of initialising and training satisfy it.',
  },
  only_residual_axes: {
    values: {},
    ko: '잔차 축에서만 일치가 나왔습니다. 가중치를 쓰지 않고 다른 모델의 중간 출력을 따라 배우는 학습(은닉 상태 증류)에서도 같은 결과가 나올 수 있습니다.',
    en: "Only the residual axes agree. Training a model to follow another's internal outputs (hidden-state distillation), without using its weights, can give the same result.",
  },
  rotary_layout_unknown: {
    values: {},
    ko: '어텐션 키의 회전 배치 방식을 알 수 없어, 어느 방식에서나 성립하는 네 개 묶음을 단위로 썼습니다. 유효성은 그대로이고 검출력은 낮아집니다.',
    en: 'The rotary layout of the attention keys is not known, so groups of four that are valid under every layout were used as units. The result stays valid; less can be detected.',
  },
  aligned_by: {
    values: { alignment: 'term' },
    ko: '배열을 되돌려 맞춘 뒤에도 검정했습니다({alignment}).',
    en: 'Some tests were made after alignment ({alignment}).',
  },
  alignment_not_tried: {
    values: {},
    ko: '은닉 단위나 잔차 축의 순서를 바꾸거나 회전시킨 사본은 이 비교로 드러나지 않습니다. 그것을 되돌리려면 행렬을 통째로 읽어야 하며, 읽기 한도 안에서는 할 수 없었습니다.',
    en: 'A copy whose hidden units or residual axes were reordered or rotated would not show here: undoing that needs whole matrices, which the reading budget did not allow.',
  },
  rotation_not_tried: {
    values: {},
    ko: '잔차 축을 회전시킨 사본은 이 비교로 드러나지 않습니다. 이 크기의 행렬에서는 회전을 되돌리는 계산이 너무 많아 하지 않았습니다.',
    en: 'A copy whose residual axes were rotated would not show here: undoing a rotation is too much work for matrices of this size.',
  },
  widths_aligned: {
    values: { candidate: 'count', reference: 'count' },
    ko: '층마다의 단위 수나 너비가 다른 모델을(단위: 심사 대상 {candidate}, 참조 {reference}) 서로 맞추어 검정했습니다. 단위를 덜어 내거나 더한 모델에서 보이는 모습입니다.',
    en: 'Models whose layers differ in units or width (units: candidate {candidate}, reference {reference}) were lined up and tested. Leaving out or adding units looks like this.',
  },
  robust_not_tried: {
    values: { why: 'term' },
    ko: '은닉 단위의 순서, 부호, 크기와 잔차 축을 모두 무작위로 바꾼 사본은 이 비교로 드러나지 않습니다({why}).',
    en: 'A copy whose units were reordered, negated and rescaled at random on rotated residual axes, all at once, would not show here ({why}).',
  },
  robust_few_units: {
    values: { agreeing: 'count', units: 'count' },
    ko: '배열을 바꾸어도 남는 특징이 은닉 단위 {units}개 가운데 {agreeing}개에서 일치합니다. 비슷한 자료로 따로 학습한 모델끼리도 이 정도는 닮을 수 있어 판정에 쓰지 않았습니다.',
    en: 'Features that survive rearrangement agree on {agreeing} of {units} units. Models trained apart on alike data may learn as many units alike, so no verdict rests on it.',
  },
  limit_excludes: {
    values: { excluded: 'term' },
    ko: '검출 한계는 다음 경우를 포함하지 않습니다: {excluded}.',
    en: 'The detection limit does not cover: {excluded}.',
  },
  robust_unconfirmed: {
    values: { agreeing: 'count', families: 'count' },
    ko: '배열을 바꾸어도 남는 특징이 서로 무관하다고 알려진 {families}쌍보다 많이 일치하지만(단위 {agreeing}개), 되찾은 변환이 남겨 둔 행렬을 재현하지 못합니다. 그래서 판정에 쓰지 않았습니다.',
    en: 'Features that survive rearrangement agree on more units ({agreeing}) than in any of {families} pairs known to be independent, but the recovered transform does not reproduce the matrices kept aside. No verdict rests on it.',
  },
  robust_cohort: {
    values: { families: 'count', layers: 'count', units: 'count' },
    ko: '이 순위는 서로 무관하다고 알려진 {families}쌍(많아야 {layers}개 층, 층마다 은닉 단위 {units}개) 가운데의 순위입니다. 심사 대상이 이들과 비슷한 만큼만 의미가 있습니다.',
    en: 'The rank is among {families} pairs known to be independent (up to {layers} {layers#layer|layers} of {units} hidden units). It means as much as these resemble the candidate.',
  },
  robust_cohort_simulated: {
    values: { families: 'count', layers: 'count', units: 'count' },
    ko: '이 순위는 모의로 학습한 아주 작은 모델 {families}쌍(층 {layers}개, 층마다 은닉 단위 {units}개) 가운데의 순위이며, 실제 크기의 모델에 대해서는 말해 주는 것이 적습니다. 판정은 일치하는 단위의 비율과 남겨 둔 행렬의 재현에 달려 있습니다.',
    en: 'The rank is among {families} pairs of simulated tiny models ({layers} {layers#layer|layers} of {units} hidden units), which say little of models of real size. The verdict hangs on the share of units that agree and on the matrices kept aside.',
  },
  robust_own_places: {
    values: {},
    ko: '모든 대칭을 한꺼번에 쓴 사본은 층마다 같은 자리에서만 찾았습니다. 다른 자리와도 견주기에는 이 크기의 행렬에서 계산량이 너무 많습니다. 층까지 옮긴 사본은 드러나지 않습니다.',
    en: 'A copy behind all symmetries at once was looked for at the same place of each layer only; other places are too much work for matrices of this size. With its layers moved as well it would not show.',
  },
  robust_some_layers: {
    values: {},
    ko: '모든 대칭을 한꺼번에 쓴 사본은 고르게 고른 몇 개 층에서만 찾았습니다. 층까지 옮긴 사본은 드러나지 않을 수 있습니다.',
    en: 'A copy behind all symmetries at once was looked for in some evenly spaced layers only. With its layers moved as well it may not show.',
  },
  parents_collinear: {
    values: { collinearity: 'correlation' },
    ko: '참조 모델들이 서로 너무 닮아(상관 {collinearity}) 혼합의 비중을 하나하나 믿기 어렵습니다.',
    en: 'The references are too alike (correlation {collinearity}) for the single weights of the mixture to be trusted.',
  },
  looks_reparameterised: {
    values: { sign: 'term' },
    ko: '심사 대상 모델은 다시 매개변수화된 것으로 보입니다({sign}). 그 자체로는 아무것도 증명하지 않으며, 양자화를 위한 회전처럼 정당한 이유가 있을 수 있습니다.',
    en: 'The candidate looks re-parameterised ({sign}). By itself this proves nothing, and there are honest reasons for it, such as rotations made for quantisation.',
  },
} as const satisfies Record<string, Message>
