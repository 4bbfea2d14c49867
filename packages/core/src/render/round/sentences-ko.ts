/**
 * Traces, reasons and notes are made of few English patterns around figures. Here each pattern has
 * its Korean form; a sentence that fits none stays as it is and is marked as English by the page.
 */
type Pattern = readonly [RegExp, string | ((...groups: string[]) => string)]

const DIMENSIONS: Readonly<Record<string, string>> = {
  epochs: '회 반복',
  items: '개 문항',
  benchmarks: '개 벤치마크',
  criteria: '개 기준',
  raters: '명 평가자',
}
const REDUCERS: Readonly<Record<string, string>> = {
  mean: '평균',
  median: '중앙값',
  sum: '합계',
  'weighted mean': '가중평균',
}
const dimension = (name: string) => DIMENSIONS[name] ?? ` ${name}`

const TRACES: readonly Pattern[] = [
  [
    /mean of (\d+) of (\d+) (\w+), without ([\d., -]+) \(highest\) and ([\d., -]+) \(lowest\)/,
    (kept, all, over, high, low) =>
      `${all}${dimension(over)} 가운데 최고 ${high.trim()}, 최저 ${low.trim()}을(를) 뺀 나머지 ${kept}개 값의 평균`,
  ],
  [
    /(weighted mean|mean|median|sum) of (\d+) (epochs|items|benchmarks|criteria|raters)/,
    (rule, count, over) => `${count}${dimension(over)}의 ${REDUCERS[rule] ?? rule}`,
  ],
  [/\(best team\)/, '(최고 팀)'],
  [/\/ best$/, '/ 최고 팀'],
  [/\(target\)/, '(목표 모델)'],
  [/\/ target, not above the cap ([\d.]+)/, '/ 목표 모델, 상한 $1'],
  [/\/ target$/, '/ 목표 모델'],
  [/rank_points of (.+)$/, '$1의 순위 점수'],
  [/min_max of (.+)$/, '$1의 최저–최고 환산'],
  [/z_score of (.+)$/, '$1의 표준점수 환산'],
  [/anchors of (.+)$/, '$1의 고정 기준점 환산'],
  [/^(.+) points as scored$/, '$1점 그대로'],
  [/: no row; counts as zero by the plan/, ': 자료 없음. 계획에 따라 0점'],
  [/: rounded to (\d+) digits \((\w+)\) before adding up/, ': 소수 $1자리로 반올림($2)한 뒤 더함'],
  [/^(.+) as published$/, '$1 (공표값)'],
  [/^unknown: (.+)$/, (reason) => `알 수 없음: ${koreanReason(reason) ?? reason}`],
]

const REASONS: readonly Pattern[] = [
  [/^not published$/, '공표되지 않음'],
  [/^not measured$/, '측정되지 않음'],
  [/^no value$/, '값이 없음'],
  [/^no rows$/, '자료가 없음'],
  [/^no rows of "(.+)" were published$/, '"$1"의 원자료가 공표되지 않음'],
  [/^(\S+): (.+)$/, (part, rest) => `${part}: ${koreanReason(rest) ?? rest}`],
  [/^(\S+) is known only as printed$/, '$1은(는) 공표된 자릿수로만 알려짐'],
  [
    /^(\d+) of (\d+) rows scored; the plan asks for a share of ([\d.]+)$/,
    '$2건 가운데 $1건만 채점됨 (계획은 $3 이상)',
  ],
  [/^(\d+) panellists; the quorum of "(.+)" is (\d+)$/, '평가자 $1명, "$2"의 정족수는 $3명'],
  [/^excluded by the gate before ranking$/, '순위를 매기기 전에 관문에서 배제됨'],
  [
    /^the gate comes before the ranking and has not been decided for every team$/,
    '관문을 먼저 적용하는데 모든 팀의 판단이 끝나지 않음',
  ],
  [/^the gate has not been decided for this team$/, '이 팀의 관문 판단이 없음'],
  [
    /^between (\d+) and (\d+): the totals that were published leave it open$/,
    '$1–$2위 사이. 공표된 총점으로는 정해지지 않음',
  ],
  [/^the totals that were published leave it open$/, '공표된 총점으로는 정해지지 않음'],
  [
    /^the total is not known well enough to compare with (.+)$/,
    '총점을 $1점과 비교할 만큼 알 수 없음',
  ],
  [
    /^tied for the last of (\d+) places, and the plan does not say who goes first$/,
    '$1자리 가운데 마지막 자리에서 동점이고 계획에 순서 규칙이 없음',
  ],
  [/^the plan does not say how many teams the next stage has$/, '계획에 다음 단계의 팀 수가 없음'],
]

const NOTES: readonly Pattern[] = [
  [
    /^the rule "(.+)" was published on (\S+), after scoring began on (\S+)$/,
    '"$1" 규칙은 채점이 시작된 $3 뒤인 $2에 공표됨',
  ],
  [/^the rule "(.+)" was never published$/, '"$1" 규칙은 공표되지 않음'],
  [/^no quorum was published for the panel "(.+)"$/, '"$1" 평가단의 정족수는 공표되지 않음'],
  [/^no rule for ties was published$/, '동점 규칙은 공표되지 않음'],
  [
    /^(\d+) panellists are left out for all teams, because a row of theirs is absent$/,
    '평가자 $1명은 빠진 평가가 있어 모든 팀에서 제외함',
  ],
  [
    /^(.+): (.+) is left out for all teams, because a row of theirs is absent$/,
    '$1: $2은(는) 빠진 평가가 있어 모든 팀에서 제외함',
  ],
]

/** Undefined where no pattern fits. */
export const koreanReason = (text: string): string | undefined => firstOf(REASONS, text)
export const koreanNote = (text: string): string | undefined => firstOf(NOTES, text)

/** A trace: what fits is put into Korean, figures stay. Undefined when English words are left. */
export function koreanTrace(text: string): string | undefined {
  let result = text
  for (const [pattern, put] of TRACES) result = replace(result, pattern, put)
  return /[A-Za-z]{4,}/.test(result) ? undefined : result
}

function firstOf(patterns: readonly Pattern[], text: string): string | undefined {
  const found = patterns.find(([pattern]) => pattern.test(text))
  return found && replace(text, found[0], found[1])
}

const replace = (text: string, pattern: RegExp, put: Pattern[1]): string =>
  typeof put === 'string'
    ? text.replace(pattern, put)
    : text.replace(pattern, (_, ...groups: string[]) => put(...groups))
