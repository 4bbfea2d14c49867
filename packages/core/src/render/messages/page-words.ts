import type { Language } from './language.ts'
import { NO_BREAK } from './quantity.ts'
import { fill, type Message, plainText, type Values } from './template.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

/** Words that only the page needs: navigation, headings of details, the picture. */
export const PAGE_WORDS = {
  skip: words('본문으로 건너뛰기', 'Skip to the report'),
  language: words('언어', 'Language'),
  contents: words('차례', 'Contents'),
  conclusion: words('결론', 'Conclusion'),
  what_it_leaves_open: words('이 결론이 말하지 않는 것', 'What this does not say'),
  generated_at: words('작성 시각', 'Generated'),
  references_searched: words('비교한 참조 모델', 'References compared'),
  references_matched: words('관련이 나온 참조 모델', 'References with a relation'),
  components: words('구성 요소별 판정', 'Verdict for each component'),
  components_intro: words(
    '모델은 여러 부분으로 이루어져 있어 부분마다 따로 판정합니다. 가장 강한 판정을 먼저 적습니다.',
    'A model consists of parts, and each part gets its own verdict. The strongest comes first.',
  ),
  criteria_caption: words(
    '세 기준의 결과와 이유',
    'Outcome and reasons for each of the three criteria',
  ),
  components_caption: words(
    '구성 요소별 판정, 근거, 우연히 나올 확률, 검출 한계, 비중',
    'Verdict, basis, chance, detection limit and share for each component',
  ),
  reasons: words('이유', 'Reasons'),
  evidence: words('근거 위치', 'Evidence'),
  picture: words('층별 그림', 'Layer by layer'),
  picture_scroll: words('층별 그림, 옆으로 넘겨 볼 수 있음', 'Layer picture, scrolls sideways'),
  scroll_hint: words('↔ 옆으로 넘겨 보세요', '↔ scroll sideways'),
  picture_intro: words(
    '가로줄은 구성 요소와 검정, 칸은 층입니다. 칸의 색이 바탕에서 두드러질수록 그 층에서 두 모델이 더 많이 일치합니다. 칸 하나하나는 참고용이며, 판정은 위 표의 검정에 따릅니다.',
    'Rows are components and tests, columns are layers. The more a cell stands out from the background, the more the two models agree in that layer. Single cells are for information; the verdicts rest on the tests in the table above.',
  ),
  picture_title: {
    values: { rows: 'count', layers: 'count' },
    ko: '층별 일치 그림: {rows}개 줄, {layers}개 층. 같은 수치가 아래 표에 있습니다.',
    en: 'Picture of agreement by layer: {rows} rows, {layers} layers. The table below holds the same numbers.',
  },
  layer: words('층', 'Layer'),
  cell: {
    values: {
      component: 'component',
      layer: 'count',
      test: 'test',
      measure: 'term',
      value: 'correlation',
    },
    ko: '{component}, {layer}번 층, {test}: {measure} {value}',
    en: '{component}, layer {layer}, {test}: {measure} {value}',
  },
  cell_chance: {
    values: { log10P: 'log10' },
    ko: '(보정 전 log10 p = {log10P})',
    en: '(log10 p = {log10P} before correction)',
  },
  no_cell: words('비교하지 않음', 'not compared'),
  scale: words('일치의 크기', 'Size of agreement'),
  same_numbers: words('같은 수치를 표로 보기', 'The same numbers as a table'),
  cells_caption: {
    values: { component: 'component' },
    ko: '{component}: 층별 수치',
    en: '{component}: numbers by layer',
  },
  details: words('구성 요소별 상세', 'Details by component'),
  open_all: words('모두 펼치기', 'Open all'),
  close_all: words('모두 접기', 'Close all'),
  parameters: {
    values: { parameters: 'parameters', parameterFraction: 'fraction' },
    ko: '매개변수 {parameters}개, 전체의 {parameterFraction}',
    en: '{parameters} parameters, {parameterFraction} of the model',
  },
  verdict_says: words('이 판정이 말하는 것', 'What the verdict says'),
  verdict_leaves: words('말하지 않는 것', 'What it does not say'),
  excluded: words('증거에서 뺀 텐서', 'Tensors left out of the evidence'),
  tests: words('실시한 검정', 'Tests made'),
  tests_caption: {
    values: { component: 'component' },
    ko: '{component}: 검정별 수치',
    en: '{component}: numbers of each test',
  },
  test: words('검정', 'Test'),
  tier: words('근거의 종류', 'Kind of evidence'),
  result: words('결과', 'Result'),
  of_total: {
    values: { statistic: 'count', n: 'count' },
    ko: '{n}개 가운데 {statistic}개',
    en: '{statistic} of {n}',
  },
  mean_correlation: words('평균 상관', 'Mean correlation'),
  raw_p: words(`log10 p, 보정${NO_BREAK}전`, 'log10 p, raw'),
  adjusted_p: words(`log10 p, 보정${NO_BREAK}후`, 'log10 p, corrected'),
  adjusted_chance: words(`우연히 나올 확률, 보정${NO_BREAK}후`, 'Chance, corrected'),
  not_run: words('하지 못함', 'not run'),
  layer_tests: {
    values: { count: 'count' },
    ko: '층마다 따로 한 검정 {count}건',
    en: '{count} {count#test|tests} on single layers',
  },
  no_tests: words('실시한 검정이 없습니다.', 'No test was made.'),
  comparisons: words('비교한 모델과 읽은 양', 'Models compared and what was read'),
  strongest: words('가장 강한 판정', 'Strongest verdict'),
  parameters_heading: words('매개변수', 'Parameters'),
  layers_heading: words('층', 'Layers'),
  read_heading: words('읽은 양(대상 / 참조)', 'Read (candidate / reference)'),
  comparisons_caption: words(
    '비교한 참조 모델과 그 결과',
    'The references compared, and the result of each',
  ),
  all_verdicts: {
    values: { reference: 'name' },
    ko: '{reference}: 구성 요소별 판정',
    en: '{reference}: verdict for each component',
  },
  no_references: words('비교한 참조 모델이 없습니다.', 'No reference was compared.'),
  check_intro: words(
    '같은 모델 파일이 아래 이름의 폴더에 있으면, 이 명령을 실행해 같은 수치를 얻을 수 있습니다. 결과는 이 보고서와 하나씩 견주어 볼 수 있는 JSON 문서입니다.',
    'Where the same model files lie in folders of these names, these commands give the same numbers, as JSON that can be held against this report line by line.',
  ),
  methods: words('검정 방법', 'The tests'),
  methods_intro: words(
    '각 검정의 공식, 가정, 한계와 출처는 소스 저장소의 해당 문서에 있습니다.',
    'Formula, assumptions, limits and sources of each test are in its page in the source repository.',
  ),
  glossary: words('판정과 근거의 뜻', 'What the verdicts and kinds of evidence mean'),
  glossary_verdicts: words('판정', 'Verdicts'),
  glossary_tiers: words('근거의 종류', 'Kinds of evidence'),
  glossary_outcomes: words('기준의 결과', 'Outcomes of a criterion'),
  footer: words(
    '이 문서는 한 파일로 완결되며 외부에 접속하지 않습니다. 자바스크립트 없이도 모두 읽을 수 있습니다.',
    'This document is complete in one file and contacts nothing outside. All of it can be read without JavaScript.',
  ),
} as const satisfies Record<string, Message>

export type PageWord = keyof typeof PAGE_WORDS

export function pageWords(key: PageWord, language: Language, values: Values = {}): string {
  return plainText(fill(PAGE_WORDS[key], language, values))
}
