import type { TestName, Tier } from '../../audit/result.ts'
import { visibleWithin } from '../visible.ts'
import type { Language, Words } from './language.ts'

export type TestWords = {
  readonly name: Words
  /** What is looked at, as one plain sentence. */
  readonly question: Words
  /** What `statistic` counts, or which number it is. */
  readonly statistic: Words
  readonly statisticKind: 'count' | 'correlation'
  /** What one cell of the layer picture shows. */
  readonly cell: Words
  /** File of the method page under docs/methods. */
  readonly page: string
}

const AGREEING = { ko: '부호가 일치한 단위', en: 'units that agree in sign' }
const FIXED = { ko: '같은 자리끼리 짝지어진 단위', en: 'units matched to themselves' }
const MEAN = { ko: '평균 상관', en: 'mean correlation' }
const SHARE_FIXED = { ko: '같은 자리끼리 짝지어진 비율', en: 'share matched to itself' }

const SIGN_QUESTION = {
  ko: (unit: string) =>
    `${unit}의 부호를 뒤집어도 모델의 동작은 같습니다. 따로 만들어진 두 모델이라면 부호의 일치는 동전 던지기와 같아야 합니다.`,
  en: (unit: string) =>
    `Flipping the sign of ${unit} leaves the model's behaviour unchanged, so between two models made separately the signs must agree like coin tosses.`,
}

const FIXED_QUESTION = {
  ko: (unit: string) =>
    `${unit}의 순서에는 의미가 없습니다. 따로 만들어진 두 모델이라면 서로 가장 닮은 짝이 같은 자리에 있는 일은 우연뿐입니다.`,
  en: (unit: string) =>
    `The order of ${unit} has no meaning, so between two models made separately the best matching partner stands at the same position only by chance.`,
}

function signTest(ko: readonly [string, string], en: readonly [string, string]): TestWords {
  return {
    name: { ko: ko[0], en: en[0] },
    question: { ko: SIGN_QUESTION.ko(ko[1]), en: SIGN_QUESTION.en(en[1]) },
    statistic: AGREEING,
    statisticKind: 'count',
    cell: MEAN,
    page: 'sign-flip-test.md',
  }
}

/** The same question as `signTest`, asked of 64 bits of each row instead of the row itself. */
function sketchTest(ko: readonly [string, string], en: readonly [string, string]): TestWords {
  return { ...signTest(ko, en), page: 'sign-sketch.md' }
}

function fixedPointTest(ko: readonly [string, string], en: readonly [string, string]): TestWords {
  return {
    name: { ko: ko[0], en: en[0] },
    question: { ko: FIXED_QUESTION.ko(ko[1]), en: FIXED_QUESTION.en(en[1]) },
    statistic: FIXED,
    statisticKind: 'count',
    cell: SHARE_FIXED,
    page: 'fixed-points.md',
  }
}

