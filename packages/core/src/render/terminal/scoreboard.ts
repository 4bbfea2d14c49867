import { formatDecimal } from '../../base/rational.ts'
import type { Plan } from '../../round/plan/plan.ts'
import type { Text } from '../../round/plan/words.ts'
import type { Fact } from '../../round/rows/facts.ts'
import type { RoundResult } from '../../round/run-round.ts'
import type { Amount, Scoreboard, TeamScore } from '../../round/score/scoreboard.ts'
import { keyIdOf } from '../../round/seal/envelope.ts'
import type { AlternativeResult, Sensitivity } from '../../round/sensitivity/sensitivity.ts'
import type { Language } from '../messages/language.ts'
import { styleFor } from './style.ts'
import { renderTable } from './table.ts'
import { wrapToWidth } from './width.ts'

export type ScoreboardOptions = {
  readonly language: Language
  readonly color: boolean
  readonly width: number
}

const WORDS = {
  ko: {
    rank: '순위',
    team: '팀',
    total: '총점',
    gate: '관문',
    advances: '진출',
    certainty: '확실성',
    clear: '뚜렷함',
    likely: '유력',
    'not separable': '구분 안 됨',
    'cannot be told': '알 수 없음',
    yes: '진출',
    no: '탈락',
    open: '미정',
    passes: '충족',
    excluded: '배제',
    undecided: '미결정',
    none: '-',
    unknown: '미공표',
    plan: '봉인된 계획',
    sealed: '봉인',
    places: '남은 자리',
    alternatives: '대안 규칙에서의 결과',
    same: '진출팀 같음',
    changes: '진출팀 달라짐',
    notes: '유의사항',
    changed: '기록 이후 달라진 것',
    file: '파일',
    rows: '원자료',
    board: '점수표',
    gone: '없어짐',
    figures: '공표된 수치와 다른 것',
    contradiction: '서로 모순되는 공표 수치',
    earlier: '개정 전 규칙',
  },
  en: {
    rank: 'rank',
    team: 'team',
    total: 'total',
    gate: 'gate',
    advances: 'advances',
    certainty: 'certainty',
    clear: 'clear',
    likely: 'likely',
    'not separable': 'not separable',
    'cannot be told': 'cannot be told',
    yes: 'yes',
    no: 'no',
    open: 'open',
    passes: 'met',
    excluded: 'excluded',
    undecided: 'undecided',
    none: '-',
    unknown: 'unknown',
    plan: 'sealed plan',
    sealed: 'sealed',
    places: 'open places',
    alternatives: 'under the alternative rules',
    same: 'same teams advance',
    changes: 'other teams advance',
    notes: 'notes',
    changed: 'changed since the record named it',
    file: 'file',
    rows: 'rows',
    board: 'scoreboard',
    gone: 'gone',
    figures: 'published figures that the rows do not give',
    contradiction: 'published figures that cannot all be true',
    earlier: 'under the rules before the amendment',
  },
} as const
type Words = (typeof WORDS)[Language]

/** The result of a round as text for a terminal, ending in a line feed. */
export function renderScoreboard(result: RoundResult, options: ScoreboardOptions): string {
  const { current } = result.sealed
  const { plan } = current
  const words = WORDS[options.language]
  const style = styleFor(options.color)
  const title = `${localised(plan.programme.name, options.language)} · ${localised(plan.stage.name, options.language)}`
  const places = result.board.openPlaces
  const blocks = [
    [
      style.bold(title),
      `${words.plan} ${current.planDigest}`,
      `${words.sealed} ${current.time} · ${current.author} · ${keyIdOf(current.publicKey).slice(0, 23)}…`,
    ],
    boardTable(result.board, plan, { ...options, sensitivity: result.sensitivity }),
    [
      `${words.places}: ${places.kind === 'known' ? places.value : `${words.open} (${places.reason})`}`,
    ],
    result.sensitivity.alternatives.length === 0
      ? []
      : [
          style.bold(words.alternatives),
          ...alternativeLines(result.sensitivity.alternatives, plan, options),
        ],
    ...result.earlier.map(({ seal, outcome }) => [
      style.bold(`${words.earlier} (${seal.time})`),
      ...(outcome.kind === 'scored'
        ? boardTable(outcome.board, seal.plan, options)
        : [outcome.reason]),
    ]),
    changeLines(result, options),
    figureLines(result, options),
    result.board.notes.length === 0
      ? []
      : [
          style.bold(words.notes),
          ...result.board.notes.flatMap((note) => bullet(note, options.width)),
        ],
  ]
  const text = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'))
  return `${text.join('\n\n')}\n`
}

type TableOptions = ScoreboardOptions & { readonly sensitivity?: Sensitivity }

