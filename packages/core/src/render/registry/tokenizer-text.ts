import type { RegistryFindings } from '../../audit/registry/findings.ts'
import type {
  OverlapDistribution,
  TokenizerKinship,
  TokenizerOverlap,
} from '../../audit/registry/tokenizer-kin.ts'
import type { Language } from '../messages/language.ts'
import { fill, type Message, plainText, type Values } from '../messages/template.ts'
import { visibleWithin } from '../visible.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

const TOKENIZER_WORDS = {
  title: words('토크나이저(참고)', 'Tokenizer (for information)'),
  title_registry: words('등록부와 견준 토크나이저', 'Tokenizer and the registry'),
  decides_nothing: words(
    '토크나이저의 겹침은 아무것도 정하지 않습니다. 공개된 토크나이저를 쓰는 일은 흔하며 라이선스와 표시의 문제입니다.',
    'Overlap of a tokenizer decides nothing: using a public one is common, and a matter of licence and notice.',
  ),
  estimated: words(
    '참고일 뿐이며 아무것도 정하지 않습니다. 지문에서 추정한 값으로 몇 퍼센트포인트의 오차가 있습니다.',
    'For information, and decides nothing. Estimated from fingerprints, to within a few percentage points.',
  ),
  overlap: {
    values: { id: 'list', shared: 'count', tokens: 'count', share: 'fraction' },
    ko: '{id}: 토큰 {tokens}개 가운데 약 {shared}개({share})가 이 모델에도 있습니다.',
    en: '{id}: about {shared} of the {tokens} tokens ({share}) are in its vocabulary too.',
  },
  unrelated_at_least: {
    values: { fraction: 'fraction', pairs: 'count' },
    ko: '이 등록부의 무관한 모델 {pairs}쌍에서는 {fraction:이|가} 이만큼 겹칩니다.',
    en: 'Of {pairs} pairs of unrelated models in this registry, {fraction} overlap that much.',
  },
  family_at_least: {
    values: { fraction: 'fraction', pairs: 'count' },
    ko: '같은 계열의 {pairs}쌍에서는 {fraction}입니다.',
    en: 'Of {pairs} pairs of one family, {fraction} do.',
  },
  unrelated: {
    values: { pairs: 'count', q05: 'fraction', q50: 'fraction', q95: 'fraction', q100: 'fraction' },
    ko: '무관한 모델 {pairs}쌍의 겹침: 하위 5% {q05}, 가운데 {q50}, 상위 5% {q95}, 최대 {q100}',
    en: 'Overlap of {pairs} pairs of unrelated models: 5 % have at most {q05}, half at most {q50}, 95 % at most {q95}, the largest is {q100}.',
  },
  family: {
    values: { pairs: 'count', q05: 'fraction', q50: 'fraction', q95: 'fraction', q100: 'fraction' },
    ko: '같은 계열 {pairs}쌍의 겹침: 하위 5% {q05}, 가운데 {q50}, 상위 5% {q95}, 최대 {q100}',
    en: 'Overlap of {pairs} pairs of one family: 5 % have at most {q05}, half at most {q50}, 95 % at most {q95}, the largest is {q100}.',
  },
  too_few_unrelated: {
    values: { pairs: 'count', needed: 'count' },
    ko: '무관한 모델이 {pairs}쌍뿐이라 기준 비율을 말할 수 없습니다({needed}쌍부터).',
    en: 'This registry has {pairs} {pairs#pair|pairs} of unrelated models, too few for a base rate ({needed} are needed).',
  },
  too_few_family: {
    values: { pairs: 'count', needed: 'count' },
    ko: '같은 계열이 {pairs}쌍뿐이라 기준 비율을 말할 수 없습니다({needed}쌍부터).',
    en: 'This registry has {pairs} {pairs#pair|pairs} of one family, too few for a base rate ({needed} are needed).',
  },
} as const satisfies Record<string, Message>

const say = (key: keyof typeof TOKENIZER_WORDS, language: Language, values: Values = {}): string =>
  plainText(fill(TOKENIZER_WORDS[key], language, values))

/** Said wherever an overlap is shown. */
export const tokenizerLimit = (language: Language): string => say('decides_nothing', language)

export const tokenizerTitle = (language: Language): string => say('title', language)

export const registryTokenizerTitle = (language: Language): string =>
  say('title_registry', language)

/** The largest overlaps, then how much others share; [] where there was nothing to compare. */
export function tokenizerTexts(
  { tokenizers }: Pick<RegistryFindings, 'tokenizers'>,
  language: Language,
): readonly string[] {
  if (!tokenizers) return []
  const { baseRates } = tokenizers
  const { unrelatedPairs, familyPairs, needed } = baseRates
  return [
    ...grouped(tokenizers.nearest).map((one) => overlapText(one, tokenizers, language)),
    baseRates.unrelated
      ? say('unrelated', language, valuesOf(baseRates.unrelated))
      : say('too_few_unrelated', language, { pairs: unrelatedPairs, needed }),
    baseRates.family
      ? say('family', language, valuesOf(baseRates.family))
      : say('too_few_family', language, { pairs: familyPairs, needed }),
    say('estimated', language),
  ]
}

/** Models that share equally many tokens stand in one line. */
const grouped = (nearest: readonly TokenizerOverlap[]): readonly TokenizerOverlap[] =>
  [...Map.groupBy(nearest, ({ shared }) => shared).values()].flatMap(([first, ...others]) => {
    const ids = [first, ...others].map((one) => visibleWithin(one?.id ?? '', 120))
    return first ? [{ ...first, id: ids.join(', ') }] : []
  })

const valuesOf = ({ pairs, quantiles }: OverlapDistribution): Values => ({ pairs, ...quantiles })

function overlapText(
  one: TokenizerOverlap,
  { tokens, baseRates }: TokenizerKinship,
  language: Language,
): string {
  const { unrelatedAtLeast, familyAtLeast, id, shared, share } = one
  const { unrelatedPairs, familyPairs } = baseRates
  return [
    say('overlap', language, { id, shared, tokens, share }),
    ...(unrelatedAtLeast === null
      ? []
      : [
          say('unrelated_at_least', language, {
            fraction: unrelatedAtLeast,
            pairs: unrelatedPairs,
          }),
        ]),
    ...(familyAtLeast === null
      ? []
      : [say('family_at_least', language, { fraction: familyAtLeast, pairs: familyPairs })]),
  ].join(' ')
}