export const TEST_WORDS: Readonly<Record<TestName, TestWords>> = {
  content_blocks: {
    name: { ko: '값 대조', en: 'Equal values' },
    question: {
      ko: '같은 자리에 저장된 값의 묶음이 두 모델에서 서로 같은지 봅니다.',
      en: 'Are blocks of stored values at the same place the same in both models?',
    },
    statistic: { ko: '값이 같은 묶음', en: 'equal blocks' },
    statisticKind: 'count',
    cell: { ko: '값이 같은 묶음의 비율', en: 'share of equal blocks' },
    page: 'content-blocks.md',
  },
  sign_up: signTest(
    ['부호 일치: MLP 은닉 단위', 'MLP 은닉 단위 하나'],
    ['Signs: MLP units', 'one hidden MLP unit'],
  ),
  sign_value: signTest(
    ['부호 일치: 어텐션 값 차원', '어텐션 값(value) 차원 하나'],
    ['Signs: value dimensions', 'one value dimension of an attention head'],
  ),
  sign_key: signTest(
    ['부호 일치: 어텐션 키', '어텐션 키(key)의 회전 쌍 하나'],
    ['Signs: attention keys', 'one rotary pair of an attention key'],
  ),
  sign_latent: signTest(
    ['부호 일치: 잠재 차원', '압축된 어텐션의 잠재(latent) 차원 하나'],
    ['Signs: latent dimensions', 'one latent dimension of compressed attention'],
  ),
  sign_residual: signTest(
    ['부호 일치: 잔차 차원', '모델 전체를 지나는 잔차(residual) 차원 하나'],
    ['Signs: residual axes', 'one residual dimension that runs through the whole model'],
  ),
  sign_all: signTest(
    ['부호 일치: 구성 요소 전체', 'MLP 은닉 단위, 어텐션 값 차원, 키의 회전 쌍 하나하나'],
    ['Signs: all units', 'any one MLP unit, value dimension or rotary pair'],
  ),
  fixed_points_gate: fixedPointTest(
    ['자리 일치: MLP 게이트', 'MLP 은닉 단위'],
    ['Positions: MLP gate', 'hidden MLP units'],
  ),
  fixed_points_fc1: fixedPointTest(
    ['자리 일치: MLP 첫 행렬', 'MLP 은닉 단위'],
    ['Positions: first MLP matrix', 'hidden MLP units'],
  ),
  fixed_points_channels: fixedPointTest(
    ['자리 일치: 교환 가능한 채널', '서로 바꿀 수 있는 채널'],
    ['Positions: channels', 'interchangeable channels'],
  ),
  fixed_points_norms: fixedPointTest(
    ['자리 일치: 정규화 가중치', '잔차 차원'],
    ['Positions: norm weights', 'residual dimensions'],
  ),
  fixed_points_embedding: fixedPointTest(
    ['자리 일치: 임베딩 열', '잔차 차원'],
    ['Positions: embedding columns', 'residual dimensions'],
  ),
  aligned_up: {
    name: { ko: '맞춘 뒤 부호 일치: MLP', en: 'Aligned signs: MLP units' },
    question: {
      ko: '은닉 단위의 순서와 잔차 축을 부호와 무관한 값으로 되돌려 맞춘 다음, 부호의 일치가 동전 던지기와 같은지 봅니다.',
      en: 'Once the order of units and the residual axes are lined up by values that the signs do not enter, do the signs still agree only like coin tosses?',
    },
    statistic: AGREEING,
    statisticKind: 'count',
    cell: MEAN,
    page: 'aligned-tests.md',
  },
  aligned_value: {
    name: { ko: '맞춘 뒤 부호 일치: 어텐션 값', en: 'Aligned signs: value dimensions' },
    question: {
      ko: '어텐션 값 차원을 상관의 크기로 짝지은 다음, 부호의 일치가 동전 던지기와 같은지 봅니다.',
      en: 'Once value dimensions are paired by the size of their correlation, do their signs agree only like coin tosses?',
    },
    statistic: AGREEING,
    statisticKind: 'count',
    cell: MEAN,
    page: 'aligned-tests.md',
  },
  expert_match: {
    name: { ko: '전문가의 출처', en: 'Source of experts' },
    question: {
      ko: '전문가(expert)의 은닉 단위를 게이트로 짝지은 다음, 부호의 일치가 동전 던지기와 같은지 봅니다.',
      en: 'Once the units of an expert are paired with those of an MLP by their gates, do the signs agree only like coin tosses?',
    },
    statistic: AGREEING,
    statisticKind: 'count',
    cell: MEAN,
    page: 'aligned-tests.md',
  },
  robust_agreement: {
    name: { ko: '변환에 강한 일치', en: 'Agreement under rearrangement' },
    question: {
      ko: '게이트로 짝지은 결과와 확장 행렬로 짝지은 결과가 같은 단위가, 서로 무관하다고 알려진 모델들보다 많은지 봅니다.',
      en: 'Do pairs found from gates and pairs found from up rows coincide more often than between models known to be independent?',
    },
    statistic: { ko: '두 짝짓기가 같은 단위', en: 'units on which both pairings agree' },
    statisticKind: 'count',
    cell: { ko: '두 짝짓기가 같은 비율', en: 'share on which both pairings agree' },
    page: 'robust-tier.md',
  },
  norm_correlation: {
    name: { ko: '정규화 가중치 상관', en: 'Norm correlation' },
    question: {
      ko: '모든 모델에서 같은 상수로 시작하는 값들이 학습을 거치며 함께 움직였는지 봅니다.',
      en: 'Did values that start from the same constant in every model move together in training?',
    },
    statistic: { ko: '상관', en: 'correlation' },
    statisticKind: 'correlation',
    cell: { ko: '상관', en: 'correlation' },
    page: 'shared-initialisation.md',
  },
  regression_slope: {
    name: { ko: '회귀 기울기', en: 'Regression slope' },
    question: {
      ko: '한 모델의 가중치 안에 다른 모델의 가중치가 어느 비율로 들어 있는지 봅니다.',
      en: 'In what proportion are the weights of one model contained in those of the other?',
    },
    statistic: { ko: '기울기', en: 'slope' },
    statisticKind: 'correlation',
    cell: { ko: '기울기', en: 'slope' },
    page: 'shared-initialisation.md',
  },
  difference_rank: {
    name: { ko: '차이의 계수', en: 'Rank of the change' },
    question: {
      ko: '두 모델의 차이를 거의 모두 담는 데 방향이 몇 개나 필요한지 봅니다. 참고용이며 판정하지 않습니다.',
      en: 'How many directions hold nearly all of the difference? For information only; it decides nothing.',
    },
    statistic: { ko: '필요한 방향', en: 'directions needed' },
    statisticKind: 'count',
    cell: { ko: '필요한 방향의 비율', en: 'share of directions needed' },
    page: 'difference.md',
  },
  tokenizer_overlap: {
    name: { ko: '어휘 겹침', en: 'Shared vocabulary' },
    question: {
      ko: '두 토크나이저의 어휘가 얼마나 겹치는지 봅니다. 참고용이며 판정하지 않습니다.',
      en: 'How much of the vocabulary is in common? For information only; it decides nothing.',
    },
    statistic: { ko: '겹친 토큰', en: 'tokens in common' },
    statisticKind: 'count',
    cell: { ko: '겹친 비율', en: 'share in common' },
    page: 'tokenizer-overlap.md',
  },
  sketch_up: sketchTest(
    ['지문의 부호 일치: MLP 은닉 단위', 'MLP 은닉 단위 하나'],
    ['Signs in fingerprints: MLP units', 'one hidden MLP unit'],
  ),
  sketch_value: sketchTest(
    ['지문의 부호 일치: 어텐션 값 차원', '어텐션 값(value) 차원 하나'],
    ['Signs in fingerprints: value dimensions', 'one value dimension of an attention head'],
  ),
  sketch_residual: sketchTest(
    ['지문의 부호 일치: 잔차 차원', '모델 전체를 지나는 잔차(residual) 차원 하나'],
    ['Signs in fingerprints: residual axes', 'one residual dimension that runs through the model'],
  ),
}

