import type { Language } from '../messages/language.ts'
import { fill, type Message, plainText, type Values } from '../messages/template.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

export const REGISTRY_WORDS = {
  model: words('모델', 'Model'),
  parameters: words('매개변수', 'Parameters'),
  type: words('구조', 'Type'),
  commit: words('커밋', 'Commit'),
  date: words('지문을 만든 날', 'Fingerprint of'),
  signer: words('서명한 키', 'Signed by key'),
  component: words('구성 요소', 'Component'),
  verdict: words('판정', 'Verdict'),
  log10_p: words('log10 p, 보정 후', 'log10 p, corrected'),
  correlation: words('상관(추정)', 'Correlation (estimated)'),
  basis: words('근거', 'Basis'),
  size: words('크기', 'Size'),
  searched: {
    values: { models: 'count', compared: 'count', hypotheses: 'count', log10Alpha: 'log10' },
    ko: '모델 {models}개의 지문을 검색했고 그중 {compared}개와 견줄 수 있었습니다. 가설 {hypotheses}개로 보정했으며 유의 수준은 log10 p = {log10Alpha}입니다.',
    en: 'The fingerprints of {models} {models#model|models} were searched; {compared} could be compared. The level, log10 p = {log10Alpha}, is shared over {hypotheses} {hypotheses#hypothesis|hypotheses}.',
  },
  registry: words('등록부 검색', 'Search of the registry'),
  registry_searched: {
    values: { models: 'count', compared: 'count', hypotheses: 'count' },
    ko: '모델 {models}개의 지문을 검색했고 그중 {compared}개와 견줄 수 있었습니다(가설 {hypotheses}개). 찾은 모델은 가중치가 이 컴퓨터에 있으면 다시 비교했습니다.',
    en: 'The fingerprints of {models} {models#model|models} were searched and {compared} could be compared ({hypotheses} {hypotheses#hypothesis|hypotheses}). Models that were found were compared again where their weights lie on this computer.',
  },
  no_hit: words('의존하는 모델을 찾지 못했습니다.', 'No model was found that this one depends on.'),
  silent_limit: {
    values: { component: 'component', correlation: 'detectable' },
    ko: '{component}: 상관이 {correlation} 이상이었다면 찾았을 것입니다.',
    en: '{component}: a correlation of {correlation} or more would have been found.',
  },
  silent_untested: {
    values: { component: 'component' },
    ko: '{component}: 이 등록부로는 검정할 수 없습니다.',
    en: '{component}: not testable against this registry.',
  },
  claims: words('모델 카드의 설명과 대조(참고)', 'What the model card says (for information)'),
  claims_lead: words(
    'README.md에 적힌 설명을 비교 결과와 대조했습니다. 판정에는 쓰지 않습니다. 어긋난 설명은 팀에 물어볼 일입니다.',
    'Statements of README.md held against what was compared. They decide nothing; one that is contradicted is a question to the team.',
  ),
  claim_base_model_supported: {
    values: { reference: 'name' },
    ko: 'base_model {reference}: 가중치에서도 확인됩니다.',
    en: 'base_model {reference}: the weights agree.',
  },
  claim_base_model_not_supported: {
    values: { reference: 'name' },
    ko: 'base_model {reference}: 비교했으나 가중치에서 관련이 나타나지 않았습니다.',
    en: 'base_model {reference}: it was compared, and the weights show no relation.',
  },
  claim_base_model_not_searched: {
    values: { reference: 'name' },
    ko: 'base_model {reference}: 비교한 모델에 없어 확인하지 못했습니다.',
    en: 'base_model {reference}: not among the models compared, so not checked.',
  },
  claim_base_model_not_testable: {
    values: { reference: 'name' },
    ko: 'base_model {reference}: 비교한 모델이지만 견줄 수 있는 부분이 없어 확인하지 못했습니다.',
    en: 'base_model {reference}: it was among those compared, but no part of it could be.',
  },
  claim_from_scratch_not_testable: words(
    '처음부터 학습했다는 설명: 어떤 모델과도 견줄 수 없어 확인하지 못했습니다.',
    'Said to be trained from scratch: nothing of any model could be compared, so not checked.',
  ),
  claim_from_scratch_disputed: {
    values: { reference: 'name' },
    ko: '처음부터 학습했다는 설명: 같은 카드가 base_model로 {reference:을|를} 적고 있습니다.',
    en: 'Said to be trained from scratch: the same card names {reference} as its base_model.',
  },
  claim_from_scratch_supported: words(
    '처음부터 학습했다는 설명: 비교한 어떤 모델과도 관련이 나타나지 않았습니다.',
    'Said to be trained from scratch: no relation to any model compared was found.',
  ),
  claim_from_scratch_contradicted: {
    values: { reference: 'name', log10P: 'log10' },
    ko: '처음부터 학습했다는 설명: {reference}에 의존합니다(log10 p = {log10P}).',
    en: 'Said to be trained from scratch: it depends on {reference} (log10 p = {log10P}).',
  },
  claim_undeclared_found: {
    values: { reference: 'name', log10P: 'log10' },
    ko: '카드에 적히지 않은 관련: {reference}(log10 p = {log10P})',
    en: 'Not on the card: a relation to {reference} (log10 p = {log10P})',
  },
  kin: words(
    '설정이 따르는 공개 구조(참고, 가중치와 무관)',
    'Public architectures that the configuration follows (for information, says nothing of weights)',
  ),
  kin_same: {
    values: { reference: 'name' },
    ko: '{reference}: 견준 항목이 모두 같습니다.',
    en: '{reference}: every fact compared is the same.',
  },
  kin_changed: {
    values: { reference: 'name', changes: 'list' },
    ko: '{reference}: 다른 항목 {changes}',
    en: '{reference}: differs in {changes}',
  },
  atlas_title: words('모델 계보도', 'Family tree of models'),
  atlas_intro: words(
    '선 하나는 두 모델의 가중치가 서로 의존한다는 뜻이며, 선마다 근거가 딸려 있습니다. 같은 계열 안에서는 가장 닮은 쌍끼리 이었습니다. 화살표가 있는 선만 방향이 있고, 그 방향은 모델 카드의 base_model을 따른 것입니다. 그림에서의 자리는 누가 먼저인지를 뜻하지 않습니다.',
    'A line says that the weights of two models depend on each other; each line opens its evidence. Within a family the closest pairs are joined. Only lines with an arrow have a direction, and it is the one that the model card states as base_model. The place in the picture does not say who came first.',
  ),
  atlas_facts: {
    values: { models: 'count', families: 'count', pairs: 'count' },
    ko: '모델 {models}개, 계열 {families}개, 의존하는 쌍 {pairs}개',
    en: '{models} {models#model|models}, {families} {families#family|families}, {pairs} dependent {pairs#pair|pairs}',
  },
  atlas_level: {
    values: { hypotheses: 'count', log10Alpha: 'log10' },
    ko: '가설 {hypotheses}개 전체로 보정, 유의 수준 log10 p = {log10Alpha}',
    en: 'Corrected over all {hypotheses} hypotheses, level log10 p = {log10Alpha}',
  },
  atlas_models: words('모델', 'Models'),
  atlas_correction: words('보정', 'Correction'),
  family: {
    values: { number: 'count', root: 'name', others: 'count' },
    ko: '계열 {number}: {root} 외 {others}개',
    en: 'Family {number}: {root} and {others} {others#other|others}',
  },
  atlas_alone: words(
    '모델이 하나뿐이라 견줄 상대가 없습니다. 다른 모델을 더하면(dokja registry add) 계보가 그려집니다.',
    'There is one model, and nothing to compare it with. Add others (dokja registry add) and the tree is drawn.',
  ),
  atlas_no_family: {
    values: { models: 'count' },
    ko: '모델 {models}개 가운데 가중치가 서로 의존하는 쌍이 없어 그릴 계보가 없습니다.',
    en: 'Of {models} models no two depend on each other, so there is no tree to draw.',
  },
  index: words('계열과 모델', 'Families and models'),
  index_models: {
    values: { models: 'count' },
    ko: '모든 모델 {models}개를 이름순으로',
    en: 'All {models} models by name',
  },
  find: words('이름의 일부로 찾기', 'Find by a part of the name'),
  found_none: words('그런 이름의 모델이 없습니다.', 'No model has such a name.'),
  further_cut: {
    values: { shown: 'count', pairs: 'count' },
    ko: '가장 가까운 {shown}쌍만 싣습니다. 전체 {pairs}쌍은 dokja registry atlas --json이 출력합니다.',
    en: 'The closest {shown} are shown; dokja registry atlas --json prints all {pairs}.',
  },
  tree_name: {
    values: { models: 'count', edges: 'count' },
    ko: '모델 {models}개를 선 {edges}개로 이은 계보도. 선은 근거로 가는 링크입니다.',
    en: 'Tree of {models} models joined by {edges} {edges#line|lines}; each line is a link to its evidence.',
  },
  tree_scroll: {
    values: { number: 'count' },
    ko: '계열 {number}의 그림, 옆으로 넘겨 볼 수 있음',
    en: 'Picture of family {number}, scrolls sideways',
  },
  edge: {
    values: { first: 'name', second: 'name' },
    ko: '{first:과|와} {second}',
    en: '{first} and {second}',
  },
  edge_claimed: {
    values: { first: 'name', second: 'name' },
    ko: '{first} → {second} (카드에 따른 방향)',
    en: '{first} → {second} (direction from the card)',
  },
  edge_label: {
    values: { log10P: 'log10' },
    ko: 'log10 p {log10P}',
    en: 'log10 p {log10P}',
  },
  evidence: words('선마다의 근거', 'Evidence behind each line'),
  evidence_caption: {
    values: { first: 'name', second: 'name' },
    ko: '{first:과|와} {second}의 구성 요소별 근거',
    en: 'Evidence for {first} and {second} by component',
  },
  edge_tied: words(
    '스케치의 오차 안에서 똑같이 가까운 다른 모델이 있습니다. 어느 선이 맞는지는 이 자료로 가릴 수 없습니다.',
    'A tie within the error of the sketches: another model is as close, and which line is right cannot be told from them.',
  ),
  further: {
    values: { pairs: 'count' },
    ko: '같은 계열의 다른 의존 쌍 {pairs}개',
    en: '{pairs} further dependent {pairs#pair|pairs} of this family',
  },
  singles: words('관련이 나타나지 않은 모델', 'Models without a relation'),
  singles_intro: words(
    '이 등록부 안에서 다른 모델과의 의존이 나타나지 않았습니다. 등록부에 없는 모델과의 관련은 말해 주지 않습니다.',
    'No dependence on another model of this registry was found. That says nothing about models outside it.',
  ),
  legend_exact: words('실선: 언어 모델 본체가 의존', 'Solid: the language model depends'),
  legend_part: words(
    '점선: 일부 구성 요소만 의존(임베딩, 인코더 등)',
    'Dashed: only other parts depend (embeddings, encoders)',
  ),
  legend_claimed: words('화살표: 카드에 적힌 방향', 'Arrow: the direction that the card states'),
  legend_number: words(
    'log10 p -53.3: 서로 무관한 모델이라면 이만큼 일치할 확률이 10^53분의 1 이하',
    'log10 p -53.3: models made independently would agree this much with a chance of at most 1 in 10^53',
  ),
  tree_list: {
    values: { number: 'count' },
    ko: '계열 {number}의 모델, 이어진 순서대로',
    en: 'The models of family {number} as they are joined',
  },
  child_line: {
    values: { parent: 'name', log10P: 'log10' },
    ko: '{parent:과|와} 이어짐, log10 p {log10P}',
    en: 'joined to {parent}, log10 p {log10P}',
  },
  child_claims: {
    values: { parent: 'name', log10P: 'log10' },
    ko: '카드가 {parent}에서 왔다고 적음, log10 p {log10P}',
    en: 'from {parent} by its card, log10 p {log10P}',
  },
  parent_claimed: {
    values: { parent: 'name', log10P: 'log10' },
    ko: '{parent}의 카드가 이 모델에서 왔다고 적음, log10 p {log10P}',
    en: '{parent} is from this model by its card, log10 p {log10P}',
  },
} as const satisfies Record<string, Message>

export type RegistryWord = keyof typeof REGISTRY_WORDS

export const registryWords = (key: RegistryWord, language: Language, values: Values = {}): string =>
  plainText(fill(REGISTRY_WORDS[key], language, values))

/** The same in pieces, for markup that sets names from outside apart. */
export const registryPieces = (key: RegistryWord, language: Language, values: Values) =>
  fill(REGISTRY_WORDS[key], language, values)

export const isRegistryWord = (key: string): key is RegistryWord =>
  Object.hasOwn(REGISTRY_WORDS, key)
