import { ARCHITECTURE_KEYS, type Architecture } from '../../audit/registry/architecture.ts'
import type {
  ArchitectureMatch,
  NearestArchitectures,
} from '../../audit/registry/architecture-kin.ts'
import type { Language } from '../messages/language.ts'
import { fill, type Message, plainText, type Values } from '../messages/template.ts'
import { wrapToWidth } from '../terminal/width.ts'
import { visibleWithin } from '../visible.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

const KIN_WORDS = {
  own: {
    values: { id: 'name', facts: 'list' },
    ko: '{id}의 설정: {facts}',
    en: 'Configuration of {id}: {facts}',
  },
  no_facts: {
    values: { id: 'name' },
    ko: '{id}의 설정에는 구조를 말해 주는 항목이 없습니다.',
    en: 'The configuration of {id} states no fact of its architecture.',
  },
  decides_nothing: words(
    '설정의 닮음은 참고일 뿐이며 아무것도 정하지 않습니다. 같은 구조를 쓰는 일은 흔하고 가중치에 대해서는 말해 주지 않습니다.',
    'Kinship of configurations is for information and decides nothing: using a known architecture is common, and says nothing of the weights.',
  ),
  list: words('공개 모델 목록', 'The list of public models'),
  registry: words('등록부', 'The registry'),
  counts: {
    values: { models: 'count', compared: 'count', alike: 'count' },
    ko: '모델 {models}개 가운데 {compared}개와 견줄 수 있었고, 구조가 모두 같은 것은 {alike}개입니다.',
    en: 'Of {models} {models#model|models}, {compared} could be compared; {alike} {alike#has|have} every fact of this shape.',
  },
  none: words('항목 네 개 이상이 같은 모델이 없습니다.', 'No model has four or more of its facts.'),
  same: {
    values: { id: 'list', same: 'list' },
    ko: '{id}: 견준 항목이 모두 같음. 같은 항목 {same}',
    en: '{id}: every fact compared is the same: {same}',
  },
  changed: {
    values: { id: 'list', same: 'list', changed: 'list' },
    ko: '{id}: 바뀐 항목 {changed}. 같은 항목 {same}',
    en: '{id}: changed {changed}; the same {same}',
  },
  recipe: {
    values: { recipe: 'list' },
    ko: '구조 밖의 차이 {recipe}',
    en: 'beside the shape {recipe}',
  },
  open: {
    values: { open: 'list' },
    ko: '한쪽에만 적힌 항목 {open}',
    en: 'stated by one alone {open}',
  },
} as const satisfies Record<string, Message>

const say = (key: keyof typeof KIN_WORDS, language: Language, values: Values = {}): string =>
  plainText(fill(KIN_WORDS[key], language, values))

export type KinReport = {
  readonly id: string
  readonly architecture: Architecture
  readonly list: NearestArchitectures | null
  readonly registry: NearestArchitectures | null
}

/** Which known architectures a configuration follows, as text for a terminal. */
export function renderKin(
  report: KinReport,
  options: { readonly language: Language; readonly width: number },
): string {
  const { language, width } = options
  const { id, architecture } = report
  const facts = ARCHITECTURE_KEYS.flatMap((key) =>
    architecture[key] === undefined ? [] : [`${key} ${architecture[key]}`],
  ).join(', ')
  const own = facts === '' ? say('no_facts', language, { id }) : say('own', language, { id, facts })
  const sections = [
    wrapToWidth(own, width),
    ...(['list', 'registry'] as const).map((key) => partLines(key, report[key], options)),
    wrapToWidth(say('decides_nothing', language), width),
  ]
  const filled = sections.filter((lines) => lines.length > 0)
  return `${filled.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function partLines(
  key: 'list' | 'registry',
  found: NearestArchitectures | null,
  { language, width }: { readonly language: Language; readonly width: number },
): readonly string[] {
  if (!found) return []
  const { models, compared, alike, nearest } = found
  const counts = say('counts', language, { models, compared, alike })
  const lines = nearest.length === 0 ? [say('none', language)] : grouped(nearest, language)
  return [
    ...wrapToWidth(`${say(key, language)}. ${counts}`, width),
    ...lines.flatMap((line) => wrapToWidth(`- ${line}`, width)),
  ]
}

/** Models that agree and differ in the same facts stand in one line. */
function grouped(matches: readonly ArchitectureMatch[], language: Language): readonly string[] {
  const nameOf = ({ id, developer }: ArchitectureMatch) =>
    visibleWithin(developer === null ? id : `${id} (${developer})`, 120)
  const facts = ({ id: _, developer: __, ...rest }: ArchitectureMatch) => JSON.stringify(rest)
  return [...Map.groupBy(matches, facts).values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const names = [first, ...others].map(nameOf).join(', ')
    return matchText(first, { names, language })
  })
}

function matchText(
  match: ArchitectureMatch,
  { names, language }: { readonly names: string; readonly language: Language },
): string {
  const differences = (list: ArchitectureMatch['changed']) =>
    list.map(({ key, own, theirs }) => `${key} ${theirs} → ${own}`).join(', ')
  const same = match.same.map(({ key }) => key).join(', ')
  const changed = differences(match.changed)
  const recipe = differences(match.recipe)
  const open = match.open.join(', ')
  const parts = [
    match.changed.length === 0
      ? say('same', language, { id: names, same })
      : say('changed', language, { id: names, same, changed }),
    ...(recipe === '' ? [] : [say('recipe', language, { recipe })]),
    ...(open === '' ? [] : [say('open', language, { open })]),
  ]
  return parts.join('; ')
}