/** The name of a test; a word that is not in the list is shown as it came. */
export function testName(test: string, language: Language): string {
  if (!Object.hasOwn(TEST_WORDS, test)) return visibleWithin(test, 60)
  return TEST_WORDS[test as TestName].name[language]
}

export const TIER_WORDS: Readonly<Record<Tier, { readonly name: Words; readonly meaning: Words }>> =
  {
    exact: {
      name: { ko: '정확 검정', en: 'Exact test' },
      meaning: {
        ko: '확률이 검정의 구성 방식에서 바로 나옵니다. 표본 크기, 데이터, 모델 구조에 대한 근사를 쓰지 않으며, 필요한 가정은 함께 적습니다.',
        en: 'The probability follows from how the test is built, without approximation in sample size, data or architecture. The assumption it needs is stated.',
      },
    },
    empirical: {
      name: { ko: '경험적 판단', en: 'Empirical' },
      meaning: {
        ko: '서로 무관하거나 관계가 알려진 모델들에서 관찰한 값에 비추어 판단합니다. 새로운 사례에서는 달라질 수 있습니다.',
        en: 'Judged against values observed on models whose relation is known. It may differ for a case unlike those.',
      },
    },
    descriptive: {
      name: { ko: '참고용', en: 'For information' },
      meaning: {
        ko: '확률이 없는 참고 수치입니다. 어떤 판정도 여기에 근거하지 않습니다.',
        en: 'A figure without a probability. No verdict rests on it.',
      },
    },
  }
