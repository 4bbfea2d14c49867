import type { Verdict } from '../../audit/result.ts'
import { visibleWithin } from '../visible.ts'
import type { Language, Words } from './language.ts'

export type VerdictWords = {
  /** For a table cell. */
  readonly name: Words
  /** A mark of fixed width that needs neither colour nor a special font. */
  readonly mark: string
  /** What the verdict says. */
  readonly meaning: Words
  /** What it does not say. */
  readonly limit: Words
}

export const VERDICT_WORDS: Readonly<Record<Verdict, VerdictWords>> = {
  identical: {
    name: { ko: '동일', en: 'Identical' },
    mark: '[!!]',
    meaning: {
      ko: '읽은 모든 위치에서 두 모델의 저장된 값이 서로 같습니다.',
      en: 'Wherever both models were read, they store the same values.',
    },
    limit: {
      ko: '어느 쪽이 먼저 만들어졌는지, 사용이 허락되었는지는 말하지 않습니다.',
      en: 'It does not say which model came first, or whether the use was permitted.',
    },
  },
  reencoded: {
    name: { ko: '동일(형식만 변환)', en: 'Same, re-encoded' },
    mark: '[!!]',
    meaning: {
      ko: '숫자의 저장 형식이나 정밀도만 다르고, 그 차이는 변환 과정의 반올림으로 모두 설명됩니다.',
      en: 'Only the number format or precision differs, and rounding during conversion explains every difference.',
    },
    limit: {
      ko: '어느 쪽이 먼저 만들어졌는지, 사용이 허락되었는지는 말하지 않습니다.',
      en: 'It does not say which model came first, or whether the use was permitted.',
    },
  },
  derived: {
    name: { ko: '파생', en: 'Derived' },
    mark: '[!!]',
    meaning: {
      ko: '두 모델의 가중치는 서로 독립이 아닙니다. 한쪽이 다른 쪽에서 나왔거나, 비교에 없던 같은 모델에서 둘 다 나왔습니다.',
      en: 'The two sets of weights are not independent: one descends from the other, or both descend from a model that was not compared.',
    },
    limit: {
      ko: '방향은 말하지 않습니다. 누가 누구의 것을 썼는지는 공개 날짜, 서명된 기록, 학습 기록으로 정해야 합니다. 공모 규정의 "파생형 모델"에 해당하는지도 이 도구가 아니라 주관 기관이 판단합니다.',
      en: 'It does not give the direction. Who used whose weights has to be settled by publication dates, signed records and training records. Whether a model is a "derivative" in the sense of a programme rule is for the programme office to decide.',
    },
  },
  derived_obfuscated: {
    name: { ko: '파생(배열 변형)', en: 'Derived, rearranged' },
    mark: '[!!]',
    meaning: {
      ko: '가중치의 순서, 부호, 축을 되돌려 맞추면 두 모델이 독립이 아님이 드러납니다. 이런 변형은 모델의 동작을 바꾸지 않습니다.',
      en: 'Once the order, signs or axes of the weights are lined up again, the two models prove not to be independent. Such a rearrangement does not change what a model does.',
    },
    limit: {
      ko: '왜 배열이 다른지(의도인지, 변환 도구 때문인지)와 방향은 말하지 않습니다.',
      en: 'It does not say why the arrangement differs (intent, or a conversion tool), nor does it give the direction.',
    },
  },
  common_origin: {
    name: { ko: '공통 기원', en: 'Common origin' },
    mark: '[!]',
    meaning: {
      ko: '두 모델은 독립이 아니지만, 둘 모두에 더 가까운 다른 모델이 알려져 있습니다. 그 모델을 거친 형제 관계로 설명됩니다.',
      en: 'The two are not independent, but another known model is closer to both. They are best explained as siblings through it.',
    },
    limit: {
      ko: '이 참조 모델에서 직접 나왔다는 뜻이 아닙니다.',
      en: 'It does not say that the model descends from this reference directly.',
    },
  },
  shared_initialisation: {
    name: { ko: '초기값 공유', en: 'Shared initialisation' },
    mark: '[~]',
    meaning: {
      ko: '두 모델은 같은 무작위 초기값(예: 같은 시드)에서 출발했으나 따로 학습된 것으로 보입니다. 의존성은 정확 검정으로 확인되었지만, "초기값만 공유"라는 부분은 알려진 사례에 비춘 경험적 판단입니다.',
      en: 'The two appear to start from the same random values (for example the same seed) and to have been trained separately. That they are dependent rests on an exact test; that only the start is shared is an empirical judgement from known cases.',
    },
    limit: {
      ko: '정확 검정만으로는 파생과 구별되지 않습니다. 같은 시드로 시작해 오래 함께 학습한 경우도 배제하지 못합니다.',
      en: 'An exact test alone cannot tell it from descent. Long training in common after a shared seed is not excluded.',
    },
  },
  no_evidence: {
    name: { ko: '증거 없음', en: 'No evidence' },
    mark: '[ ]',
    meaning: {
      ko: '실시한 어느 검정에서도 우연을 넘는 일치가 나오지 않았습니다. 함께 적힌 검출 한계보다 큰 평균 상관이 있었다면 드러났을 것입니다.',
      en: 'None of the tests that were run found agreement beyond chance. A mean correlation above the stated detection limit would have been found.',
    },
    limit: {
      ko: '독립임을 증명하지 않습니다. 비교한 참조 모델과 검출 한계 안에서만 유효하며, 의도적으로 충분히 변형된 복제는 찾지 못할 수 있습니다.',
      en: 'It does not prove independence. It holds for the references compared and down to the detection limit, and a copy that was altered thoroughly on purpose can escape.',
    },
  },
  not_testable: {
    name: { ko: '검정 불가', en: 'Not testable' },
    mark: '[?]',
    meaning: {
      ko: '적용할 수 있는 검정이 없거나 읽을 수 없었습니다. 이유와 필요한 자료를 함께 적습니다.',
      en: 'No test applies, or the weights could not be read. The reason and what is needed are given.',
    },
    limit: {
      ko: '유리하게도 불리하게도 해석해서는 안 됩니다.',
      en: 'It counts neither for nor against the model.',
    },
  },
}

/** The name of a verdict; a word that is not in the vocabulary is shown as it came. */
export function verdictName(verdict: string, language: Language): string {
  if (!Object.hasOwn(VERDICT_WORDS, verdict)) return visibleWithin(verdict, 40)
  return VERDICT_WORDS[verdict as Verdict].name[language]
}
