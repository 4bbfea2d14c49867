import type { Message } from './template.ts'

/** Why a verdict was given. */
export const REASON_MESSAGES = {
  all_blocks_identical: {
    values: { blocks: 'count', readFraction: 'fraction' },
    ko: '읽은 묶음 {blocks}개의 값이 두 모델에서 모두 같습니다. 이 구성 요소의 {readFraction:을|를} 읽었습니다.',
    en: 'All {blocks} blocks that were read hold the same values in both models. {readFraction} of this component was read.',
  },
  blocks_identical_part: {
    values: { equal: 'count', blocks: 'count' },
    ko: '읽은 묶음 {blocks}개 가운데 {equal}개의 값이 두 모델에서 서로 같습니다.',
    en: '{equal} of the {blocks} blocks that were read hold the same values in both models.',
  },
  cast_of_reference: {
    values: { fromDtype: 'name', toDtype: 'name' },
    ko: '참조 모델의 값을 {fromDtype}에서 {toDtype} 형식으로 바꾸면 심사 대상 모델의 값과 정확히 같아집니다.',
    en: "Converting the reference's values from {fromDtype} to {toDtype} gives exactly the candidate's values.",
  },
  rounded_to_grid: {
    values: { levels: 'count' },
    ko: '심사 대상 모델의 값은 참조 모델의 값을 {levels}단계의 격자로 반올림(양자화)한 것과 일치합니다. 남은 차이는 반올림 오차의 범위 안에 있습니다.',
    en: "The candidate's values are the reference's, rounded to a grid of {levels} levels (quantised). What remains lies within the rounding error.",
  },
  reference_cast_of_candidate: {
    values: { fromDtype: 'name', toDtype: 'name' },
    ko: '심사 대상 모델의 값을 {fromDtype}에서 {toDtype} 형식으로 바꾸면 참조 모델의 값과 정확히 같아집니다.',
    en: "Converting the candidate's values from {fromDtype} to {toDtype} gives exactly the reference's values.",
  },
  reference_rounded_to_grid: {
    values: { levels: 'count' },
    ko: '참조 모델의 값은 심사 대상 모델의 값을 {levels}단계의 격자로 반올림(양자화)한 것과 일치합니다. 남은 차이는 반올림 오차의 범위 안에 있습니다.',
    en: "The reference's values are the candidate's, rounded to a grid of {levels} levels (quantised). What remains lies within the rounding error.",
  },
  direction_shown: {
    values: { later: 'term', basis: 'term', tier: 'term' },
    ko: '방향: {later:이|가} 나중에 만들어졌음을 가리키는 근거가 있습니다. {basis}(근거의 등급: {tier}).',
    en: 'Direction: something points to {later} as the later of the two. {basis} (tier: {tier}).',
  },
  direction_unknown: {
    values: {},
    ko: '방향: 가중치만으로는 둘 가운데 어느 쪽이 먼저인지, 둘 다 제3의 모델에서 나왔는지 알 수 없습니다. 날짜가 있는 증거(공개 기록, 학습 기록)로 정해야 합니다.',
    en: 'Direction: the weights alone do not tell which of the two came first, or whether both come from a third. Dated evidence does (publications, training records).',
  },
  exact_test_rejects: {
    values: { test: 'test', log10P: 'chance', n: 'count' },
    ko: '정확 검정("{test}", 단위 {n}개): 두 모델이 서로 무관하게 초기화되었다면 이만큼의 일치가 나올 확률은 검정 수를 보정하여 {log10P} 이하입니다(log10 p = {log10P@log10}).',
    en: 'Exact test "{test}", {n} {n#unit|units}: if the two models had been initialised independently, agreement this strong would have a probability of at most {log10P}, corrected for the number of tests (log10 p = {log10P@log10}).',
  },
  trained_in_common: {
    values: { normCorrelation: 'correlation', slope: 'correlation' },
    ko: '무작위 초기값만 같은 것인지, 학습된 가중치까지 이어받은 것인지를 두 수치로 보았습니다. 모든 모델에서 같은 상수로 시작하는 정규화 가중치의 상관은 {normCorrelation}, 한 모델이 다른 모델 안에 들어 있는 정도(회귀 기울기)는 {slope}입니다. 학습된 가중치까지 이어받은 경우의 모습이며, 이 구별은 알려진 사례에 비춘 경험적 판단입니다.',
    en: 'Two figures tell inherited training from a mere common start: the norm weights, which start from the same constant in every model, correlate at {normCorrelation}, and one model is contained in the other at a regression slope of {slope}. This is what inherited training looks like. The distinction is an empirical judgement from known cases.',
  },
  initialised_alike_trained_apart: {
    values: { normCorrelation: 'correlation', slope: 'correlation' },
    ko: '무작위 초기값만 같은 것인지, 학습된 가중치까지 이어받은 것인지를 두 수치로 보았습니다. 모든 모델에서 같은 상수로 시작하는 정규화 가중치의 상관은 {normCorrelation}, 한 모델이 다른 모델 안에 들어 있는 정도(회귀 기울기)는 {slope}에 그칩니다. 같은 초기값(예: 같은 시드)에서 출발해 따로 학습한 모델의 모습입니다. 이 구별은 경험적 판단이며, 정확 검정만으로는 파생과 구별되지 않습니다.',
    en: 'Two figures tell inherited training from a mere common start: the norm weights, which start from the same constant in every model, correlate only at {normCorrelation}, and one model is contained in the other at a regression slope of only {slope}. This is what two models trained separately from the same start (for example the same seed) look like. The distinction is an empirical judgement: the exact test alone cannot tell it from descent.',
  },
  cannot_tell_initialisation: {
    values: {},
    ko: '학습된 가중치를 이어받은 것인지 무작위 초기값만 같은 것인지는 가리지 못했습니다. 그 구별에 쓰는 값(상수에서 시작하는 정규화 가중치)이 없거나 뚜렷한 답을 주지 않았습니다.',
    en: 'Whether trained weights were inherited, or only the random starting values shared, could not be decided: the values that tell the two apart (norm weights, which start from a constant) are missing or give no clear answer.',
  },
  norms_replaced: {
    values: { normCorrelation: 'correlation', slope: 'correlation' },
    ko: '한 모델이 다른 모델 안에 들어 있는 정도(회귀 기울기)가 {slope}입니다. 학습된 가중치까지 이어받은 경우의 모습이며, 무작위 초기값만 같은 모델은, 둘 다 거기서 별로 움직이지 않은 경우가 아니라면, 이보다 훨씬 낮습니다. 그런데 정규화 가중치의 상관은 {normCorrelation:으로|로} 이를 따르지 않습니다. 정규화 가중치만 바꾸어 넣었거나 다시 학습한 것으로 보입니다. 경험적 판단입니다.',
    en: 'One model is contained in the other at a regression slope of {slope}. This is what inherited training looks like; a mere common start gives far less, unless neither model has moved far from it. The norm weights correlate only at {normCorrelation} and do not go with it: they appear to have been replaced or trained anew. The distinction is an empirical judgement.',
  },
  contained_where_alike: {
    values: { slope: 'correlation' },
    ko: '일치하는 부분만 보면 한 모델이 다른 모델 안에 들어 있는 정도(회귀 기울기)는 {slope}입니다. 학습된 가중치를 이어받으면 1에 가깝습니다. 경험적 수치입니다.',
    en: 'Over what agrees, one model is contained in the other at a regression slope of {slope}; inherited training gives about 1. An empirical figure.',
  },
  only_part: {
    values: { shared: 'term', other: 'term' },
    ko: '일치는 {shared}에서만 나왔고, 함께 검정한 {other}에서는 나오지 않았습니다. 같은 무작위 초기값에서 출발했다면 두 부분 모두에 흔적이 남으므로, 모델의 한 부분을 다시 쓴 모습입니다.',
    en: 'Only one part agrees ({shared}); another one that was tested does not ({other}). A common random start would show in both, so this is what the reuse of a part looks like.',
  },
  only_layers: {
    values: { shared: 'list', other: 'list' },
    ko: '일치하는 층은 {shared}번이고, 함께 검정한 {other}번 층은 일치하지 않습니다(0번부터 셉니다). 같은 무작위 초기값에서 출발했다면 모든 층에 흔적이 남습니다.',
    en: 'The layers that agree are {shared}; those that were tested and do not are {other} (counted from 0). A common random start would show in all of them.',
  },
  part_rearranged: {
    values: { test: 'test', alignment: 'term', log10P: 'chance', n: 'count' },
    ko: '저장된 배열 그대로 일치하지 않는 부분도 되돌려 맞추면({alignment}) 일치합니다. 정확 검정("{test}", 단위 {n}개)의 확률은 검정 수를 보정하여 {log10P} 이하입니다(log10 p = {log10P@log10}).',
    en: 'A part that does not agree as stored does so after alignment ({alignment}). Exact test "{test}", {n} {n#unit|units}: a probability of at most {log10P} for models initialised independently, corrected for the number of tests (log10 p = {log10P@log10}).',
  },
  closer_relative: {
    values: { reference: 'name' },
    ko: '다른 참조 모델({reference})이 이 모델에 더 가깝습니다. 여기서 보이는 일치는 그 모델을 거쳐 온 것일 수 있습니다.',
    en: 'Another reference ({reference}) is closer to this model. The agreement seen here may have come through it.',
  },
  equally_close: {
    values: { reference: 'name', others: 'count' },
    ko: '측정 오차 안에서 똑같이 가까운 참조 모델이 {others}개 더 있습니다(예: {reference}). 그 가운데 어느 모델을 거쳐 관련된 것인지는 이 수치로 가릴 수 없습니다.',
    en: 'Within the error of measurement {others} other {others#reference is|references are} equally close (such as {reference}). Through which of them the relation runs cannot be told from these figures.',
  },
  nothing_found: {
    values: { minDetectableCorrelation: 'detectable', tests: 'count' },
    ko: '검정 {tests}건에서 우연을 넘는 일치가 나오지 않았습니다. 평균 상관이 {minDetectableCorrelation} 이상이었다면 드러났을 것입니다.',
    en: '{tests} {tests#test|tests} found no agreement beyond chance. A mean correlation of {minDetectableCorrelation} or more would have been found.',
  },
  aligned_rejects: {
    values: { test: 'test', alignment: 'term', log10P: 'chance', n: 'count' },
    ko: '저장된 배열 그대로는 일치가 보이지 않지만, 되돌려 맞추면({alignment}) 드러납니다. 정확 검정("{test}", 단위 {n}개): 두 모델이 서로 무관하게 초기화되었다면 이만큼의 일치가 나올 확률은 검정 수를 보정하여 {log10P} 이하입니다(log10 p = {log10P@log10}). 맞추는 데는 검정하는 부호와 무관한 값만 썼으므로, 맞춤이 얼마나 정확하든 이 확률은 성립합니다.',
    en: 'As stored nothing agrees, but after alignment ({alignment}) it does. Exact test "{test}", {n} {n#unit|units}: if the two models had been initialised independently, agreement this strong would have a probability of at most {log10P}, corrected for the number of tests (log10 p = {log10P@log10}). The alignment used only values that the tested signs do not enter, so the probability holds however good or bad the alignment is.',
  },
  robust_replays: {
    values: {
      agreeing: 'count',
      units: 'count',
      families: 'count',
      correlation: 'correlation',
      error: 'correlation',
    },
    ko: '순서, 부호, 크기, 잔차 축이 모두 바뀌어도 남는 특징으로 은닉 단위 {units}개 가운데 {agreeing}개의 짝이 두 방법에서 같게 나왔습니다. 서로 무관하다고 알려진 {families}쌍 가운데 이만한 것은 없습니다. 여기서 되찾은 변환을 쓰지 않고 남겨 둔 행렬에 그대로 적용하면 상관 {correlation}, 상대 오차 {error:으로|로} 재현됩니다. 알려진 사례에 비춘 경험적 판단이며 정확 검정이 아닙니다.',
    en: 'By features that survive a change of order, signs, scales and residual axes, two separate matchings agree on {agreeing} of {units} hidden units; none of {families} pairs known to be independent reaches that. The transform recovered from them, applied to matrices that were kept aside, reproduces these at a correlation of {correlation} and a relative error of {error}. This is an empirical judgement from known cases, not an exact test.',
  },
  change_of_low_rank: {
    values: { rank: 'count', of: 'count', changed: 'count', compared: 'count' },
    ko: '두 모델의 차이가 낮은 계수(rank)에 몰려 있습니다. 비교한 행렬 {compared}개 가운데 {changed}개만 다르고, 그 차이는 방향 {of}개 가운데 많아야 {rank}개로 거의 모두 설명됩니다. 어댑터(LoRA)를 합친 모델에서 보이는 모습이며, 참고용입니다.',
    en: 'The change between the models has low rank: {changed} of {compared} matrices that were compared differ, and at most {rank} of {of} directions hold nearly all of the difference. Merged adapters (LoRA) look like this. For information only.',
  },
  change_like_noise: {
    values: { level: 'fraction' },
    ko: '두 모델의 차이가 모든 방향에 고르고 정규 분포를 따릅니다(가중치 크기의 {level}). 학습이 아니라 잡음을 더한 모습입니다. 참고용입니다.',
    en: 'The change between the models is even in all directions and normally distributed ({level} of the size of the weights). Added noise looks like this, training does not. For information only.',
  },
  mixture_of: {
    values: {
      first: 'name',
      firstWeight: 'correlation',
      second: 'name',
      secondWeight: 'correlation',
      parents: 'count',
      gain: 'fraction',
    },
    ko: '참조 모델 {parents}개를 섞은(병합한) 것으로 보입니다. 큰 순서로 {first}의 비중은 {firstWeight}, {second}의 비중은 {secondWeight}입니다. 가장 가까운 참조 모델 하나로 설명되지 않는 부분의 {gain}이 이 혼합으로 설명됩니다. 비중은 추정값입니다.',
    en: 'It looks like a mixture (merge) of {parents} references. The largest weights are {firstWeight} for {first} and {secondWeight} for {second}. Of what the nearest single reference leaves unexplained, the mixture explains {gain}. The weights are estimates.',
  },
  experts_recognised: {
    values: { matched: 'count', experts: 'count' },
    ko: '비교한 전문가(expert) {experts}개 가운데 {matched}개가 참조 모델의 MLP에서 나온 것으로 확인됩니다. 어느 것에서 왔는지는 상세 자료의 대응표에 있습니다.',
    en: '{matched} of {experts} {experts#expert|experts} that were compared {matched#goes|go} back to an MLP of the reference; the map in the detailed data says to which.',
  },
} as const satisfies Record<string, Message>
