import type { Message } from '../../messages/template.ts'
import { plain } from './plain.ts'

/** The search of a registry of known models. */
export const REGISTRY = {
  registry_clear: {
    values: { models: 'count', compared: 'count', component: 'component', limit: 'detectable' },
    ko: '{component}: 등록부의 모델 {models}개(견줄 수 있었던 것 {compared}개) 가운데 처음과 마지막 체크포인트가 의존하는 모델이 없습니다. 상관이 {limit} 이상이었다면 찾았을 것입니다. 축이나 단위를 재배열한 사본은 지문에 보이지 않으니, 의심되는 모델은 --against로 대십시오.',
    en: '{component}: of {models} {models#model|models} in the registry ({compared} could be compared) neither the first nor the last checkpoint depends on any. A correlation of {limit} or more would have been found. Copies whose axes or units were rearranged do not show in fingerprints: name a suspected model with --against.',
  },
  registry_matches: {
    values: { reference: 'name', step: 'count', component: 'component', log10P: 'chance' },
    ko: '{step}단계, {component}: 등록부의 {reference:과|와} 독립이 아닙니다. 우연히 나올 확률은 {log10P} 이하입니다.',
    en: 'Step {step}, {component}: not independent of {reference} in the registry; the chance of such agreement is at most {log10P}.',
  },
  registry_shares_start: {
    values: { reference: 'name', step: 'count', component: 'component', log10P: 'chance' },
    ko: '{step}단계, {component}: 등록부의 {reference:과|와} 같은 시드에서 시작했습니다(우연히 나올 확률 {log10P} 이하). 학습까지 이어받았는지는 이 기록만으로 정해지지 않습니다.',
    en: 'Step {step}, {component}: shares the start of {reference} in the registry, that is its seed (chance at most {log10P}). Whether training was shared too is not settled here.',
  },
  registry_untested: {
    values: { component: 'component', step: 'count' },
    ko: '{component}: {step}단계를 등록부의 지문으로 검정할 수 없었습니다.',
    en: '{component}: step {step} is not testable against the fingerprints of this registry.',
  },
  registry_left_out: {
    values: { models: 'count', names: 'list' },
    ko: '등록부의 모델 {models}개는 이 모델 자신이라고 하여 검색하지 않았습니다: {names}',
    en: '{models} {models#model|models} of the registry {models#was|were} said to be this model itself and not searched: {names}',
  },
  registry_empty: plain(
    '등록부에 견줄 모델이 남아 있지 않습니다.',
    'The registry holds no model to compare with.',
  ),
} as const satisfies Record<string, Message>