function boardTable(board: Scoreboard, plan: Plan, options: TableOptions): readonly string[] {
  const words = WORDS[options.language]
  const columns = [
    { title: words.rank, align: 'right' as const },
    { title: words.team, align: 'left' as const },
    ...plan.parts.map((part) => ({
      title: `${localised(part.name, options.language)} ${part.points}`,
      align: 'right' as const,
    })),
    { title: `${words.total} ${plan.points}`, align: 'right' as const },
    { title: words.gate, align: 'left' as const },
    { title: words.advances, align: 'left' as const },
    ...(options.sensitivity ? [{ title: words.certainty, align: 'left' as const }] : []),
  ]
  const rows = inRankOrder(board).map((team) => ({
    cells: rowCells(team, plan, options),
    paint: (text: string) => text,
  }))
  const style = styleFor(options.color)
  return renderTable(columns, rows, { width: options.width, head: style.bold })
}

function inRankOrder(board: Scoreboard): readonly TeamScore[] {
  const rank = (team: TeamScore) => (team.rank.kind === 'known' ? team.rank.value : Infinity)
  return [...board.teams].sort((a, b) => {
    const [own, other] = [rank(a), rank(b)]
    return own === other ? 0 : own - other
  })
}

function rowCells(team: TeamScore, plan: Plan, options: TableOptions): string[] {
  const words = WORDS[options.language]
  const digits = plan.rounding.printed
  return [
    team.rank.kind === 'known' ? String(team.rank.value) : words.none,
    teamName(plan, team.team, options.language),
    ...team.parts.map((part) => amountText(part.amount, digits.score, words)),
    amountText(team.total, digits.total, words),
    words[team.gate.outcome],
    team.advances.kind === 'open' ? words.open : team.advances.value ? words.yes : words.no,
    ...(options.sensitivity ? [certaintyOf(team.team, options.sensitivity, words)] : []),
  ]
}

/** How sure the answer in the column before is, from the analysis beside the decision. */
function certaintyOf(team: string, sensitivity: Sensitivity, words: Words): string {
  const found = sensitivity.rankProbabilities.find((entry) => entry.team === team)
  return found ? words[found.words] : words['cannot be told']
}

function amountText(amount: Amount, digits: number, words: Words): string {
  if (amount.kind === 'exact') return formatDecimal(amount.value, digits)
  if (amount.kind === 'published') return formatDecimal(amount.value, amount.digits)
  if (!amount.least || !amount.most) return words.unknown
  return `${formatDecimal(amount.least, digits, 'down')}–${formatDecimal(amount.most, digits, 'up')}`
}

function alternativeLines(
  alternatives: readonly AlternativeResult[],
  plan: Plan,
  options: ScoreboardOptions,
): string[] {
  const words = WORDS[options.language]
  return alternatives.flatMap((entry) => {
    const rule = plan.alternatives.find((alternative) => alternative.id === entry.rule)
    const name = localised(rule?.name ?? entry.rule, options.language)
    const named = (team: string) => teamName(plan, team, options.language)
    const order = entry.ranking.length > 0 ? entry.ranking.map(named).join(' > ') : words.open
    const through = entry.advances.map(named).join(', ') || words.none
    const effect = entry.changesDecision
      ? words.changes
      : entry.open.length > 0
        ? words.open
        : words.same
    return bullet(`${name}: ${order} (${effect}: ${through})`, options.width)
  })
}

function changeLines({ changes }: RoundResult, options: ScoreboardOptions): string[] {
  if (changes.length === 0) return []
  const words = WORDS[options.language]
  const lines = changes.flatMap(({ what, before, after, since }) => {
    const name = what.kind === 'file' ? `${words.file} ${what.path}` : words[what.kind]
    const now = after === null ? words.gone : short(after)
    return bullet(
      `${name}: ${short(before)} → ${now} (${since.sequence}, ${since.time})`,
      options.width,
    )
  })
  return [styleFor(options.color).caution(words.changed), ...lines]
}

function figureLines({ published }: RoundResult, options: ScoreboardOptions): string[] {
  const words = WORDS[options.language]
  const style = styleFor(options.color)
  const wrong = published.checks.filter((check) => check.verdict === 'contradicts')
  const lines = wrong.flatMap(({ fact, computed }) =>
    bullet(`${figureText(fact)} ≠ ${computed ?? '?'}`, options.width),
  )
  const clash = (published.contradiction ?? []).flatMap((fact) =>
    bullet(figureText(fact), options.width),
  )
  return [
    ...(lines.length > 0 ? [style.caution(words.figures), ...lines] : []),
    ...(clash.length > 0 ? [style.caution(words.contradiction), ...clash] : []),
  ]
}

const figureText = (fact: Fact): string =>
  `${fact.part} ${fact.statistic} ${fact.teams.join(', ')} ${fact.value ? formatDecimal(fact.value, fact.digits) : ''} (${fact.file}:${fact.line})`.replace(
    / +/g,
    ' ',
  )

const short = (digest: string): string => `${digest.slice(0, 19)}…`

function bullet(text: string, width: number): string[] {
  return wrapToWidth(text, width - 2).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`))
}

const teamName = (plan: Plan, id: string, language: Language): string =>
  localised(plan.teams.find((team) => team.id === id)?.name ?? id, language)

const localised = (text: Text, language: Language): string =>
  typeof text === 'string' ? text : text[language]
